//! Clients that others wrote, at the real program. `tests/clients/install` puts them in place; what they do stands in
//! `tests/clients`, a file a topic.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

use crate::{
    harness::{PASSWORD, Program, ProgramBuilder},
    openid::ANN,
};

/// Far more than the slowest takes, so that only a hang meets it.
const PATIENCE: Duration = Duration::from_secs(300);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// A server that tells clients on this machine of a logout.
async fn server() -> Program {
    let builder = ProgramBuilder::new().in_memory().with_admin();
    let server = builder.env("SIGNET__OUTGOING__ALLOWED_NETWORKS", "127.0.0.1").start().await;
    server.register(ANN).await;
    server
}

/// Runs tests of others' tools against a server of their own.
async fn pass(mut tests: Command) {
    let server = server().await;
    let operator = server.admin().await;
    tests
        .current_dir(folder())
        .env("SIGNET_ISSUER", server.issuer())
        .env("SIGNET_ADMIN_TOKEN", &operator.token)
        .env("SIGNET_USER", ANN)
        .env("SIGNET_PASSWORD", PASSWORD)
        // Everything is on this machine, whatever proxy the environment has for the rest of the world.
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, tests.output()).await.expect("an end");
    let output = output.expect("what tests/clients/install puts in place");
    let [said, complained] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{said}\n{complained}");
}

async fn node(topic: &str) {
    let mut tests = Command::new("node");
    tests.arg("--test").arg(format!("node/{topic}.test.mjs"));
    pass(tests).await;
}

async fn python(topic: &str) {
    let mut tests = Command::new(folder().join(".venv/bin/python"));
    tests.arg(format!("python/test_{topic}.py"));
    pass(tests).await;
}

#[tokio::test]
async fn openid_client_logs_users_in() {
    node("login").await;
}

#[tokio::test]
async fn openid_client_proves_who_it_is() {
    node("authentication").await;
}

#[tokio::test]
async fn openid_client_introspects_and_revokes_tokens() {
    node("tokens").await;
}

#[tokio::test]
async fn openid_client_sends_requests_in_every_way() {
    node("requests").await;
}

#[tokio::test]
async fn openid_client_logs_users_out() {
    node("logout").await;
}

#[tokio::test]
async fn openid_client_connects_devices() {
    node("device").await;
}

#[tokio::test]
async fn openid_client_registers_itself() {
    node("registration").await;
}

#[tokio::test]
async fn apache_logs_users_in_and_out() {
    node("apache").await;
}

#[tokio::test]
async fn the_web_servers_of_the_how_tos_log_users_in_and_out() {
    node("howto_login").await;
}

#[tokio::test]
async fn the_resource_servers_of_the_how_to_believe_the_right_tokens() {
    node("howto_api").await;
}

#[tokio::test]
async fn authlib_logs_users_in() {
    python("login").await;
}

#[tokio::test]
async fn authlib_gets_tokens_for_itself() {
    python("credentials").await;
}
