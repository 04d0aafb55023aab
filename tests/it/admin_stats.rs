//! Counts, rates and metrics.

use serde_json::{Value, json};

use crate::harness::{PASSWORD, Program, ProgramBuilder, until};

async fn metrics(program: &Program) -> String {
    let answer = program.get("/metrics").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    answer.text
}

/// The value of the one series that begins so.
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(series)).unwrap_or_else(|| panic!("{series}\n{text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn metrics_count_what_happens_under_labels_that_nobody_chooses() {
    let program = ProgramBuilder::new().with_admin().start().await;
    program.register("ann@example.com").await;
    let tokens = program.login("ann@example.com").await;
    program.try_login("ann@example.com", "wrong").await;
    program.refresh(&tokens.refresh).await;
    program.auth("ann@example.com", PASSWORD).await;
    program.get("/a/path/that/nobody/has?secret=canary").await;
    program.send(program.client.request("BREW".parse().unwrap(), program.url("/healthz"))).await;
    let text = metrics(&program).await;
    assert_eq!(value(&text, "signet_logins_total{result=\"Ok\"}"), 2.0);
    assert_eq!(value(&text, "signet_logins_total{result=\"Failed\"}"), 1.0);
    assert_eq!(value(&text, "signet_tokens_issued_total{kind=\"Access\"}"), 2.0);
    assert_eq!(value(&text, "signet_tokens_issued_total{kind=\"Cookie\"}"), 1.0);
    assert_eq!(value(&text, "signet_refreshes_total"), 1.0);
    assert_eq!(
        value(&text, "signet_http_requests_total{method=\"POST\",route=\"/api/login\",status=\"401\"}"),
        1.0,
        "{text}"
    );
    assert!(value(&text, "signet_database_call_duration_seconds_count") > 5.0);
    assert!(text.contains("signet_signing_key_age_seconds{algorithm=\"ES256\"}"));
    for absent in ["canary", "nobody", "BREW", "ann@example.com"] {
        assert!(!text.contains(absent), "{absent}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_for_keys_that_may() {
    let program = ProgramBuilder::new()
        .in_memory()
        .with_admin()
        .env("SIGNET__SERVER__TRUSTED_PROXIES", "127.0.0.0/8")
        .start()
        .await;
    let admin = program.admin().await;
    let key = |permission: &str| {
        let body = json!({"name": permission, "permissions": [permission]});
        let admin = &admin;
        async move { admin.post("api-keys", body).await.json["api_key"].as_str().unwrap().to_owned() }
    };
    let (stats, users) = (key("stats:read").await, key("users:read").await);
    let from_elsewhere = |token: Option<String>| {
        let request = program.client.get(program.url("/metrics")).header("x-forwarded-for", "203.0.113.9");
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        program.send(request)
    };
    assert_eq!(from_elsewhere(None).await.status, 401);
    assert_eq!(from_elsewhere(Some(users)).await.status, 403);
    assert_eq!(from_elsewhere(Some(stats)).await.status, 200);
    let pretending = program.client.get(program.url("/metrics")).header("x-forwarded-for", "127.0.0.1");
    assert_eq!(program.send(pretending).await.status, 401, "whoever comes through a proxy is not this machine");
}

#[tokio::test]
async fn metrics_can_have_a_listener_of_their_own() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut program = ProgramBuilder::new()
        .in_memory()
        .env("SIGNET__SERVER__METRICS_LISTEN", &format!("127.0.0.1:{port}"))
        .start()
        .await;
    let own = |path: &str| program.client.get(format!("http://127.0.0.1:{port}{path}"));
    let answer = program.send(own("/metrics").header("x-forwarded-for", "203.0.113.9")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(program.send(own("/healthz")).await.status, 404);
    assert_eq!(program.terminate().await, Some(0));
}

#[tokio::test]
async fn stats_tell_totals_health_and_what_came_of_late() {
    let program = ProgramBuilder::new().with_admin().start().await;
    program.register("ann@example.com").await;
    program.auth("ann@example.com", PASSWORD).await;
    let admin = program.admin().await;
    let stats = admin.get("stats").await;
    assert_eq!(stats.status, 200, "{}", stats.text);
    let totals = &stats.json["totals"];
    assert_eq!(
        (&totals["users"], &totals["cookie_sessions"], &totals["refresh_sessions"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(totals["published_keys"], 4);
    assert_eq!(stats.json["health"], json!({"database": true, "signing_key": true, "mail": true}));
    let logins = || async {
        let rates = admin.get("stats").await.json["rates"].as_array().unwrap().clone();
        let sum: u64 = rates.iter().map(|rate: &Value| rate["logins_ok"].as_u64().unwrap()).sum();
        (sum == 2).then_some(rates)
    };
    let rates = until(logins).await;
    assert!(rates.iter().any(|rate| rate["requests"].as_u64().unwrap() >= 3));

    let request = program.client.get(program.url("/admin/v1/stats/stream")).bearer_auth(&admin.token);
    let mut stream = request.send().await.unwrap();
    let mut text = String::new();
    while text.matches("event:stats").count() + text.matches("event: stats").count() < 2 || !text.ends_with("\n\n") {
        text.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
    }
    let last = text.lines().rev().find_map(|line| line.strip_prefix("data:")).unwrap();
    let last: Value = serde_json::from_str(last.trim()).unwrap();
    assert_eq!(last["rates"].as_array().unwrap().len(), 1, "what came since the event before");
}
