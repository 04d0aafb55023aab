//! The program `signetctl` where it needs no server, or one that only listens. What it does with a real one is shown in the
//! workspace's `tests`.

// A test that finds nothing where it expects something shall panic right there.
#![allow(clippy::unwrap_used)]

mod recorder;

use std::process::{Command, Output};

use clap::Parser;
use recorder::Recorder;
use signet_tui::{
    actions::{Action, Tier},
    api::{Api, read_server},
    session::Caller,
};

fn signetctl(home: &std::path::Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signetctl"));
    command.env_clear().env("SIGNETCTL_CONFIG_DIR", home).args(words).stdin(std::process::Stdio::null());
    command.output().unwrap()
}

fn exit(words: &[&str]) -> i32 {
    let home = tempfile::tempdir().unwrap();
    signetctl(home.path(), words).status.code().unwrap()
}

#[test]
fn what_it_ends_with_says_what_went_wrong() {
    assert_eq!(exit(&["--version"]), 0);
    assert_eq!(exit(&["--help"]), 0);
    assert_eq!(exit(&["users", "lisst"]), 2);
    assert_eq!(exit(&["users", "list"]), 2, "no server is named");
    assert_eq!(exit(&["users", "list", "--server", "http://id.example.com"]), 2, "a secret would travel in the open");
    assert_eq!(exit(&["users", "list", "--server", "https://id.example.com"]), 3, "nobody is signed in");
    assert_eq!(exit(&["users", "delete", "x", "--server", "https://id.example.com"]), 2, "nobody can be asked");
    assert_eq!(exit(&["profiles", "add", "../x", "https://id.example.com"]), 1);
    assert_eq!(exit(&["profiles", "use", "none"]), 2);
}

#[test]
fn a_server_that_is_not_there_is_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_signetctl"));
    command.env_clear().env("SIGNETCTL_CONFIG_DIR", home.path()).env("SIGNETCTL_TOKEN", "a-token-of-mine");
    // Nobody listens on the port for discarding.
    let output = command.args(["stats", "show", "--server", "http://127.0.0.1:9"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(6), "{told}");
    assert!(told.contains("cannot be reached") && !told.contains("a-token-of-mine"), "{told}");
}

#[test]
fn completions_and_the_manual_page_come_from_the_same_tables() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let printed = signetctl(home.path(), &["completions", shell]);
        let text = String::from_utf8(printed.stdout).unwrap();
        assert!(printed.status.success() && text.contains("rotate-secret"), "{shell}");
    }
    let manual = String::from_utf8(signetctl(home.path(), &["man"]).stdout).unwrap();
    assert!(manual.contains(".TH signetctl") && manual.contains("api\\-keys"), "{manual}");
    assert!(manual.contains(".SH KEYS") && manual.contains(".SS \"On several screens\""), "{manual}");
}

#[test]
fn a_profile_names_a_server_and_may_forbid_changes() {
    let home = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| signetctl(home.path(), words);
    assert!(run(&["profiles", "add", "live", "https://id.example.com", "--read-only"]).status.success());
    assert!(run(&["profiles", "add", "lab", "http://localhost:1"]).status.success());
    assert!(run(&["profiles", "use", "live"]).status.success());
    let listed = String::from_utf8(run(&["profiles", "list"]).stdout).unwrap();
    assert_eq!(listed, "lab  http://localhost:1/\nlive  https://id.example.com/  default read-only\n");
    let refused = run(&["-y", "users", "delete", "x"]);
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(2) && told.contains("read-only"), "{told}");
    assert!(run(&["profiles", "remove", "live"]).status.success());
    assert_eq!(run(&["stats", "show", "--profile", "live"]).status.code(), Some(2));
}

/// A command line behind the program's name, read as the program does.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Line {
    #[command(subcommand)]
    action: Action,
}

/// Everything that changes something, and what a dry run of it is; IMPORT stands for a file.
const WRITES: &[&[&str]] = &[
    &["users", "create", "a@example.com", "--role=a", "--role=b", "--username=你好 \"x\"", "--invite"],
    &["users", "create", "b@example.com", "--verified", "--idempotency-key=once"],
    &["users", "create", "c@example.com", "--set=name=\"Ann Lee\"", "--set=locale=\"en\"", "--attribute=team=7"],
    &["users", "edit", "u1", "--email=c@example.com", "--username=", "--roles=a, b", "--verified=false"],
    &["users", "edit", "u1", "--set=phone_number_verified=true", "--attribute=team=null"],
    &["users", "edit", "u 1/../x", "--roles=", "--if-match=\"3\""],
    &["users", "disable", "u1", "--if-match=\"4\""],
    &["users", "enable", "u1"],
    &["users", "verify", "u1"],
    &["users", "password", "u1"],
    &["users", "password", "u1", "--password-stdin"],
    &["users", "reset", "u1"],
    &["users", "invite", "u1"],
    &["users", "end-sessions", "u1", "--if-match=\"5\""],
    &["users", "delete", "--if-match=\"6\"", "--", "--all"],
    &["users", "import", "IMPORT"],
    &["users", "import", "IMPORT", "--dry-run"],
    &["sessions", "end", "s1", "--if-match=\"1\""],
    &["sessions", "revoke", "--filter=ip:192.0.2.0/24 since:1h"],
    &["sessions", "revoke", "--filter=*", "--dry-run"],
    &["clients", "create", "--name=Shop", "--redirect-uri=https://a.example/?x=1&y=2", "--idempotency-key=k"],
    &["clients", "create", "--name=Job", "--grant-type=client_credentials", "--set=require_auth_time=true"],
    &["clients", "edit", "c1", "--access-token-lifetime=default", "--scope=a b", "--if-match=\"2\""],
    &["clients", "rotate-secret", "c1", "--overlap=1h"],
    &["clients", "delete", "c1"],
    &["keys", "rotate", "--algorithm=EdDSA", "--force"],
    &["keys", "schedule", "--at=2026-12-01T03:00:00Z"],
    &["keys", "schedule"],
    &["keys", "add", "EdDSA"],
    &["keys", "drop", "EdDSA", "--if-match=\"8\""],
    &["keys", "revoke", "--", "-begins-with-a-dash"],
    &["keys", "revoke", "--dry-run", "k1"],
    &["settings", "set", "access_token_lifetime=10m", "registration_open=false", "--if-match=\"9\""],
    &["settings", "set", "--dry-run", "access_token_lifetime=10m"],
    &["settings", "restore", "3", "--if-match=\"7\""],
    &["mail", "retry"],
    &["mail", "retry", "m1"],
    &["mail", "test", "a@example.com"],
    &["api-keys", "create", "deploy", "--permission=users:read", "--expires-at=2027-01-01T00:00:00Z"],
    &["api-keys", "delete", "a1", "--if-match=\"1\""],
];

/// And what only looks.
const READS: &[&[&str]] = &[
    &["users", "list", "--filter=role:admin since:7d \"a b\"", "--sort=-created_at", "--limit=5", "--cursor=a+b/c="],
    &["users", "export", "--hashes"],
    &["sessions", "get", "s1"],
    &["clients", "list"],
    &["settings", "history", "--limit=1"],
    &["api-keys", "get", "a1"],
];

#[tokio::test]
async fn what_the_dashboard_sends_is_what_the_command_sends_that_it_shows() {
    let recorder = Recorder::start("{}").await;
    let directory = tempfile::tempdir().unwrap();
    let import = directory.path().join("users.ndjson");
    std::fs::write(&import, "{\"email\":\"a@example.com\"}\n{\"email\":\"b@example.com\"}\n").unwrap();
    let secret = directory.path().join("secret");
    std::fs::write(&secret, "a secret\n").unwrap();
    let caller = Caller::Token("a-token".to_owned().into());
    let api = Api::new(read_server(&recorder.url).unwrap(), caller).unwrap();
    for line in WRITES.iter().chain(READS) {
        let words = line.iter().map(|word| if *word == "IMPORT" { import.to_str().unwrap() } else { word });
        let action = Line::parse_from(words).action;
        assert_eq!(READS.contains(line) || line.contains(&"--dry-run"), action.tier() == Tier::Read, "{line:?}");
        api.send(&action.call(action.wants_secret().then_some("a secret"))).await.unwrap();
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_signetctl"));
        command.env_clear().env("SIGNETCTL_CONFIG_DIR", directory.path()).env("SIGNETCTL_SERVER", &recorder.url);
        command.env("SIGNETCTL_TOKEN", "a-token").stdin(std::fs::File::open(&secret).unwrap());
        let run = command.arg("-y").args(action.argv()).output().await.unwrap();
        assert!(run.status.success(), "{line:?}: {run:?}");
        let sent = recorder.take();
        assert_eq!(sent.len(), 2, "{line:?}: {sent:?}");
        assert_eq!(sent[0], sent[1], "{line:?}: head and body, byte for byte");
    }
}

#[test]
fn a_keyring_that_is_not_there_is_told_at_once_and_nobody_signs_in_for_it() {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_signetctl"));
    let nowhere = format!("unix:path={}", home.path().join("bus").display());
    command.env_clear().env("SIGNETCTL_CONFIG_DIR", home.path()).env("DBUS_SESSION_BUS_ADDRESS", nowhere);
    // Nobody listens on the port for discarding, which nobody gets to.
    command.args(["login", "--server", "http://127.0.0.1:9", "--email", "a@example.com", "--store", "keyring"]);
    let input = home.path().join("password");
    std::fs::write(&input, "my own passphrase").unwrap();
    let output = command.arg("--password-stdin").stdin(std::fs::File::open(&input).unwrap()).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("the keyring cannot be used: ") && told.contains("--store file"), "{told}");
    assert!(!told.contains("passphrase") && !home.path().join("sessions").exists(), "{told}");
}
