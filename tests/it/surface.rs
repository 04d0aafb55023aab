//! What every answer carries, and what every request meets.

use serde_json::json;

use crate::harness::{PASSWORD, ProgramBuilder};

#[tokio::test]
async fn every_answer_carries_an_id_and_security_headers() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let mut ids = std::collections::BTreeSet::new();
    for path in
        ["/healthz", "/nothing", "/api/me", "/auth", "/.well-known/jwks.json", "/docs/", "/verify_email?token=x"]
    {
        let answer = program.get(path).await;
        assert!(ids.insert(answer.header("x-request-id").to_owned()), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert!(answer.header("server").is_empty(), "{path}");
    }
    let tokens = program.user("ann@example.com").await;
    assert_eq!(program.refresh(&tokens.refresh).await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_are_told_in_the_surfaces_form() {
    let program = ProgramBuilder::new().in_memory().start().await;
    for path in ["/nothing", "/api/nothing", "/api/me/sessions/x/y", "/admin/v2/users"] {
        let answer = program.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"), "{path}");
    }
    let answer = program.get("/api/login/").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    let answer = program.get("/auth").await;
    assert_eq!((answer.status, &answer.json["status"]), (405, &json!("ERROR")));
}

#[tokio::test]
async fn browser_apps_of_named_origins_may_call_and_others_may_not() {
    let program = ProgramBuilder::new()
        .in_memory()
        .env("SIGNET__SERVER__CORS_ORIGINS", "https://app.example.com,https://b.example.com")
        .start()
        .await;
    let preflight = |origin: &str| {
        let request =
            program.client.request(reqwest::Method::OPTIONS, program.url("/api/login/")).header("origin", origin);
        program.send(
            request
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type"),
        )
    };
    let allowed = preflight("https://app.example.com").await;
    assert_eq!(allowed.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(allowed.header("access-control-allow-credentials"), "true");
    assert!(allowed.header("access-control-allow-methods").contains("POST"));
    assert_eq!(preflight("https://evil.example").await.header("access-control-allow-origin"), "");
    let actual = program.client.get(program.url("/liveliness")).header("origin", "https://b.example.com");
    assert_eq!(program.send(actual).await.header("access-control-allow-origin"), "https://b.example.com");
    let keys = program.client.get(program.url("/.well-known/jwks.json")).header("origin", "https://anyone.example");
    assert_eq!(program.send(keys).await.header("access-control-allow-origin"), "*");
    assert!(!program.log().contains("misconfiguration"), "{}", program.log());
}

#[tokio::test]
async fn without_named_origins_there_is_no_cors() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let request = program.client.get(program.url("/liveliness")).header("origin", "https://app.example.com");
    assert_eq!(program.send(request).await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn forwarding_headers_are_believed_from_configured_proxies_only() {
    for (trusted, expected) in [("", "127.0.0.1"), ("10.0.0.0/8", "127.0.0.1"), ("127.0.0.0/8", "203.0.113.9")] {
        let program = ProgramBuilder::new().in_memory().env("SIGNET__SERVER__TRUSTED_PROXIES", trusted).start().await;
        program.register("ann@example.com").await;
        for (name, value) in [
            ("x-forwarded-for", "198.51.100.7, 203.0.113.9"),
            ("forwarded", "for=198.51.100.7, for=203.0.113.9;proto=https"),
        ] {
            let request = program.client.post(program.url("/api/login/")).header(name, value);
            let login = program.send(request.json(&json!({"email": "ann@example.com", "password": PASSWORD}))).await;
            let access = login.json["access_token"].as_str().unwrap();
            let devices = program.send(program.client.get(program.url("/api/me/sessions")).bearer_auth(access)).await;
            assert_eq!(devices.json[0]["address"], expected, "{trusted} {name}");
        }
    }
}

#[tokio::test]
async fn nothing_secret_is_logged_even_at_debug() {
    let program = ProgramBuilder::new().start().await;
    let canary = "canary-password-8c1d";
    program.post("/api/register/", json!({"email": "ann@example.com", "password": canary})).await;
    let tokens = crate::harness::Tokens::of(&program.try_login("ann@example.com", canary).await);
    let jwt = program.auth("ann@example.com", canary).await.json["jwt"].as_str().unwrap().to_owned();
    program.try_login("ann@example.com", "canary-wrong-guess").await;
    program.me(&tokens.access).await;
    program.renew(&jwt).await;
    let next = crate::harness::Tokens::of(&program.refresh(&tokens.refresh).await);
    program.get("/verify_email?token=canary-verification-token").await;
    program.post("/reset_password", json!({"reset_code": "canary-reset-code-0000000000000000000000000"})).await;
    program.post("/api/login/", json!({"email": "ann@example.com", "password": 5, "canary-field": 1})).await;
    let log = program.log();
    assert!(log.contains("answered"), "requests are logged at debug");
    for secret in ["canary", &tokens.access, &tokens.refresh, &jwt, &next.access, &next.refresh] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn control_characters_from_outside_do_not_reach_the_log() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let request = program.client.get(program.url("/a%1b%5b31m%0d%0aINJECTED")).header("user-agent", "x\u{9b}y");
    program.send(request).await;
    assert!(!program.log().contains('\u{1b}') && !program.log().lines().any(|line| line.starts_with("INJECTED")));
}
