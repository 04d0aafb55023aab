//! The device list, and what it takes to end a session.

use serde_json::json;

use crate::harness::{PASSWORD, Program, ProgramBuilder, verify_with_jwks};

async fn sessions(program: &Program, access: &str) -> Vec<serde_json::Value> {
    let answer = program.send(program.client.get(program.url("/api/me/sessions/")).bearer_auth(access)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json.as_array().unwrap().clone()
}

async fn end(program: &Program, access: &str, id: &str) -> u16 {
    let path = program.url(&format!("/api/me/sessions/{id}"));
    program.send(program.client.delete(path).bearer_auth(access)).await.status
}

#[tokio::test]
async fn a_user_sees_devices_and_logs_one_or_all_of_them_out() {
    let program = Program::start().await;
    let first = program.user("user@example.com").await;
    let second = program.login("user@example.com").await;
    let third = program.auth("user@example.com", PASSWORD).await;
    let devices = sessions(&program, &first.access).await;
    assert_eq!(devices.len(), 3);
    assert_eq!(devices.iter().filter(|device| device["current"] == true).count(), 1);
    assert!(devices.iter().all(|device| device["address"] == "127.0.0.1" && device["expires_at"].is_string()));

    let id = verify_with_jwks(&program, &second.access).await.sid;
    assert_eq!(end(&program, &first.access, &format!("{id}/")).await, 204);
    assert_eq!(end(&program, &first.access, &id).await, 404);
    assert_eq!(program.refresh(&second.refresh).await.status, 401);
    assert_eq!(sessions(&program, &first.access).await.len(), 2);

    assert_eq!(end(&program, &first.access, "").await, 204);
    assert_eq!(program.refresh(&first.refresh).await.status, 401);
    assert_eq!(program.renew(third.json["jwt"].as_str().unwrap()).await.status, 401);
    assert_eq!(program.me(&first.access).await.status, 401);
}

#[tokio::test]
async fn nobody_ends_anybody_elses_session() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let ann = program.user("ann@example.com").await;
    let bob = program.user("bob@example.com").await;
    let id = verify_with_jwks(&program, &bob.access).await.sid;
    assert_eq!(end(&program, &ann.access, &id).await, 404);
    assert_eq!(end(&program, &ann.access, "not-an-id").await, 404);
    assert_eq!(end(&program, &ann.access, "session:x").await, 404);
    assert_eq!(program.refresh(&bob.refresh).await.status, 200);
    assert_eq!(sessions(&program, &ann.access).await.len(), 1);
}

#[tokio::test]
async fn a_session_id_is_new_at_every_login() {
    let program = ProgramBuilder::new().in_memory().start().await;
    program.register("user@example.com").await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let auth = program.auth("user@example.com", PASSWORD).await;
        assert!(seen.insert(verify_with_jwks(&program, auth.json["jwt"].as_str().unwrap()).await.sid));
    }
}

#[tokio::test]
async fn a_renewal_races_with_the_end_of_its_session() {
    let program = Program::start().await;
    for round in 0..10 {
        let email = format!("user{round}@example.com");
        program.register(&email).await;
        let jwt = program.auth(&email, PASSWORD).await.json["jwt"].as_str().unwrap().to_owned();
        let all = program.client.delete(program.url("/api/me/sessions")).bearer_auth(&jwt);
        let (_, ended) = tokio::join!(program.renew(&jwt), program.send(all));
        assert_eq!(ended.status, 204);
        assert_eq!(program.renew(&jwt).await.status, 401, "round {round}");
    }
}

#[tokio::test]
async fn a_changed_address_is_unconfirmed() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let tokens = program.user("user@example.com").await;
    let changed = program.put_me(&tokens.access, json!({"email": "other@example.com"})).await;
    assert_eq!(changed.json["email_verified"], false);
}

#[tokio::test]
async fn a_login_beyond_two_hundred_sessions_ends_the_oldest() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let first = program.user("user@example.com").await;
    let second = program.login("user@example.com").await;
    for _ in 0..199 {
        program.login("user@example.com").await;
    }
    assert_eq!(program.refresh(&first.refresh).await.status, 401);
    let second = crate::harness::Tokens::of(&program.refresh(&second.refresh).await);
    assert_eq!(sessions(&program, &second.access).await.len(), 200);
}
