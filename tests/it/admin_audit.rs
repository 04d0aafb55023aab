//! The audit log, searched and followed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Operator, PASSWORD, ProgramBuilder};

async fn events(admin: &Operator<'_>, query: &str) -> Vec<Value> {
    let answer = admin.get(&format!("audit?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer.json["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_an_operator_changes_is_told_with_who_and_what_and_nothing_secret() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let body = json!({"email": "ann@example.com", "password": "canary-canary-canary"});
    let id = admin.post("users", body).await.json["id"].as_str().unwrap().to_owned();
    admin.patch(&format!("users/{id}"), json!({"disabled": true, "roles": ["editor"]})).await;
    admin.patch("settings", json!({"login_attempts": 12})).await;
    admin.post("keys/rotate", json!({"algorithm": "ES256", "force": true})).await;

    let settings = events(&admin, "filter=type:settings.change").await;
    assert_eq!(settings.len(), 1);
    let event = &settings[0];
    for member in ["id", "time", "type", "result", "actor", "subject", "ip", "before", "after"] {
        assert!(event.get(member).is_some(), "{member}");
    }
    assert!(event["actor"].as_str().unwrap().starts_with("user:") && event["ip"] == "127.0.0.1");
    assert_eq!((&event["before"], &event["after"]), (&json!({"login_attempts": 10}), &json!({"login_attempts": 12})));
    let disabled = events(&admin, &format!("filter=subject:{id}%20type:user.*")).await;
    let types: Vec<_> = disabled.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["user.disable", "user.create"], "the latest first");
    assert_eq!(disabled[0]["before"], json!({"disabled": false, "roles": []}));
    assert_eq!(events(&admin, "filter=key.rotate").await.len(), 1);
    let all = admin.get("audit?limit=200").await.text;
    assert!(!all.contains("canary") && !all.contains("$scrypt"), "{all}");
    let program = program.crash_and_restart().await;
    assert_eq!(events(&program.admin().await, "filter=type:settings.change").await, settings);
}

#[tokio::test]
async fn what_users_do_is_found_by_type_result_address_and_time() {
    let program = ProgramBuilder::new()
        .in_memory()
        .with_admin()
        .env("SIGNET__SERVER__TRUSTED_PROXIES", "127.0.0.0/8")
        .start()
        .await;
    program.register("ann@example.com").await;
    let request = program.client.post(program.url("/api/login/")).header("x-forwarded-for", "2001:db8::7");
    program.send(request.json(&json!({"email": "ann@example.com", "password": "wrong"}))).await;
    let tokens = program.login("ann@example.com").await;
    program.refresh(&tokens.refresh).await;
    let next = program.refresh(&tokens.refresh).await;
    assert_eq!(next.status, 200);
    let admin = program.admin().await;
    let failed = events(&admin, "filter=type:login.*%20result:fail").await;
    assert_eq!((failed.len(), &failed[0]["type"], &failed[0]["ip"]), (1, &json!("login.fail"), &json!("2001:db8::7")));
    assert!(failed[0]["subject"].is_string());
    assert_eq!(events(&admin, "filter=ip:2001:db8::7").await, failed);
    assert_eq!(events(&admin, "filter=type:user.register%20since:1h").await.len(), 1);
    assert_eq!(events(&admin, "filter=user.bootstrap").await.len(), 1);
    assert_eq!(events(&admin, "filter=until:1h").await, Vec::<Value>::new());
    let ann = failed[0]["subject"].as_str().unwrap();
    let own = events(&admin, &format!("filter=actor:user:{ann}")).await;
    let types: Vec<_> = own.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["login.ok", "user.register"], "what she did herself, the latest first");

    let mut seen = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = admin.get(&format!("audit?{query}")).await.json;
        seen.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=2&cursor={cursor}");
    }
    assert_eq!(seen, events(&admin, "limit=200").await);
    assert_eq!(admin.get("audit?filter=colour:red").await.status, 422);
}

/// A stream of events, and what of it was read.
struct Followed {
    response: reqwest::Response,
    text: String,
}

impl Followed {
    async fn begin(program: &crate::harness::Program, token: &str, query: &str, last: Option<&str>) -> Self {
        let request = program.client.get(program.url(&format!("/admin/v1/audit/stream{query}"))).bearer_auth(token);
        let request = match last {
            Some(id) => request.header("last-event-id", id),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Value> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let data = block.lines().find_map(|line| line.strip_prefix("data:")).map(str::trim).map(str::to_owned);
                self.text = rest.to_owned();
                if let Some(data) = data {
                    return Some(serde_json::from_str(&data).unwrap());
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.response.chunk()).await.expect("in time");
            match chunk {
                Ok(Some(bytes)) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

#[tokio::test]
async fn the_log_is_followed_live_and_taken_up_again_behind_an_event() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let mut follower = Followed::begin(&program, &admin.token, "?filter=type:user.*", None).await;
    for number in 0..5 {
        admin.post("users", json!({"email": format!("u{number}@example.com")})).await;
        program.try_login("nobody@example.com", "wrong").await;
    }
    let mut seen = Vec::new();
    while seen.len() < 5 {
        seen.push(follower.next().await.unwrap());
    }
    let emails: Vec<_> = seen.iter().map(|event| event["after"]["email"].clone()).collect();
    assert_eq!(emails, (0..5).map(|number| json!(format!("u{number}@example.com"))).collect::<Vec<_>>());
    drop(follower);

    admin.post("users", json!({"email": "later@example.com"})).await;
    let last = seen[2]["id"].as_str().unwrap();
    let mut follower = Followed::begin(&program, &admin.token, "?filter=type:user.create", Some(last)).await;
    for expected in ["u3@example.com", "u4@example.com", "later@example.com"] {
        assert_eq!(follower.next().await.unwrap()["after"]["email"], expected);
    }
    let bad = program.client.get(program.url("/admin/v1/audit/stream")).bearer_auth(&admin.token);
    assert_eq!(program.send(bad.header("last-event-id", "x")).await.status, 400);
}

#[tokio::test]
async fn a_stream_ends_when_its_callers_role_does_and_when_the_server_stops() {
    let mut program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let id = admin.post("users", json!({"email": "ann@example.com", "password": PASSWORD, "roles": ["auditor"]})).await;
    let path = format!("users/{}", id.json["id"].as_str().unwrap());
    let auditor = program.login("ann@example.com").await.access;
    let mut follower = Followed::begin(&program, &auditor, "?filter=type:nothing", None).await;
    admin.patch(&path, json!({"disabled": true})).await;
    assert_eq!(follower.next().await, None, "within a few seconds");
    let token = admin.token.clone();
    let mut follower = Followed::begin(&program, &token, "?filter=type:nothing", None).await;
    let (end, code) = tokio::join!(follower.next(), program.terminate());
    assert_eq!((end, code), (None, Some(0)));
}
