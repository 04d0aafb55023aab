//! OpenID Connect and OAuth 2.0 as clients and browsers see them.

use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};

use crate::harness::{ADMIN, CALLBACK, Program, ProgramBuilder, RelyingParty, VERIFIER, parameters};

pub(crate) const ANN: &str = "ann@example.com";

pub(crate) async fn program() -> Program {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    program.register(ANN).await;
    program
}

/// What a client believes of an ID token, with nothing but the JWKS.
pub(crate) async fn id_claims(program: &Program, client: &RelyingParty<'_>, token: &Value) -> Value {
    let token = token.as_str().expect("an ID token");
    let set: JwkSet = serde_json::from_str(&program.get("/.well-known/jwks.json").await.text).unwrap();
    let header = decode_header(token).unwrap();
    let key = DecodingKey::from_jwk(set.find(header.kid.as_deref().unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[program.issuer()]);
    validation.set_audience(&[&client.id]);
    decode::<Value>(token, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn a_client_logs_a_user_in_with_a_code_and_everything_that_follows() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let answer = browser.goes_through(&client.asks(&[]), ANN).await;
    assert_eq!((answer["state"].as_str(), &answer["iss"]), ("a state", &program.issuer()));
    let tokens = client.redeem(&answer["code"]).await;
    assert_eq!((tokens.status, tokens.header("cache-control")), (200, "no-store"), "{}", tokens.text);
    let claims = id_claims(&program, &client, &tokens.json["id_token"]).await;
    assert_eq!(claims["nonce"], "a nonce");
    assert!(claims["email"].is_null(), "a scope's claims are told at the UserInfo endpoint");
    let info = client.userinfo(&tokens.json["access_token"]).await;
    assert_eq!((&info.json["sub"], &info.json["email"]), (&claims["sub"], &json!(ANN)));
    // Single sign-on: the same browser is asked nothing more.
    let silent = browser.get(&client.asks(&[("prompt", "none")])).await;
    let silent = client.redeem(&parameters(&silent.location.unwrap())["code"]).await;
    let again = id_claims(&program, &client, &silent.json["id_token"]).await;
    assert_eq!(
        (&again["sub"], &again["auth_time"], &again["sid"]),
        (&claims["sub"], &claims["auth_time"], &claims["sid"])
    );
    let refreshed = client.refresh(tokens.json["refresh_token"].as_str().unwrap()).await;
    let renewed = id_claims(&program, &client, &refreshed.json["id_token"]).await;
    assert_eq!((&renewed["sub"], &renewed["auth_time"]), (&claims["sub"], &claims["auth_time"]));
}

#[tokio::test]
async fn discovery_tells_of_endpoints_that_are_there_under_both_names() {
    let program = program().await;
    let told = program.get("/.well-known/openid-configuration").await;
    assert_eq!(told.json, program.get("/.well-known/oauth-authorization-server").await.json);
    assert_eq!(told.json["issuer"], program.issuer().as_str());
    for (name, value) in told.json.as_object().unwrap() {
        let Some(url) = value.as_str().filter(|_| name.ends_with("_endpoint") || name == "jwks_uri") else { continue };
        let answer = program.send(program.client.post(url)).await;
        assert_ne!(answer.status, 404, "{name}");
    }
    assert!(told.json["id_token_signing_alg_values_supported"].as_array().unwrap().contains(&json!("RS256")));
}

#[tokio::test]
async fn of_many_parallel_uses_of_a_code_one_wins_and_what_it_gave_is_taken_back() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let code = program.browser().goes_through(&client.asks(&[]), ANN).await["code"].clone();
    let uses = futures_util::future::join_all((0..32).map(|_| client.redeem(&code))).await;
    let won: Vec<_> = uses.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1);
    for lost in uses.iter().filter(|answer| answer.status != 200) {
        assert_eq!((lost.status, &lost.json["error"]), (400, &json!("invalid_grant")), "{}", lost.text);
    }
    assert_eq!(client.userinfo(&won[0].json["access_token"]).await.status, 401);
    assert_eq!(client.refresh(won[0].json["refresh_token"].as_str().unwrap()).await.status, 400);
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_to_the_letter_is_a_page_and_never_a_redirect() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    for uri in [
        "https://shop.example/callback/",
        "https://shop.example/callback?x=1",
        "https://shop.example/callback#x",
        "https://shop.example:443/callback",
        "https://SHOP.example/callback",
        "https://shop.example./callback",
        "https://shop.example/a/../callback",
        "https://shop.example/%63allback",
        "https://user@shop.example/callback",
        "https://shop.example\\@evil.example/callback",
        "https://evil.example/callback",
        "http://shop.example/callback",
        "//shop.example/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "",
    ] {
        let page = browser.get(&client.asks(&[("redirect_uri", uri)])).await;
        assert!(page.status == 400 && page.location.is_none(), "{uri}: {} {:?}", page.status, page.location);
        assert!(page.html.contains("redirect_uri"), "{uri}");
    }
    let twice = format!("{}&redirect_uri=https://evil.example/", client.asks(&[]));
    assert_eq!(browser.get(&twice).await.location, None);
    let nobody = browser.get(&client.asks(&[("client_id", "nobody")])).await;
    assert!(nobody.location.is_none() && nobody.html.contains("invalid_client"));
}

#[tokio::test]
async fn what_is_wrong_besides_is_told_to_the_client_with_its_state() {
    let program = program().await;
    let client = program.relying_party(json!({"scope": "openid email"})).await;
    let browser = program.browser();
    for (parameter, value, error) in [
        ("response_type", "", "invalid_request"),
        ("response_type", "everything", "unsupported_response_type"),
        ("response_type", "code id_token", "unauthorized_client"),
        ("response_mode", "carrier pigeon", "invalid_request"),
        ("scope", "something else", "invalid_scope"),
        ("scope", "a\"b", "invalid_scope"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "sing", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("claims", "[]", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("id_token_hint", "nonsense", "invalid_request"),
        ("request", "nonsense", "invalid_request_object"),
        ("request_uri", "https://elsewhere.example/", "invalid_request_uri"),
        ("prompt", "none", "login_required"),
    ] {
        let page = browser.get(&client.asks(&[(parameter, value)])).await;
        let location = page.location.unwrap_or_else(|| panic!("{parameter}={value}: {} {}", page.status, page.html));
        assert!(location.starts_with(CALLBACK), "{location}");
        let told = parameters(&location);
        assert_eq!((told["error"].as_str(), told["state"].as_str()), (error, "a state"), "{parameter}={value}");
        let names: Vec<_> = told.keys().map(String::as_str).collect();
        assert_eq!(names, ["error", "error_description", "iss", "state"], "nothing else goes along");
    }
    let unknown =
        browser.get(&client.asks(&[("acr_values", "gold"), ("display", "touch"), ("something", "new")])).await;
    assert!(unknown.location.unwrap().contains("/oauth2/interaction/"), "what is not known is no error");
}

#[tokio::test]
async fn a_code_takes_the_verifier_and_the_address_that_it_was_asked_with_and_its_own_client() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let other = program.relying_party(json!({})).await;
    let browser = program.browser();
    let code = browser.goes_through(&client.asks(&[]), ANN).await["code"].clone();
    let with = |form: Vec<(&'static str, String)>| {
        let client = &client;
        async move {
            let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            client.post("/oauth2/token", &form).await
        }
    };
    let form = |verifier: &str, uri: &str| {
        vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.clone()),
            ("redirect_uri", uri.to_owned()),
            ("code_verifier", verifier.to_owned()),
        ]
    };
    for (verifier, uri) in [
        ("", CALLBACK),
        ("another-verifier-that-is-long-enough-for-everybody", CALLBACK),
        (VERIFIER, "https://shop.example/"),
        (VERIFIER, ""),
    ] {
        let refused = with(form(verifier, uri)).await;
        assert_eq!((refused.status, &refused.json["error"]), (400, &json!("invalid_grant")), "{verifier} {uri}");
    }
    assert_eq!(other.redeem(&code).await.json["error"], "invalid_grant");
    assert_eq!(client.redeem(&code).await.status, 200, "none of them spent it");
    // A verifier where no challenge was sent: the request was stripped of it on its way.
    let plain = client.asks(&[("code_challenge", ""), ("code_challenge_method", "")]);
    let code = browser.goes_through(&plain, ANN).await["code"].clone();
    assert_eq!(client.redeem(&code).await.json["error"], "invalid_grant");
    let public = program
        .relying_party(json!({"token_endpoint_auth_method": "none", "grant_types": ["authorization_code"]}))
        .await;
    let told = browser.get(&public.asks(&[("code_challenge", ""), ("code_challenge_method", "")])).await;
    assert_eq!(parameters(&told.location.unwrap())["error"], "invalid_request", "a public client cannot do without");
}

#[tokio::test]
async fn a_client_gets_tokens_for_itself_that_open_no_account() {
    let program = program().await;
    let client = program.relying_party(json!({"scope": "orders:read orders:write openid"})).await;
    let form = [("grant_type", "client_credentials"), ("scope", "orders:read"), ("resource", "https://api.example/")];
    let tokens = client.post("/oauth2/token", &form).await;
    assert_eq!((tokens.status, &tokens.json["scope"]), (200, &json!("orders:read")), "{}", tokens.text);
    assert!(tokens.json["refresh_token"].is_null() && tokens.json["id_token"].is_null());
    let access = tokens.json["access_token"].as_str().unwrap().to_owned();
    let worth = client.post("/oauth2/introspect", &[("token", &access)]).await;
    assert_eq!((&worth.json["active"], &worth.json["aud"]), (&json!(true), &json!("https://api.example/")));
    assert_eq!(client.userinfo(&tokens.json["access_token"]).await.status, 401);
    assert_eq!(program.me(&access).await.status, 401);
    let too_much = client.post("/oauth2/token", &[("grant_type", "client_credentials"), ("scope", "admin")]).await;
    assert_eq!(too_much.json["error"], "invalid_scope");
    assert_eq!(client.post("/oauth2/revoke", &[("token", &access)]).await.status, 200);
    assert_eq!(client.post("/oauth2/introspect", &[("token", &access)]).await.json, json!({"active": false}));
}

#[tokio::test]
async fn a_token_of_another_client_opens_neither_the_account_apis_nor_the_admin_api() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let answer = program.browser().goes_through(&client.asks(&[]), ADMIN).await;
    let tokens = client.redeem(&answer["code"]).await;
    for token in ["access_token", "id_token"] {
        let token = tokens.json[token].as_str().unwrap();
        assert_eq!(program.me(token).await.status, 401);
        assert_eq!(program.operator(token.to_owned()).get("users").await.status, 401);
    }
    assert_eq!(client.userinfo(&tokens.json["id_token"]).await.status, 401);
    let refresh = tokens.json["refresh_token"].as_str().unwrap();
    assert_eq!(program.refresh(refresh).await.status, 401);
    let own = program.login(ANN).await;
    assert_eq!(client.userinfo(&json!(own.access)).await.status, 401, "nor the other way round");
    assert_eq!(client.refresh(&own.refresh).await.json["error"], "invalid_grant");
}

#[tokio::test]
async fn a_client_proves_who_it_is_in_the_way_that_it_is_registered_with() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let token = program.url("/oauth2/token");
    let form = |more: &[(&'static str, String)]| {
        let mut form = vec![("grant_type", "client_credentials".to_owned())];
        form.extend(more.iter().cloned());
        program.client.post(&token).form(&form)
    };
    let (id, secret) = (("client_id", client.id.clone()), ("client_secret", client.secret.clone()));
    for (name, request) in [
        ("nothing", form(&[])),
        ("no secret", form(std::slice::from_ref(&id))),
        ("in the body", form(&[id.clone(), secret.clone()])),
        ("a wrong secret", form(&[]).basic_auth(&client.id, Some("wrong"))),
        ("nobody", form(&[]).basic_auth("nobody", Some(&client.secret))),
        ("twice", form(&[id.clone(), secret.clone()]).basic_auth(&client.id, Some(&client.secret))),
        ("of another", form(&[("client_id", "other".to_owned())]).basic_auth(&client.id, Some(&client.secret))),
        ("no base64", form(&[]).header("authorization", "Basic ???")),
    ] {
        let answer = program.send(request).await;
        assert_eq!((answer.status, &answer.json["error"]), (401, &json!("invalid_client")), "{name}: {}", answer.text);
        let challenged = answer.headers.contains_key("www-authenticate");
        assert_eq!(challenged, !["nothing", "no secret", "in the body"].contains(&name), "{name}");
    }
    let post = program.relying_party(json!({"token_endpoint_auth_method": "client_secret_post"})).await;
    let proof = [("client_id", post.id.clone()), ("client_secret", post.secret.clone())];
    assert_eq!(program.send(form(&proof)).await.status, 200);
    assert_eq!(post.post("/oauth2/token", &[("grant_type", "client_credentials")]).await.status, 401);
    let unfit = client.post("/oauth2/token", &[("grant_type", "password")]).await;
    assert_eq!(unfit.json["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn refresh_tokens_rotate_shrink_and_end_with_what_gave_them() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let tokens = client.redeem(&browser.goes_through(&client.asks(&[]), ANN).await["code"]).await.json;
    let first = tokens["refresh_token"].as_str().unwrap();
    let form = |scope: &'static str| [("grant_type", "refresh_token"), ("refresh_token", first), ("scope", scope)];
    assert_eq!(client.post("/oauth2/token", &form("openid admin")).await.json["error"], "invalid_scope");
    let less = client.post("/oauth2/token", &form("openid")).await;
    assert_eq!((less.status, &less.json["scope"]), (200, &json!("openid")), "{}", less.text);
    let second = less.json["refresh_token"].as_str().unwrap().to_owned();
    let worth = client.post("/oauth2/introspect", &[("token", &second)]).await;
    assert_eq!((&worth.json["active"], &worth.json["token_type"]), (&json!(true), &json!("refresh_token")));
    let other = program.relying_party(json!({})).await;
    assert_eq!(other.refresh(&second).await.json["error"], "invalid_grant");
    assert_eq!(other.post("/oauth2/introspect", &[("token", &second)]).await.json, json!({"active": false}));
    assert_eq!(other.post("/oauth2/revoke", &[("token", &second)]).await.status, 200);
    assert_eq!(client.refresh(&second).await.status, 200, "it is not the other's to take back");
    assert_eq!(client.post("/oauth2/revoke", &[("token", "unknown")]).await.status, 200);
    // Without offline access a grant ends with the session of the browser.
    let online = client.asks(&[("scope", "openid")]);
    let online = client.redeem(&browser.goes_through(&online, ANN).await["code"]).await.json;
    let hint = online["id_token"].as_str().unwrap();
    let bye = reqwest::Url::parse_with_params(
        &program.url("/oauth2/logout"),
        [("id_token_hint", hint), ("post_logout_redirect_uri", "https://shop.example/bye"), ("state", "s")],
    );
    let left = browser.get(bye.unwrap().as_str()).await;
    assert_eq!(left.location.as_deref(), Some("https://shop.example/bye?state=s"));
    assert_eq!(client.refresh(online["refresh_token"].as_str().unwrap()).await.status, 400);
    assert_eq!(client.userinfo(&online["access_token"]).await.status, 401);
    let silent = browser.get(&client.asks(&[("prompt", "none")])).await;
    assert_eq!(parameters(&silent.location.unwrap())["error"], "login_required");
}

#[tokio::test]
async fn answers_travel_in_a_fragment_or_in_a_form_where_that_is_registered() {
    let program = program().await;
    let every = json!(["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"]);
    let client = program
        .relying_party(
            json!({"response_types": every, "grant_types": ["authorization_code", "implicit", "refresh_token"]}),
        )
        .await;
    let browser = program.browser();
    for kind in every.as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()) {
        let answer = browser.goes_through(&client.asks(&[("response_type", kind)]), ANN).await;
        let has = |name: &str| answer.contains_key(name);
        assert_eq!(
            (has("code"), has("access_token"), has("id_token")),
            (kind.contains("code"), kind.split(' ').any(|word| word == "token"), kind.contains("id_token")),
            "{kind}"
        );
        if has("id_token") {
            let claims = id_claims(&program, &client, &json!(answer["id_token"])).await;
            assert_eq!(
                (claims["at_hash"].is_string(), claims["c_hash"].is_string(), claims["s_hash"].is_string()),
                (has("access_token"), has("code"), true),
                "{kind}"
            );
            assert_eq!(claims["email"].is_string(), kind == "id_token", "where nothing else follows, claims are in it");
        }
        if has("code") {
            assert_eq!(client.redeem(&answer["code"]).await.status, 200);
        }
    }
    let page = browser.get(&client.asks(&[("response_mode", "form_post")])).await;
    assert_eq!((page.status, page.hidden("state").as_str()), (200, "a state"));
    assert_eq!(client.redeem(&page.hidden("code")).await.status, 200);
    let query = browser.get(&client.asks(&[("response_type", "id_token"), ("response_mode", "query")])).await;
    assert!(query.location.unwrap().contains("#error=invalid_request"), "no token in a query");
}

#[tokio::test]
async fn a_request_may_come_ahead_or_as_a_post_of_another_site() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let url = reqwest::Url::parse(&client.asks(&[])).unwrap();
    let form: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let pushed = client.post("/oauth2/par", &form).await;
    assert_eq!(pushed.status, 201, "{}", pushed.text);
    let reference = pushed.json["request_uri"].as_str().unwrap();
    let come = |id: &str| {
        reqwest::Url::parse_with_params(
            &program.url("/oauth2/authorize"),
            [("client_id", id), ("request_uri", reference)],
        )
        .unwrap()
    };
    let other = program.relying_party(json!({})).await;
    assert_eq!(browser.get(come(&other.id).as_str()).await.status, 400);
    assert!(browser.goes_through(come(&client.id).as_str(), ANN).await.contains_key("code"));
    assert_eq!(browser.get(come(&client.id).as_str()).await.status, 400, "once");
    let wrong =
        client.post("/oauth2/par", &[("redirect_uri", "https://evil.example/"), ("response_type", "code")]).await;
    assert_eq!(wrong.json["error"], "invalid_request");
    let posted = browser.post(&program.url("/oauth2/authorize"), &form).await;
    assert_eq!(posted.status, 303);
    assert!(browser.goes_through(&posted.location.unwrap(), ANN).await.contains_key("code"));
}
