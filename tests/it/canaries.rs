//! Secrets, planted everywhere an operator or a user handles one: none turns up in a log, a metric, the audit log or an error.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::harness::{Answer, Behaviour, Sink, SinkTls, Tokens};

const CALLBACK: &str = "https://app.example.com/callback";

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// What was planted, and what was said where nothing of it belongs.
#[derive(Default)]
struct Planted {
    secrets: Vec<(&'static str, String)>,
    said: Vec<String>,
}

impl Planted {
    fn plant(&mut self, what: &'static str, secret: impl Into<String>) -> String {
        let secret = secret.into();
        assert!(secret.len() >= 12, "{what}: too short to be told from chance");
        self.secrets.push((what, secret.clone()));
        secret
    }

    /// An answer that is an error, or that shows what is there for the second time.
    fn heard(&mut self, answer: Answer) {
        self.said.push(answer.text);
    }
}

#[tokio::test]
async fn no_secret_turns_up_in_logs_metrics_audit_or_errors() {
    let mut planted = Planted::default();
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let master_key = planted.plant("master key", STANDARD.encode([0x5a; 32]));
    let program = crate::mails::builder(&sink).with_admin().env("SIGNET__KEYS__MASTER_KEY", &master_key).start().await;
    let admin = program.admin().await;
    planted.plant("operator's token", admin.token.clone());

    // Users: passwords set, imported, temporary, reset, and put where they do not belong.
    let password = planted.plant("password", "canary-password-of-ann");
    let made = admin.post("users", json!({"email": "ann@example.com", "password": password})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let ann = format!("users/{}", text(&made.json["id"]));
    let tokens = Tokens::of(&program.try_login("ann@example.com", &password).await);
    planted.plant("access token", tokens.access.clone());
    planted.plant("refresh token", tokens.refresh.clone());
    let hash = planted.plant("hash", "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e");
    let line = json!({"email": "bob@example.com", "password_hash": hash});
    planted.heard(admin.import("", format!("{line}\n{line}\n")).await);
    planted.heard(admin.import("", format!("{}\n", json!({"email": "x@example.com", "roles": hash}))).await);
    let temporary = admin.post(&format!("{ann}/password"), json!({})).await;
    planted.plant("temporary password", text(&temporary.json["temporary_password"]));
    program.post("/request_password_reset", json!({"email": "ann@example.com"})).await;
    let code = planted.plant("reset code", sink.mail().await.code());
    for body in [
        json!({"password": {"nested": password}}),
        json!({"password": [password]}),
        json!({"disabled": password}),
        json!({"roles": password}),
        json!({"email": 5, "username": password}),
    ] {
        planted.heard(admin.patch(&ann, body.clone()).await);
        planted.heard(program.post("/api/login/", body).await);
    }
    planted.heard(program.try_login("ann@example.com", &format!("{password}x")).await);
    planted.heard(program.post("/reset_password", json!({"reset_code": [code]})).await);
    planted.heard(program.post("/api/refresh/", json!({"refresh_token": {"a": tokens.refresh}})).await);
    planted.heard(program.me(&format!("{}x", tokens.access)).await);

    // Clients and keys of the admin API: shown once.
    let client = admin.create("clients", "one", json!({"redirect_uris": [CALLBACK]})).await;
    let secret = planted.plant("client secret", text(&client.json["client_secret"]));
    let path = format!("clients/{}", text(&client.json["client_id"]));
    planted.heard(admin.create("clients", "one", json!({"redirect_uris": [CALLBACK]})).await);
    let rotated = admin.post(&format!("{path}/secret"), json!({})).await;
    planted.plant("second client secret", text(&rotated.json["client_secret"]));
    planted.heard(admin.get(&path).await);
    planted.heard(admin.get("clients").await);
    planted.heard(admin.patch(&path, json!({"require_auth_time": secret, "default_max_age": secret})).await);
    let key = admin.create("api-keys", "two", json!({"name": "script", "permissions": ["users:read"]})).await;
    let key = planted.plant("API key", text(&key.json["api_key"]));
    planted.heard(program.operator(key.clone()).get("settings").await);
    planted.heard(program.operator(format!("{key}x")).get("users").await);
    planted.heard(admin.get("api-keys").await);
    planted.heard(admin.patch("settings", json!({"login_attempts": password, "registration_open": key})).await);

    planted.heard(admin.get("audit?limit=200").await);
    planted.heard(admin.get("mail").await);
    planted.heard(admin.get("users/export").await);
    planted.heard(program.get("/metrics").await);
    planted.said.push(program.log());
    planted.said.push(program.greeting.clone());
    assert!(planted.secrets.len() >= 11 && planted.said.len() >= 25);
    for (what, secret) in &planted.secrets {
        for said in &planted.said {
            assert!(!said.contains(secret.as_str()), "{what} in: {said}");
        }
    }
}
