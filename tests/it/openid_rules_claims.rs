//! OpenID Connect, rule by rule: what a client is told of its user, where, and for how long.

use std::collections::BTreeSet;

use jsonwebtoken::decode_header;
use serde_json::{Value, json};

use crate::{
    harness::{PASSWORD, Program, ProgramBuilder, parameters, until},
    openid::{ANN, id_claims, program},
    openid_rules::{tokens, told},
};

fn names(claims: &Value) -> BTreeSet<&str> {
    claims.as_object().unwrap_or_else(|| panic!("{claims}")).keys().map(String::as_str).collect()
}

/// Ann, with everything known of her.
async fn well_known() -> Program {
    let program = program().await;
    let profile = json!({
        "name": "Ann Émilie Lee", "given_name": "Ann", "family_name": "Lee", "middle_name": "Émilie", "nickname": "Annie",
        "profile": "https://people.example.com/ann", "picture": "https://img.example.com/ann.png",
        "website": "https://ann.example.com/", "gender": "female", "birthdate": "0000-02-29", "zoneinfo": "Europe/Paris",
        "locale": "fr-CA", "phone_number": "+15555550123",
        "address": {"locality": "Springfield", "country": "US"},
    });
    let access = program.login(ANN).await.access;
    let written = program.put_me(&access, json!({"profile": profile, "username": "Ann"})).await;
    assert_eq!(written.status, 200, "{}", written.text);
    program
}

#[tokio::test]
async fn each_scope_stands_for_its_claims_at_the_userinfo_endpoint_alone() {
    let program = well_known().await;
    let client = program.relying_party(json!({})).await;
    let profile = [
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ];
    let cases: [(&str, &[&str]); 5] = [
        ("openid", &[]),
        ("openid profile", &profile),
        ("openid email", &["email", "email_verified"]),
        ("openid address", &["address"]),
        ("openid phone", &["phone_number", "phone_number_verified"]),
    ];
    for (scope, claims) in cases {
        let given = tokens(&program.browser(), &client, &[("scope", scope)], ANN).await;
        let info = client.userinfo(&given["access_token"]).await.json;
        let expected: BTreeSet<_> = claims.iter().copied().chain(["sub"]).collect();
        assert_eq!(names(&info), expected, "{scope}");
        let id_token = id_claims(&program, &client, &given["id_token"]).await;
        assert_eq!(id_token["sub"], info["sub"]);
        assert!(claims.iter().all(|claim| id_token.get(*claim).is_none()), "{scope}: {id_token}");
    }
    let all = [("scope", "openid profile email address phone")];
    let given = tokens(&program.browser(), &client, &all, ANN).await;
    let info = client.userinfo(&given["access_token"]).await.json;
    assert!(info["updated_at"].is_i64() && info["email_verified"].is_boolean(), "{info}");
    assert_eq!(info["address"], json!({"locality": "Springfield", "country": "US"}));
    assert_eq!((&info["preferred_username"], &info["phone_number_verified"]), (&json!("Ann"), &json!(false)));
}

#[tokio::test]
async fn single_claims_are_told_where_they_are_asked_for() {
    let program = well_known().await;
    let client = program.relying_party(json!({})).await;
    let wishes = json!({
        "userinfo": {"given_name": {"essential": true}, "nickname": null, "unheard_of": {"essential": true}},
        "id_token": {"email": {"essential": true}, "family_name": null, "auth_time": {"essential": true}, "sub": null},
    });
    let wishes = wishes.to_string();
    let asked = [("scope", "openid"), ("claims", wishes.as_str())];
    let given = tokens(&program.browser(), &client, &asked, ANN).await;
    let info = client.userinfo(&given["access_token"]).await.json;
    assert_eq!(names(&info), BTreeSet::from(["given_name", "nickname", "sub"]));
    let id_token = id_claims(&program, &client, &given["id_token"]).await;
    assert_eq!((&id_token["email"], &id_token["family_name"]), (&json!(ANN), &json!("Lee")));
    assert!(id_token["auth_time"].is_i64() && id_token.get("given_name").is_none(), "{id_token}");
    let renewed = client.refresh(given["refresh_token"].as_str().unwrap()).await.json;
    let renewed = client.userinfo(&renewed["access_token"]).await.json;
    assert_eq!(renewed, info, "a refresh keeps what was asked for");
}

#[tokio::test]
async fn an_id_token_says_who_when_how_and_for_whom_and_nothing_that_nobody_asked_for() {
    let program = well_known().await;
    let client = program.relying_party(json!({})).await;
    let given = tokens(&program.browser(), &client, &[], ANN).await;
    let claims = id_claims(&program, &client, &given["id_token"]).await;
    let needed = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "amr", "at_hash", "sid"];
    let found = names(&claims);
    for name in needed {
        assert!(found.contains(name), "{name} in {claims}");
    }
    let allowed: BTreeSet<_> = needed.into_iter().chain(["acr", "azp"]).collect();
    assert!(found.is_subset(&allowed), "{claims}");
    assert_eq!((&claims["aud"], &claims["iss"]), (&json!(client.id), &json!(program.issuer())));
    assert_eq!(claims["amr"], json!(["pwd"]));
    let seconds = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(seconds("exp") - seconds("iat"), 300, "id_token_lifetime");
    assert!(seconds("auth_time") <= seconds("iat"));
    let without = tokens(&program.browser(), &client, &[("nonce", "")], ANN).await;
    let without = id_claims(&program, &client, &without["id_token"]).await;
    assert!(without.get("nonce").is_none(), "{without}");
}

#[tokio::test]
async fn a_context_of_authentication_is_told_where_it_is_asked_for() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let discovery = program.get("/.well-known/openid-configuration").await.json;
    let acr = discovery["acr_values_supported"][0].as_str().unwrap();
    let browser = program.browser();
    let by_values = json!({"id_token": {"acr": {"essential": true, "values": ["gold", acr]}}}).to_string();
    for asked in [("acr_values", format!("gold {acr}")), ("claims", by_values)] {
        let given = tokens(&browser, &client, &[(asked.0, &asked.1)], ANN).await;
        assert_eq!(id_claims(&program, &client, &given["id_token"]).await["acr"], acr, "{}", asked.0);
    }
    let gold = json!({"id_token": {"acr": {"essential": true, "value": "gold"}}}).to_string();
    let refused = told(&browser, &client.asks(&[("claims", &gold), ("prompt", "none")])).await;
    assert_eq!(refused["error"], "unmet_authentication_requirements");
}

#[tokio::test]
async fn a_client_s_id_tokens_are_signed_as_it_is_registered() {
    let program = ProgramBuilder::new().in_memory().with_admin();
    let program = program.setting("key_prepublication", "1").setting("jwks_max_age", "1").start().await;
    program.register(ANN).await;
    for algorithm in ["PS256", "EdDSA"] {
        assert_eq!(program.admin().await.post("keys", json!({"algorithm": algorithm})).await.status, 201);
    }
    // A new key signs once every cache can hold it; then discovery tells of it.
    until(|| async {
        let told = program.get("/.well-known/openid-configuration").await.json;
        let signing = told["id_token_signing_alg_values_supported"].as_array().unwrap().clone();
        ["PS256", "EdDSA"].iter().all(|name| signing.contains(&json!(name))).then_some(())
    })
    .await;
    for (metadata, algorithm) in [
        (json!({"id_token_signed_response_alg": "PS256"}), "PS256"),
        (json!({"id_token_signed_response_alg": "EdDSA"}), "EdDSA"),
        (json!({}), "RS256"),
        (json!({"id_token_signed_response_alg": "RS256"}), "RS256"),
        (json!({"id_token_signed_response_alg": "ES256"}), "ES256"),
    ] {
        let client = program.relying_party(metadata).await;
        let given = tokens(&program.browser(), &client, &[], ANN).await;
        let header = decode_header(given["id_token"].as_str().unwrap()).unwrap();
        assert_eq!(format!("{:?}", header.alg), algorithm);
        id_claims(&program, &client, &given["id_token"]).await;
    }
}

#[tokio::test]
async fn a_client_cannot_have_what_nothing_here_can_sign() {
    let program = program().await;
    let discovery = program.get("/.well-known/openid-configuration").await.json;
    let admin = program.admin().await;
    for (member, supported) in [
        ("id_token_signed_response_alg", "id_token_signing_alg_values_supported"),
        ("userinfo_signed_response_alg", "userinfo_signing_alg_values_supported"),
    ] {
        assert!(!discovery[supported].as_array().unwrap().contains(&json!("PS256")), "{supported}");
        let metadata = json!({"redirect_uris": ["https://shop.example/callback"], member: "PS256"});
        let refused = admin.post("clients", metadata).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(member)), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_resource_is_what_access_tokens_are_for_after_a_refresh_as_well() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let audience = async |access: &Value| {
        let worth = client.post("/oauth2/introspect", &[("token", access.as_str().unwrap())]).await.json;
        assert_eq!(worth["active"], true, "{worth}");
        worth["aud"].clone()
    };
    let one = "https://api.example/";
    let given = tokens(&browser, &client, &[("resource", one)], ANN).await;
    assert_eq!(audience(&given["access_token"]).await, one);
    let renewed = client.refresh(given["refresh_token"].as_str().unwrap()).await.json;
    assert_eq!(audience(&renewed["access_token"]).await, one);
    let both = format!("{}&resource=https://other.example/", client.asks(&[("resource", one)]));
    let answer = browser.goes_through(&both, ANN).await;
    let given = client.redeem(&answer["code"]).await.json;
    assert_eq!(audience(&given["access_token"]).await, json!([one, "https://other.example/"]));
    let none = tokens(&browser, &client, &[], ANN).await;
    assert_eq!(audience(&none["access_token"]).await, program.issuer().as_str());
    for bad in ["api", "https://api.example/#part"] {
        assert_eq!(told(&browser, &client.asks(&[("resource", bad)])).await["error"], "invalid_target", "{bad}");
    }
}

#[tokio::test]
async fn offline_access_outlives_the_browser_s_session_and_is_agreed_to_once() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let given = tokens(&browser, &client, &[], ANN).await;
    let silent = told(&browser, &client.asks(&[("prompt", "none")])).await;
    let again = client.redeem(&silent["code"]).await.json;
    assert!(again["refresh_token"].is_string(), "what was agreed to is remembered: {again}");
    let hint = given["id_token"].as_str().unwrap();
    let left = browser.get(&program.url(&format!("/oauth2/logout?id_token_hint={hint}"))).await;
    assert_eq!(left.status, 200);
    for tokens in [given, again] {
        let renewed = client.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(renewed.status, 200, "{}", renewed.text);
        assert_eq!(client.userinfo(&renewed.json["access_token"]).await.status, 200);
    }
    let implicit = json!({"grant_types": ["authorization_code"]});
    let without = program.relying_party(implicit).await;
    let given = tokens(&program.browser(), &without, &[], ANN).await;
    assert!(given["refresh_token"].is_null(), "the client is not registered for any");
    assert_eq!(given["scope"], "email openid");
}

#[tokio::test]
async fn what_a_client_holds_ends_with_what_its_user_may() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let client = program.relying_party(json!({})).await;
    let admin = program.admin().await;
    for (email, what) in
        [("a@example.com", "disabled"), ("b@example.com", "another password"), ("c@example.com", "gone")]
    {
        let id = program.register(email).await;
        let path = format!("users/{id}");
        let given = tokens(&program.browser(), &client, &[], email).await;
        assert_eq!(client.userinfo(&given["access_token"]).await.status, 200, "{what}");
        match what {
            "disabled" => assert_eq!(admin.patch(&path, json!({"disabled": true})).await.status, 200),
            "gone" => assert_eq!(admin.change("DELETE", &path, Some("*"), json!({})).await.status, 204),
            _ => {
                let change = json!({"password": "another-tangled-harbour", "current_password": PASSWORD});
                let access = program.login(email).await.access;
                assert_eq!(program.put_me(&access, change).await.status, 200);
            }
        }
        assert_eq!(client.userinfo(&given["access_token"]).await.status, 401, "{what}");
        for kind in ["access_token", "refresh_token"] {
            let worth = client.post("/oauth2/introspect", &[("token", given[kind].as_str().unwrap())]).await;
            assert_eq!(worth.json, json!({"active": false}), "{what}: {kind}");
        }
        let refused = client.refresh(given["refresh_token"].as_str().unwrap()).await;
        assert_eq!((refused.status, &refused.json["error"]), (400, &json!("invalid_grant")), "{what}");
    }
}

#[tokio::test]
async fn a_refreshed_id_token_is_of_the_same_login_and_of_its_own_time() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let given = tokens(&program.browser(), &client, &[], ANN).await;
    let before = id_claims(&program, &client, &given["id_token"]).await;
    let refresh = std::cell::RefCell::new(given["refresh_token"].as_str().unwrap().to_owned());
    // Later, as soon as the clock of the tokens, which counts seconds, has moved on.
    let renewed = until(|| async {
        let shown = refresh.borrow().clone();
        let answer = client.refresh(&shown).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        *refresh.borrow_mut() = answer.json["refresh_token"].as_str().unwrap().to_owned();
        let claims = id_claims(&program, &client, &answer.json["id_token"]).await;
        (claims["iat"].as_i64() > before["iat"].as_i64()).then_some(claims)
    })
    .await;
    for name in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(renewed[name], before[name], "{name}");
    }
    assert!(renewed["exp"].as_i64() > before["exp"].as_i64());
    assert!(renewed.get("nonce").is_none(), "Core §12.2: {renewed}");
}

#[tokio::test]
async fn a_code_is_over_when_its_lifetime_is() {
    let builder = ProgramBuilder::new().in_memory().with_admin().setting("authorization_code_lifetime", "1");
    let program = builder.start().await;
    program.register(ANN).await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    browser.goes_through(&client.asks(&[]), ANN).await;
    let location = browser.get(&client.asks(&[("prompt", "none")])).await.location.unwrap();
    let issued_at = std::time::Instant::now();
    until(|| async { (issued_at.elapsed().as_millis() > 1_100).then_some(()) }).await;
    let late = client.redeem(&parameters(&location)["code"]).await;
    assert_eq!((late.status, &late.json["error"]), (400, &json!("invalid_grant")), "{}", late.text);
}

#[tokio::test]
async fn claims_of_the_operators_own_are_told_to_whom_and_where_they_are_declared_for() {
    let builder = ProgramBuilder::new().in_memory().with_admin();
    let builder =
        builder.env("SIGNET__CLAIMS__TEAM__FROM", "attributes.team").env("SIGNET__CLAIMS__TEAM__SCOPE", "work");
    let program = builder.env("SIGNET__CLAIMS__TEAM__TOLD_IN", "userinfo,id_token").start().await;
    let ann = program.register(ANN).await;
    let noted = program.admin().await.patch(&format!("users/{ann}"), json!({"attributes": {"team": "blue"}})).await;
    assert_eq!(noted.status, 200, "{}", noted.text);
    let discovery = program.get("/.well-known/openid-configuration").await.json;
    assert!(discovery["claims_supported"].as_array().unwrap().contains(&json!("team")));
    assert!(discovery["scopes_supported"].as_array().unwrap().contains(&json!("work")));
    let client = program.relying_party(json!({})).await;
    for (scope, team) in [("openid work", json!("blue")), ("openid", Value::Null)] {
        let given = tokens(&program.browser(), &client, &[("scope", scope)], ANN).await;
        assert_eq!(client.userinfo(&given["access_token"]).await.json["team"], team, "{scope}");
        assert_eq!(id_claims(&program, &client, &given["id_token"]).await["team"], team, "{scope}");
        let worth = client.post("/oauth2/introspect", &[("token", given["access_token"].as_str().unwrap())]).await;
        assert!(worth.json["active"] == true && worth.json.get("team").is_none(), "{scope}: {}", worth.text);
    }
}
