//! What clients are told of users: the operator's own claims, and what they ask for by name.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    harness::{ProgramBuilder, parameters},
    openid::{ANN, id_claims, program},
};

/// What a token says, whoever signed it.
fn said(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn claims_of_the_operators_own_are_told_to_whom_they_were_declared_for() {
    let program = ProgramBuilder::new()
        .in_memory()
        .with_admin()
        .env("SIGNET__CLAIMS__DEPARTMENT__FROM", "attributes.department")
        .env("SIGNET__CLAIMS__DEPARTMENT__SCOPE", "work")
        .env("SIGNET__CLAIMS__DEPARTMENT__TOLD_IN", "userinfo, id_token")
        .env("SIGNET__CLAIMS__GROUPS__FROM", "roles")
        .env("SIGNET__CLAIMS__GROUPS__SCOPE", "groups")
        .env("SIGNET__CLAIMS__GROUPS__TOLD_IN", "access_token")
        .start()
        .await;
    program.register(ANN).await;
    let admin = program.admin().await;
    let ann = admin.get("users?filter=email:ann").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    let change = json!({"attributes": {"department": {"name": "Sales", "floor": 3}}, "roles": ["editor"]});
    assert_eq!(admin.patch(&format!("users/{ann}"), change).await.status, 200);
    let told = program.get("/.well-known/openid-configuration").await.json;
    for (member, name) in
        [("claims_supported", "department"), ("scopes_supported", "work"), ("scopes_supported", "groups")]
    {
        assert!(told[member].as_array().unwrap().contains(&json!(name)), "{name}");
    }
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let code = browser.goes_through(&client.asks(&[("scope", "openid work groups")]), ANN).await;
    let tokens = client.redeem(&code["code"]).await.json;
    let department = json!({"name": "Sales", "floor": 3});
    assert_eq!(said(&tokens["id_token"])["department"], department);
    assert_eq!(said(&tokens["access_token"])["groups"], json!(["editor"]));
    let info = client.userinfo(&tokens["access_token"]).await.json;
    assert_eq!((&info["department"], &info["groups"]), (&department, &Value::Null));
    let code = browser.goes_through(&client.asks(&[]), ANN).await;
    let tokens = client.redeem(&code["code"]).await.json;
    assert!(said(&tokens["id_token"])["department"].is_null(), "it did not ask for the scope");
    let wrong = ProgramBuilder::new().env("SIGNET__CLAIMS__SUB__FROM", "roles").env("SIGNET__CLAIMS__SUB__SCOPE", "x");
    let directory = tempfile::tempdir().unwrap();
    assert!(wrong.fail_to_start(directory.path()).await.contains("claims.sub"));
}

#[tokio::test]
async fn a_claim_that_is_named_goes_where_it_is_asked_for() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let claims =
        json!({"id_token": {"email": {"essential": true}, "auth_time": null}, "userinfo": {"updated_at": null}});
    let asked = client.asks(&[("scope", "openid"), ("claims", &claims.to_string())]);
    let code = browser.goes_through(&asked, ANN).await;
    let tokens = client.redeem(&code["code"]).await.json;
    let id_token = id_claims(&program, &client, &tokens["id_token"]).await;
    assert_eq!(id_token["email"], ANN);
    let info = client.userinfo(&tokens["access_token"]).await.json;
    assert!(info["updated_at"].is_number() && info["email"].is_null(), "{info}");
}

#[tokio::test]
async fn an_essential_acr_that_cannot_be_met_is_an_error_and_a_wish_is_none() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let with = |claims: Value| client.asks(&[("claims", &claims.to_string())]);
    let essential = |value: &str| json!({"id_token": {"acr": {"essential": true, "values": ["urn:other", value]}}});
    let refused = browser.get(&with(essential("urn:another"))).await.location.unwrap();
    assert_eq!(parameters(&refused)["error"], "unmet_authentication_requirements");
    let ours = "urn:signet:acr:password";
    for (asked, told) in [
        (with(essential(ours)), Some(ours)),
        (client.asks(&[("acr_values", &format!("urn:other {ours}"))]), Some(ours)),
        (client.asks(&[("acr_values", "urn:other")]), None),
        (with(json!({"id_token": {"acr": {"values": ["urn:other"]}}})), None),
    ] {
        let code = browser.goes_through(&asked, ANN).await;
        let tokens = client.redeem(&code["code"]).await.json;
        let id_token = id_claims(&program, &client, &tokens["id_token"]).await;
        assert_eq!(id_token["acr"].as_str(), told, "{asked}");
    }
}

#[tokio::test]
async fn a_client_that_names_a_user_gets_that_one_or_nobody() {
    let program = program().await;
    program.register("bob@example.com").await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let code = browser.goes_through(&client.asks(&[]), ANN).await;
    let ann = said(&client.redeem(&code["code"]).await.json["id_token"])["sub"].clone();
    let named = |sub: &Value| {
        let claims = json!({"id_token": {"sub": {"value": sub}}}).to_string();
        client.asks(&[("claims", &claims), ("prompt", "none")])
    };
    let hers = browser.get(&named(&ann)).await.location.unwrap();
    assert!(parameters(&hers).contains_key("code"));
    let other = browser.get(&named(&json!("somebody else"))).await.location.unwrap();
    assert_eq!(parameters(&other)["error"], "login_required");
}
