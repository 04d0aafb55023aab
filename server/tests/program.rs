//! The program's own face. That this test exists also makes `cargo test` build the program, which the tests that drive it
//! from outside need.

use std::process::Command;

fn signet(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_signet")).args(arguments).output().expect("the program");
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn it_tells_its_version_and_its_commands() {
    let (ok, version) = signet(&["--version"]);
    assert!(ok && version.starts_with("signet "));
    let (ok, help) = signet(&["--help"]);
    assert!(ok);
    for command in ["serve", "config", "migrate", "keys", "completions"] {
        assert!(help.contains(command), "{command}");
    }
}

#[test]
fn it_completes_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (ok, script) = signet(&["completions", shell]);
        assert!(ok && script.contains("rewrap"), "{shell}");
    }
}

#[test]
fn it_refuses_what_it_does_not_know() {
    assert!(!signet(&["dance"]).0);
}
