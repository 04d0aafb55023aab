//! Clients that register themselves (RFC 7591, RFC 7592).

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Program, ProgramBuilder, Website},
    openid::{ANN, program as closed},
};

const CALLBACK: &str = "https://shop.example/callback";

async fn program(policy: &str) -> Program {
    let program = ProgramBuilder::new().in_memory().with_admin().setting("client_registration", policy);
    let program = program.env("SIGNET__OUTGOING__ALLOWED_NETWORKS", "127.0.0.0/8").start().await;
    program.register(ANN).await;
    program
}

async fn register(program: &Program, token: Option<&str>, metadata: Value) -> Answer {
    let request = program.client.post(program.url("/oauth2/register")).json(&metadata);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    program.send(request).await
}

async fn manage(program: &Program, method: &str, client: &Value, token: &str, body: Value) -> Answer {
    let url = client["registration_client_uri"].as_str().unwrap();
    let request = program.client.request(method.parse().unwrap(), url).bearer_auth(token);
    program.send(if body.is_null() { request } else { request.json(&body) }).await
}

#[tokio::test]
async fn a_client_registers_itself_logs_a_user_in_and_looks_after_what_it_registered() {
    let program = program("open").await;
    let told = program.get("/.well-known/openid-configuration").await.json;
    assert_eq!(told["registration_endpoint"], program.url("/oauth2/register").as_str());
    let metadata = json!({"client_name": "Shop", "redirect_uris": [CALLBACK], "contacts": ["ops@shop.example"],
        "grant_types": ["authorization_code", "refresh_token"], "client_name#ja": "店", "software_version": "1"});
    let made = register(&program, None, metadata).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"), "{}", made.text);
    let client = made.json;
    assert_eq!(client["client_secret_expires_at"], 0);
    assert!(client["lifetimes"].is_null() && client["jwks"].is_null(), "{client}");
    let party = program.known_party(&client);
    let code = program.browser().goes_through(&party.asks(&[]), ANN).await;
    assert_eq!(party.redeem(&code["code"]).await.status, 200);

    let token = client["registration_access_token"].as_str().unwrap();
    let read = manage(&program, "GET", &client, token, Value::Null).await;
    assert_eq!((read.status, &read.json["client_name"]), (200, &json!("Shop")));
    assert!(read.json["client_secret"].is_null(), "it was shown once");
    let mut change = json!({"client_id": client["client_id"], "redirect_uris": [CALLBACK], "client_name": "Other",
        "client_secret": client["client_secret"]});
    let changed = manage(&program, "PUT", &client, token, change.clone()).await;
    assert_eq!((changed.status, &changed.json["client_name"]), (200, &json!("Other")), "{}", changed.text);
    assert_eq!(changed.json["grant_types"], json!(["authorization_code"]), "what is not there has its default again");
    for (member, value) in [("client_id", json!("other")), ("client_secret", json!("other"))] {
        let mut wrong = change.clone();
        wrong[member] = value;
        assert_eq!(manage(&program, "PUT", &client, token, wrong).await.json["error"], "invalid_client_metadata");
    }
    change["redirect_uris"] = json!(["https://shop.example/callback#here"]);
    assert_eq!(manage(&program, "PUT", &client, token, change).await.json["error"], "invalid_redirect_uri");

    assert_eq!(manage(&program, "DELETE", &client, token, Value::Null).await.status, 204);
    let gone = manage(&program, "GET", &client, token, Value::Null).await;
    assert_eq!((gone.status, gone.header("www-authenticate").contains("invalid_token")), (401, true));
    assert_eq!(party.redeem("x").await.json["error"], "invalid_client");
}

#[tokio::test]
async fn nobody_registers_where_the_operator_does_not_want_it() {
    let program = closed().await;
    assert!(program.get("/.well-known/openid-configuration").await.json["registration_endpoint"].is_null());
    let refused = register(&program, None, json!({"redirect_uris": [CALLBACK]})).await;
    assert_eq!((refused.status, refused.json["error"].as_str()), (400, Some("access_denied")));
    let admin = program.admin().await;
    let change = json!({"client_registration": "open"});
    assert_eq!(admin.patch("settings", change).await.status, 200);
    assert_eq!(register(&program, None, json!({"redirect_uris": [CALLBACK]})).await.status, 201, "from now on");
    let told = program.get("/.well-known/openid-configuration").await.json;
    assert!(told["registration_endpoint"].is_string(), "and it is told");
}

#[tokio::test]
async fn where_it_takes_a_token_only_one_that_may_write_clients_serves() {
    let program = program("token").await;
    let admin = program.admin().await;
    let key = async |permission: &str| {
        let made = admin.post("api-keys", json!({"name": "registrar", "permissions": [permission]})).await;
        made.json["api_key"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned()
    };
    let metadata = json!({"redirect_uris": [CALLBACK]});
    let none = register(&program, None, metadata.clone()).await;
    assert_eq!((none.status, none.header("www-authenticate").starts_with("Bearer")), (401, true));
    assert_eq!(register(&program, Some("nonsense"), metadata.clone()).await.status, 401);
    let reader = key("clients:read").await;
    assert_eq!(register(&program, Some(&reader), metadata.clone()).await.json["error"], "insufficient_scope");
    let writer = key("clients:write").await;
    assert_eq!(register(&program, Some(&writer), metadata).await.status, 201);
}

#[tokio::test]
async fn metadata_that_cannot_be_is_refused_by_the_names_of_the_standard() {
    let program = program("open").await;
    for (metadata, error) in [
        (json!({"redirect_uris": ["https://shop.example/cb#fragment"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": []}), "invalid_redirect_uri"),
        (json!({"redirect_uris": ["javascript:alert(1)"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": [CALLBACK], "grant_types": ["password"]}), "invalid_client_metadata"),
        (
            json!({"redirect_uris": [CALLBACK], "jwks": {"keys": []}, "jwks_uri": "https://a.example/"}),
            "invalid_client_metadata",
        ),
        (json!({"redirect_uris": [CALLBACK], "logo_uri": "javascript:alert(1)"}), "invalid_client_metadata"),
    ] {
        let refused = register(&program, None, metadata.clone()).await;
        assert_eq!((refused.status, &refused.json["error"]), (400, &json!(error)), "{metadata}: {}", refused.text);
    }
    let array = program.client.post(program.url("/oauth2/register")).json(&json!([1]));
    assert_eq!(program.send(array).await.status, 400);
}

#[tokio::test]
async fn clients_of_one_sector_know_a_user_by_one_name_and_others_by_another() {
    let program = program("open").await;
    let website = Website::start().await;
    let sector = website.url("/sector").replace("http://", "https://");
    let https_only = json!({"redirect_uris": [CALLBACK], "subject_type": "pairwise", "sector_identifier_uri": sector});
    assert_eq!(register(&program, None, https_only).await.json["error"], "invalid_client_metadata", "no such list");
    let subject = async |redirect_uri: &str| {
        let metadata = json!({"redirect_uris": [redirect_uri], "subject_type": "pairwise"});
        let party = register(&program, None, metadata).await.json;
        let party = program.known_party(&party);
        let code = program.browser().goes_through(&party.asks(&[("redirect_uri", redirect_uri)]), ANN).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code["code"].as_str()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", crate::harness::VERIFIER),
        ];
        let tokens = party.post("/oauth2/token", &form).await.json;
        party.userinfo(&tokens["access_token"]).await.json["sub"].clone()
    };
    let [one, same, other] =
        [subject(CALLBACK).await, subject("https://shop.example/b").await, subject("https://bank.example/").await];
    assert_eq!(one, same);
    assert_ne!(one, other);
    assert_ne!(one.as_str().unwrap(), program.me(&program.login(ANN).await.access).await.json["id"]);
}
