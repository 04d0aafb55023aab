//! Mail: written from templates, carried by a real mail server, and in nobody's way when that one misbehaves.

use serde_json::json;

use crate::harness::{Behaviour, Mail, PASSWORD, ProgramBuilder, Sink, SinkTls, until};

/// A server that sends its mail to this sink.
pub(crate) fn builder(sink: &Sink) -> ProgramBuilder {
    ProgramBuilder::new()
        .env("SIGNET__MAIL__TRANSPORT", "smtp")
        .env("SIGNET__MAIL__HOST", "localhost")
        .env("SIGNET__MAIL__PORT", &sink.port.to_string())
        .env("SIGNET__MAIL__TLS", "none")
        .env("SIGNET__MAIL__FROM", "Signet <id@example.com>")
}

async fn ask_reset(program: &crate::harness::Program, email: &str) {
    let answer = program.post("/request_password_reset", json!({"email": email})).await;
    assert_eq!((answer.status, &answer.json), (200, &json!({"status": "OK"})));
}

#[tokio::test]
async fn mail_leaves_over_starttls_and_implicit_tls_to_a_server_with_a_trusted_name() {
    for (tls, name) in [(SinkTls::StartTls, "starttls"), (SinkTls::Implicit, "implicit")] {
        let mut sink = Sink::start(tls, Behaviour::Accept).await;
        let directory = tempfile::tempdir().unwrap();
        let roots = directory.path().join("roots.pem");
        sink.write_certificate(&roots);
        let program = builder(&sink)
            .in_memory()
            .env("SIGNET__MAIL__TLS", name)
            .env("SSL_CERT_FILE", roots.to_str().unwrap())
            .start()
            .await;
        program.register("ann@example.com").await;
        ask_reset(&program, "ann@example.com").await;
        let mail = sink.mail().await;
        assert_eq!((mail.from.as_str(), mail.to.as_str()), ("id@example.com", "ann@example.com"));
    }
}

#[tokio::test]
async fn a_server_without_starttls_or_with_a_strange_certificate_gets_no_mail() {
    for (offered, wanted) in
        [(SinkTls::None, "starttls"), (SinkTls::StartTls, "starttls"), (SinkTls::Implicit, "implicit")]
    {
        let mut sink = Sink::start(offered, Behaviour::Accept).await;
        let program = builder(&sink).in_memory().env("SIGNET__MAIL__TLS", wanted).start().await;
        program.register("ann@example.com").await;
        ask_reset(&program, "ann@example.com").await;
        sink.attempt().await;
        until(|| async { program.log().contains("a mail was put off").then_some(()) }).await;
        assert!(sink.is_empty(), "{wanted}");
    }
}

#[tokio::test]
async fn mail_leaves_with_credentials_where_they_are_demanded() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::DemandAuth).await;
    let program = builder(&sink)
        .in_memory()
        .env("SIGNET__MAIL__USERNAME", "user")
        .env("SIGNET__MAIL__PASSWORD", "secret")
        .start()
        .await;
    program.register("ann@example.com").await;
    ask_reset(&program, "ann@example.com").await;
    assert_eq!(sink.mail().await.to, "ann@example.com");
}

#[tokio::test]
async fn a_mail_server_that_misbehaves_delays_mail_and_nothing_else() {
    for behaviour in [Behaviour::Refuse, Behaviour::Hang, Behaviour::EndlessBanner] {
        let mut sink = Sink::start(SinkTls::None, behaviour).await;
        let program = builder(&sink).in_memory().start().await;
        program.register("ann@example.com").await;
        ask_reset(&program, "ann@example.com").await;
        sink.attempt().await;
        assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 200, "{behaviour:?}");
        assert_eq!(program.get("/readyz").await.status, 200, "{behaviour:?}");
        ask_reset(&program, "ann@example.com").await;
    }
}

#[tokio::test]
async fn a_mail_that_was_asked_for_outlives_a_crash() {
    // Nobody listens on this port until the sink does.
    let mut sink = Sink::start(SinkTls::None, Behaviour::Refuse).await;
    // Alone on its database the next start takes claims back at once; on a shared one they have to lapse, in minutes.
    let program = builder(&sink).on_disk().start().await;
    program.register("ann@example.com").await;
    ask_reset(&program, "ann@example.com").await;
    sink.attempt().await;
    let mut honest = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let port = honest.port.to_string();
    drop(sink);
    let restarted = program.crash_and_restart_with(|builder| builder.env("SIGNET__MAIL__PORT", &port)).await;
    // The dead process's claim on the mail has to lapse, or its put-off to end; both do by themselves.
    let mail = honest.mail_within(std::time::Duration::from_secs(150)).await;
    let reset = restarted.post("/reset_password", json!({"reset_code": mail.code()})).await;
    assert_eq!(reset.status, 200, "{}", reset.text);
}

#[tokio::test]
async fn one_mail_of_a_kind_waits_for_an_address_and_an_inbox_is_not_flooded() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = builder(&sink).in_memory().setting("login_attempts", "3").start().await;
    program.register("ann@example.com").await;
    program.register("bob@example.com").await;
    for _ in 0..3 {
        ask_reset(&program, "ann@example.com").await;
        sink.mail().await;
    }
    ask_reset(&program, "ann@example.com").await;
    until(|| async { program.log().contains("a mail was dropped").then_some(()) }).await;
    ask_reset(&program, "bob@example.com").await;
    assert_eq!(sink.mail().await.to, "bob@example.com");
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_answer_and_no_mail() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = builder(&sink).in_memory().start().await;
    program.register("ann@example.com").await;
    ask_reset(&program, "nobody@example.com").await;
    ask_reset(&program, "ann@example.com").await;
    assert_eq!(sink.mail().await.to, "ann@example.com");
    assert!(sink.is_empty());
}

#[tokio::test]
async fn names_and_addresses_cannot_inject_headers_or_markup() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = builder(&sink).in_memory().start().await;
    for email in [
        "a@example.com\r\nBcc: evil@example.com",
        "a@example.com\nX: y",
        "\"a\\\" <evil@example.com>\"@example.com",
        "a@example.com\u{2028}",
    ] {
        let answer = program.post("/api/register/", json!({"email": email, "password": PASSWORD})).await;
        assert_eq!(answer.status, 422, "{email:?}");
    }
    let name = "<img src=x onerror=alert(1)>";
    let body = json!({"username": name, "password": PASSWORD, "email": "ann@example.com"});
    assert_eq!(program.post("/register", body).await.status, 201);
    ask_reset(&program, "ann@example.com").await;
    let mail = sink.mail().await;
    assert!(mail.text.contains(name) && !mail.html.contains("<img"), "{}", mail.html);
    assert!(!mail.raw.contains("evil"));
}

#[tokio::test]
async fn links_come_from_the_configuration_whatever_the_request_says() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = builder(&sink)
        .in_memory()
        .setting("email_verification_required", "true")
        .env("SIGNET__SERVER__PUBLIC_URL", "https://id.example.com/base")
        .start()
        .await;
    let request = program.client.post(program.url("/api/register/"));
    let request = request
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example");
    let answer = program.send(request.json(&json!({"email": "ann@example.com", "password": PASSWORD}))).await;
    assert_eq!(answer.status, 201);
    let mail = sink.mail().await;
    assert!(mail.text.contains("https://id.example.com/base/verify_email?token="), "{}", mail.text);
    assert!(!mail.raw.contains("evil"));
}

#[tokio::test]
async fn with_verification_required_an_address_is_confirmed_before_its_owner_logs_in() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = builder(&sink).setting("email_verification_required", "true").start().await;
    program.register("ann@example.com").await;
    let code = sink.mail().await.code();
    let early = program.try_login("ann@example.com", PASSWORD).await;
    assert_eq!((early.status, &early.json["type"]), (403, &json!("urn:signet:problem:email_not_verified")));
    assert_ne!(sink.mail().await.code(), code, "a login that fails for this sends another link");
    assert_eq!(program.get("/verify_email?token=wrong").await.status, 400);
    let page = program.get(&format!("/verify_email/?token={code}")).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html") && page.text.contains("confirmed"));
    assert_eq!(program.get(&format!("/verify_email?token={code}")).await.status, 400, "once");
    let tokens = program.login("ann@example.com").await;
    assert_eq!(program.me(&tokens.access).await.json["email_verified"], true);

    let moved = program.put_me(&tokens.access, json!({"email": "ann@new.example"})).await;
    assert_eq!(
        (&moved.json["email"], &moved.json["pending_email"]),
        (&json!("ann@example.com"), &json!("ann@new.example"))
    );
    let mail = sink.mail().await;
    assert_eq!(mail.to, "ann@new.example");
    assert_eq!(program.try_login("ann@new.example", PASSWORD).await.status, 401, "not yet");
    assert_eq!(program.get(&format!("/verify_email?token={}", mail.code())).await.status, 200);
    let me = program.me(&tokens.access).await;
    assert_eq!((&me.json["email"], &me.json["email_verified"]), (&json!("ann@new.example"), &json!(true)));
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 401);
    program.login("ann@new.example").await;
}

#[tokio::test]
async fn many_users_together_cannot_flood_one_inbox() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = builder(&sink)
        .in_memory()
        .setting("email_verification_required", "true")
        .setting("login_attempts", "1")
        .start()
        .await;
    let mut to_the_victim = 0;
    for number in 0..7 {
        let email = format!("user{number}@example.com");
        program.register(&email).await;
        let confirmation = loop {
            let mail = sink.mail().await;
            if mail.to == email {
                break mail;
            }
            to_the_victim += 1;
        };
        assert_eq!(program.get(&format!("/verify_email?token={}", confirmation.code())).await.status, 200);
        let tokens = program.login(&email).await;
        let moved = program.put_me(&tokens.access, json!({"email": "victim@example.com"})).await;
        assert_eq!(moved.status, 200, "{}", moved.text);
    }
    until(|| async { (program.log().matches("a mail was dropped").count() == 2).then_some(()) }).await;
    while to_the_victim < 5 {
        assert_eq!(sink.mail().await.to, "victim@example.com");
        to_the_victim += 1;
    }
    assert!(sink.is_empty(), "five users' whole budgets, and no more");
}

#[tokio::test]
async fn a_confirmation_can_be_asked_for_again() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = builder(&sink).in_memory().start().await;
    let tokens = program.user("ann@example.com").await;
    let ask = || program.send(program.client.post(program.url("/api/me/verify-email/")).bearer_auth(&tokens.access));
    assert_eq!(ask().await.json, json!({"sent": true}));
    assert_eq!(program.get(&format!("/verify_email?token={}", sink.mail().await.code())).await.status, 200);
    assert_eq!(ask().await.json, json!({"sent": false}), "nothing is left to confirm");
}

#[tokio::test]
async fn operators_edit_templates_while_the_server_runs() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let templates = tempfile::tempdir().unwrap();
    let program =
        builder(&sink).in_memory().env("SIGNET__MAIL__TEMPLATES_DIR", templates.path().to_str().unwrap()).start().await;
    program.register("ann@example.com").await;
    ask_reset(&program, "ann@example.com").await;
    assert_eq!(sink.mail().await.subject, "Reset your password");
    std::fs::write(templates.path().join("password_reset.subject.txt"), "Dein Passwort, {{ email }}").unwrap();
    ask_reset(&program, "ann@example.com").await;
    assert_eq!(sink.mail().await.subject, "Dein Passwort, ann@example.com");
}

#[tokio::test]
async fn by_default_mail_lies_in_files_for_its_owner_alone() {
    let program = ProgramBuilder::new().start().await;
    program.register("ann@example.com").await;
    ask_reset(&program, "ann@example.com").await;
    let directory = program.directory().join("data/mail");
    let written = || async {
        let entry = std::fs::read_dir(&directory)
            .ok()?
            .flatten()
            .find(|entry| entry.path().extension().is_some_and(|e| e == "eml"))?;
        Some(entry.path())
    };
    let path = until(written).await;
    let mail = Mail::parse(&std::fs::read(&path).unwrap());
    assert_eq!(mail.to, "ann@example.com");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&path).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(program.post("/reset_password", json!({"reset_code": mail.code()})).await.status, 200);
}

#[tokio::test]
async fn the_log_transport_tells_of_a_mail_and_not_what_it_says() {
    let program = ProgramBuilder::new().in_memory().env("SIGNET__MAIL__TRANSPORT", "log").start().await;
    program.register("ann@example.com").await;
    ask_reset(&program, "ann@example.com").await;
    until(|| async { program.log().contains("would have been sent").then_some(()) }).await;
    assert!(!program.log().contains("reset code is"));
}
