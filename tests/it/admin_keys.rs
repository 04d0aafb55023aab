//! Signing keys, moved by operators.

use serde_json::{Value, json};

use crate::harness::{Operator, ProgramBuilder, until, verify_with_jwks};

/// The keys of one algorithm in one state.
fn of<'a>(keys: &'a Value, algorithm: &str, state: &str) -> Vec<&'a Value> {
    let items = keys["items"].as_array().or(keys["keys"].as_array()).expect("keys");
    items.iter().filter(|key| key["algorithm"] == algorithm && key["state"] == state).collect()
}

async fn keys(admin: &Operator<'_>) -> Value {
    let answer = admin.get("keys").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

fn quick() -> ProgramBuilder {
    ProgramBuilder::new().with_admin().setting("key_prepublication", "1").setting("jwks_max_age", "1")
}

#[tokio::test]
async fn every_key_is_shown_with_its_next_step_and_nothing_secret() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let keys = keys(&program.admin().await).await;
    assert_eq!(keys["items"].as_array().unwrap().len(), 4);
    for algorithm in ["ES256", "RS256"] {
        let (active, next) = (of(&keys, algorithm, "active"), of(&keys, algorithm, "next"));
        assert_eq!((active.len(), next.len()), (1, 1));
        assert_eq!(active[0]["rotates_at"], next[0]["rotates_at"]);
        assert!(active[0]["activated_at"].is_string() && next[0]["ready_at"].is_string());
    }
    for secret in ["\"d\"", "sealed", "PRIVATE"] {
        assert!(!keys.to_string().contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_rotation_waits_for_the_next_key_unless_it_is_forced() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let before = keys(&admin).await;
    let young = admin.post("keys/rotate", json!({"algorithm": "ES256"})).await;
    assert_eq!((young.status, &young.json["type"]), (409, &json!("urn:signet:problem:conflict")));
    assert!(
        young.json["detail"].as_str().unwrap().contains(of(&before, "ES256", "next")[0]["ready_at"].as_str().unwrap())
    );
    let forced = admin.post("keys/rotate", json!({"algorithm": "ES256", "force": true})).await;
    assert_eq!(forced.status, 200, "{}", forced.text);
    let (old, new) = (of(&before, "ES256", "active")[0]["kid"].clone(), of(&before, "ES256", "next")[0]["kid"].clone());
    assert_eq!(of(&forced.json, "ES256", "active")[0]["kid"], new);
    assert_eq!(of(&forced.json, "ES256", "retired")[0]["kid"], old);
    assert!(of(&forced.json, "ES256", "retired")[0]["leaves_at"].is_string());
    assert_eq!(of(&forced.json, "RS256", "active"), of(&before, "RS256", "active"));

    let event = admin.get("audit?filter=key.rotate").await.json["items"][0].clone();
    assert_eq!((&event["before"]["kid"], &event["after"]["kid"]), (&old, &new));
    assert_eq!(program.get("/get_public_cert").await.json["kid"], new);
    verify_with_jwks(&program, &admin.token).await;
    let fresh = program.admin().await;
    verify_with_jwks(&program, &fresh.token).await;
    let program = program.crash_and_restart().await;
    assert_eq!(program.get("/get_public_cert").await.json["kid"], new);
}

#[tokio::test]
async fn a_next_key_that_every_cache_can_hold_signs_when_told_to() {
    let program = quick().in_memory().start().await;
    let admin = program.admin().await;
    let next = of(&keys(&admin).await, "ES256", "next")[0]["kid"].clone();
    let rotated = || async {
        let answer = admin.post("keys/rotate", json!({"algorithm": "ES256"})).await;
        assert!([200, 409].contains(&answer.status), "{}", answer.text);
        (answer.status == 200).then_some(answer.json)
    };
    assert_eq!(of(&until(rotated).await, "ES256", "active")[0]["kid"], next);
    let unknown = admin.post("keys/rotate", json!({"algorithm": "HS256"})).await;
    assert_eq!((unknown.status, &unknown.json["errors"][0]["field"]), (422, &json!("algorithm")));
    let unused = admin.post("keys/rotate", json!({"algorithm": "PS256"})).await;
    assert_eq!(unused.status, 409);
}

#[tokio::test]
async fn a_rotation_can_be_planned_and_the_plan_taken_back() {
    let program = quick().in_memory().start().await;
    let admin = program.admin().await;
    let next = of(&keys(&admin).await, "ES256", "next")[0]["kid"].clone();
    let far = "2999-01-01T00:00:00Z";
    for (at, status) in
        [(json!("2020-01-01T00:00:00Z"), 422), (json!("soon"), 422), (json!(far), 200), (Value::Null, 200)]
    {
        let answer = admin.post("keys/schedule", json!({"algorithm": "ES256", "at": at})).await;
        assert_eq!(answer.status, status, "{at}: {}", answer.text);
    }
    let soon = until(|| async {
        let at = jiff::Timestamp::from_second(epoch() + 2).unwrap().to_string();
        let answer = admin.post("keys/schedule", json!({"algorithm": "ES256", "at": at})).await;
        (answer.status == 200).then_some((at, answer.json))
    });
    let (at, planned) = soon.await;
    let shown: jiff::Timestamp = of(&planned, "ES256", "active")[0]["rotates_at"].as_str().unwrap().parse().unwrap();
    assert!(shown >= at.parse().unwrap(), "{shown}");
    let signs = || async { (program.get("/get_public_cert").await.json["kid"] == next).then_some(()) };
    until(signs).await;
}

#[expect(clippy::disallowed_methods, reason = "a test outside the program has no clock to be passed")]
fn epoch() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[tokio::test]
async fn an_algorithm_can_be_added_and_dropped() {
    let program = quick().start().await;
    let admin = program.admin().await;
    let added = admin.post("keys", json!({"algorithm": "EdDSA"})).await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(of(&added.json, "EdDSA", "next").len(), 1);
    assert!(program.get("/.well-known/jwks.json").await.text.contains("EdDSA"));
    assert_eq!(admin.post("keys", json!({"algorithm": "EdDSA"})).await.status, 409);
    assert_eq!(admin.post("keys", json!({"algorithm": "RS256"})).await.status, 409);
    let active = || async { (of(&keys(&admin).await, "EdDSA", "active").len() == 1).then_some(()) };
    until(active).await;
    assert_eq!(program.get("/get_public_cert").await.json["alg"], "ES256", "the default signs on");

    let path = "keys/algorithms/EdDSA";
    assert_eq!(admin.change("DELETE", path, None, json!({})).await.status, 428);
    assert_eq!(admin.change("DELETE", path, Some("\"0\""), json!({})).await.status, 412);
    let dropped = admin.change("DELETE", path, Some("*"), json!({})).await;
    assert_eq!(dropped.status, 200, "{}", dropped.text);
    assert_eq!((of(&dropped.json, "EdDSA", "retired").len(), of(&dropped.json, "EdDSA", "next").len()), (1, 0));
    assert_eq!(admin.change("DELETE", path, Some("*"), json!({})).await.status, 404);
}

#[tokio::test]
async fn a_revoked_key_leaves_at_once_and_signing_goes_on() {
    let program = ProgramBuilder::new().with_admin().start().await;
    program.register("ann@example.com").await;
    let (ann, admin) = (program.login("ann@example.com").await, program.admin().await);
    let kid = of(&keys(&admin).await, "ES256", "active")[0]["kid"].as_str().unwrap().to_owned();
    let path = format!("keys/{kid}/revoke");
    let counted = admin.post(&format!("{path}?dry_run=true"), json!({})).await;
    assert_eq!((counted.status, &counted.json["broken_tokens"]), (200, &json!(2)), "{}", counted.text);
    assert_eq!(program.me(&ann.access).await.status, 200, "nothing was done");
    let revoked = admin.post(&path, json!({})).await;
    assert_eq!(revoked.status, 200, "{}", revoked.text);
    assert_eq!(of(&revoked.json, "ES256", "gone")[0]["revoked"], true);
    assert!(!program.get("/.well-known/jwks.json").await.text.contains(&kid));
    assert_eq!(program.me(&ann.access).await.status, 401);
    let fresh = crate::harness::Tokens::of(&program.refresh(&ann.refresh).await);
    verify_with_jwks(&program, &fresh.access).await;
    let admin = program.admin().await;
    assert_eq!(admin.post(&path, json!({})).await.status, 409);
    assert_eq!(admin.post("keys/no-such-key/revoke", json!({})).await.status, 404);
    let program = program.crash_and_restart().await;
    assert!(!program.get("/.well-known/jwks.json").await.text.contains(&kid));
}

#[tokio::test]
async fn what_cannot_be_undone_takes_a_recent_login() {
    let program = ProgramBuilder::new().in_memory().with_admin().setting("reauthentication_window", "0").start().await;
    let admin = program.admin().await;
    let kid = of(&keys(&admin).await, "RS256", "next")[0]["kid"].as_str().unwrap().to_owned();
    let root = admin.get("users?filter=role:admin").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    // The window is never so short that nobody could do it, and over after a while.
    let refused = || async {
        let forced = admin.post("keys/rotate", json!({"algorithm": "ES256", "force": true})).await;
        (forced.status == 403).then_some(forced)
    };
    let refused = until(refused).await;
    assert_eq!(refused.json["type"], "urn:signet:problem:reauthentication_required");
    for (method, path, body) in [
        ("POST", format!("keys/{kid}/revoke"), json!({})),
        ("POST", "api-keys".to_owned(), json!({"name": "x", "permissions": ["*:write"]})),
        ("PATCH", "settings".to_owned(), json!({"reauthentication_window": 86_400})),
        ("POST", format!("users/{root}/password"), json!({"password": "another-long-password"})),
        ("POST", "users".to_owned(), json!({"email": "x@example.com", "roles": ["admin"]})),
        ("PATCH", format!("users/{root}"), json!({"email": "mine@example.com"})),
        ("DELETE", format!("users/{root}"), json!({})),
    ] {
        let answer = admin.change(method, &path, Some("*"), body).await;
        assert_eq!((answer.status, &answer.json["type"]), (403, &refused.json["type"]), "{method} {path}");
    }
    assert_eq!(admin.post("users", json!({"email": "x@example.com"})).await.status, 201, "what can be undone goes on");
}
