//! The operator's terminal, `signetctl`, without a command: the dashboard, on a real terminal and a real server. What is
//! done on the screen is looked for where it counts, in tokens and logins.

use std::net::TcpListener;

use jsonwebtoken::decode_header;

use crate::harness::{ADMIN, CTRL_U, ENTER, ESC, PASSWORD, ProgramBuilder, Screen, Terminal, until, verify_with_jwks};

const ANN: &str = "ann@example.com";

/// The administrator's dashboard, with writes unlocked.
async fn unlocked(terminal: &Terminal<'_>) -> Screen {
    let screen = terminal.dashboard(100, 30);
    screen.until(|text| text.contains("Overview")).await;
    screen.press("W").until(|text| text.contains("password")).await;
    screen.press(PASSWORD).press(ENTER).until(|text| text.contains("unlocked")).await;
    screen
}

/// Reads a question, which takes no key in its first 300 ms, and says yes.
async fn agree(screen: &Screen) -> String {
    // A question that does not hear yet says so.
    let question = screen.until(|text| text.contains("y does it") && !text.contains("y does it …")).await;
    screen.press("y").until(|text| !text.contains("Cancel")).await;
    question
}

/// Shows what is Ann's and nobody else's.
async fn only_ann(screen: &Screen, filter: &str) {
    screen.until(|text| text.contains(ANN) && text.contains(ADMIN)).await;
    screen.press("/").press(filter).press(ENTER).until(|text| text.contains(ANN) && !text.contains(ADMIN)).await;
}

/// A port of one's own to come back to: below those that systems give away by themselves.
fn port() -> u16 {
    let first = 20_000 + (std::process::id() % 10_000) as u16;
    (first..).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

#[tokio::test]
async fn a_lifetime_changed_on_screen_is_in_the_next_token() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    program.register(ANN).await;
    let terminal = program.signed_in().await;
    let listed = terminal.run(&["settings", "list", "-o", "ndjson"]).await.out;
    let above = listed.lines().position(|line| line.contains("\"access_token_lifetime\"")).unwrap();
    let first = serde_json::from_str::<serde_json::Value>(listed.lines().next().unwrap()).unwrap();
    let screen = unlocked(&terminal).await;
    screen.press("6").until(|text| text.contains(first["key"].as_str().unwrap())).await;
    screen.press(&"j".repeat(above)).press("E").until(|text| text.contains("Esc")).await;
    screen.press(CTRL_U).press("7m").press(ENTER);
    let review = agree(&screen).await;
    let change = review.lines().find(|line| line.contains('→')).expect("what will change");
    assert!(change.contains("access_token_lifetime"), "{review}");
    screen.until(|text| text.contains("Change settings: done")).await;
    let claims = verify_with_jwks(&program, &program.login(ANN).await.access).await;
    assert_eq!(claims.exp - claims.iat, 420);
}

#[tokio::test]
async fn a_key_rotated_on_screen_signs_and_the_one_before_still_verifies() {
    let program = ProgramBuilder::new()
        .in_memory()
        .with_admin()
        .setting("key_prepublication", "1")
        .setting("jwks_max_age", "1")
        .start()
        .await;
    program.register(ANN).await;
    let before = program.login(ANN).await.access;
    let terminal = program.signed_in().await;
    let screen = unlocked(&terminal).await;
    screen.press("5");
    loop {
        let shown = screen.until(|text| text.contains("active")).await;
        if shown.contains("retired") {
            break;
        }
        // Refused until every cache can hold the next key.
        screen.press("R");
        agree(&screen).await;
        screen.until(|text| text.contains("too young") || text.contains("retired")).await;
    }
    let after = program.login(ANN).await.access;
    assert_ne!(decode_header(&after).unwrap().kid, decode_header(&before).unwrap().kid);
    for token in [before, after] {
        verify_with_jwks(&program, &token).await;
    }
}

#[tokio::test]
async fn a_rotation_that_comes_too_early_is_refused_with_the_reason() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let before = program.get("/get_public_cert").await.json["kid"].clone();
    let terminal = program.signed_in().await;
    let screen = unlocked(&terminal).await;
    screen.press("5").until(|text| text.contains("active")).await;
    screen.press("R");
    agree(&screen).await;
    let refused = screen.until(|text| text.contains("too young")).await;
    assert!(!refused.contains("retired"), "{refused}");
    assert_eq!(program.get("/get_public_cert").await.json["kid"], before);
}

#[tokio::test]
async fn a_session_ended_on_screen_refreshes_no_more() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let id = program.register(ANN).await;
    let tokens = program.login(ANN).await;
    let terminal = program.signed_in().await;
    let screen = unlocked(&terminal).await;
    screen.press("3");
    only_ann(&screen, &format!("user:{id}")).await;
    screen.press("X");
    agree(&screen).await;
    screen.until(|text| text.contains("ended")).await;
    assert_eq!(program.refresh(&tokens.refresh).await.status, 401);
    assert_eq!(terminal.run(&["whoami"]).await.exit, 0, "nobody else's was");
}

#[tokio::test]
async fn a_user_disabled_on_screen_is_out_until_it_is_taken_back() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    program.register(ANN).await;
    let terminal = program.signed_in().await;
    let screen = unlocked(&terminal).await;
    screen.press("2");
    only_ann(&screen, "email:ann").await;
    screen.press("D");
    let question = agree(&screen).await;
    assert!(question.contains(ANN), "{question}");
    screen.until(|text| text.contains("disabled")).await;
    assert_eq!(program.try_login(ANN, PASSWORD).await.status, 401);
    screen.press("u").until(|text| text.contains("unverified")).await;
    program.login(ANN).await;
}

#[tokio::test]
async fn a_clients_secret_is_on_screen_once() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let terminal = program.signed_in().await;
    let screen = unlocked(&terminal).await;
    screen.press("4").until(|text| text.contains("create")).await;
    screen.press("C").until(|text| text.contains("redirect")).await;
    screen
        .press("Shop")
        .press(ENTER)
        .press("https://shop.example.com/cb")
        .press(ENTER)
        .press(ENTER)
        .press(ENTER)
        .press(ENTER);
    agree(&screen).await;
    let secret = regex::Regex::new(r"\bsignet_secret_[A-Za-z0-9_-]{43}").unwrap();
    let shown = screen.until(|text| secret.is_match(text)).await;
    let secret = secret.find(&shown).unwrap().as_str();
    screen.press(ESC).until(|text| text.contains("https://shop.example.com/cb") && !text.contains(secret)).await;
    let detail = screen.press(ENTER).until(|text| text.contains("redirects to")).await;
    assert!(!detail.contains("signet_secret_"), "{detail}");
}

#[tokio::test]
async fn a_server_that_goes_away_and_comes_back_is_heard_again_by_itself() {
    let port = port();
    let listen = format!("127.0.0.1:{port}");
    let mut program = ProgramBuilder::new().on_disk().with_admin().env("SIGNET__SERVER__LISTEN", &listen).start().await;
    let command = {
        let admin = program.admin().await;
        let key = admin.post("api-keys", serde_json::json!({"name": "wall", "permissions": ["*:read"]})).await;
        let mut command = program.terminal().command(&[]);
        command.env("SIGNETCTL_API_KEY", key.json["api_key"].as_str().unwrap());
        command
    };
    let screen = Screen::open(&command, 100, 30);
    screen.press("7").until(|text| text.contains("live") && text.contains("api_key.create")).await;
    program.terminate().await;
    let stale = screen.until(|text| text.contains("stale")).await;
    assert!(stale.contains("api_key.create"), "what was shown stays: {stale}");
    let program = program.start_again_with(|environment| environment).await;
    until(|| async {
        program.try_login("nobody@example.com", "wrong password").await;
        let text = screen.text();
        (text.contains("live") && text.contains("login.fail")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_dashboard_and_commands_share_one_login_and_notice_when_it_is_over() {
    let program = ProgramBuilder::new()
        .in_memory()
        .with_admin()
        .setting("access_token_lifetime", "1")
        .setting("refresh_grace", "0")
        .start()
        .await;
    let terminal = program.signed_in().await;
    let screen = terminal.dashboard(100, 30);
    screen.until(|text| text.contains("live")).await;
    // Each of them spends the refresh token that the other one left.
    for round in 0..3 {
        assert_eq!(terminal.run(&["users", "list"]).await.exit, 0, "{round}");
        until(|| async {
            screen.press("2").until(|text| text.contains("STATE")).await;
            let text = screen.press("1").until(|text| text.contains("requests")).await;
            text.contains("live").then_some(())
        })
        .await;
    }
    let ended = terminal.run(&["-y", "sessions", "revoke", "--filter", "*"]).await;
    assert_eq!(ended.exit, 0, "{ended:?}");
    let text = screen.until(|text| text.contains("Sign in to")).await;
    assert!(text.contains("signed out") && text.contains(ADMIN), "{text}");
}
