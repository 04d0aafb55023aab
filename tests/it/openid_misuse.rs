//! What nobody gets by going another way round.

use serde_json::{Value, json};

use crate::{
    harness::{CALLBACK, PASSWORD, Program, ProgramBuilder, parameters},
    openid::{ANN, id_claims, program},
};

const BOB: &str = "bob@example.com";

fn form(address: &str) -> Vec<(String, String)> {
    parameters(address).into_iter().collect()
}

/// A POST as a form of another site makes it: none of our cookies come along.
async fn posted_elsewhere(program: &Program, path: &str, fields: &[(String, String)]) -> (u16, String) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = program.send(client.post(program.url(path)).form(fields)).await;
    let location = answer.headers.get("location").map(|value| value.to_str().unwrap().to_owned());
    (answer.status, location.unwrap_or(answer.text))
}

#[tokio::test]
async fn a_client_that_has_to_push_is_not_served_by_a_form_of_another_site() {
    let program = program().await;
    let client = program.relying_party(json!({"require_pushed_authorization_requests": true})).await;
    let (status, location) = posted_elsewhere(&program, "/oauth2/authorize", &form(&client.asks(&[]))).await;
    assert_eq!(status, 303, "{location}");
    assert_eq!(program.browser().get(&location).await.status, 400, "nobody proved to be the client");
    let fields = form(&client.asks(&[]));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let reference = client.post("/oauth2/par", &fields).await.json["request_uri"].as_str().unwrap().to_owned();
    let fields = [("client_id".to_owned(), client.id.clone()), ("request_uri".to_owned(), reference)];
    let (_, location) = posted_elsewhere(&program, "/oauth2/authorize", &fields).await;
    assert!(program.browser().goes_through(&location, ANN).await.contains_key("code"), "what was pushed may be posted");
}

#[tokio::test]
async fn a_parameter_that_is_posted_twice_is_told_as_one_in_an_address_is() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let mut fields = form(&client.asks(&[]));
    fields.push(("scope".to_owned(), "openid".to_owned()));
    let (_, location) = posted_elsewhere(&program, "/oauth2/authorize", &fields).await;
    let told = program.browser().get(&location).await.location.unwrap();
    assert_eq!(parameters(&told)["error"], "invalid_request");
}

#[tokio::test]
async fn a_logout_that_another_site_posts_is_done_once_the_browser_comes_by_itself() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let code = browser.goes_through(&client.asks(&[]), ANN).await;
    let token = client.redeem(&code["code"]).await.json["id_token"].as_str().unwrap().to_owned();
    let bye = "https://shop.example/bye";
    let fields = [("id_token_hint", token.as_str()), ("post_logout_redirect_uri", bye), ("state", "s")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (status, location) = posted_elsewhere(&program, "/oauth2/logout", &fields).await;
    assert!(status == 303 && location.starts_with(&program.url("/oauth2/logout?")), "{location}");
    assert_eq!(browser.get(&location).await.location.as_deref(), Some("https://shop.example/bye?state=s"));
    let silent = browser.get(&client.asks(&[("prompt", "none")])).await.location.unwrap();
    assert_eq!(parameters(&silent)["error"], "login_required");
}

#[tokio::test]
async fn a_claim_is_had_by_name_only_where_its_scope_could_be_had_and_was_agreed_to() {
    let program = program().await;
    let claims = json!({"id_token": {"email": null}}).to_string();
    let asked = [("scope", "openid"), ("claims", claims.as_str())];
    let narrow = program.relying_party(json!({"scope": "openid"})).await;
    let browser = program.browser();
    let code = browser.goes_through(&narrow.asks(&asked), ANN).await;
    let tokens = narrow.redeem(&code["code"]).await.json;
    assert!(id_claims(&program, &narrow, &tokens["id_token"]).await["email"].is_null());
    let client = program.relying_party(json!({})).await;
    browser.goes_through(&client.asks(&[("scope", "openid")]), ANN).await;
    let silent = browser.get(&client.asks(&[asked[0], asked[1], ("prompt", "none")])).await.location.unwrap();
    assert_eq!(parameters(&silent)["error"], "consent_required", "the address was not agreed to");
    let step = browser.get(&client.asks(&asked)).await.location.unwrap();
    assert!(browser.get(&step).await.html.contains("See your email address"));
}

#[tokio::test]
async fn what_one_user_did_in_a_tab_counts_for_nobody_who_logs_in_in_another() {
    let program = program().await;
    program.register(BOB).await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let step = browser.get(&client.asks(&[("prompt", "login")])).await.location.unwrap();
    let page = browser.get(&step).await;
    browser.submit(&step, &page, &[("login", ANN), ("password", PASSWORD)]).await;
    let consent = browser.get(&step).await;
    assert!(consent.html.contains(ANN) && consent.html.contains("name=\"decision\""), "{}", consent.html);
    // In another tab somebody else logs in.
    let other = browser.get(&client.asks(&[("prompt", "login")])).await.location.unwrap();
    let page = browser.get(&other).await;
    browser.submit(&other, &page, &[("login", BOB), ("password", PASSWORD)]).await;
    let answered = browser.submit(&step, &consent, &[("decision", "allow"), ("remember", "1")]).await;
    assert_eq!(answered.status, 400, "the page was shown to Ann");
    let again = browser.get(&step).await;
    assert!(again.html.contains("name=\"password\""), "Bob did not log in for this: {}", again.html);
}

#[tokio::test]
async fn the_terminal_is_connected_to_operators_alone() {
    let program = program().await;
    let form = [("client_id", "signetctl")];
    let begun = program.send(program.client.post(program.url("/oauth2/device_authorization")).form(&form)).await;
    let browser = program.browser();
    let address = begun.json["verification_uri_complete"].as_str().unwrap();
    let login = browser.get(address).await.location.unwrap();
    let page = browser.get(&login).await;
    let there = browser.submit(&login, &page, &[("login", ANN), ("password", PASSWORD)]).await.location.unwrap();
    let there = browser.get(&there).await.location.unwrap();
    let page = browser.get(&there).await;
    assert!(page.status == 403 && !page.html.contains("decision"), "{}: {}", page.status, page.html);
}

#[tokio::test]
async fn a_client_that_registered_itself_gets_nothing_that_is_the_operators_to_give() {
    let program = ProgramBuilder::new().in_memory().with_admin().setting("client_registration", "open").start().await;
    let register = async |metadata: Value| {
        program.send(program.client.post(program.url("/oauth2/register")).json(&metadata)).await.json
    };
    for metadata in [
        json!({"redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "client_credentials"]}),
        json!({"redirect_uris": [CALLBACK], "scope": "openid payments"}),
        json!({"redirect_uris": [CALLBACK], "client_name": "signetctl"}),
        json!({"redirect_uris": [CALLBACK], "client_name": "Sig\u{202e}net"}),
        json!({"redirect_uris": [CALLBACK], "frontchannel_logout_uri": "https://other.example/"}),
    ] {
        assert_eq!(register(metadata.clone()).await["error"], "invalid_client_metadata", "{metadata}");
    }
    let made = register(json!({"redirect_uris": [CALLBACK]})).await;
    let client = program.known_party(&made);
    let browser = program.browser();
    let other = browser.get(&client.asks(&[("resource", "https://payments.example/")])).await.location.unwrap();
    assert_eq!(parameters(&other)["error"], "invalid_target");
    let code = browser.goes_through(&client.asks(&[]), crate::harness::ADMIN).await;
    let tokens = client.redeem(&code["code"]).await.json;
    let told = client.post("/oauth2/introspect", &[("token", tokens["access_token"].as_str().unwrap())]).await.json;
    assert_eq!((&told["active"], &told["roles"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn tokens_of_a_client_that_is_gone_are_worth_nothing() {
    let program = program().await;
    let (client, server) = (program.relying_party(json!({})).await, program.relying_party(json!({})).await);
    let own = client.post("/oauth2/token", &[("grant_type", "client_credentials")]).await.json;
    let worth = async || {
        let form = [("token", own["access_token"].as_str().unwrap())];
        server.post("/oauth2/introspect", &form).await.json["active"].clone()
    };
    assert_eq!(worth().await, true);
    let admin = program.admin().await;
    assert_eq!(admin.change("DELETE", &format!("clients/{}", client.id), Some("*"), json!({})).await.status, 204);
    assert_eq!(worth().await, false);
}

#[tokio::test]
async fn whoever_is_asked_before_a_logout_goes_where_the_client_wanted_then() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let first = program.browser();
    let code = first.goes_through(&client.asks(&[]), ANN).await;
    let token = client.redeem(&code["code"]).await.json["id_token"].as_str().unwrap().to_owned();
    let browser = program.browser();
    browser.goes_through(&client.asks(&[]), ANN).await;
    let bye = "https://shop.example/bye";
    let logout = format!("/oauth2/logout?id_token_hint={token}&post_logout_redirect_uri={bye}&state=s&ui_locales=de");
    let page = browser.get(&program.url(&logout)).await;
    assert!(page.html.contains("lang=\"de\"") && page.html.contains("name=\"decision\""), "{}", page.html);
    let done = browser.submit(&program.url(&logout), &page, &[("decision", "logout")]).await;
    assert_eq!(done.location.as_deref(), Some("https://shop.example/bye?state=s"));
}
