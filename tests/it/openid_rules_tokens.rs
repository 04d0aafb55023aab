//! OAuth 2.0, rule by rule: the token endpoint, and what takes tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    harness::ProgramBuilder,
    openid::{ANN, id_claims, program},
    openid_rules::tokens,
};

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[tokio::test]
async fn every_refusal_of_the_token_endpoint_is_json_that_nobody_keeps() {
    let program = program().await;
    let client = program.relying_party(json!({"grant_types": ["authorization_code", "refresh_token"]})).await;
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[], "invalid_request"),
        (&[("grant_type", "password")], "unsupported_grant_type"),
        (&[("grant_type", "implicit")], "unauthorized_client"),
        (&[("grant_type", "client_credentials")], "unauthorized_client"),
        (&[("grant_type", "authorization_code")], "invalid_request"),
        (&[("grant_type", "authorization_code"), ("code", "nonsense")], "invalid_grant"),
        (&[("grant_type", "refresh_token")], "invalid_request"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "nonsense")], "invalid_grant"),
        (&[("grant_type", "refresh_token"), ("grant_type", "refresh_token")], "invalid_request"),
    ];
    for (form, error) in cases {
        let refused = client.post("/oauth2/token", form).await;
        assert_eq!((refused.status, &refused.json["error"]), (400, &json!(error)), "{form:?}: {}", refused.text);
        assert!(refused.json["error_description"].is_string(), "{form:?}");
        assert!(refused.header("content-type").starts_with("application/json"), "{form:?}");
        assert_eq!(refused.header("cache-control"), "no-store", "{form:?}");
    }
    let other = program.client.post(program.url("/oauth2/token")).basic_auth(&client.id, Some(&client.secret));
    let other = program.send(other.json(&json!({"grant_type": "refresh_token"}))).await;
    assert_eq!((other.status, &other.json["error"]), (400, &json!("invalid_request")), "a form, and nothing else");
    let query = program.client.post(program.url("/oauth2/token?grant_type=refresh_token"));
    let query = query.basic_auth(&client.id, Some(&client.secret)).form(&[("refresh_token", "x")]);
    assert_eq!(program.send(query).await.json["error"], "invalid_request", "parameters are in the body");
}

#[tokio::test]
async fn credentials_in_the_header_are_read_form_encoded() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let request = program.client.post(program.url("/oauth2/token"));
    let request = request.basic_auth(encoded(&client.id), Some(encoded(&client.secret)));
    let answer = program.send(request.form(&[("grant_type", "client_credentials")])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_spent_refresh_token_of_a_client_takes_everything_back() {
    let program = ProgramBuilder::new().in_memory().with_admin().setting("refresh_grace", "0").start().await;
    program.register(ANN).await;
    let client = program.relying_party(json!({})).await;
    let first = tokens(&program.browser(), &client, &[], ANN).await;
    let second = client.refresh(text(&first["refresh_token"])).await.json;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(client.userinfo(&second["access_token"]).await.status, 200);
    assert_eq!(client.refresh(text(&first["refresh_token"])).await.json["error"], "invalid_grant");
    assert_eq!(client.refresh(text(&second["refresh_token"])).await.json["error"], "invalid_grant");
    for access in [&first["access_token"], &second["access_token"]] {
        assert_eq!(client.userinfo(access).await.status, 401);
    }
}

#[tokio::test]
async fn of_many_parallel_refreshes_of_a_client_one_wins() {
    let program = ProgramBuilder::new().in_memory().with_admin().setting("refresh_grace", "0").start().await;
    program.register(ANN).await;
    let client = program.relying_party(json!({})).await;
    let given = tokens(&program.browser(), &client, &[], ANN).await;
    let spent = futures_util::future::join_all((0..32).map(|_| client.refresh(text(&given["refresh_token"])))).await;
    assert_eq!(spent.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(spent.iter().all(|answer| answer.status == 200 || answer.json["error"] == "invalid_grant"));
}

/// Core §3.1.3.6, for RS256.
fn left_half(value: &str) -> Value {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(value)[..16]).into()
}

async fn hybrid() -> (Value, [String; 3]) {
    let program = program().await;
    let metadata =
        json!({"response_types": ["code id_token token"], "grant_types": ["authorization_code", "implicit"]});
    let client = program.relying_party(metadata).await;
    let asked = client.asks(&[("response_type", "code id_token token"), ("state", "a long state")]);
    let answer = program.browser().goes_through(&asked, ANN).await;
    let claims = id_claims(&program, &client, &json!(answer["id_token"])).await;
    let redeemed = client.redeem(&answer["code"]).await.json;
    let later = id_claims(&program, &client, &redeemed["id_token"]).await;
    assert_eq!(later["at_hash"], left_half(text(&redeemed["access_token"])));
    for name in ["iss", "sub", "aud", "nonce", "auth_time"] {
        assert_eq!(later[name], claims[name], "Core §3.3.3.6: {name}");
    }
    (claims, [answer["access_token"].clone(), answer["code"].clone(), answer["state"].clone()])
}

#[tokio::test]
async fn an_id_token_is_bound_to_the_tokens_and_the_code_beside_it() {
    let (claims, [access, code, _]) = hybrid().await;
    assert_eq!((&claims["at_hash"], &claims["c_hash"]), (&left_half(&access), &left_half(&code)));
}

#[tokio::test]
async fn an_id_token_that_comes_with_the_redirect_is_bound_to_the_state() {
    let (claims, [_, _, state]) = hybrid().await;
    assert_eq!(claims["s_hash"], left_half(&state), "FAPI 1.0 Advanced §5.2.2.1");
}

#[tokio::test]
async fn an_access_token_is_shown_in_the_header_or_in_a_form_and_never_in_an_address() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let given = tokens(&program.browser(), &client, &[], ANN).await;
    let access = text(&given["access_token"]);
    let (url, http) = (program.url("/oauth2/userinfo"), &program.client);
    let in_form = [("access_token", access)];
    let in_address = format!("{url}?access_token={access}");
    for (name, request, status) in [
        ("GET, header", http.get(&url).bearer_auth(access), 200),
        ("POST, header", http.post(&url).bearer_auth(access), 200),
        ("POST, form", http.post(&url).form(&in_form), 200),
        ("GET, address", http.get(&in_address), 401),
        ("POST, address", http.post(&in_address), 401),
        ("twice", http.post(&url).bearer_auth(access).form(&in_form), 400),
        ("none", http.get(&url), 401),
        ("malformed", http.get(&url).bearer_auth("nonsense"), 401),
        ("another scheme", http.get(&url).basic_auth(&client.id, Some(&client.secret)), 401),
    ] {
        let answer = program.send(request).await;
        assert_eq!((answer.status, answer.header("cache-control")), (status, "no-store"), "{name}: {}", answer.text);
        if status == 200 {
            assert_eq!(answer.json["email"], ANN, "{name}");
        } else {
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{name}");
        }
    }
    let refused = program.send(http.get(&url).bearer_auth("nonsense")).await;
    assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""));
    let plain = tokens(&program.browser(), &client, &[("scope", "orders")], ANN).await;
    let refused = client.userinfo(&plain["access_token"]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.header("www-authenticate").contains("error=\"insufficient_scope\""), "it takes openid");
}

#[tokio::test]
async fn only_a_client_that_proves_itself_learns_what_a_token_is_worth_or_takes_it_back() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let public = json!({"token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "refresh_token"]});
    let public = program.relying_party(public).await;
    let given = tokens(&program.browser(), &client, &[], ANN).await;
    let access = text(&given["access_token"]);
    let http = &program.client;
    for endpoint in ["introspect", "revoke"] {
        let url = program.url(&format!("/oauth2/{endpoint}"));
        for (name, request) in [
            ("nobody", http.post(&url).form(&[("token", access)])),
            ("a bearer", http.post(&url).bearer_auth(access).form(&[("token", access)])),
            ("a wrong secret", http.post(&url).basic_auth(&client.id, Some("wrong")).form(&[("token", access)])),
            ("no secret", http.post(&url).form(&[("token", access), ("client_id", client.id.as_str())])),
        ] {
            let refused = program.send(request).await;
            assert_eq!((refused.status, &refused.json["error"]), (401, &json!("invalid_client")), "{endpoint}: {name}");
        }
        assert_eq!(client.post(&format!("/oauth2/{endpoint}"), &[]).await.json["error"], "invalid_request");
    }
    let form = [("token", access), ("client_id", public.id.as_str())];
    assert_eq!(program.send(http.post(program.url("/oauth2/introspect")).form(&form)).await.status, 401);
    assert_eq!(program.send(http.post(program.url("/oauth2/revoke")).form(&form)).await.status, 200);
    let worth = client.post("/oauth2/introspect", &[("token", access)]).await;
    assert_eq!(worth.json["active"], true, "it was not the public client's to take back");
    assert_eq!((&worth.json["client_id"], &worth.json["iss"]), (&json!(client.id), &json!(program.issuer())));
    assert_eq!(worth.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_refresh_token_that_is_taken_back_takes_its_access_tokens_along() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let given = tokens(&browser, &client, &[], ANN).await;
    let other = tokens(&browser, &client, &[], ANN).await;
    let form = [("token", text(&given["refresh_token"])), ("token_type_hint", "access_token")];
    assert_eq!(client.post("/oauth2/revoke", &form).await.status, 200, "a wrong hint is only a hint");
    assert_eq!(client.refresh(text(&given["refresh_token"])).await.json["error"], "invalid_grant");
    assert_eq!(client.userinfo(&given["access_token"]).await.status, 401);
    let worth = client.post("/oauth2/introspect", &[("token", text(&given["access_token"]))]).await;
    assert_eq!(worth.json, json!({"active": false}));
    // An access token goes alone.
    assert_eq!(client.post("/oauth2/revoke", &[("token", text(&other["access_token"]))]).await.status, 200);
    assert_eq!(client.userinfo(&other["access_token"]).await.status, 401);
    assert_eq!(client.refresh(text(&other["refresh_token"])).await.status, 200);
}

#[tokio::test]
async fn a_token_of_the_account_apis_is_worth_nothing_once_its_session_has_ended() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let own = program.login(ANN).await;
    let ended = program.post("/api/logout/", json!({"refresh_token": own.refresh})).await;
    assert_eq!(ended.status, 200, "{}", ended.text);
    assert_eq!(program.me(&own.access).await.status, 401);
    let worth = client.post("/oauth2/introspect", &[("token", &own.access)]).await;
    assert_eq!(worth.json, json!({"active": false}));
}
