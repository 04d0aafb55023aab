//! What was acknowledged is on disk: the process is killed right after each kind of write, and started again.

use serde_json::json;

use crate::harness::{Behaviour, PASSWORD, Program, Sink, SinkTls, Tokens, verify_with_jwks};

#[tokio::test]
async fn a_crash_after_any_acknowledged_write_loses_nothing() {
    let program = Program::start().await;
    program.register("ann@example.com").await;
    let program = program.crash_and_restart().await;
    let first = program.login("ann@example.com").await;
    let program = program.crash_and_restart().await;
    let second = Tokens::of(&program.refresh(&first.refresh).await);
    let program = program.crash_and_restart().await;
    assert_eq!(Tokens::of(&program.refresh(&first.refresh).await).refresh, second.refresh, "the same successor");
    let third = Tokens::of(&program.refresh(&second.refresh).await);
    let named = program.put_me(&third.access, json!({"username": "Ann"})).await;
    assert_eq!(named.status, 200, "{}", named.text);
    let fourth = program.login("ann@example.com").await;
    let program = program.crash_and_restart().await;
    assert_eq!(program.auth("ann", PASSWORD).await.status, 200);
    let out = program.post("/api/logout/", json!({"refresh_token": third.refresh})).await;
    assert_eq!(out.status, 200);
    let program = program.crash_and_restart().await;
    assert_eq!(program.refresh(&third.refresh).await.status, 401);
    assert_eq!(program.refresh(&fourth.refresh).await.status, 200);
}

#[tokio::test]
async fn a_spent_reset_code_and_a_counted_guess_stay_so() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink).setting("login_attempts", "2").start().await;
    program.register("ann@example.com").await;
    program.post("/request_password_reset", json!({"email": "ann@example.com"})).await;
    let code = sink.mail().await.code();
    let program = program.crash_and_restart().await;
    let reset =
        program.post("/reset_password", json!({"reset_code": code, "new_password": "another-long-password"})).await;
    assert_eq!(reset.status, 200);
    let program = program.crash_and_restart().await;
    assert_eq!(program.post("/reset_password", json!({"reset_code": code})).await.status, 400);
    for _ in 0..2 {
        assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 401);
    }
    let program = program.crash_and_restart().await;
    assert_eq!(program.try_login("ann@example.com", "another-long-password").await.status, 429);
}

#[tokio::test]
async fn keys_and_settings_are_the_same_after_a_crash() {
    let program = crate::harness::ProgramBuilder::new()
        .env("SIGNET__SERVER__PUBLIC_URL", "http://id.example.com")
        .setting("access_token_lifetime", "1234")
        .start()
        .await;
    let tokens = program.user("ann@example.com").await;
    let jwks = program.get("/.well-known/jwks.json").await;
    let program = program.crash_and_restart().await;
    assert_eq!(program.get("/.well-known/jwks.json").await.text, jwks.text);
    assert_eq!(program.me(&tokens.access).await.status, 200, "a token of before the crash");
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.json["expires_in"], 1234);
}

#[tokio::test]
async fn a_crash_in_the_middle_of_many_refreshes_spends_no_token_twice() {
    let mut program = Program::start().await;
    let mut current = program.user("ann@example.com").await;
    for round in 0..3 {
        let race = (0..8).map(|_| {
            let request =
                program.client.post(program.url("/api/refresh/")).json(&json!({"refresh_token": current.refresh}));
            request.send()
        });
        // Some of these are answered, some are cut off: the kill does not wait for them.
        let race = tokio::spawn(futures_util::future::join_all(race));
        program = program.crash_and_restart().await;
        drop(race.await);
        let successor = Tokens::of(&program.refresh(&current.refresh).await);
        let again = Tokens::of(&program.refresh(&current.refresh).await);
        assert_eq!(successor.refresh, again.refresh, "round {round}");
        current = successor;
    }
    verify_with_jwks(&program, &current.access).await;
}
