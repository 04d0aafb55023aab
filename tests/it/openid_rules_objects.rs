//! OpenID Connect, rule by rule: what is signed and comes through the browser. Request objects, and the ID tokens by which
//! clients log their users out.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use signet_keys::{Algorithm, Jwks, PrivateKey};

use crate::{
    harness::{CALLBACK, Program, RelyingParty},
    openid::{ANN, id_claims, program},
    openid_rules::{tokens, told},
};

fn jwks(key: &PrivateKey) -> Value {
    serde_json::to_value(Jwks::new([key.public().clone()])).unwrap()
}

fn sign(key: &PrivateKey, claims: &Value) -> String {
    key.signer().unwrap().sign("oauth-authz-req+jwt", claims).unwrap()
}

fn request(program: &Program, client: &RelyingParty<'_>, other: &Value) -> Value {
    let mut claims = json!({"iss": client.id, "aud": program.issuer(), "client_id": client.id, "response_type": "code",
        "redirect_uri": CALLBACK, "scope": "openid", "state": "inner", "nonce": "n", "prompt": "none"});
    claims.as_object_mut().unwrap().extend(other.as_object().cloned().unwrap());
    claims
}

#[tokio::test]
async fn request_objects_are_read_in_every_algorithm_that_discovery_tells() {
    let program = program().await;
    let discovery = program.get("/.well-known/openid-configuration").await.json;
    let supported = discovery["request_object_signing_alg_values_supported"].as_array().unwrap().clone();
    for name in ["RS256", "PS256", "ES256"] {
        assert!(supported.contains(&json!(name)), "{name}");
    }
    let browser = program.browser();
    for name in supported {
        let key = PrivateKey::generate(Algorithm::of_others(name.as_str().unwrap()).unwrap()).unwrap();
        let client = program.relying_party(json!({"jwks": jwks(&key)})).await;
        let object = sign(&key, &request(&program, &client, &json!({})));
        let answer = told(&browser, &client.asks(&[("request", &object), ("prompt", "login")])).await;
        assert_eq!((answer["error"].as_str(), answer["state"].as_str()), ("login_required", "inner"), "{name}");
    }
}

#[tokio::test]
async fn a_request_object_that_is_not_right_is_told_where_the_request_beside_it_says() {
    let program = program().await;
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let client = program.relying_party(json!({"jwks": jwks(&key)})).await;
    let keyless = program.relying_party(json!({})).await;
    let browser = program.browser();
    let object = |other: Value| sign(&key, &request(&program, &client, &other));
    for (name, object) in [
        ("for another server", object(json!({"aud": "https://other.example"}))),
        ("of another client", object(json!({"iss": keyless.id}))),
        ("naming another client", object(json!({"client_id": keyless.id}))),
        ("over", object(json!({"exp": 1}))),
        ("not yet", object(json!({"nbf": 4_000_000_000_i64}))),
        ("one within another", object(json!({"request": "x"}))),
        ("by reference within", object(json!({"request_uri": "https://shop.example/object"}))),
        ("signed with nothing", format!("{}.e30.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#))),
        ("signed with a secret", format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#))),
    ] {
        let answer = told(&browser, &client.asks(&[("request", &object)])).await;
        assert_eq!(
            (answer["error"].as_str(), answer["state"].as_str()),
            ("invalid_request_object", "a state"),
            "{name}"
        );
    }
    let fine = object(json!({}));
    let answer = told(&browser, &keyless.asks(&[("request", &fine)])).await;
    assert_eq!(answer["error"], "invalid_request_object", "a client without keys has no objects");
    let both = client.asks(&[("request", &fine), ("request_uri", "https://shop.example/object")]);
    assert_eq!(told(&browser, &both).await["error"], "invalid_request");
    let elsewhere = object(json!({"redirect_uri": "https://evil.example/"}));
    let page = browser.get(&client.asks(&[("request", &elsewhere)])).await;
    assert_eq!((page.status, page.location), (400, None), "what stands within counts");
}

/// What looks like an ID token of ours, and is none.
fn forgeries(token: &str, claims: &Value) -> Vec<(&'static str, String)> {
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let foreign = PrivateKey::generate(Algorithm::Rs256).unwrap().signer().unwrap().sign("JWT", claims).unwrap();
    let its_signature = foreign.rsplit('.').next().unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let mut other = claims.clone();
    other["aud"] = json!("another client");
    let other = URL_SAFE_NO_PAD.encode(other.to_string());
    vec![
        ("alg none", format!("{none}.{payload}.")),
        ("alg none, signed", format!("{none}.{payload}.{signature}")),
        ("another's key", foreign.clone()),
        ("another's signature", format!("{header}.{payload}.{its_signature}")),
        ("other claims", format!("{header}.{other}.{signature}")),
        ("cut short", format!("{header}.{payload}.")),
    ]
}

#[tokio::test]
async fn nobody_is_logged_out_or_sent_on_by_a_hint_that_is_not_ours() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let other = program.relying_party(json!({})).await;
    let browser = program.browser();
    let given = tokens(&browser, &client, &[], ANN).await;
    let hint = given["id_token"].as_str().unwrap();
    let claims = id_claims(&program, &client, &given["id_token"]).await;
    let bye = ("post_logout_redirect_uri", "https://shop.example/bye");
    let address = |parameters: &[(&str, &str)]| {
        reqwest::Url::parse_with_params(&program.url("/oauth2/logout"), parameters).unwrap().to_string()
    };
    let mut wrong: Vec<_> = forgeries(hint, &claims)
        .into_iter()
        .map(|(name, forged)| (name.to_owned(), address(&[("id_token_hint", &forged), bye, ("state", "s")])))
        .collect();
    for uri in [
        "https://shop.example/bye?x=1",
        "https://shop.example/bye/",
        "https://shop.example/BYE",
        "https://evil.example/",
        CALLBACK,
    ] {
        wrong.push((uri.to_owned(), address(&[("id_token_hint", hint), ("post_logout_redirect_uri", uri)])));
    }
    let access = given["access_token"].as_str().unwrap();
    wrong.push(("an access token".to_owned(), address(&[("id_token_hint", access), bye])));
    wrong.push(("of another client".to_owned(), address(&[("id_token_hint", hint), ("client_id", &other.id), bye])));
    wrong.push(("twice".to_owned(), address(&[("id_token_hint", hint), bye, bye])));
    for (name, address) in wrong {
        let page = browser.get(&address).await;
        assert_eq!((page.status, page.location), (400, None), "{name}");
    }
    assert!(
        told(&browser, &client.asks(&[("prompt", "none")])).await.contains_key("code"),
        "the session is still there"
    );
}

#[tokio::test]
async fn whoever_logs_out_goes_where_the_client_registered_with_the_state_that_it_sent_or_none() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let logout = program.url("/oauth2/logout");
    let bye = "https://shop.example/bye";
    for (by_form, state, expected) in [
        (false, "", bye.to_owned()),
        (true, "", bye.to_owned()),
        (false, "a&b=c", format!("{bye}?state=a%26b%3Dc")),
        (true, "a&b=c", format!("{bye}?state=a%26b%3Dc")),
    ] {
        let browser = program.browser();
        let given = tokens(&browser, &client, &[], ANN).await;
        let form = [
            ("id_token_hint", given["id_token"].as_str().unwrap()),
            ("post_logout_redirect_uri", bye),
            ("client_id", client.id.as_str()),
            ("state", state),
        ];
        let page = match by_form {
            true => browser.post(&logout, &form).await,
            false => browser.get(reqwest::Url::parse_with_params(&logout, form).unwrap().as_str()).await,
        };
        assert_eq!((page.status, page.location), (303, Some(expected)), "{}", page.html);
        let silent = told(&browser, &client.asks(&[("prompt", "none")])).await;
        assert_eq!(silent["error"], "login_required");
    }
}

#[tokio::test]
async fn a_hint_of_another_session_logs_nobody_out_unasked() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let elsewhere = tokens(&program.browser(), &client, &[], ANN).await;
    let browser = program.browser();
    tokens(&browser, &client, &[], ANN).await;
    let hint = elsewhere["id_token"].as_str().unwrap();
    let page = browser.get(&program.url(&format!("/oauth2/logout?id_token_hint={hint}"))).await;
    assert!(page.status == 200 && page.html.contains("name=\"decision\""), "another session is meant: {}", page.html);
    assert!(told(&browser, &client.asks(&[("prompt", "none")])).await.contains_key("code"));
}
