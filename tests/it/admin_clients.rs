//! Clients, as operators register and change them.

use serde_json::{Value, json};

use crate::harness::{Answer, Operator, ProgramBuilder, until};

const CALLBACK: &str = "https://app.example.com/callback";

fn secret(answer: &Answer) -> String {
    answer.json["client_secret"].as_str().expect("a secret").to_owned()
}

fn path(answer: &Answer) -> String {
    format!("clients/{}", answer.json["client_id"].as_str().expect("an id"))
}

async fn create(admin: &Operator<'_>, body: Value) -> Answer {
    let made = admin.post("clients", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made
}

#[tokio::test]
async fn a_client_is_registered_with_a_secret_that_is_shown_once_and_kept_as_a_hash() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let body = json!({"client_name": "Shop", "redirect_uris": [CALLBACK], "scope": "openid email"});
    let made = admin.create("clients", "once", body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("location"), format!("/admin/v1/{}", path(&made)));
    assert!(secret(&made).starts_with("signet_secret_") && secret(&made).len() >= 43 + 14);
    assert!(made.json["client_id_issued_at"].is_i64());
    let again = admin.create("clients", "once", body).await;
    assert_eq!((&again.json["client_id"], again.json.get("client_secret")), (&made.json["client_id"], None));
    let other = admin.create("clients", "once", json!({"redirect_uris": [CALLBACK]})).await;
    assert_eq!(other.status, 422, "{}", other.text);

    let program = program.crash_and_restart().await;
    let admin = program.admin().await;
    let seen = admin.get(&path(&made)).await;
    assert_eq!((seen.status, seen.header("etag")), (200, "\"1\""));
    assert_eq!(seen.json["redirect_uris"], json!([CALLBACK]));
    assert_eq!(seen.json["grant_types"], json!(["authorization_code"]), "defaults are shown");
    assert_eq!(seen.json["secrets"].as_array().map(Vec::len), Some(1));
    assert_eq!(admin.get("clients").await.json["items"].as_array().map(Vec::len), Some(1));
    for text in [seen.text, admin.get("clients").await.text, admin.get("audit?limit=200").await.text, program.log()] {
        assert!(!text.contains(&secret(&made)));
    }
}

#[tokio::test]
async fn public_clients_have_no_secret_and_mistakes_are_told_all_at_once() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let public = json!({"redirect_uris": ["http://localhost:3000/cb"], "token_endpoint_auth_method": "none"});
    let public = create(&admin, public).await;
    assert_eq!(public.json.get("client_secret"), None);
    let refused = admin.post(&format!("{}/secret", path(&public)), json!({})).await;
    assert_eq!(refused.status, 409, "{}", refused.text);

    let body = json!({"redirect_uris": ["http://app.example.com/#x"], "response_types": ["token code"],
        "logo_uri": "javascript:alert(1)", "lifetimes": {"access_token_lifetime": 0}});
    let wrong = admin.post("clients", body).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    let errors = wrong.json["errors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    for field in ["redirect_uris", "grant_types", "logo_uri", "lifetimes.access_token_lifetime"] {
        assert!(fields.contains(&field), "{field}: {fields:?}");
    }
    for body in [
        json!({"client_id": "mine", "redirect_uris": [CALLBACK]}),
        json!({"client_secret": "mine", "redirect_uris": [CALLBACK]}),
        json!({"secrets": [], "redirect_uris": [CALLBACK]}),
        json!({"redirect_uris": [CALLBACK], "grant_types": ["password"]}),
        json!({"redirect_uris": CALLBACK}),
        json!({"redirect_uris": [CALLBACK], "lifetimes": {"cookie_token_lifetime": 5}}),
    ] {
        assert_eq!(admin.post("clients", body.clone()).await.status, 422, "{body}");
    }
    assert_eq!(admin.get("clients").await.json["items"].as_array().map(Vec::len), Some(1), "nothing was half made");
}

#[tokio::test]
async fn a_client_is_changed_member_by_member_and_nobody_overwrites_anybody() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let made = create(&admin, json!({"client_name": "Shop", "redirect_uris": [CALLBACK], "default_max_age": 60})).await;
    let path = path(&made);
    let change = json!({"client_name": "Store", "default_max_age": null});
    assert_eq!(admin.change("PATCH", &path, None, change.clone()).await.status, 428);
    let changed = admin.change("PATCH", &path, Some("\"1\""), change).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{}", changed.text);
    assert_eq!(changed.json["client_name"], "Store");
    assert_eq!(changed.json["default_max_age"], Value::Null);
    assert_eq!(changed.json["redirect_uris"], json!([CALLBACK]));
    let late = admin.change("PATCH", &path, Some("\"1\""), json!({"client_name": "Late"})).await;
    assert_eq!((late.status, &late.json["current"]["client_name"]), (412, &json!("Store")));
    let both = [json!({"logo_uri": "https://a.example/"}), json!({"tos_uri": "https://a.example/"})];
    let [one, two] = both.map(|body| admin.patch(&path, body));
    let (one, two) = tokio::join!(one, two);
    assert_eq!((one.status, two.status), (200, 200));
    let after = admin.get(&path).await.json;
    assert!(after["logo_uri"].is_string() && after["tos_uri"].is_string(), "{after}");
    let event = admin.get("audit?filter=type:client.update").await.json["items"][2].clone();
    assert_eq!(event["before"], json!({"client_name": "Shop", "default_max_age": 60}));
    assert_eq!(event["after"], json!({"client_name": "Store", "default_max_age": null}));
}

#[tokio::test]
async fn a_secret_is_replaced_with_an_overlap_and_a_client_is_removed() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let made = create(&admin, json!({"redirect_uris": [CALLBACK]})).await;
    let to = format!("{}/secret", path(&made));
    let rotated = admin.create(&to, "again", json!({"overlap": "1h"})).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    assert_ne!(secret(&rotated), secret(&made));
    let ends: Vec<_> =
        rotated.json["secrets"].as_array().unwrap().iter().map(|one| one["expires_at"].clone()).collect();
    assert!(ends.len() == 2 && ends[0].is_null() && ends[1].is_string(), "{ends:?}");
    assert_eq!(admin.patch(&path(&made), json!({"client_name": "Changed since"})).await.header("etag"), "\"3\"");
    let repeated = admin.create(&to, "again", json!({"overlap": "1h"})).await;
    assert_eq!((repeated.status, repeated.json.get("client_secret")), (200, None));
    assert_eq!((repeated.header("etag"), &repeated.json["client_name"]), ("\"2\"", &Value::Null), "as it was then");
    let third = admin.post(&to, json!({"overlap": "3s"})).await;
    assert_eq!(third.json["secrets"].as_array().map(Vec::len), Some(3), "both of before serve on");
    for answer in [path(&made), "clients".to_owned()] {
        until(|| async {
            let shown = admin.get(&answer).await.json;
            let client = shown["items"].get(0).unwrap_or(&shown).clone();
            (client["secrets"].as_array().map(Vec::len) == Some(1)).then_some(())
        })
        .await;
    }
    for _ in 0..4 {
        assert_eq!(admin.post(&to, json!({})).await.status, 200);
    }
    assert_eq!(admin.post(&to, json!({})).await.status, 409, "nobody knows any more which serves");
    let at_once = admin.post(&to, json!({"overlap": 0})).await;
    assert_eq!(at_once.json["secrets"].as_array().map(Vec::len), Some(1));
    for bad in [json!({"overlap": -1}), json!({"overlap": "a year"}), json!({"overlap": "1y"}), json!({"more": 1})] {
        assert_eq!(admin.post(&to, bad.clone()).await.status, 422, "{bad}");
    }

    let public = json!({"token_endpoint_auth_method": "none"});
    assert_eq!(admin.patch(&path(&made), public).await.json["secrets"], json!([]));
    let gone = admin.change("DELETE", &path(&made), Some("\"1\""), json!({})).await;
    assert_eq!(gone.status, 412, "{}", gone.text);
    assert_eq!(admin.change("DELETE", &path(&made), Some("*"), json!({})).await.status, 204);
    assert_eq!(admin.get(&path(&made)).await.status, 404);
    let audit = admin.get("audit?limit=200").await.text;
    for kind in ["client.create", "client.secret", "client.update", "client.delete"] {
        assert!(audit.contains(kind), "{kind}");
    }
    assert!(!audit.contains("signet_secret_"));
}

#[tokio::test]
async fn clients_are_found_by_name_and_read_page_by_page() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    for number in 0..5 {
        create(&admin, json!({"client_name": format!("Shop {number}"), "redirect_uris": [CALLBACK]})).await;
    }
    create(&admin, json!({"client_name": "Other", "redirect_uris": [CALLBACK]})).await;
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin.get(&format!("clients?filter=name:shop&limit=2{cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        names.extend(page.json["items"].as_array().unwrap().iter().map(|item| item["client_name"].clone()));
        let Some(next) = page.json["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(names, ["Shop 4", "Shop 3", "Shop 2", "Shop 1", "Shop 0"]);
    assert_eq!(admin.get(&format!("clients?filter=name:other{cursor}")).await.status, 422, "another list's cursor");
    assert_eq!(admin.get("clients?filter=scope:x").await.status, 422);
}

#[tokio::test]
async fn keys_outlive_the_tokens_of_a_client_with_lifetimes_of_its_own() {
    let program = ProgramBuilder::new()
        .with_admin()
        .setting("key_rotation_period", "3600")
        .setting("key_prepublication", "1")
        .setting("jwks_max_age", "1")
        .start()
        .await;
    let admin = program.admin().await;
    let client = json!({"redirect_uris": [CALLBACK], "lifetimes": {"access_token_lifetime": "1d"}});
    let made = create(&admin, client).await;
    assert_eq!(made.json["lifetimes"]["access_token_lifetime"], 86_400);
    // A shorter life does not shorten what the key may have signed meanwhile.
    let shorter = admin.patch(&path(&made), json!({"lifetimes": {"access_token_lifetime": 5}})).await;
    assert_eq!(shorter.status, 200, "{}", shorter.text);
    let rotated = until(|| async {
        let answer = admin.post("keys/rotate", json!({"algorithm": "ES256"})).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    let keys = rotated.json["items"].as_array().unwrap();
    let retired = keys.iter().find(|key| key["state"] == "retired").expect("a retired key");
    let at = |name: &str| retired[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let stays = at("leaves_at").duration_since(at("retired_at")).as_secs();
    assert!(stays >= 86_400 + 60, "{stays}");

    // What no key could outlive is refused, from both sides.
    assert_eq!(admin.patch("settings", json!({"key_rotation_period": 5})).await.status, 200);
    let long = admin.patch(&path(&made), json!({"lifetimes": {"access_token_lifetime": 6_000}})).await;
    assert_eq!(long.status, 422, "{}", long.text);
    let fits = admin.patch(&path(&made), json!({"lifetimes": {"access_token_lifetime": 4_000}})).await;
    assert_eq!(fits.status, 200, "{}", fits.text);
    assert_eq!(admin.patch("settings", json!({"key_rotation_period": 3})).await.status, 422);
}

#[tokio::test]
async fn what_would_put_somebody_else_in_a_clients_place_takes_a_recent_login() {
    let program = ProgramBuilder::new().in_memory().with_admin().setting("reauthentication_window", "10").start().await;
    let admin = program.admin().await;
    let made = create(&admin, json!({"redirect_uris": [CALLBACK]})).await;
    let thieves = [
        json!({"redirect_uris": ["https://evil.example/cb"]}),
        json!({"token_endpoint_auth_method": "none"}),
        json!({"jwks_uri": "https://evil.example/jwks"}),
    ];
    // Until the login is as old as that.
    until(|| async { (admin.post(&format!("{}/secret", path(&made)), json!({})).await.status == 403).then_some(()) })
        .await;
    for theft in thieves {
        let refused = admin.patch(&path(&made), theft).await;
        assert!(refused.status == 403 && refused.text.contains("recent login"), "{}", refused.text);
    }
    let renamed = admin.patch(&path(&made), json!({"client_name": "Shop"})).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    let same = admin.patch(&path(&made), json!({"client_name": "Shop"})).await;
    assert_eq!(same.header("etag"), renamed.header("etag"), "what changes nothing is no change");
    let public = program.admin().await.patch(&path(&made), json!({"token_endpoint_auth_method": "none"})).await;
    assert_eq!(public.json["secrets"], json!([]));
    let event = admin.get("audit?filter=type:client.update").await.json["items"][0].clone();
    assert!(event["before"]["secrets"].as_i64() >= Some(1) && event["after"]["secrets"] == 0, "{event}");
}

#[tokio::test]
async fn settings_and_clients_that_do_not_go_together_never_both_come_about() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let path = path(&create(&admin, json!({"redirect_uris": [CALLBACK]})).await);
    for round in 0..10 {
        let (settings, client) = tokio::join!(
            admin.patch("settings", json!({"key_rotation_period": 5})),
            admin.patch(&path, json!({"lifetimes": {"access_token_lifetime": 6_000}})),
        );
        let mut statuses = [settings.status, client.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422], "round {round}: {} {}", settings.text, client.text);
        assert_eq!(admin.patch(&path, json!({"lifetimes": null})).await.status, 200);
        assert_eq!(admin.patch("settings", json!({"key_rotation_period": 3_600})).await.status, 200);
    }
}
