//! Somebody who calls `signetctl`.

use std::{path::PathBuf, process::Stdio};

use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, process::Command};

use super::{ADMIN, PASSWORD, Program, executable};

/// A home of their own, and the server they deal with.
pub(crate) struct Terminal<'a> {
    program: &'a Program,
    home: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// What was printed, as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The program, built by `cargo test` beside this test binary.
fn signetctl() -> PathBuf {
    executable().with_file_name("signetctl")
}

impl Program {
    /// Somebody who has not signed in yet.
    pub(crate) fn terminal(&self) -> Terminal<'_> {
        Terminal { program: self, home: tempfile::tempdir().expect("a directory") }
    }

    /// The first administrator, signed in.
    pub(crate) async fn signed_in(&self) -> Terminal<'_> {
        let terminal = self.terminal();
        let words = ["login", "--email", ADMIN, "--password-stdin", "--store", "file"];
        let run = terminal.run_with(&words, PASSWORD).await;
        assert_eq!(run.exit, 0, "{run:?}");
        terminal
    }
}

impl Terminal<'_> {
    pub(crate) fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(signetctl());
        command.env_clear().env("SIGNETCTL_CONFIG_DIR", self.home.path()).env("SIGNETCTL_SERVER", self.program.url(""));
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, words: &[&str]) -> Run {
        self.run_with(words, "").await
    }

    /// With something on standard input.
    pub(crate) async fn run_with(&self, words: &[&str], input: &str) -> Run {
        let mut child = self.command(words).stdin(Stdio::piped()).spawn().expect("signetctl");
        let mut stdin = child.stdin.take().expect("its input");
        // One that ends without reading is its own business.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.expect("an end");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Run { exit: output.status.code().expect("a code"), out: text(output.stdout), err: text(output.stderr) }
    }
}
