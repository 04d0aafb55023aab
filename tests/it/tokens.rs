//! Access tokens that are not ours, not for here, or not for now.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::harness::{PASSWORD, Program, ProgramBuilder};

struct Bench {
    program: Program,
    access: String,
}

impl Bench {
    async fn new() -> Self {
        let program = ProgramBuilder::new().in_memory().setting("access_token_lifetime", "3600").start().await;
        let access = program.user("ann@example.com").await.access;
        assert_eq!(program.me(&access).await.status, 200);
        Self { program, access }
    }

    fn parts(&self) -> Vec<&str> {
        self.access.split('.').collect()
    }

    fn header(&self) -> Value {
        serde_json::from_slice(&BASE64.decode(self.parts()[0]).unwrap()).unwrap()
    }

    fn claims(&self) -> Value {
        serde_json::from_slice(&BASE64.decode(self.parts()[1]).unwrap()).unwrap()
    }

    async fn assert_refused(&self, token: &str, why: &str) {
        for path in ["/api/me/", "/api/me/sessions/"] {
            let answer = self.program.send(self.program.client.get(self.program.url(path)).bearer_auth(token)).await;
            assert_eq!(answer.status, 401, "{why}: {}", answer.text);
            assert!(!answer.text.contains(&self.parts()[1][..20]), "{why}: no claim comes back");
        }
        assert_eq!(self.program.renew(token).await.status, 401, "{why}");
    }
}

fn encoded(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

#[tokio::test]
async fn unsigned_and_tampered_tokens_are_refused() {
    let bench = Bench::new().await;
    let [header, claims, signature] = bench.parts()[..] else { panic!("three parts") };
    for none in ["none", "nOnE", "NONE", ""] {
        let mut forged = bench.header();
        forged["alg"] = json!(none);
        for tail in ["", signature] {
            bench.assert_refused(&format!("{}.{claims}.{tail}", encoded(&forged)), none).await;
        }
    }
    let mut admin = bench.claims();
    admin["roles"] = json!(["admin"]);
    bench.assert_refused(&format!("{header}.{}.{signature}", encoded(&admin)), "claims changed").await;
    bench.assert_refused(&format!("{header}.{claims}."), "no signature").await;
    bench.assert_refused(&format!("{header}.{claims}"), "two parts").await;
    bench.assert_refused(&format!("{header}.{claims}.{signature}.{signature}"), "four parts").await;
    bench.assert_refused(&".".repeat(7_000), "dots").await;
}

#[tokio::test]
async fn a_token_signed_with_somebody_elses_key_is_refused() {
    let bench = Bench::new().await;
    let pem = bench.program.get("/get_public_cert").await.json["public_key"].as_str().unwrap().to_owned();
    let kid = bench.header()["kid"].as_str().unwrap().to_owned();
    // The public key as the secret of a symmetric algorithm (CVE-2015-9235).
    for secret in [pem.as_bytes(), pem.trim().as_bytes(), b"" as &[u8]] {
        let header = Header { typ: Some("at+jwt".into()), kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
        let forged = encode(&header, &bench.claims(), &EncodingKey::from_secret(secret)).unwrap();
        bench.assert_refused(&forged, "HS256").await;
    }
    // A key of the attacker's own, brought along in the header.
    let own = rcgen::KeyPair::generate().unwrap();
    let key = EncodingKey::from_ec_pem(own.serialize_pem().as_bytes()).unwrap();
    for name in ["jwk", "jku", "x5u", "x5c"] {
        let header = Header { typ: Some("at+jwt".into()), kid: Some(kid.clone()), ..Header::new(Algorithm::ES256) };
        let forged = encode(&header, &bench.claims(), &key).unwrap();
        let mut parts: Vec<_> = forged.split('.').map(str::to_owned).collect();
        let mut with_key = bench.header();
        with_key[name] = json!("https://evil.example/jwks.json");
        parts[0] = encoded(&with_key);
        bench.assert_refused(&parts.join("."), name).await;
        bench.assert_refused(&forged, "own key").await;
    }
}

#[tokio::test]
async fn hostile_key_ids_and_headers_are_refused() {
    let bench = Bench::new().await;
    let [_, claims, signature] = bench.parts()[..] else { panic!("three parts") };
    let kids = [
        json!("../../../../dev/null"),
        json!("'; DELETE signing_key; --"),
        json!("signing_key:⟨x⟩"),
        json!(5),
        json!(null),
        json!("k".repeat(6_000)),
    ];
    for kid in kids {
        let mut header = bench.header();
        header["kid"] = kid.clone();
        bench.assert_refused(&format!("{}.{claims}.{signature}", encoded(&header)), "a hostile kid").await;
    }
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
        ("b64", json!(false)),
        ("typ", json!("JWT")),
        ("typ", json!("logout+jwt")),
    ] {
        let mut header = bench.header();
        header[name] = value;
        bench.assert_refused(&format!("{}.{claims}.{signature}", encoded(&header)), name).await;
    }
    assert_eq!(bench.program.me(&bench.access).await.status, 200);
}

#[tokio::test]
async fn a_token_is_over_at_its_exp_and_belongs_to_one_issuer() {
    let short = ProgramBuilder::new().in_memory().setting("access_token_lifetime", "1").start().await;
    let tokens = short.user("ann@example.com").await;
    crate::harness::until(|| async { (short.me(&tokens.access).await.status == 401).then_some(()) }).await;
    let other = ProgramBuilder::new().in_memory().start().await;
    let foreign = other.user("ann@example.com").await;
    assert_eq!(short.me(&foreign.access).await.status, 401);
}

#[tokio::test]
async fn a_temporary_passwords_token_opens_nothing_but_the_setting_of_a_proper_one() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let temporary = crate::passwords::temporary_administrator_password(&program);
    let login = program.try_login("admin@localhost", &temporary).await;
    let tokens = crate::harness::Tokens::of(&login);
    assert_eq!(crate::harness::verify_with_jwks(&program, &tokens.access).await.scope, "password_change");
    assert_eq!(program.me(&tokens.access).await.status, 403);
    assert_eq!(program.put_me(&tokens.access, json!({"username": "root"})).await.status, 403);
    let both = json!({"username": "root", "password": PASSWORD});
    assert_eq!(program.put_me(&tokens.access, both).await.status, 403);
    let same = program.put_me(&tokens.access, json!({"password": temporary})).await;
    assert_eq!(same.status, 422, "the temporary one cannot become the proper one");
    assert_eq!(program.put_me(&tokens.access, json!({"password": PASSWORD})).await.status, 200);
    assert_eq!(program.try_login("admin@localhost", &temporary).await.status, 401);
    let login = program.login("admin@localhost").await;
    let claims = crate::harness::verify_with_jwks(&program, &login.access).await;
    assert_eq!((claims.scope.as_str(), claims.roles), ("account", vec!["admin".to_owned()]));
}
