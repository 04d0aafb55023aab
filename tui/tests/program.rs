//! The program `signetctl` where it needs no server. What it does with one is shown in the workspace's `tests`.

// A test that finds nothing where it expects something shall panic right there.
#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

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
