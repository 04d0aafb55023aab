//! Table B of the contract: every call, with and without a trailing slash, on a database on disk.

use serde_json::json;

use crate::harness::{PASSWORD, Program, ProgramBuilder, Tokens, verify_with_jwks, verify_with_pem};

#[tokio::test]
async fn a_user_registers_logs_in_refreshes_and_logs_out() {
    let program = Program::start().await;
    let body = json!({"email": "user@example.com", "password": PASSWORD});
    let registered = program.post("/api/register/", body.clone()).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    assert_eq!(registered.json["email"], "user@example.com");
    assert!(uuid::Uuid::parse_str(registered.json["id"].as_str().unwrap()).is_ok());

    let login = program.post("/api/login", body).await;
    assert_eq!(login.json["token_type"], "Bearer");
    assert_eq!(login.json["expires_in"], 30);
    let first = Tokens::of(&login);
    assert_eq!(uuid::Uuid::parse_str(&first.refresh).unwrap().get_version_num(), 4);

    let second = Tokens::of(&program.refresh(&first.refresh).await);
    assert_ne!(second.refresh, first.refresh);
    assert_eq!(program.me(&second.access).await.status, 200);

    let out = program.post("/api/logout/", json!({"refresh_token": second.refresh})).await;
    assert_eq!((out.status, &out.json), (200, &json!({"success": "User logged out."})));
    assert_eq!(program.refresh(&second.refresh).await.status, 401);
    assert_eq!(program.me(&second.access).await.status, 401, "the session is over, whatever the token says");
    assert_eq!(program.post("/api/logout", json!({"refresh_token": second.refresh})).await.status, 401);
}

#[tokio::test]
async fn a_resource_server_verifies_with_nothing_but_the_published_keys() {
    let program = Program::start().await;
    let id = program.register("user@example.com").await;
    let tokens = program.login("user@example.com").await;
    let claims = verify_with_jwks(&program, &tokens.access).await;
    assert_eq!((claims.sub.as_str(), claims.user_id.as_str()), (id.as_str(), id.as_str()));
    assert_eq!((claims.client_id.as_str(), claims.scope.as_str()), ("signet", "account"));
    assert_eq!((claims.exp - claims.iat, claims.nbf), (30, claims.iat));
    assert!(claims.auth_time <= claims.iat && claims.roles.is_empty() && claims.username.is_empty());
    assert!(!claims.jti.is_empty() && !claims.sid.is_empty());
    assert_eq!((&claims.iss, &claims.aud), (&program.url(""), &program.url("")));
    let cert = program.get("/get_public_cert/").await;
    assert_eq!(verify_with_pem(&program, &tokens.access, &cert).jti, claims.jti);
}

#[tokio::test]
async fn every_algorithm_signs_tokens_that_others_verify() {
    for algorithm in ["RS256", "PS256", "EdDSA"] {
        let builder = ProgramBuilder::new().in_memory().setting("default_signing_algorithm", algorithm);
        let program = builder.start().await;
        let tokens = program.user("user@example.com").await;
        verify_with_jwks(&program, &tokens.access).await;
        let cert = program.get("/get_public_cert").await;
        assert_eq!(cert.json["alg"], algorithm);
        verify_with_pem(&program, &tokens.access, &cert);
    }
}

#[tokio::test]
async fn a_profile_is_shown_and_changed() {
    let program = Program::start().await;
    let id = program.register("user@example.com").await;
    let tokens = program.login("user@example.com").await;
    let me = program.me(&tokens.access).await;
    assert_eq!(me.json["id"], id.as_str());
    assert_eq!((&me.json["username"], &me.json["email"]), (&json!(""), &json!("user@example.com")));
    assert_eq!((&me.json["email_verified"], &me.json["roles"]), (&json!(false), &json!([])));
    assert!(me.json["created_at"].as_str().unwrap().ends_with('Z'));

    let named = program.put_me(&tokens.access, json!({"username": "John Smith"})).await;
    assert_eq!((named.status, &named.json["username"]), (200, &json!("John Smith")));
    let patch = program.client.patch(program.url("/api/me")).bearer_auth(&tokens.access);
    let moved = program.send(patch.json(&json!({"email": "new@example.com"}))).await;
    assert_eq!((moved.status, &moved.json["email"]), (200, &json!("new@example.com")));
    assert_eq!(moved.json["username"], "John Smith", "what was not named stays");

    assert_eq!(program.try_login("user@example.com", PASSWORD).await.status, 401);
    assert_eq!(program.try_login("new@example.com", PASSWORD).await.status, 200);
    assert_eq!(program.auth("john smith", PASSWORD).await.status, 200, "names fold for case");
    let refreshed = Tokens::of(&program.refresh(&tokens.refresh).await);
    assert_eq!(verify_with_jwks(&program, &refreshed.access).await.username, "John Smith");
}

#[tokio::test]
async fn a_name_or_address_is_nobody_elses() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let ann = program.user("ann@example.com").await;
    let bob = program.user("bob@example.com").await;
    assert_eq!(program.put_me(&ann.access, json!({"username": "Ann"})).await.status, 200);
    for taken in [json!({"username": "ANN"}), json!({"email": "ANN@example.com"})] {
        let refused = program.put_me(&bob.access, taken.clone()).await;
        assert_eq!(refused.status, 409, "{taken}");
    }
    let me = program.me(&bob.access).await;
    assert_eq!((&me.json["username"], &me.json["email"]), (&json!(""), &json!("bob@example.com")));
    // Given up, it is free.
    assert_eq!(program.put_me(&ann.access, json!({"username": ""})).await.status, 200);
    assert_eq!(program.put_me(&bob.access, json!({"username": "ann"})).await.status, 200);
}

#[tokio::test]
async fn errors_are_problem_documents_with_the_fields_that_are_wrong() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let answer =
        program.post("/api/register/", json!({"email": "no address", "password": "short", "username": "a@b"})).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    for member in ["type", "title", "detail"] {
        assert!(answer.json[member].is_string(), "{member}");
    }
    assert_eq!(answer.json["status"], 422);
    let fields: Vec<_> = answer.json["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, [json!("email"), json!("username")]);
    let challenge = program.get("/api/me/").await;
    assert_eq!(challenge.status, 401);
    assert!(challenge.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn registration_can_be_closed() {
    let program = ProgramBuilder::new().in_memory().setting("registration_open", "false").start().await;
    let answer = program.post("/api/register", json!({"email": "a@example.com", "password": PASSWORD})).await;
    assert_eq!(answer.status, 403);
    let body = json!({"username": "a", "email": "a@example.com", "password": PASSWORD});
    assert_eq!(program.post("/register", body).await.json["error"], "registration_closed");
}
