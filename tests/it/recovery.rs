//! Getting an account back: what a reset or a change of password leaves behind of whoever was there before.

use std::cell::RefCell;

use serde_json::json;

use crate::harness::{Answer, Behaviour, PASSWORD, Program, ProgramBuilder, Sink, SinkTls, Tokens, until};

const NEW_PASSWORD: &str = "another-long-password";

async fn ask_reset(program: &Program, sink: &mut Sink, email: &str) -> String {
    assert_eq!(program.post("/request_password_reset", json!({"email": email})).await.status, 200);
    sink.mail().await.code()
}

async fn temporary_password(program: &Program, code: &str) -> String {
    let reset = program.post("/reset_password", json!({"reset_code": code})).await;
    assert_eq!(reset.status, 200, "{}", reset.text);
    reset.json["temporary_password"].as_str().unwrap().to_owned()
}

async fn login_from(program: &Program, address: &str, password: &str) -> Answer {
    let request = program.client.post(program.url("/api/login/")).header("x-forwarded-for", address);
    program.send(request.json(&json!({"email": "ann@example.com", "password": password}))).await
}

#[tokio::test]
async fn a_reset_forgets_the_addresses_that_counted_as_the_owners() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink)
        .in_memory()
        .env("SIGNET__SERVER__TRUSTED_PROXIES", "127.0.0.0/8")
        .setting("login_attempts", "2")
        .start()
        .await;
    program.register("ann@example.com").await;
    assert_eq!(login_from(&program, "203.0.113.66", PASSWORD).await.status, 200, "a thief who knew the password");
    let code = ask_reset(&program, &mut sink, "ann@example.com").await;
    let reset = program.post("/reset_password", json!({"reset_code": code, "new_password": NEW_PASSWORD})).await;
    assert_eq!(reset.status, 200, "{}", reset.text);
    for _ in 0..2 {
        assert_eq!(login_from(&program, "198.51.100.1", "wrong password").await.status, 401);
    }
    assert_eq!(login_from(&program, "203.0.113.66", PASSWORD).await.status, 429, "a stranger like all others");
    assert_eq!(program.try_login("ann@example.com", NEW_PASSWORD).await.status, 200, "the reset came from here");
}

#[tokio::test]
async fn a_reset_drops_every_other_code() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink).in_memory().start().await;
    let tokens = program.user("ann@example.com").await;
    let first = ask_reset(&program, &mut sink, "ann@example.com").await;
    let second = ask_reset(&program, &mut sink, "ann@example.com").await;
    let reset = program.post("/reset_password", json!({"reset_code": second, "new_password": NEW_PASSWORD})).await;
    assert_eq!(reset.status, 200, "{}", reset.text);
    let late = program.post("/reset_password", json!({"reset_code": first, "new_password": PASSWORD})).await;
    assert_eq!((late.status, &late.json["error"]), (400, &json!("invalid_code")));
    assert_eq!(program.refresh(&tokens.refresh).await.status, 401);
}

#[tokio::test]
async fn a_code_that_was_sent_to_another_address_opens_nothing() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink).in_memory().start().await;
    let tokens = program.user("ann@example.com").await;
    let code = ask_reset(&program, &mut sink, "ann@example.com").await;
    assert_eq!(program.put_me(&tokens.access, json!({"email": "ann@example.org"})).await.status, 200);
    assert_eq!(program.post("/reset_password", json!({"reset_code": code})).await.status, 400);
    assert_eq!(program.try_login("ann@example.org", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_session_of_a_temporary_password_ends_with_it_however_it_is_refreshed() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink).in_memory().setting("temporary_password_lifetime", "2").start().await;
    program.register("ann@example.com").await;
    let code = ask_reset(&program, &mut sink, "ann@example.com").await;
    let temporary = temporary_password(&program, &code).await;
    let current = RefCell::new(Tokens::of(&program.try_login("ann@example.com", &temporary).await).refresh);
    // Each refresh succeeds until the last, which is refused though a refresh token serves for a month.
    let refused = || async {
        let shown = current.borrow().clone();
        let answer = program.refresh(&shown).await;
        if answer.status == 200 {
            current.replace(Tokens::of(&answer).refresh);
        }
        (answer.status == 401).then_some(())
    };
    until(refused).await;
}

#[tokio::test]
async fn a_restart_leaves_an_administrators_reset_password_alone() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink)
        .env("SIGNET__BOOTSTRAP__ADMIN_EMAIL", "root@example.com")
        .env("SIGNET__BOOTSTRAP__ADMIN_PASSWORD", PASSWORD)
        .start()
        .await;
    let code = ask_reset(&program, &mut sink, "root@example.com").await;
    let temporary = temporary_password(&program, &code).await;
    let program = program.crash_and_restart().await;
    assert!(!program.greeting.contains("Temporary password"), "{}", program.greeting);
    assert_eq!(program.try_login("root@example.com", &temporary).await.status, 200);
}

#[tokio::test]
async fn passwords_cannot_be_tried_from_a_session_that_has_ended() {
    let program = ProgramBuilder::new().in_memory().setting("access_token_lifetime", "600").start().await;
    let tokens = program.user("ann@example.com").await;
    program.post("/api/logout/", json!({"refresh_token": tokens.refresh})).await;
    for guess in ["wrong", PASSWORD] {
        let change = json!({"password": NEW_PASSWORD, "current_password": guess});
        let answer = program.put_me(&tokens.access, change).await;
        assert_eq!((answer.status, &answer.json["type"]), (401, &json!("urn:signet:problem:invalid_token")), "{guess}");
    }
}

#[tokio::test]
async fn a_login_beside_a_password_change_does_not_outlive_it() {
    let program = Program::start().await;
    let own = program.user("ann@example.com").await;
    let logins = futures_util::future::join_all((0..8).map(|_| program.try_login("ann@example.com", PASSWORD)));
    let (logins, change) = tokio::join!(logins, program.put_me(&own.access, json!({"password": NEW_PASSWORD})));
    assert_eq!(change.status, 200, "{}", change.text);
    for login in logins.iter().filter(|login| login.status == 200) {
        assert_eq!(program.refresh(&Tokens::of(login).refresh).await.status, 401);
    }
    assert_eq!(program.refresh(&own.refresh).await.status, 200);
}
