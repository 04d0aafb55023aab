//! OpenID Connect and OAuth 2.0, rule by rule: what the provider says of itself, and what the authorization endpoint takes,
//! refuses, asks and answers.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    harness::{Browser, CALLBACK, ProgramBuilder, RelyingParty, parameters},
    openid::{ANN, program},
};

/// What a request is answered with at once.
pub(crate) async fn told(browser: &Browser<'_>, url: &str) -> BTreeMap<String, String> {
    let page = browser.get(url).await;
    parameters(&page.location.unwrap_or_else(|| panic!("{}: {}", page.status, page.html)))
}

/// The tokens of somebody who logs in on a browser of theirs.
pub(crate) async fn tokens(
    browser: &Browser<'_>,
    client: &RelyingParty<'_>,
    asked: &[(&str, &str)],
    email: &str,
) -> Value {
    let answer = browser.goes_through(&client.asks(asked), email).await;
    let tokens = client.redeem(answer.get("code").unwrap_or_else(|| panic!("{answer:?}"))).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    tokens.json
}

fn holds(list: &Value, value: &str) -> bool {
    list.as_array().unwrap_or_else(|| panic!("{list}")).contains(&json!(value))
}

#[tokio::test]
async fn discovery_tells_all_that_is_required_and_takes_nothing_from_the_request() {
    let program = program().await;
    let request = program.client.get(program.url("/.well-known/openid-configuration"));
    let request = request.header("host", "evil.example").header("x-forwarded-host", "evil.example");
    let told = program.send(request.header("forwarded", "host=evil.example;proto=https")).await;
    assert!(told.status == 200 && !told.text.contains("evil"), "{}", told.text);
    let told = told.json;
    assert_eq!(told["issuer"], program.issuer().as_str());
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
        "pushed_authorization_request_endpoint",
        "device_authorization_endpoint",
    ] {
        let url = told[name].as_str().unwrap_or_else(|| panic!("{name}"));
        assert!(url.starts_with(&format!("{}/", program.issuer())), "{name}: {url}");
    }
    for (name, value) in [
        ("response_types_supported", "code"),
        ("response_modes_supported", "form_post"),
        ("subject_types_supported", "public"),
        ("subject_types_supported", "pairwise"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("request_object_signing_alg_values_supported", "RS256"),
        ("grant_types_supported", "refresh_token"),
        ("scopes_supported", "openid"),
        ("claims_supported", "sub"),
        ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ("code_challenge_methods_supported", "S256"),
    ] {
        assert!(holds(&told[name], value), "{name}");
    }
    assert!(!holds(&told["code_challenge_methods_supported"], "plain"));
    assert!(!told["acr_values_supported"].as_array().unwrap().is_empty());
    for name in [
        "claims_parameter_supported",
        "request_parameter_supported",
        "request_uri_parameter_supported",
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
        "frontchannel_logout_supported",
        "authorization_response_iss_parameter_supported",
    ] {
        assert_eq!(told[name], true, "{name}");
    }
}

/// RFC 7638 §3.
fn thumbprint(key: &Value) -> String {
    let names: &[&str] = match key["kty"].as_str().unwrap() {
        "EC" => &["crv", "kty", "x", "y"],
        "RSA" => &["e", "kty", "n"],
        _ => &["crv", "kty", "x"],
    };
    let members: Vec<_> = names.iter().map(|name| format!("\"{name}\":{}", key[*name])).collect();
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{{{}}}", members.join(","))))
}

#[tokio::test]
async fn published_keys_are_named_by_their_thumbprints_and_hold_nothing_private() {
    let program = program().await;
    let set = program.get("/.well-known/jwks.json").await.json;
    let keys = set["keys"].as_array().unwrap();
    assert!(keys.len() >= 4, "two of each algorithm: {set}");
    let mut kids = BTreeSet::new();
    for key in keys {
        assert_eq!(key["kid"], thumbprint(key).as_str());
        assert!(kids.insert(key["kid"].to_string()), "{key}");
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
}

#[tokio::test]
async fn a_native_program_comes_back_to_whichever_port_of_its_loopback_address() {
    let program = program().await;
    let native = json!({"application_type": "native", "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code"], "redirect_uris": ["http://127.0.0.1/callback"]});
    let client = program.relying_party(native).await;
    let browser = program.browser();
    for (uri, may) in [
        ("http://127.0.0.1:51004/callback", true),
        ("http://127.0.0.1/callback", true),
        ("http://127.0.0.1:51004/other", false),
        ("http://127.0.0.2:51004/callback", false),
        ("http://localhost:51004/callback", false),
        ("https://127.0.0.1:51004/callback", false),
        ("http://127.0.0.1:51004/callback?x=1", false),
    ] {
        let page = browser.get(&client.asks(&[("redirect_uri", uri)])).await;
        assert_eq!((page.status, page.location.is_some()), if may { (303, true) } else { (400, false) }, "{uri}");
    }
}

#[tokio::test]
async fn a_client_on_the_web_comes_back_to_no_other_port() {
    let program = program().await;
    let client = program.relying_party(json!({"redirect_uris": ["http://127.0.0.1:3000/callback"]})).await;
    let browser = program.browser();
    let other = browser.get(&client.asks(&[("redirect_uri", "http://127.0.0.1:51004/callback")])).await;
    assert_eq!((other.status, other.location), (400, None), "RFC 9700 §2.1 excepts native programs alone");
    assert_eq!(browser.get(&client.asks(&[("redirect_uri", "http://127.0.0.1:3000/callback")])).await.status, 303);
}

#[tokio::test]
async fn of_several_redirect_uris_one_has_to_be_named_with_the_query_that_it_has() {
    let program = program().await;
    let uris = json!(["https://shop.example/a?x=1", "https://shop.example/b"]);
    let client = program.relying_party(json!({"redirect_uris": uris, "scope": "openid orders"})).await;
    let browser = program.browser();
    for uri in [
        "",
        "https://shop.example/a",
        "https://shop.example/a?x=2",
        "https://shop.example/a?x=1&y=2",
        "https://shop.example/b?x=1",
    ] {
        let page = browser.get(&client.asks(&[("redirect_uri", uri), ("scope", "orders")])).await;
        assert_eq!((page.status, page.location), (400, None), "{uri}");
    }
    let named = client.asks(&[("redirect_uri", "https://shop.example/a?x=1"), ("prompt", "none")]);
    let location = browser.get(&named).await.location.unwrap();
    assert!(location.starts_with("https://shop.example/a?x=1&error=login_required"), "{location}");
}

#[tokio::test]
async fn a_state_comes_back_to_the_letter_however_the_answer_travels() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let state = "ä &=+%25?#/\"'<>".repeat(60);
    for mode in ["query", "fragment"] {
        let answer =
            told(&browser, &client.asks(&[("state", &state), ("response_mode", mode), ("prompt", "none")])).await;
        assert_eq!((answer["error"].as_str(), &answer["state"]), ("login_required", &state), "{mode}");
        assert_eq!(answer["iss"], program.issuer(), "{mode}");
    }
    let state = "s".repeat(1_000);
    let asked = [("state", state.as_str()), ("response_mode", "form_post"), ("prompt", "none")];
    let page = browser.get(&client.asks(&asked)).await;
    assert_eq!((page.status, page.location.as_deref()), (200, None));
    assert_eq!((page.hidden("state"), page.hidden("iss")), (state, program.issuer()));
    let without = told(&browser, &client.asks(&[("state", ""), ("prompt", "none")])).await;
    assert_eq!(without.keys().map(String::as_str).collect::<Vec<_>>(), ["error", "error_description", "iss"]);
}

#[tokio::test]
async fn an_answer_in_a_form_is_sent_without_javascript_as_well_and_the_page_runs_nothing_else() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let url = client.asks(&[("response_mode", "form_post"), ("prompt", "none")]);
    let page = program.send(program.client.get(url)).await;
    assert!(page.text.contains(&format!("<form method=\"post\" action=\"{CALLBACK}\">")), "{}", page.text);
    assert!(page.text.contains("<button>"), "{}", page.text);
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "script-src 'sha256-", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("form-action"), "{policy}");
    assert_eq!((page.header("cache-control"), page.header("x-frame-options")), ("no-store", "DENY"));
}

#[tokio::test]
async fn a_parameter_that_comes_twice_is_told_to_the_client() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    for name in ["scope", "state", "nonce", "response_type", "prompt", "max_age", "code_challenge", "something_new"] {
        let url = format!("{}&{name}=1&{name}=1", client.asks(&[]));
        let answer = told(&browser, &url).await;
        assert_eq!(answer["error"], "invalid_request", "{name}");
        assert_eq!(answer.contains_key("state"), name != "state", "{name}");
    }
    let twice = browser.get(&format!("{}&client_id={}", client.asks(&[]), client.id)).await;
    assert_eq!((twice.status, twice.location), (400, None));
}

#[tokio::test]
async fn a_hint_says_who_is_meant_and_nobody_else_is_let_in_silently() {
    let program = program().await;
    program.register("bob@example.com").await;
    let client = program.relying_party(json!({})).await;
    let (ann, bob) = (program.browser(), program.browser());
    let of_ann = tokens(&ann, &client, &[], ANN).await;
    tokens(&bob, &client, &[], "bob@example.com").await;
    let hint = of_ann["id_token"].as_str().unwrap();
    let silent = client.asks(&[("prompt", "none"), ("id_token_hint", hint)]);
    assert!(told(&ann, &silent).await.contains_key("code"));
    assert_eq!(told(&bob, &silent).await["error"], "login_required");
    let step = bob.get(&client.asks(&[("id_token_hint", hint)])).await.location.unwrap();
    assert!(bob.get(&step).await.html.contains("name=\"password\""), "the other has to log in");
    let info = client.userinfo(&of_ann["access_token"]).await;
    let by_name = json!({"id_token": {"sub": {"value": info.json["sub"]}}}).to_string();
    assert_eq!(told(&bob, &client.asks(&[("prompt", "none"), ("claims", &by_name)])).await["error"], "login_required");
}

#[tokio::test]
async fn what_a_client_says_of_its_user_reaches_the_login_page() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let asked = [
        ("login_hint", "bob@example.com"),
        ("ui_locales", "tlh de-AT en"),
        ("claims_locales", "fr"),
        ("display", "popup"),
        ("acr_values", "gold"),
    ];
    let step = browser.get(&client.asks(&asked)).await.location.unwrap();
    let page = browser.get(&step).await;
    assert!(page.html.contains("value=\"bob@example.com\"") && page.html.contains("lang=\"de\""), "{}", page.html);
    let step = browser.get(&client.asks(&[("ui_locales", "tlh")])).await.location.unwrap();
    assert!(browser.get(&step).await.html.contains("lang=\"en\""), "English for whoever asks for none of ours");
}

#[tokio::test]
async fn whose_client_asks_is_on_the_login_and_the_consent_page() {
    let program = program().await;
    let papers = json!({"logo_uri": "https://shop.example/logo.png", "policy_uri": "https://shop.example/privacy",
        "tos_uri": "https://shop.example/terms", "initiate_login_uri": "https://shop.example/login"});
    let client = program.relying_party(papers).await;
    let browser = program.browser();
    let step = browser.get(&client.asks(&[])).await.location.unwrap();
    let login = browser.get(&step).await;
    browser.submit(&step, &login, &[("login", ANN), ("password", crate::harness::PASSWORD)]).await;
    let consent = browser.get(&step).await;
    assert!(consent.html.contains("name=\"decision\""), "{}", consent.html);
    for page in [login, consent] {
        for shown in [
            "src=\"https://shop.example/logo.png\"",
            "href=\"https://shop.example/privacy\"",
            "href=\"https://shop.example/terms\"",
            "Shop",
        ] {
            assert!(page.html.contains(shown), "{shown} in {}", page.html);
        }
    }
}

#[tokio::test]
async fn a_code_serves_no_longer_than_its_session() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let code = browser.goes_through(&client.asks(&[("scope", "openid")]), ANN).await["code"].clone();
    let logout = program.url("/oauth2/logout");
    let ask = browser.get(&logout).await;
    browser.submit(&logout, &ask, &[("decision", "logout")]).await;
    assert_eq!(client.redeem(&code).await.json["error"], "invalid_grant");
}

#[tokio::test]
async fn a_verifier_has_43_to_128_characters() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    for (length, status) in [(42, 400), (43, 200), (128, 200), (129, 400)] {
        let verifier = "v".repeat(length);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let answer = browser.goes_through(&client.asks(&[("code_challenge", &challenge)]), ANN).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", answer["code"].as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier.as_str()),
        ];
        let redeemed = client.post("/oauth2/token", &form).await;
        assert_eq!(redeemed.status, status, "{length}: {}", redeemed.text);
    }
}

#[tokio::test]
async fn the_authorization_endpoint_is_for_browsers_and_for_no_script() {
    let builder = ProgramBuilder::new().in_memory().with_admin();
    let program = builder.env("SIGNET__SERVER__CORS_ORIGINS", "https://app.example.com").start().await;
    let client = program.relying_party(json!({})).await;
    let ask = |url: String| program.send(program.client.get(url).header("origin", "https://app.example.com"));
    let token = program.client.post(program.url("/oauth2/token")).header("origin", "https://app.example.com");
    let token = program.send(token.form(&[("grant_type", "refresh_token")])).await;
    assert_eq!(token.header("access-control-allow-origin"), "https://app.example.com", "a browser app fetches tokens");
    let authorize = ask(client.asks(&[])).await;
    assert_eq!(authorize.header("access-control-allow-origin"), "", "RFC 9700 §2.6");
}
