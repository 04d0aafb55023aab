//! Signing in, and what is left of it, with a server that gives everybody the same tokens.

// A test that finds nothing where it expects something shall panic right there.
#![allow(clippy::unwrap_used)]

mod recorder;

use recorder::Recorder;
use signet_tui::{
    api::{Api, read_server},
    call::Call,
    keep::Keep,
    profile::Home,
    session::{Caller, Session, sign_in_and_keep},
};

const TOKENS: &str = r#"{"access_token":"an-access-token","refresh_token":"a-refresh-token"}"#;

/// The calls that came, without what is different from one run to another.
fn calls(recorder: &Recorder) -> Vec<String> {
    let call = |request: String| request.split(" HTTP/1.1").next().unwrap_or_default().to_owned();
    recorder.take().into_iter().map(call).collect()
}

async fn sign_in(recorder: &Recorder, keep: Keep) -> Caller {
    sign_in_and_keep(&read_server(&recorder.url).unwrap(), "a@example.com", "a passphrase", keep).await.unwrap()
}

fn api(recorder: &Recorder, caller: Caller) -> Api {
    Api::new(read_server(&recorder.url).unwrap(), caller).unwrap()
}

#[tokio::test]
async fn a_login_in_memory_serves_and_is_ended_with_the_program() {
    let recorder = Recorder::start(TOKENS).await;
    let caller = sign_in(&recorder, Keep::Memory).await;
    assert_eq!(caller.email(), Some("a@example.com"));
    let api = api(&recorder, caller);
    api.send(&Call::get("stats")).await.unwrap();
    api.close().await.unwrap();
    let expected = ["POST /api/login/", "POST /api/refresh/", "GET /admin/v1/stats", "POST /api/logout/"];
    assert_eq!(calls(&recorder), expected);
}

#[tokio::test]
async fn a_login_in_a_file_outlives_the_program_and_is_ended_by_the_next_one() {
    let recorder = Recorder::start(TOKENS).await;
    let directory = tempfile::tempdir().unwrap();
    let home = Home::find(Some(directory.path().to_owned())).unwrap();
    let first = api(&recorder, sign_in(&recorder, Keep::File(home.clone())).await);
    first.close().await.unwrap();
    assert_eq!(calls(&recorder), ["POST /api/login/"], "it is kept, so it goes on");
    let found = Session::find(&home, &read_server(&recorder.url).unwrap()).await.unwrap();
    let resumed = api(&recorder, Caller::Session(found.unwrap()));
    resumed.send(&Call::get("stats")).await.unwrap();
    assert_eq!(calls(&recorder), ["POST /api/refresh/", "GET /admin/v1/stats"]);
    sign_in(&recorder, Keep::File(home)).await;
    assert_eq!(calls(&recorder), ["POST /api/login/", "POST /api/logout/"], "the one of before is ended");
}

#[tokio::test]
async fn a_token_of_somebody_else_is_not_ended() {
    let recorder = Recorder::start("{}").await;
    let api = api(&recorder, Caller::Token("a-token".to_owned().into()));
    api.close().await.unwrap();
    assert!(calls(&recorder).is_empty());
}
