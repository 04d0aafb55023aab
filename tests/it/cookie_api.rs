//! Table A of the contract: every call, on a database on disk.

use serde_json::json;

use crate::harness::{PASSWORD, Program, ProgramBuilder, verify_with_jwks};

async fn jane(program: &Program) -> String {
    let body = json!({"username": "jane", "password": PASSWORD, "email": "jane@example.com"});
    let registered = program.post("/register", body).await;
    assert_eq!((registered.status, &registered.json), (201, &json!({"status": "OK"})));
    let auth = program.auth("jane", PASSWORD).await;
    assert_eq!((auth.status, &auth.json["status"]), (200, &json!("OK")), "{}", auth.text);
    auth.json["jwt"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_login_sets_a_cookie_that_holds_the_token() {
    let program = Program::start().await;
    let jwt = jane(&program).await;
    let claims = verify_with_jwks(&program, &jwt).await;
    assert_eq!((claims.username.as_str(), claims.exp - claims.iat), ("jane", 900));
    let by_address = program.auth("Jane@Example.com", PASSWORD).await;
    let cookie = by_address.cookie().to_owned();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=900"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "on plain http it could never come back");
    assert!(cookie.contains(by_address.json["jwt"].as_str().unwrap()));
}

#[tokio::test]
async fn a_token_is_renewed_by_cookie_by_its_other_name_and_by_header() {
    let program = Program::start().await;
    let jwt = jane(&program).await;
    let renewed = program.renew(&jwt).await;
    assert_eq!((renewed.status, &renewed.json["status"]), (200, &json!("OK")), "{}", renewed.text);
    let token = renewed.json["token"].as_str().unwrap();
    assert!(renewed.cookie().contains(token));
    assert_eq!(verify_with_jwks(&program, token).await.sid, verify_with_jwks(&program, &jwt).await.sid);
    let request = program.client.post(program.url("/renew_token/")).header("content-type", "application/json");
    let other = request.try_clone().unwrap().header("cookie", format!("jwt_cookie={jwt}"));
    assert_eq!(program.send(other).await.status, 200);
    assert_eq!(program.send(request.try_clone().unwrap().bearer_auth(&jwt)).await.status, 200);
    assert_eq!(program.send(request).await.status, 401);
}

#[tokio::test]
async fn a_session_over_age_is_not_renewed_and_its_token_does_not_outlive_it() {
    let program = ProgramBuilder::new().in_memory().setting("browser_session_lifetime", "1").start().await;
    let jwt = jane(&program).await;
    let claims = verify_with_jwks(&program, &jwt).await;
    assert!(claims.exp - claims.iat <= 1);
    crate::harness::until(|| async { (program.renew(&jwt).await.status == 401).then_some(()) }).await;
}

#[tokio::test]
async fn a_profile_change_needs_something_to_change() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let jwt = jane(&program).await;
    assert_eq!(program.post_with_cookie("/update_profile", &jwt, json!({})).await.status, 422);
    let both = json!({"email": "jane@new.example", "password": "another-long-password"});
    let changed = program.post_with_cookie("/update_profile", &jwt, both).await;
    assert_eq!((changed.status, &changed.json), (200, &json!({"status": "OK"})), "{}", changed.text);
    assert_eq!(program.auth("jane@new.example", "another-long-password").await.status, 200);
    assert_eq!(program.renew(&jwt).await.status, 200, "the session that changed the password stays");
}

#[tokio::test]
async fn a_users_other_sessions_end_with_a_password_change() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let first = jane(&program).await;
    let other = program.auth("jane", PASSWORD).await.json["jwt"].as_str().unwrap().to_owned();
    let tokens = program.login("jane@example.com").await;
    let change = json!({"password": "another-long-password"});
    assert_eq!(program.post_with_cookie("/update_profile", &first, change).await.status, 200);
    assert_eq!(program.renew(&other).await.status, 401);
    assert_eq!(program.refresh(&tokens.refresh).await.status, 401);
    assert_eq!(program.renew(&first).await.status, 200);
}

#[tokio::test]
async fn whoever_registers_at_one_surface_logs_in_at_the_other() {
    let program = ProgramBuilder::new().in_memory().start().await;
    jane(&program).await;
    assert_eq!(program.try_login("jane@example.com", PASSWORD).await.status, 200);
    program.register("ann@example.com").await;
    assert_eq!(program.auth("ann@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn errors_have_the_original_services_form() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let wrong = program.auth("nobody", PASSWORD).await;
    assert_eq!(wrong.status, 401);
    assert_eq!((&wrong.json["status"], &wrong.json["error"]), (&json!("ERROR"), &json!("invalid_credentials")));
    assert!(wrong.json["message"].is_string());
    jane(&program).await;
    let body = json!({"username": "JANE", "password": PASSWORD, "email": "other@example.com"});
    let taken = program.post("/register", body).await;
    assert_eq!((taken.status, &taken.json["error"]), (409, &json!("taken")));
}

#[tokio::test]
async fn foreign_pages_and_forms_are_turned_away() {
    let program =
        ProgramBuilder::new().in_memory().env("SIGNET__SERVER__CORS_ORIGINS", "https://app.example.com").start().await;
    let jwt = jane(&program).await;
    let renew = |origin: &str| {
        let request = program.client.post(program.url("/renew_token")).header("cookie", format!("jwt_token={jwt}"));
        program.send(request.header("content-type", "application/json").header("origin", origin))
    };
    let ours = program.url("");
    for (origin, status) in [
        (ours.as_str(), 200),
        ("https://app.example.com", 200),
        ("https://app.example.com.evil.example", 403),
        ("https://evil.example", 403),
        ("http://app.example.com", 403),
        ("null", 403),
    ] {
        assert_eq!(renew(origin).await.status, status, "{origin}");
    }
    let form = program.client.post(program.url("/auth")).form(&[("username", "jane"), ("password", PASSWORD)]);
    let answer = program.send(form).await;
    assert_eq!((answer.status, &answer.json["status"]), (415, &json!("ERROR")));
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure() {
    let program = ProgramBuilder::new()
        .in_memory()
        .env("SIGNET__SERVER__PUBLIC_URL", "https://id.example.com")
        .env("SIGNET__SERVER__COOKIE_SAME_SITE", "none")
        .start()
        .await;
    jane(&program).await;
    let auth = program.auth("jane", PASSWORD).await;
    assert!(auth.cookie().contains("Secure") && auth.cookie().contains("SameSite=None"), "{}", auth.cookie());
    assert!(auth.header("strict-transport-security").contains("max-age"));
}

#[tokio::test]
async fn the_service_tells_that_it_lives_and_what_signs() {
    let program = Program::start().await;
    let alive = program.get("/liveliness").await;
    assert_eq!((alive.status, &alive.json["status"]), (200, &json!("OK")));
    assert!(alive.json["time"].as_str().unwrap().ends_with('Z') && alive.json["uptime"].is_u64());
    let cert = program.get("/get_public_cert").await;
    assert!(cert.json["public_key"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
    assert_eq!((&cert.json["status"], &cert.json["alg"]), (&json!("OK"), &json!("ES256")));
    let jwks = program.get("/.well-known/jwks.json").await;
    for key in jwks.json["keys"].as_array().unwrap() {
        let kid = key["kid"].as_str().unwrap();
        let other = program.get(&format!("/get_public_cert?kid={kid}")).await;
        assert_eq!((&other.json["kid"], &other.json["alg"]), (&key["kid"], &key["alg"]));
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
    let unknown = program.get("/get_public_cert?kid=nothing").await;
    assert_eq!((unknown.status, &unknown.json["status"]), (404, &json!("ERROR")));
}
