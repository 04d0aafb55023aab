//! The operator's terminal, `signetctl`, with a command: one shot for scripts.

use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::harness::{ADMIN, PASSWORD, ProgramBuilder, verify_with_jwks};

#[tokio::test]
async fn an_operator_signs_in_stays_so_and_signs_out() {
    let program = ProgramBuilder::new().with_admin().setting("access_token_lifetime", "1").start().await;
    let terminal = program.terminal();
    assert_eq!(terminal.run(&["users", "list"]).await.exit, 3);
    let words = ["login", "--email", ADMIN, "--password-stdin", "--store", "file"];
    let wrong = terminal.run_with(&words, "wrong password").await;
    assert!(wrong.exit == 3 && !wrong.err.contains("wrong password"), "{wrong:?}");
    assert_eq!(terminal.run_with(&words, PASSWORD).await.exit, 0);
    for _ in 0..3 {
        let me = terminal.run(&["whoami", "-o", "json"]).await;
        assert_eq!((me.exit, &me.json()["signed_in_as"]), (0, &json!(ADMIN)), "each run spends a refresh token");
    }
    let kept = std::fs::read_dir(terminal.home().join("sessions")).unwrap().next().unwrap().unwrap();
    let kept = std::fs::read_to_string(kept.path()).unwrap();
    assert!(!kept.contains(PASSWORD));
    let token = serde_json::from_str::<serde_json::Value>(&kept).unwrap()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(terminal.run(&["logout"]).await.exit, 0);
    assert_eq!(program.refresh(&token).await.status, 401, "ended on the server, too");
    assert_eq!(terminal.run(&["whoami"]).await.exit, 3);
    assert_eq!(std::fs::read_dir(terminal.home().join("sessions")).unwrap().count(), 0);
}

#[tokio::test]
async fn users_are_managed_by_id_or_address_and_answers_fit_programs() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let terminal = program.signed_in().await;
    let created = terminal
        .run_with(
            &["-y", "-o", "json", "users", "create", "ann@example.com", "--password-stdin", "--role", "editor"],
            PASSWORD,
        )
        .await;
    assert_eq!(created.exit, 0, "{created:?}");
    assert_eq!(created.json()["roles"], json!(["editor"]));
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 200);
    for (number, name) in ["Bob", "你好", "=cmd\u{1b}[31m"].iter().enumerate() {
        let email = format!("user{number}@example.com");
        let user = json!({"email": email, "username": name}).to_string();
        let imported = terminal.run_with(&["-y", "users", "import", "-"], &user).await;
        let expected = if name.contains('\u{1b}') { 7 } else { 0 };
        assert_eq!(imported.exit, expected, "a line was refused: {imported:?}");
    }
    let lines = terminal.run(&["users", "list", "--sort=email", "-o", "ndjson"]).await.out;
    let emails: Vec<_> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["email"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(emails, ["ann@example.com", ADMIN, "user0@example.com", "user1@example.com"]);
    let paged = terminal.run(&["users", "list", "--sort=email", "--limit=1", "--all", "-o", "ndjson"]).await.out;
    assert_eq!(paged, lines, "page after page");
    assert!(terminal.run(&["users", "list", "-o", "csv"]).await.out.starts_with("id,email,username,"));

    assert_eq!(terminal.run(&["users", "disable", "ann@example.com"]).await.exit, 2, "nobody was asked");
    assert_eq!(terminal.run(&["-y", "users", "disable", "ANN@example.com"]).await.exit, 0);
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 401);
    assert_eq!(terminal.run(&["users", "get", "nobody@example.com"]).await.exit, 4);
    assert_eq!(terminal.run(&["-y", "users", "enable", "ann@example.com", "--if-match=\"1\""]).await.exit, 5);
    assert_eq!(terminal.run(&["-y", "users", "edit", "ann@example.com", "--email=nothing"]).await.exit, 7);
    assert_eq!(terminal.run(&["-y", "users", "delete", "ann@example.com"]).await.exit, 0);
    let export = terminal.run(&["users", "export", "--hashes"]).await.out;
    assert!(export.lines().count() == 3 && export.contains("$scrypt$"));
}

#[tokio::test]
async fn a_lifetime_that_is_set_holds_for_the_next_token_and_a_key_that_is_rotated_signs_it() {
    let program = ProgramBuilder::new()
        .in_memory()
        .with_admin()
        .setting("key_prepublication", "1")
        .setting("jwks_max_age", "1")
        .start()
        .await;
    program.register("ann@example.com").await;
    let before = program.login("ann@example.com").await.access;
    let terminal = program.signed_in().await;
    let dry = terminal.run(&["settings", "set", "access_token_lifetime=7m", "--dry-run", "-o", "json"]).await;
    assert_eq!((dry.exit, &dry.json()["dry_run"]), (0, &json!(true)), "a dry run asks nobody: {dry:?}");
    assert_eq!(terminal.run(&["-y", "settings", "set", "access_token_lifetime=7m"]).await.exit, 0);
    let rotated = crate::harness::until(|| async {
        let run = terminal.run(&["-y", "keys", "rotate", "-o", "json"]).await;
        (run.exit == 0).then_some(run)
    })
    .await;
    let keys = rotated.json();
    let active = keys.as_array().unwrap().iter().find(|key| key["state"] == "active" && key["algorithm"] == "ES256");
    let claims = verify_with_jwks(&program, &program.login("ann@example.com").await.access).await;
    assert_eq!(claims.exp - claims.iat, 420);
    let header = jsonwebtoken::decode_header(program.login("ann@example.com").await.access).unwrap();
    assert_eq!(header.kid.as_deref(), active.unwrap()["kid"].as_str());
    verify_with_jwks(&program, &before).await;
    let history = terminal.run(&["settings", "history", "-o", "ndjson"]).await.out;
    assert!(history.lines().next().unwrap().contains("access_token_lifetime"));
}

#[tokio::test]
async fn the_audit_log_is_followed_as_lines_of_json() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let terminal = program.signed_in().await;
    let mut tail = terminal.command(&["audit", "tail", "--filter=type:login.fail", "-o", "ndjson"]).spawn().unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    // The stream tells what happens from when it stands.
    let line = loop {
        program.try_login("nobody@example.com", "wrong password").await;
        let next = tokio::time::timeout(std::time::Duration::from_millis(500), lines.next_line()).await;
        if let Ok(line) = next {
            break line.unwrap().expect("an event");
        }
    };
    let event: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&event["type"], &event["result"]), (&json!("login.fail"), &json!("fail")));
    tail.kill().await.unwrap();
}

#[tokio::test]
async fn a_client_gets_its_secret_once_and_a_key_of_the_admin_api_serves_a_script() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let terminal = program.signed_in().await;
    let client = ["-y", "-o", "json", "clients", "create", "--name=Shop", "--redirect-uri=https://a.example/cb"];
    let made = terminal.run(&client).await.json();
    let id = made["client_id"].as_str().unwrap();
    assert!(made["client_secret"].as_str().unwrap().starts_with("signet_secret_"));
    assert!(!terminal.run(&["clients", "get", id]).await.out.contains("signet_secret_"));
    let changed = terminal.run(&["-y", "-o", "json", "clients", "edit", id, "--access-token-lifetime=5m"]).await.json();
    assert_eq!(changed["lifetimes"]["access_token_lifetime"], 300);

    let key = ["-y", "-o", "json", "api-keys", "create", "script", "--permission=users:read"];
    let key = terminal.run(&key).await.json()["api_key"].as_str().unwrap().to_owned();
    let script = program.terminal();
    let with_key = |words: &'static [&'static str]| {
        let mut command = script.command(words);
        command.env("SIGNETCTL_API_KEY", &key);
        async move { command.output().await.unwrap().status.code() }
    };
    assert_eq!(with_key(&["users", "list"]).await, Some(0));
    assert_eq!(with_key(&["settings", "list"]).await, Some(3));
}
