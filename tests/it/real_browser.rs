//! The pages in a real browser. Each test starts a server, and runs a file of `tests/browser` that drives Chromium through it;
//! `tests/browser/install` installs what that takes.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

use crate::harness::ProgramBuilder;

/// Far more than the slowest file takes, so that only a hang meets it.
const PATIENCE: Duration = Duration::from_secs(600);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser")
}

/// Runs a file of tests against a server of its own.
async fn run(topic: &str) {
    let server = ProgramBuilder::new().in_memory().with_admin().start().await;
    let operator = server.admin().await;
    let mut tests = Command::new("node");
    tests
        .current_dir(folder())
        .args(["--test", "--test-reporter=spec"])
        .arg(format!("{topic}.test.js"))
        .env("SIGNET_ISSUER", server.issuer())
        .env("SIGNET_ADMIN_TOKEN", &operator.token)
        .env("SIGNET_MAIL_DIR", server.directory().join("data/mail"))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, tests.output()).await.expect("an end");
    let output = output.expect("what tests/browser/install puts in place");
    let [said, complained] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{said}\n{complained}");
}

macro_rules! files {
    ($($name:ident),+ $(,)?) => {
        const FILES: &[&str] = &[$(stringify!($name)),+];

        $(
            #[tokio::test]
            async fn $name() {
                run(stringify!($name)).await;
            }
        )+
    };
}

files! {
    account,
    accounts,
    device,
    errors,
    form_post,
    keyboard,
    languages,
    login,
    logout,
    looks,
    passwords,
    pictures,
    register,
    tabs,
    temporary,
    throttling,
    watch,
}

#[test]
fn every_file_is_run() {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter_map(|name| name.strip_suffix(".test.js").map(str::to_owned)).collect();
    names.sort();
    assert_eq!(names, FILES);
}
