//! Passwords: who may guess, how often, what is learnt from it, and how one is changed or recovered.

use serde_json::json;

use crate::harness::{Behaviour, PASSWORD, Program, ProgramBuilder, Sink, SinkTls, Tokens, verify_with_jwks};

/// What the first start printed.
pub(crate) fn temporary_administrator_password(program: &Program) -> String {
    let line = program.greeting.lines().find_map(|line| line.trim().strip_prefix("Temporary password"));
    line.expect("a temporary password").trim().to_owned()
}

/// A server that believes loopback's word about where requests come from.
fn behind_a_proxy() -> ProgramBuilder {
    ProgramBuilder::new().env("SIGNET__SERVER__TRUSTED_PROXIES", "127.0.0.0/8")
}

async fn login_from(program: &Program, address: &str, email: &str, password: &str) -> crate::harness::Answer {
    let request = program.client.post(program.url("/api/login/")).header("x-forwarded-for", address);
    program.send(request.json(&json!({"email": email, "password": password}))).await
}

#[tokio::test]
async fn two_hundred_parallel_guesses_never_exceed_the_budget() {
    let program = ProgramBuilder::new().start().await;
    program.register("ann@example.com").await;
    let guesses = (0..200).map(|number| {
        let program = &program;
        async move { program.try_login("ann@example.com", &format!("wrong guess {number}")).await.status }
    });
    let statuses = futures_util::future::join_all(guesses).await;
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    assert!(looked_at <= 10, "{looked_at} guesses were looked at");
    assert!(statuses.iter().all(|status| [401, 429, 503].contains(status)), "{statuses:?}");
    let next = program.try_login("ann@example.com", PASSWORD).await;
    assert_eq!(next.status, 429);
    assert!((1..=900).contains(&next.header("retry-after").parse::<u64>().unwrap()));
}

#[tokio::test]
async fn username_and_address_are_counted_together() {
    let program = ProgramBuilder::new().in_memory().setting("login_attempts", "4").start().await;
    let body = json!({"username": "ann", "password": PASSWORD, "email": "ann@example.com"});
    program.post("/register", body).await;
    for name in ["ann", "ANN", "ann@example.com", "Ann@Example.com"] {
        assert_eq!(program.auth(name, "wrong password").await.status, 401);
    }
    assert_eq!(program.auth("ann", PASSWORD).await.status, 429);
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 429);
}

#[tokio::test]
async fn a_stranger_cannot_lock_the_owner_out() {
    let program = behind_a_proxy().in_memory().setting("login_attempts", "3").start().await;
    program.register("ann@example.com").await;
    assert_eq!(login_from(&program, "203.0.113.1", "ann@example.com", PASSWORD).await.status, 200);
    for _ in 0..5 {
        login_from(&program, "198.51.100.9", "ann@example.com", "wrong password").await;
    }
    assert_eq!(login_from(&program, "198.51.100.9", "ann@example.com", PASSWORD).await.status, 429);
    assert_eq!(
        login_from(&program, "198.51.100.77", "ann@example.com", PASSWORD).await.status,
        429,
        "strangers share one budget"
    );
    assert_eq!(login_from(&program, "203.0.113.1", "ann@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_success_gives_the_budget_back_and_the_window_ends() {
    let program =
        ProgramBuilder::new().in_memory().setting("login_attempts", "2").setting("login_window", "1").start().await;
    program.register("ann@example.com").await;
    for _ in 0..3 {
        assert_eq!(program.try_login("ann@example.com", "wrong password").await.status, 401);
        assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 200);
    }
    for _ in 0..2 {
        program.try_login("ann@example.com", "wrong password").await;
    }
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 429);
    let back = || async { (program.try_login("ann@example.com", PASSWORD).await.status == 200).then_some(()) };
    crate::harness::until(back).await;
}

#[tokio::test]
async fn whoever_does_not_exist_answers_like_whoever_does() {
    let program = ProgramBuilder::new().in_memory().setting("login_attempts", "3").start().await;
    program.register("ann@example.com").await;
    let mut answers = Vec::new();
    for email in ["ann@example.com", "nobody@example.com"] {
        let mut seen = Vec::new();
        for password in ["wrong password", "", "wrong", "too often"] {
            let answer = program.try_login(email, password).await;
            seen.push((answer.status, answer.json["type"].clone(), answer.json["title"].clone()));
        }
        answers.push(seen);
    }
    assert_eq!(answers[0], answers[1]);
    for email in ["ann@example.com", "nobody@example.com"] {
        let answer = program.post("/request_password_reset", json!({"email": email})).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "{\"status\":\"OK\"}"));
    }
}

#[tokio::test]
async fn one_address_may_not_ask_for_ever() {
    let program = behind_a_proxy().in_memory().setting("address_requests_per_minute", "5").start().await;
    let mut statuses = Vec::new();
    for number in 0..6 {
        statuses.push(login_from(&program, "203.0.113.1", &format!("u{number}@example.com"), "wrong password").await);
    }
    assert!(statuses[..5].iter().all(|answer| answer.status == 401));
    assert_eq!(statuses[5].status, 429);
    assert!(statuses[5].header("retry-after").parse::<u64>().unwrap() <= 60);
    assert_eq!(login_from(&program, "203.0.113.2", "u@example.com", "wrong password").await.status, 401);
    assert_eq!(program.get("/.well-known/jwks.json").await.status, 200);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_temporary_one_and_that_by_a_proper_one() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink).start().await;
    let body = json!({"username": "jane", "password": PASSWORD, "email": "jane@example.com"});
    program.post("/register", body).await;
    let session = program.auth("jane", PASSWORD).await.json["jwt"].as_str().unwrap().to_owned();
    let tokens = program.login("jane@example.com").await;
    assert_eq!(program.post("/request_password_reset/", json!({"email": "JANE@example.com"})).await.status, 200);
    let mail = sink.mail().await;
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("jane@example.com", "Reset your password"));
    assert!(mail.text.contains("jane") && mail.html.contains("jane"));
    assert_eq!(program.auth("jane", PASSWORD).await.status, 200, "asking changes nothing");

    let reset = program.post("/reset_password", json!({"reset_code": mail.code()})).await;
    assert_eq!(reset.status, 200, "{}", reset.text);
    let temporary = reset.json["temporary_password"].as_str().unwrap();
    assert_eq!(reset.json["reset_code"], temporary, "the original's odd name");
    let again = program.post("/reset_password", json!({"reset_code": mail.code()})).await;
    assert_eq!((again.status, &again.json["status"]), (400, &json!("ERROR")));
    assert_eq!(program.renew(&session).await.status, 401, "every session ended");
    assert_eq!(program.refresh(&tokens.refresh).await.status, 401);
    assert_eq!(program.auth("jane", PASSWORD).await.status, 401);

    let jwt = program.auth("jane", temporary).await.json["jwt"].as_str().unwrap().to_owned();
    assert_eq!(verify_with_jwks(&program, &jwt).await.scope, "password_change");
    let email = program.post_with_cookie("/update_profile", &jwt, json!({"email": "x@example.com"})).await;
    assert_eq!((email.status, &email.json["error"]), (403, &json!("password_change_required")));
    let proper = program.post_with_cookie("/update_profile", &jwt, json!({"password": "another-long-password"})).await;
    assert_eq!(proper.status, 200, "{}", proper.text);
    let renewed = program.renew(&jwt).await;
    assert_eq!(verify_with_jwks(&program, renewed.json["token"].as_str().unwrap()).await.scope, "account");
    assert_eq!(program.auth("jane", temporary).await.status, 401);
    assert_eq!(program.auth("jane", "another-long-password").await.status, 200);
    assert!(!program.log().contains(&mail.code()) && !program.log().contains(temporary));
}

#[tokio::test]
async fn a_reset_code_can_set_the_new_password_at_once_and_keeps_the_policy() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink).in_memory().start().await;
    program.register("jane@example.com").await;
    program.post("/request_password_reset", json!({"email": "jane@example.com"})).await;
    let code = sink.mail().await.code();
    let short = program.post("/reset_password", json!({"reset_code": code, "new_password": "short"})).await;
    assert_eq!(short.status, 422, "and the code is not spent");
    let reset =
        program.post("/reset_password", json!({"reset_code": code, "new_password": "another-long-password"})).await;
    assert_eq!((reset.status, &reset.json), (200, &json!({"status": "OK"})));
    assert_eq!(program.try_login("jane@example.com", "another-long-password").await.status, 200);
    let me =
        program.me(&Tokens::of(&program.try_login("jane@example.com", "another-long-password").await).access).await;
    assert_eq!(me.json["email_verified"], true, "whoever has the code has the mailbox");
}

#[tokio::test]
async fn of_many_parallel_uses_of_a_reset_code_one_wins() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink).start().await;
    program.register("jane@example.com").await;
    program.post("/request_password_reset", json!({"email": "jane@example.com"})).await;
    let code = sink.mail().await.code();
    let uses = (0..16).map(|_| program.post("/reset_password", json!({"reset_code": code})));
    let answers = futures_util::future::join_all(uses).await;
    let winners: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(winners.len(), 1);
    let temporary = winners[0].json["temporary_password"].as_str().unwrap();
    assert_eq!(program.try_login("jane@example.com", temporary).await.status, 200);
}

#[tokio::test]
async fn codes_and_temporary_passwords_expire() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink)
        .in_memory()
        .setting("reset_code_lifetime", "2")
        .setting("temporary_password_lifetime", "1")
        .start()
        .await;
    program.register("jane@example.com").await;
    let ask = || program.post("/request_password_reset", json!({"email": "jane@example.com"}));
    ask().await;
    let reset = program.post("/reset_password", json!({"reset_code": sink.mail().await.code()})).await;
    let temporary = reset.json["temporary_password"].as_str().unwrap().to_owned();
    let lapsed = || async { (program.try_login("jane@example.com", &temporary).await.status == 401).then_some(()) };
    crate::harness::until(lapsed).await;
    ask().await;
    let code = sink.mail().await.code();
    let asked_at = std::time::Instant::now();
    crate::harness::until(|| async { (asked_at.elapsed().as_millis() > 2_200).then_some(()) }).await;
    assert_eq!(program.post("/reset_password", json!({"reset_code": code})).await.status, 400);
}

#[tokio::test]
async fn a_password_change_needs_a_recent_login_or_the_current_password() {
    let program = ProgramBuilder::new().in_memory().setting("reauthentication_window", "0").start().await;
    let tokens = program.user("ann@example.com").await;
    let change = |body| program.put_me(&tokens.access, body);
    let bare = change(json!({"password": "another-long-password"})).await;
    assert_eq!((bare.status, &bare.json["type"]), (403, &json!("urn:signet:problem:reauthentication_required")));
    let wrong = change(json!({"password": "another-long-password", "current_password": "wrong"})).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 200, "nothing changed");
    let right = change(json!({"password": "another-long-password", "current_password": PASSWORD})).await;
    assert_eq!(right.status, 200, "{}", right.text);
    assert_eq!(program.try_login("ann@example.com", "another-long-password").await.status, 200);
}

#[tokio::test]
async fn guesses_at_the_current_password_are_counted_too() {
    let program = ProgramBuilder::new().in_memory().setting("login_attempts", "3").start().await;
    let tokens = program.user("ann@example.com").await;
    let guess =
        || program.put_me(&tokens.access, json!({"password": "another-long-password", "current_password": "wrong"}));
    for _ in 0..3 {
        assert_eq!(guess().await.status, 401);
    }
    assert_eq!(guess().await.status, 429);
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 200, "logins have budgets of their own");
}

#[tokio::test]
async fn where_the_issuer_is_public_common_passwords_are_refused() {
    let program =
        ProgramBuilder::new().in_memory().env("SIGNET__SERVER__PUBLIC_URL", "https://id.example.com").start().await;
    for poor in ["password", "12345678", "qwertyuiop", "ann@example.com"] {
        let answer = program.post("/api/register/", json!({"email": "ann@example.com", "password": poor})).await;
        assert_eq!(answer.status, 422, "{poor}");
        assert_eq!(answer.json["errors"][0]["field"], "password");
    }
    program.register("ann@example.com").await;
}

#[tokio::test]
async fn two_hundred_parallel_logins_cost_bounded_memory_and_leave_others_quick() {
    let program = ProgramBuilder::new().setting("scrypt_log_n", "17").setting("login_attempts", "10000").start().await;
    program.register("ann@example.com").await;
    let base = program.memory();
    let flood = (0..200).map(|_| program.try_login("ann@example.com", "wrong password"));
    let others = async {
        let mut worst = (std::time::Duration::ZERO, 0);
        for _ in 0..50 {
            let asked = std::time::Instant::now();
            assert_eq!(program.get("/.well-known/jwks.json").await.status, 200);
            worst = (worst.0.max(asked.elapsed()), worst.1.max(program.memory()));
        }
        worst
    };
    let (answers, (_, peak)) = tokio::join!(futures_util::future::join_all(flood), others);
    let turned_away: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(answers.iter().all(|answer| [401, 503].contains(&answer.status)));
    assert!(!turned_away.is_empty() && turned_away.iter().all(|answer| !answer.header("retry-after").is_empty()));
    let permits = std::thread::available_parallelism().unwrap().get() as u64;
    let allowed = base + permits * 128 * 1024 + 64 * 1024;
    assert!(peak <= allowed, "{peak} KiB at the peak, {base} before, {allowed} allowed");
}
