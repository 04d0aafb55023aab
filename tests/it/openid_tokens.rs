//! Every kind of token and secret, at every place that takes one: each opens what it is for, and nothing else.

use serde_json::{Value, json};

use crate::harness::{ADMIN, Answer, CALLBACK, PASSWORD, Program, ProgramBuilder, RelyingParty};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Those that take a token as Bearer, one that takes it as a cookie, and those that take it in a body.
const PLACES: [&str; 10] = [
    "account",
    "administration",
    "userinfo",
    "registration",
    "renewal",
    "introspection",
    "code",
    "refresh",
    "device",
    "refresh of the account",
];

struct Bench<'a> {
    program: &'a Program,
    client: RelyingParty<'a>,
    registered: Value,
}

impl Bench<'_> {
    async fn show(&self, place: &str, token: &str) -> Answer {
        let (program, client) = (self.program, &self.client);
        match place {
            "account" => program.me(token).await,
            "administration" => program.operator(token.to_owned()).get("stats").await,
            "userinfo" => client.userinfo(&json!(token)).await,
            "registration" => {
                let url = self.registered["registration_client_uri"].as_str().unwrap();
                program.send(program.client.get(url).bearer_auth(token)).await
            }
            "renewal" => program.renew(token).await,
            "introspection" => client.post("/oauth2/introspect", &[("token", token)]).await,
            "code" => client.redeem(token).await,
            "refresh" => client.refresh(token).await,
            "device" => client.post("/oauth2/token", &[("grant_type", DEVICE_CODE), ("device_code", token)]).await,
            "refresh of the account" => program.refresh(token).await,
            other => panic!("no such place: {other}"),
        }
    }

    async fn assert_refused(&self, place: &str, token: &str, name: &str) {
        let answer = self.show(place, token).await;
        let why = format!("{name} at {place}: {}", answer.text);
        match place {
            "introspection" => assert_eq!((answer.status, answer.json), (200, json!({"active": false})), "{why}"),
            "code" | "refresh" | "device" => {
                assert_eq!((answer.status, &answer.json["error"]), (400, &json!("invalid_grant")), "{why}");
            }
            _ => assert_eq!(answer.status, 401, "{why}"),
        }
        assert!(!answer.text.contains(token), "{name} at {place}: it comes back");
    }

    async fn assert_serves(&self, place: &str, token: &str, name: &str) {
        let answer = self.show(place, token).await;
        assert_eq!(answer.status, 200, "{name} at {place}: {}", answer.text);
        assert!(place != "introspection" || answer.json["active"] == true, "{name} at {place}: {}", answer.text);
    }

    /// The code of a device that the administrator has allowed.
    async fn device_code(&self) -> String {
        let begun = self.client.post("/oauth2/device_authorization", &[("scope", "openid")]).await.json;
        let start = begun["verification_uri_complete"].as_str().unwrap();
        let browser = self.program.browser();
        let login = browser.get(start).await.location.unwrap();
        let page = browser.get(&login).await;
        browser.submit(&login, &page, &[("login", ADMIN), ("password", PASSWORD)]).await;
        let page = browser.get(start).await;
        let done = browser.submit(start, &page, &[("decision", "allow")]).await;
        assert!(done.html.contains("Device connected"), "{}", done.html);
        begun["device_code"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn each_kind_of_token_opens_what_it_is_for_and_nothing_else() {
    let builder = ProgramBuilder::new().in_memory().with_admin().setting("client_registration", "open");
    let program = builder.setting("authorization_code_lifetime", "600").start().await;
    let grants = json!(["authorization_code", "refresh_token", "client_credentials", DEVICE_CODE]);
    let client = program.relying_party(json!({"grant_types": grants})).await;
    let register = program.client.post(program.url("/oauth2/register"));
    let registered = program.send(register.json(&json!({"redirect_uris": [CALLBACK]}))).await.json;
    let bench = Bench { program: &program, client, registered };
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no token: {value}")).to_owned();

    // All of an administrator, so that nothing is refused for who it is.
    let account = program.login(ADMIN).await;
    let cookie = program.auth(ADMIN, PASSWORD).await.json;
    let key = json!({"name": "everything", "permissions": ["*:write"]});
    let key = program.admin().await.post("api-keys", key).await.json;
    let browser = program.browser();
    let answer = browser.goes_through(&bench.client.asks(&[]), ADMIN).await;
    let given = bench.client.redeem(&answer["code"]).await.json;
    let own = bench.client.post("/oauth2/token", &[("grant_type", "client_credentials")]).await.json;
    let another = browser.goes_through(&bench.client.asks(&[]), ADMIN).await;
    let kinds: [(&str, String, &[&str]); 12] = [
        ("an access token of the account", account.access, &["account", "administration", "introspection"]),
        ("a cookie", text(&cookie["jwt"]), &["account", "administration", "introspection", "renewal"]),
        ("a refresh token of the account", account.refresh, &["refresh of the account"]),
        ("an access token of a client", text(&given["access_token"]), &["userinfo", "introspection"]),
        ("an ID token", text(&given["id_token"]), &[]),
        ("a refresh token of a client", text(&given["refresh_token"]), &["introspection", "refresh"]),
        ("an access token of a client itself", text(&own["access_token"]), &["introspection"]),
        ("a code", another["code"].clone(), &["code"]),
        ("a device code", bench.device_code().await, &["device"]),
        ("a registration access token", text(&bench.registered["registration_access_token"]), &["registration"]),
        ("an API key", text(&key["api_key"]), &["administration"]),
        ("a client's secret", bench.client.secret.clone(), &[]),
    ];
    // First where it does not belong: nothing of it is spent there.
    for (name, token, opens) in &kinds {
        for place in PLACES.iter().filter(|place| !opens.contains(place)) {
            bench.assert_refused(place, token, name).await;
        }
    }
    for (name, token, opens) in &kinds {
        for place in *opens {
            bench.assert_serves(place, token, name).await;
        }
    }
}

#[tokio::test]
async fn a_client_is_shown_nothing_of_another_client_s() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let one = program.relying_party(json!({})).await;
    let other = program.relying_party(json!({})).await;
    let browser = program.browser();
    let given = one.redeem(&browser.goes_through(&one.asks(&[]), ADMIN).await["code"]).await.json;
    let refresh = given["refresh_token"].as_str().unwrap();
    assert_eq!(other.post("/oauth2/introspect", &[("token", refresh)]).await.json, json!({"active": false}));
    assert_eq!(other.refresh(refresh).await.json["error"], "invalid_grant");
    let code = browser.goes_through(&one.asks(&[]), ADMIN).await["code"].clone();
    assert_eq!(other.redeem(&code).await.json["error"], "invalid_grant");
    assert_eq!((one.redeem(&code).await.status, one.refresh(refresh).await.status), (200, 200), "nothing was spent");
}
