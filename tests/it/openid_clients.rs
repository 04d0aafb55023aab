//! Clients with keys of their own, and what is signed for them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::{
    harness::{CALLBACK, Program, ProgramBuilder, RelyingParty, Website, parameters},
    openid::{ANN, id_claims},
};

/// A key pair of a client's.
struct Key(rcgen::KeyPair);

impl Key {
    fn new() -> Self {
        Self(rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap())
    }

    fn jwks(&self, kid: &str) -> Value {
        let point = self.0.public_key_raw();
        let [x, y] = [&point[1..33], &point[33..65]].map(|part| URL_SAFE_NO_PAD.encode(part));
        json!({"keys": [{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": x, "y": y}]})
    }

    fn sign(&self, kid: &str, claims: &Value) -> String {
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::ES256) };
        let key = EncodingKey::from_ec_pem(self.0.serialize_pem().as_bytes()).unwrap();
        encode(&header, claims, &key).unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "the server judges what is signed by its clock, and has no other")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

async fn program() -> Program {
    let program = ProgramBuilder::new().in_memory().with_admin();
    let program = program.env("SIGNET__OUTGOING__ALLOWED_NETWORKS", "127.0.0.0/8").start().await;
    program.register(ANN).await;
    program
}

fn assertion(program: &Program, client: &RelyingParty<'_>, jti: &str, other: &Value) -> Value {
    let mut claims = json!({"iss": client.id, "sub": client.id, "aud": program.issuer(), "jti": jti, "iat": now(),
        "exp": now() + 60});
    claims.as_object_mut().unwrap().extend(other.as_object().cloned().unwrap());
    claims
}

async fn own_token(program: &Program, client: &RelyingParty<'_>, assertion: &str) -> Value {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client.id.as_str()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
    ];
    program.send(program.client.post(program.url("/oauth2/token")).form(&form)).await.json
}

#[tokio::test]
async fn a_client_proves_itself_with_what_it_signs_once_and_for_us_alone() {
    let program = program().await;
    let key = Key::new();
    let metadata = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks("one")});
    let client = program.relying_party(metadata).await;
    let endpoint = program.url("/oauth2/token");
    for (jti, other) in [("a", json!({})), ("b", json!({"aud": endpoint})), ("c", json!({"aud": ["x", endpoint]}))] {
        let signed = key.sign("one", &assertion(&program, &client, jti, &other));
        assert!(own_token(&program, &client, &signed).await["access_token"].is_string(), "{other}");
        assert_eq!(own_token(&program, &client, &signed).await["error"], "invalid_client", "shown again");
    }
    for (jti, other) in [
        ("d", json!({"aud": "https://other.example"})),
        ("e", json!({"exp": now() - 120})),
        ("f", json!({"exp": now() + 86_400})),
        ("g", json!({"iss": "other"})),
        ("h", json!({"sub": "other"})),
        ("i", json!({"jti": null})),
        ("j", json!({"nbf": now() + 600})),
    ] {
        let signed = key.sign("one", &assertion(&program, &client, jti, &other));
        assert_eq!(own_token(&program, &client, &signed).await["error"], "invalid_client", "{other}");
    }
    let foreign = Key::new().sign("one", &assertion(&program, &client, "k", &json!({})));
    assert_eq!(own_token(&program, &client, &foreign).await["error"], "invalid_client");
    let unsigned = foreign.rsplit_once('.').unwrap().0.replacen(
        foreign.split('.').next().unwrap(),
        &URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
        1,
    );
    assert_eq!(own_token(&program, &client, &format!("{unsigned}.")).await["error"], "invalid_client");
}

#[tokio::test]
async fn keys_at_an_address_are_fetched_when_they_are_needed() {
    let program = program().await;
    let website = Website::start().await;
    let key = Key::new();
    let uri = website.url("/jwks");
    let client = program.relying_party(json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": uri})).await;
    website.show("/jwks", 200, key.jwks("one"));
    let signed = key.sign("one", &assertion(&program, &client, "a", &json!({})));
    assert!(own_token(&program, &client, &signed).await["access_token"].is_string());
    let signed = key.sign("two", &assertion(&program, &client, "b", &json!({})));
    assert_eq!(own_token(&program, &client, &signed).await["error"], "invalid_client", "no key there has this name");
}

fn request_object(program: &Program, client: &RelyingParty<'_>, other: &Value) -> Value {
    let mut claims = json!({"iss": client.id, "aud": program.issuer(), "exp": now() + 60, "client_id": client.id,
        "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid", "state": "inner", "nonce": "n"});
    claims.as_object_mut().unwrap().extend(other.as_object().cloned().unwrap());
    claims
}

#[tokio::test]
async fn what_stands_in_a_signed_request_object_wins_by_value_and_by_reference() {
    let program = program().await;
    let (key, website) = (Key::new(), Website::start().await);
    let object_uri = website.url("/object");
    let metadata = json!({"jwks": key.jwks("one"), "request_uris": [object_uri]});
    let client = program.relying_party(metadata).await;
    let object = key.sign("one", &request_object(&program, &client, &json!({"prompt": "none"})));
    website.show("/object", 200, &object);
    let browser = program.browser();
    let reference = format!("{object_uri}#{}", "fragment");
    for parameter in [("request", object.as_str()), ("request_uri", object_uri.as_str()), ("request_uri", &reference)] {
        let parameter = [parameter, ("state", "outer"), ("code_challenge", ""), ("code_challenge_method", "")];
        let answer = browser.get(&client.asks(&parameter)).await;
        let location = answer.location.unwrap_or_else(|| panic!("{parameter:?}: {}", answer.html));
        let told = parameters(&location);
        assert_eq!((told["error"].as_str(), told["state"].as_str()), ("login_required", "inner"), "{parameter:?}");
    }
    let unsigned = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
        URL_SAFE_NO_PAD.encode(request_object(&program, &client, &json!({})).to_string())
    );
    let foreign = Key::new().sign("one", &request_object(&program, &client, &json!({})));
    for bad in [unsigned, foreign] {
        let answer = browser.get(&client.asks(&[("request", &bad)])).await;
        let told = answer.location.map(|location| parameters(&location)["error"].clone());
        let told = told.unwrap_or(answer.html);
        assert!(told.contains("invalid_request_object") || told.contains("request_not_supported"), "{told}");
    }
    let elsewhere = website.show("/elsewhere", 200, &object);
    let answer = browser.get(&client.asks(&[("request_uri", &elsewhere)])).await;
    assert!(answer.location.is_none_or(|location| parameters(&location).contains_key("error")), "not registered");
}

#[tokio::test]
async fn userinfo_is_signed_for_a_client_that_wants_it_so() {
    let program = program().await;
    let client = program.relying_party(json!({"userinfo_signed_response_alg": "RS256"})).await;
    let code = program.browser().goes_through(&client.asks(&[]), ANN).await;
    let tokens = client.redeem(&code["code"]).await.json;
    let info = client.userinfo(&tokens["access_token"]).await;
    assert_eq!(info.header("content-type"), "application/jwt");
    let id_token = id_claims(&program, &client, &tokens["id_token"]).await;
    let read = jsonwebtoken::decode_header(&info.text).unwrap();
    assert_eq!(read.alg, Algorithm::RS256);
    let payload = URL_SAFE_NO_PAD.decode(info.text.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!((&claims["sub"], &claims["aud"]), (&id_token["sub"], &json!(client.id)));
    assert_eq!((&claims["iss"], &claims["email"]), (&json!(program.issuer()), &json!(ANN)));
}

#[tokio::test]
async fn a_pushed_request_stands_for_itself_once_and_for_its_client() {
    let program = program().await;
    let client = program.relying_party(json!({"require_pushed_authorization_requests": true})).await;
    let browser = program.browser();
    assert_eq!(browser.get(&client.asks(&[])).await.status, 400, "it has to push");
    let asked = parameters(&client.asks(&[]));
    let form: Vec<_> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let pushed = client.post("/oauth2/par", &form).await;
    assert_eq!((pushed.status, pushed.json["expires_in"].as_i64()), (201, Some(90)), "{}", pushed.text);
    let reference = pushed.json["request_uri"].as_str().unwrap();
    let other = program.relying_party(json!({})).await;
    let address = |id: &str| format!("{}?client_id={id}&request_uri={reference}", program.url("/oauth2/authorize"));
    assert_eq!(browser.get(&address(&other.id)).await.status, 400);
    let code = browser.goes_through(&address(&client.id), ANN).await;
    assert_eq!(client.redeem(&code["code"]).await.status, 200);
    assert_eq!(browser.get(&address(&client.id)).await.status, 400, "it was used");
    let mut wrong = form.clone();
    wrong.push(("request_uri", "urn:x"));
    assert_eq!(client.post("/oauth2/par", &wrong).await.json["error"], "invalid_request");
}
