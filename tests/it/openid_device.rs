//! Devices without a browser, and their users elsewhere (RFC 8628).

use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    harness::{ADMIN, Answer, PASSWORD, Program, ProgramBuilder, RelyingParty},
    openid::{ANN, id_claims, program},
};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn television(program: &Program) -> RelyingParty<'_> {
    let metadata = json!({"client_name": "Television", "token_endpoint_auth_method": "none", "redirect_uris": [],
        "response_types": [], "grant_types": [DEVICE_CODE, "refresh_token"]});
    program.relying_party(metadata).await
}

async fn begin(program: &Program, client: &RelyingParty<'_>) -> Answer {
    let form = [("client_id", client.id.as_str()), ("scope", "openid email offline_access")];
    program.send(program.client.post(program.url("/oauth2/device_authorization")).form(&form)).await
}

async fn poll(program: &Program, client: &RelyingParty<'_>, begun: &Answer) -> Answer {
    let code = begun.json["device_code"].as_str().unwrap();
    let form = [("client_id", client.id.as_str()), ("grant_type", DEVICE_CODE), ("device_code", code)];
    program.send(program.client.post(program.url("/oauth2/token")).form(&form)).await
}

/// Through the login of Ann, if one is asked for, and through the page of the code, to what it says in the end.
async fn answer(program: &Program, address: &str, decision: &str) -> String {
    answer_as(program, ANN, address, decision).await
}

async fn answer_as(program: &Program, email: &str, address: &str, decision: &str) -> String {
    let browser = program.browser();
    let mut page = browser.get(address).await;
    let mut address = address.to_owned();
    for _ in 0..6 {
        if let Some(next) = page.location.clone() {
            page = browser.get(&next).await;
            address = next;
        } else if page.html.contains("name=\"password\"") {
            page = browser.submit(&address, &page, &[("login", email), ("password", PASSWORD)]).await;
        } else {
            return browser.submit(&address, &page, &[("decision", decision)]).await.html;
        }
    }
    panic!("it went round and round: {}", page.html);
}

#[tokio::test]
async fn a_device_gets_tokens_once_its_user_has_allowed_it_and_once_only() {
    let program = program().await;
    let client = television(&program).await;
    let begun = begin(&program, &client).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    assert_eq!((begun.json["expires_in"].as_i64(), begun.json["interval"].as_i64()), (Some(600), Some(5)));
    assert_eq!(poll(&program, &client, &begun).await.json["error"], "authorization_pending");
    assert_eq!(poll(&program, &client, &begun).await.json["error"], "slow_down");
    let page = answer(&program, begun.json["verification_uri_complete"].as_str().unwrap(), "allow").await;
    assert!(page.contains("Device connected"), "{page}");
    let tokens = poll(&program, &client, &begun).await;
    assert_eq!((tokens.status, tokens.header("cache-control")), (200, "no-store"), "{}", tokens.text);
    let claims = id_claims(&program, &client, &tokens.json["id_token"]).await;
    let info = client.userinfo(&tokens.json["access_token"]).await;
    assert_eq!((&info.json["sub"], info.json["email"].as_str()), (&claims["sub"], Some(ANN)));
    let refresh = tokens.json["refresh_token"].as_str().unwrap();
    let form = [("client_id", client.id.as_str()), ("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let refreshed = program.send(program.client.post(program.url("/oauth2/token")).form(&form)).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    assert_eq!(poll(&program, &client, &begun).await.json["error"], "invalid_grant");
}

#[tokio::test]
async fn a_device_that_is_refused_or_another_s_gets_nothing() {
    let program = program().await;
    let client = television(&program).await;
    let other = television(&program).await;
    let begun = begin(&program, &client).await;
    assert_eq!(poll(&program, &other, &begun).await.json["error"], "invalid_grant", "the code of another client");
    let page = answer(&program, begun.json["verification_uri_complete"].as_str().unwrap(), "deny").await;
    assert!(page.contains("not connected"), "{page}");
    assert_eq!(poll(&program, &client, &begun).await.json["error"], "access_denied");
    assert_eq!(poll(&program, &client, &begun).await.json["error"], "invalid_grant", "it was told once");
    let shop = program.relying_party(json!({})).await;
    let refused = shop.post("/oauth2/device_authorization", &[]).await;
    assert_eq!((refused.status, refused.json["error"].as_str()), (400, Some("unauthorized_client")));
}

#[tokio::test]
async fn of_many_parallel_polls_one_gets_the_tokens() {
    let program = program().await;
    let client = television(&program).await;
    let begun = begin(&program, &client).await;
    answer(&program, begun.json["verification_uri_complete"].as_str().unwrap(), "allow").await;
    let polls = futures_util::future::join_all((0..32).map(|_| poll(&program, &client, &begun))).await;
    assert_eq!(polls.iter().filter(|poll| poll.status == 200).count(), 1);
    assert!(polls.iter().all(|poll| poll.status == 200 || poll.json["error"] == "invalid_grant"));
}

#[tokio::test]
async fn a_code_is_typed_however_people_type_it_and_cannot_be_guessed() {
    let program = program().await;
    let client = television(&program).await;
    let begun = begin(&program, &client).await;
    let code = begun.json["user_code"].as_str().unwrap();
    let browser = program.browser();
    let login = browser.get(&program.url("/device")).await.location.unwrap();
    let page = browser.get(&login).await;
    let there = browser.submit(&login, &page, &[("login", ANN), ("password", PASSWORD)]).await.location.unwrap();
    let there = browser.get(&there).await.location.unwrap();
    assert_eq!(there, program.url("/device"));
    let page = browser.get(&there).await;
    let typed = code.to_lowercase().replace('-', " ");
    let shown = browser.submit(&there, &page, &[("user_code", &typed)]).await.location.unwrap();
    let confirm = browser.get(&shown).await;
    assert!(confirm.html.contains(code) && confirm.html.contains("Television"), "{}", confirm.html);
    assert_eq!(browser.post(&shown, &[("decision", "allow")]).await.status, 400, "a form of somebody else's");
    let wrong = program.url("/device?user_code=BBBB-BBBB");
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(browser.get(&wrong).await.status);
    }
    assert_eq!((statuses[0], statuses[39]), (422, 429));
    assert_eq!(browser.get(&shown).await.status, 429, "the right one tells nothing more either");
}

#[tokio::test]
async fn an_operator_signs_in_to_the_terminal_in_a_browser() {
    let program = program().await;
    let terminal = program.terminal();
    let mut signing_in = terminal.command(&["login", "--device", "--store", "file"]).spawn().unwrap();
    let mut told = BufReader::new(signing_in.stderr.take().unwrap()).lines();
    let address = loop {
        let line = told.next_line().await.unwrap().expect("an address");
        if let Some((_, address)) = line.split_once("http") {
            break format!("http{address}");
        }
    };
    let page = answer_as(&program, ADMIN, &address, "allow").await;
    assert!(page.contains("Device connected"), "{page}");
    let done = signing_in.wait_with_output().await.unwrap();
    assert!(done.status.success(), "{done:?}");
    let me = terminal.run(&["whoami", "-o", "json"]).await;
    assert_eq!((me.exit, &me.json()["signed_in_as"]), (0, &json!(ADMIN)));
    let users = terminal.run(&["users", "list", "-o", "ndjson"]).await;
    assert_eq!((users.exit, users.out.lines().count()), (0, 2), "with everything that an administrator may do");
    let sessions = program.admin().await.get("sessions?filter=kept_by:refresh_tokens").await.json;
    let agents: Vec<_> = sessions["items"].as_array().unwrap().iter().map(|item| &item["user_agent"]).collect();
    assert!(agents.contains(&&json!("signetctl")), "{agents:?}");
    assert_eq!(terminal.run(&["logout"]).await.exit, 0);
    assert_eq!(terminal.run(&["whoami"]).await.exit, 3);
}

#[tokio::test]
async fn a_minute_after_a_login_the_terminal_may_be_allowed_whatever_the_setting_says() {
    let program = ProgramBuilder::new().in_memory().with_admin().setting("reauthentication_window", "0").start().await;
    let form = [("client_id", "signetctl")];
    let begun = program.send(program.client.post(program.url("/oauth2/device_authorization")).form(&form)).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    let browser = program.browser();
    let start = program.url("/device");
    let login = browser.get(&start).await.location.unwrap();
    let page = browser.get(&login).await;
    browser.submit(&login, &page, &[("login", ADMIN), ("password", PASSWORD)]).await;
    let address = begun.json["verification_uri_complete"].as_str().unwrap();
    let page = browser.get(address).await;
    assert_eq!(page.status, 200, "a minute is recent whatever the setting says");
    assert!(page.html.contains("signetctl"), "{}", page.html);
}
