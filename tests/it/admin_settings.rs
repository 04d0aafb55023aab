//! Settings, changed over the admin API while the server runs.

use serde_json::{Value, json};

use crate::harness::{Operator, PASSWORD, ProgramBuilder, verify_with_jwks};

async fn value(admin: &Operator<'_>, key: &str) -> Value {
    let settings = admin.get("settings").await;
    assert_eq!(settings.status, 200, "{}", settings.text);
    let all = settings.json["settings"].as_array().unwrap();
    all.iter().find(|setting| setting["key"] == key).expect(key)["value"].clone()
}

#[tokio::test]
async fn every_setting_is_described() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let answer = program.admin().await.get("settings").await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"1\""));
    assert_eq!(answer.json["revision"], 1);
    let settings = answer.json["settings"].as_array().unwrap();
    assert!(settings.len() >= 28, "{}", settings.len());
    for setting in settings {
        for member in ["key", "type", "effect"] {
            assert!(setting[member].as_str().is_some_and(|text| !text.is_empty()), "{setting}");
        }
        match setting["type"].as_str().unwrap() {
            "duration" | "integer" => {
                let number = |member: &str| setting[member].as_i64().unwrap();
                assert!(number("min") <= number("value") && number("value") <= number("max"), "{setting}");
                assert!((number("min")..=number("max")).contains(&number("default")), "{setting}");
            }
            "boolean" => assert!(setting["value"].is_boolean()),
            "choice" => assert!(setting["choices"].as_array().unwrap().contains(&setting["value"])),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_changed_lifetime_holds_for_the_next_token_and_after_a_crash() {
    let program = ProgramBuilder::new().with_admin().start().await;
    program.register("ann@example.com").await;
    let admin = program.admin().await;
    let etag = admin.get("settings").await.header("etag").to_owned();
    let change = json!({"access_token_lifetime": "7m"});
    let changed = admin.change("PATCH", "settings", Some(&etag), change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.json["changes"], json!([{"key": "access_token_lifetime", "before": 600, "after": 420}]));
    let claims = |token: String| {
        let program = &program;
        async move { verify_with_jwks(program, &token).await }
    };
    let next = claims(program.login("ann@example.com").await.access).await;
    assert_eq!(next.exp - next.iat, 420);
    let program = program.crash_and_restart().await;
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.json["expires_in"], 420);
    assert_eq!(value(&program.admin().await, "access_token_lifetime").await, 420);
}

#[tokio::test]
async fn several_settings_change_together_or_not_at_all() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let both = admin.patch("settings", json!({"login_attempts": 25, "registration_open": false})).await;
    assert_eq!(both.status, 200, "{}", both.text);
    assert_eq!(
        (value(&admin, "login_attempts").await, value(&admin, "registration_open").await),
        (json!(25), json!(false))
    );
    let closed = program.post("/api/register/", json!({"email": "x@example.com", "password": PASSWORD})).await;
    assert_eq!(closed.status, 403);

    let mixed = admin.patch("settings", json!({"login_attempts": 30, "access_token_lifetime": 0, "no_such": 1})).await;
    assert_eq!(mixed.status, 422);
    let fields: Vec<_> = mixed.json["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["access_token_lifetime", "no_such"]);
    assert!(mixed.text.contains("a duration from 1s to 1d"), "{}", mixed.text);
    assert_eq!(value(&admin, "login_attempts").await, 25);
}

#[tokio::test]
async fn rules_that_span_settings_are_kept() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    for (change, reason) in [
        (json!({"refresh_token_lifetime": 60, "refresh_token_idle_lifetime": 61}), "idle"),
        (json!({"refresh_grace": 20, "refresh_reuse_memory": 10}), "refresh_grace"),
        (json!({"key_rotation_period": 10, "cookie_token_lifetime": "30d"}), "outlive its key"),
    ] {
        let refused = admin.patch("settings", change).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains(reason), "{}", refused.text);
    }
    assert_eq!(admin.get("settings").await.json["revision"], 1);
}

#[tokio::test]
async fn a_change_says_what_it_changes_and_of_two_operators_one_wins() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let blind = admin.change("PATCH", "settings", None, json!({"login_attempts": 11})).await;
    assert_eq!((blind.status, &blind.json["type"]), (428, &json!("urn:signet:problem:precondition_required")));
    let etag = admin.get("settings").await.header("etag").to_owned();
    let race = (0..8).map(|number| {
        let (admin, etag) = (&admin, &etag);
        async move { admin.change("PATCH", "settings", Some(etag), json!({"login_attempts": 20 + number})).await }
    });
    let answers = futures_util::future::join_all(race).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    let winner = &won[0].json["changes"][0]["after"];
    for answer in lost {
        assert_eq!((answer.status, answer.header("etag")), (412, "\"2\""), "{}", answer.text);
        let current = answer.json["current"]["settings"].as_array().unwrap();
        let attempts = current.iter().find(|setting| setting["key"] == "login_attempts").unwrap();
        assert_eq!(&attempts["value"], winner);
    }
    for wrong in ["\"3\"", "W/\"2\"", "2", "nonsense", "\"1\", \"2\""] {
        let answer = admin.change("PATCH", "settings", Some(wrong), json!({"login_attempts": 99})).await;
        assert_eq!(answer.status, 412, "{wrong}");
    }
}

#[tokio::test]
async fn a_dry_run_counts_whom_a_change_concerns_and_changes_nothing() {
    let program = ProgramBuilder::new().with_admin().start().await;
    program.register("ann@example.com").await;
    for _ in 0..3 {
        program.login("ann@example.com").await;
    }
    program.auth("ann@example.com", PASSWORD).await;
    let admin = program.admin().await;
    let change = json!({"access_token_lifetime": 60, "browser_session_lifetime": 60, "scrypt_log_n": 11});
    let answer = admin.patch("settings?dry_run=true", change).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((&answer.json["dry_run"], &answer.json["revision"]), (&json!(true), &json!(1)));
    let counts = |key: &str| {
        let impact = answer.json["impact"].as_array().unwrap();
        impact.iter().find(|impact| impact["key"] == key).expect(key)["counts"].clone()
    };
    assert_eq!(counts("access_token_lifetime"), json!({"sessions": 4}), "three of Ann's and the administrator's");
    assert_eq!(counts("browser_session_lifetime"), json!({"sessions": 1}));
    assert_eq!(counts("scrypt_log_n"), json!({"users": 2}));
    let idle = admin.patch("settings?dry_run=true", json!({"refresh_token_idle_lifetime": "1h"})).await;
    assert_eq!(idle.json["impact"][0]["counts"], json!({"refresh_tokens": 4, "refresh_tokens_ended": 0}));
    assert_eq!(value(&admin, "access_token_lifetime").await, 600);
    assert_eq!(admin.get("settings").await.header("etag"), "\"1\"");
}

#[tokio::test]
async fn the_history_tells_who_changed_what_and_a_revision_can_be_restored() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    admin.patch("settings", json!({"login_attempts": 25})).await;
    admin.patch("settings", json!({"login_attempts": 26, "refresh_grace": 0})).await;
    let history = admin.get("settings/revisions").await;
    assert_eq!(history.status, 200, "{}", history.text);
    let items = history.json["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| item["revision"].clone()).collect::<Vec<_>>(), [3, 2, 1]);
    assert!(items[0]["actor"].as_str().unwrap().starts_with("user:") && items[2]["actor"] == "system");
    assert_eq!(items[1]["changes"], json!([{"key": "login_attempts", "before": 10, "after": 25}]));

    let restored = admin.change("POST", "settings/revisions/2/restore", Some("\"3\""), json!({})).await;
    assert_eq!(restored.status, 200, "{}", restored.text);
    assert_eq!((value(&admin, "login_attempts").await, value(&admin, "refresh_grace").await), (json!(25), json!(10)));
    assert_eq!(admin.get("settings").await.header("etag"), "\"4\"");
    let unknown = admin.change("POST", "settings/revisions/99/restore", Some("*"), json!({})).await;
    assert_eq!(unknown.status, 404);

    // Page by page, by cursors that nobody can make up.
    let first = admin.get("settings/revisions?limit=3").await.json;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = admin.get(&format!("settings/revisions?limit=3&cursor={cursor}")).await.json;
    assert_eq!((second["items"][0]["revision"].clone(), second["next_cursor"].clone()), (json!(1), Value::Null));
    for query in [format!("cursor={}x", &cursor[1..]), "cursor=AAAA".into(), "limit=0".into(), "limit=201".into()] {
        assert_eq!(admin.get(&format!("settings/revisions?{query}")).await.status, 422, "{query}");
    }
    assert_eq!(admin.get("settings/revisions?limit=1&limit=2").await.status, 400);
    assert_eq!(admin.get("settings/revisions?page=2").await.status, 400);
}

#[tokio::test]
async fn another_signing_algorithm_takes_over_once_every_cache_can_hold_its_key() {
    let program = ProgramBuilder::new()
        .in_memory()
        .with_admin()
        .setting("key_prepublication", "1")
        .setting("jwks_max_age", "1")
        .start()
        .await;
    let admin = program.admin().await;
    let changed = admin.patch("settings", json!({"default_signing_algorithm": "EdDSA"})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let cert = program.get("/get_public_cert").await;
    assert_eq!(cert.json["alg"], "ES256", "the one before goes on");
    let published = program.get("/.well-known/jwks.json").await;
    assert!(published.text.contains("EdDSA"), "{}", published.text);
    let alg = || async { (program.get("/get_public_cert").await.json["alg"] == "EdDSA").then_some(()) };
    crate::harness::until(alg).await;
    verify_with_jwks(&program, &program.admin().await.token).await;
}
