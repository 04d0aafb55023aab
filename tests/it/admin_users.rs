//! Users, managed over the admin API.

use serde_json::{Value, json};

use crate::harness::{ADMIN, Behaviour, Operator, PASSWORD, ProgramBuilder, Sink, SinkTls};

async fn create(admin: &Operator<'_>, email: &str) -> Value {
    let answer = admin.post("users", json!({"email": email, "password": PASSWORD})).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json
}

async fn emails(admin: &Operator<'_>, query: &str) -> Vec<String> {
    let answer = admin.get(&format!("users?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer.json["items"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_user_is_created_shown_changed_and_deleted() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let body =
        json!({"email": "Ann@Example.com", "username": "Ann", "password": PASSWORD, "roles": ["editor", "editor"]});
    let created = admin.post("users", body.clone()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = created.json["id"].as_str().unwrap().to_owned();
    assert_eq!(created.header("location"), format!("/admin/v1/users/{id}"));
    let path = format!("users/{id}");
    let shown = admin.get(&path).await;
    assert_eq!((shown.status, shown.header("etag")), (200, "\"1\""));
    for member in ["id", "email", "username", "email_verified", "disabled", "roles", "created_at", "last_login_at"] {
        assert!(shown.json.get(member).is_some(), "{member}");
    }
    assert_eq!(shown.json["roles"], json!(["editor"]));
    assert!(!shown.text.contains("scrypt") && !shown.text.contains("hash"), "{}", shown.text);
    assert_eq!(admin.post("users", body).await.status, 409);
    program.login("ann@example.com").await;
    let seen = admin.get(&path).await;
    assert!(seen.json["last_login_at"].is_string());
    assert_eq!(seen.header("etag"), "\"1\"", "a login is no change");

    let change = json!({"email": "ann@example.org", "username": "", "email_verified": true, "roles": []});
    assert_eq!(admin.change("PATCH", &path, None, change.clone()).await.status, 428);
    let changed = admin.change("PATCH", &path, Some("\"1\""), change.clone()).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!((&changed.json["email"], &changed.json["username"]), (&json!("ann@example.org"), &json!("")));
    assert_eq!((&changed.json["email_verified"], &changed.json["roles"]), (&json!(true), &json!([])));
    let stale = admin.change("PATCH", &path, Some("\"1\""), change).await;
    assert_eq!((stale.status, &stale.json["current"]["email"]), (412, &json!("ann@example.org")));
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 401);
    program.login("ann@example.org").await;

    assert_eq!(admin.change("DELETE", &path, Some("\"1\""), json!({})).await.status, 412);
    assert_eq!(admin.change("DELETE", &path, Some("\"2\""), json!({})).await.status, 204);
    assert_eq!(admin.get(&path).await.status, 404);
    assert_eq!(program.try_login("ann@example.org", PASSWORD).await.status, 401);
    create(&admin, "ann@example.org").await;
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_back_when_enabled() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let id = create(&admin, "ann@example.com").await["id"].as_str().unwrap().to_owned();
    let tokens = program.login("ann@example.com").await;
    let cookie = program.auth("ann@example.com", PASSWORD).await.json["jwt"].as_str().unwrap().to_owned();
    let path = format!("users/{id}");
    let disabled = admin.patch(&path, json!({"disabled": true})).await;
    assert_eq!((disabled.status, &disabled.json["disabled"]), (200, &json!(true)), "{}", disabled.text);
    assert_eq!(program.me(&tokens.access).await.status, 401);
    assert_eq!(program.refresh(&tokens.refresh).await.status, 401);
    assert_eq!(program.renew(&cookie).await.status, 401);
    assert_eq!(program.try_login("ann@example.com", PASSWORD).await.status, 401);
    assert_eq!(admin.patch(&path, json!({"disabled": false})).await.status, 200);
    program.login("ann@example.com").await;
    assert_eq!(program.refresh(&tokens.refresh).await.status, 401, "what ended stays ended");
}

#[tokio::test]
async fn somebody_can_always_administer() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let own =
        admin.get(&format!("users?filter=email:{ADMIN}")).await.json["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("users/{own}");
    for change in [json!({"disabled": true}), json!({"roles": []}), json!({"roles": ["auditor"]})] {
        let refused = admin.patch(&path, change).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
    }
    assert_eq!(admin.change("DELETE", &path, Some("*"), json!({})).await.status, 409);
    let second = create(&admin, "second@example.com").await["id"].as_str().unwrap().to_owned();
    assert_eq!(admin.patch(&format!("users/{second}"), json!({"roles": ["admin"]})).await.status, 200);
    // Both go at once: one stays.
    let second = format!("users/{second}");
    let (first, other) =
        tokio::join!(admin.patch(&path, json!({"roles": []})), admin.patch(&second, json!({"roles": []})));
    let mut statuses = [first.status, other.status];
    statuses.sort_unstable();
    assert!([[200, 409], [200, 403]].contains(&statuses), "{statuses:?}");
}

#[tokio::test]
async fn a_role_taken_away_is_gone_with_the_next_request() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let id = create(&admin, "ann@example.com").await["id"].as_str().unwrap().to_owned();
    let path = format!("users/{id}");
    admin.patch(&path, json!({"roles": ["auditor"]})).await;
    let auditor = program.operator(program.login("ann@example.com").await.access);
    assert_eq!(auditor.get("settings").await.status, 200);
    assert_eq!(auditor.patch("settings", json!({"login_attempts": 11})).await.status, 403);
    assert_eq!(auditor.patch(&path, json!({"roles": ["admin"]})).await.status, 403);
    admin.patch(&path, json!({"roles": []})).await;
    assert_eq!(auditor.get("settings").await.status, 403);
}

/// More than are sorted where no index has them in order.
const MANY: usize = 4_300;

#[tokio::test]
async fn every_filter_goes_with_every_order_however_many_match() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    // More than are sorted, registered in another order than that of their addresses.
    let many: Vec<_> = (0..MANY)
        .map(|number| {
            let email = format!("many{:04}@example.com", number * 7 % MANY);
            let registered =
                format!("2020-01-{:02}T00:00:{:02}.{:03}Z", 1 + number / 1_000, number % 60, number % 1_000);
            let roles: &[&str] = if number % 100 == 0 { &["editor"] } else { &[] };
            json!({"email": email, "username": format!("Many {number:04}"), "disabled": number % 9 == 0,
                "email_verified": number % 2 == 0, "roles": roles, "created_at": registered})
        })
        .collect();
    for part in many.chunks(1_000) {
        let report = admin.import("", part.iter().map(|user| format!("{user}\n")).collect()).await;
        assert_eq!(report.json["imported"], part.len(), "{}", report.text);
    }
    for filter in [
        "email:many",
        "email:many0",
        "username:many",
        "username:\"many 00\"",
        "role:editor",
        "disabled:true",
        "verified:false",
        "until:30d",
        "email:many disabled:true",
        "username:many email:many1 verified:true",
    ] {
        for (sort, field) in [("created_at", "created_at"), ("email", "email"), ("-created_at", "created_at")] {
            let filter = filter.replace(' ', "%20").replace('"', "%22");
            let mut values = Vec::new();
            let mut query = format!("filter={filter}&sort={sort}&limit=7");
            for _ in 0..2 {
                let page = admin.get(&format!("users?{query}")).await;
                assert_eq!(page.status, 200, "{query}: {}", page.text);
                let items = page.json["items"].as_array().unwrap();
                values.extend(items.iter().map(|user| user[field].as_str().unwrap().to_owned()));
                query = format!(
                    "filter={filter}&sort={sort}&limit=7&cursor={}",
                    page.json["next_cursor"].as_str().unwrap()
                );
            }
            let instant = |text: &String| text.parse::<jiff::Timestamp>().ok();
            let in_order = |pair: &[String]| match (field, sort.starts_with('-')) {
                ("created_at", false) => instant(&pair[0]) <= instant(&pair[1]),
                ("created_at", true) => instant(&pair[0]) >= instant(&pair[1]),
                _ => pair[0] <= pair[1],
            };
            assert!(values.len() == 14 && values.windows(2).all(in_order), "{filter} {sort}: {values:?}");
        }
    }
    assert_eq!(admin.get("users?sort=username").await.status, 422, "not everybody has a name");
    let named = admin.get("users?filter=username:many&sort=-username&limit=1").await;
    assert_eq!(named.json["items"][0]["username"], format!("Many {:04}", MANY - 1));
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_paged_whatever_changes_beneath() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    for number in 0..12 {
        create(&admin, &format!("user{number:02}@example.com")).await;
    }
    let all = emails(&admin, "sort=email").await;
    assert_eq!((all.len(), all[0].as_str(), all[12].as_str()), (13, ADMIN, "user11@example.com"));
    assert_eq!(emails(&admin, "").await[0], "user11@example.com", "the newest first");

    let mut seen = Vec::new();
    let mut query = "sort=email&limit=5".to_owned();
    loop {
        let page = admin.get(&format!("users?{query}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let items = page.json["items"].as_array().unwrap();
        seen.extend(items.iter().map(|user| user["email"].as_str().unwrap().to_owned()));
        if seen.len() == 5 {
            // One comes before the cursor, one behind it, and one that was seen goes.
            create(&admin, "aaa@example.com").await;
            create(&admin, "user055@example.com").await;
            let gone = items[4]["id"].as_str().unwrap();
            assert_eq!(admin.change("DELETE", &format!("users/{gone}"), Some("*"), json!({})).await.status, 204);
        }
        let Some(cursor) = page.json["next_cursor"].as_str() else { break };
        query = format!("sort=email&limit=5&cursor={cursor}");
    }
    let mut expected = all.clone();
    expected.push("user055@example.com".to_owned());
    expected.sort();
    assert_eq!(seen, expected, "each once, and the newcomer in its place");

    assert_eq!(
        emails(&admin, "filter=user1").await,
        ["user10@example.com", "user11@example.com"],
        "in their own order"
    );
    let newest_first = emails(&admin, "filter=user1&sort=-created_at").await;
    assert_eq!(newest_first, ["user11@example.com", "user10@example.com"]);
    assert_eq!(emails(&admin, "filter=role:admin").await, [ADMIN]);
    assert_eq!(emails(&admin, "filter=verified:true&sort=-email").await, [ADMIN]);
    assert_eq!(emails(&admin, "filter=disabled:true").await, Vec::<String>::new());
    assert_eq!(emails(&admin, "filter=until:1h").await, Vec::<String>::new());
    assert_eq!(emails(&admin, "filter=since:1h%20email:user02").await, ["user02@example.com"]);
    let cursor = admin.get("users?limit=1").await.json["next_cursor"].as_str().unwrap().to_owned();
    for query in [
        "filter=colour:red",
        "filter=disabled:perhaps",
        "filter=email:%22ann",
        "sort=password_hash",
        "filter=%27%20OR%20true;%20DELETE%20user%20WHERE%20%27",
        &format!("limit=1&sort=email&cursor={cursor}"),
    ] {
        let answer = admin.get(&format!("users?{query}")).await;
        assert!([200, 422].contains(&answer.status), "{query}: {}", answer.text);
        if answer.status == 200 {
            assert_eq!(answer.json["items"], json!([]), "{query}");
        }
    }
    assert_eq!(emails(&admin, "").await.len(), 14, "nothing was touched");
}

#[tokio::test]
async fn a_creation_that_is_repeated_happens_once() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let body = json!({"email": "ann@example.com", "password": PASSWORD});
    let answers = futures_util::future::join_all((0..8).map(|_| admin.create("users", "key-1", body.clone()))).await;
    assert!(
        answers.iter().all(|answer| answer.status == 201),
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    assert!(answers.iter().all(|answer| answer.json["id"] == answers[0].json["id"]));
    let other = admin.create("users", "key-1", json!({"email": "bob@example.com"})).await;
    assert_eq!(other.status, 422, "{}", other.text);
    assert_eq!(admin.create("users", "key-2", body).await.status, 409);
}

#[tokio::test]
async fn an_invited_user_chooses_a_password_on_a_page() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink).with_admin().start().await;
    let admin = program.admin().await;
    let created = admin.post("users", json!({"email": "ann@example.com", "invite": true})).await;
    assert_eq!((created.status, &created.json["password"]), (201, &json!("none")), "{}", created.text);
    assert_eq!(program.try_login("ann@example.com", "").await.status, 401);
    let mail = sink.mail().await;
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("ann@example.com", "Choose a password for your account"));
    let link = mail.text.lines().find(|line| line.contains("/set_password?token=")).unwrap().trim().to_owned();
    let page = program.send(program.client.get(&link)).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<form") && page.header("content-security-policy").contains("default-src 'none'"));
    let send = |password: &str| {
        let form = [("token", mail.code()), ("password", password.to_owned())];
        program.send(program.client.post(program.url("/set_password")).form(&form))
    };
    let short = send("short").await;
    assert_eq!(short.status, 422);
    assert!(short.text.contains("at least 8 characters") && short.text.contains("<form"));
    assert_eq!(send(PASSWORD).await.status, 200);
    assert_eq!(send(PASSWORD).await.status, 400, "once");
    assert_eq!(program.send(program.client.get(&link)).await.status, 400);
    program.login("ann@example.com").await;
    let id = created.json["id"].as_str().unwrap();
    let shown = admin.get(&format!("users/{id}")).await;
    assert_eq!((&shown.json["email_verified"], &shown.json["password"]), (&json!(true), &json!("proper")));
}

#[tokio::test]
async fn an_operator_sets_resets_and_ends_what_a_user_logs_in_with() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink).in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let id = create(&admin, "ann@example.com").await["id"].as_str().unwrap().to_owned();
    let tokens = program.login("ann@example.com").await;
    let temporary = admin.post(&format!("users/{id}/password"), json!({})).await;
    assert_eq!(temporary.status, 200, "{}", temporary.text);
    let word = temporary.json["temporary_password"].as_str().unwrap();
    assert!(temporary.json["expires_at"].is_string());
    assert_eq!(program.refresh(&tokens.refresh).await.status, 401);
    let restricted = program.try_login("ann@example.com", word).await;
    assert_eq!(restricted.status, 200);
    assert_eq!(program.me(restricted.json["access_token"].as_str().unwrap()).await.status, 403);
    let poor = admin.post(&format!("users/{id}/password"), json!({"password": "short"})).await;
    assert_eq!(poor.status, 422);
    let set = admin.post(&format!("users/{id}/password"), json!({"password": "another-long-password"})).await;
    assert_eq!((set.status, &set.json), (200, &json!({})));
    assert_eq!(program.try_login("ann@example.com", "another-long-password").await.status, 200);
    assert_eq!(admin.post(&format!("users/{id}/reset"), json!({})).await.status, 204);
    let reset = program
        .post("/reset_password", json!({"reset_code": sink.mail().await.code(), "new_password": PASSWORD}))
        .await;
    assert_eq!(reset.status, 200, "{}", reset.text);
    let tokens = program.login("ann@example.com").await;
    assert_eq!(admin.change("DELETE", &format!("users/{id}/sessions"), Some("*"), json!({})).await.status, 204);
    assert_eq!(program.refresh(&tokens.refresh).await.status, 401);
    assert!(!program.log().contains(word));
}

#[tokio::test]
async fn fields_that_nobody_may_set_are_refused() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let id = create(&admin, "ann@example.com").await["id"].as_str().unwrap().to_owned();
    for member in ["id", "password_hash", "created_at", "revision", "has_roles", "last_login_at"] {
        let answer = admin.patch(&format!("users/{id}"), json!({member: "x"})).await;
        assert_eq!(answer.status, 422, "{member}");
        let answer = admin.post("users", json!({"email": "x@example.com", member: "x"})).await;
        assert_eq!(answer.status, 422, "{member}");
    }
    for roles in [json!(["a b"]), json!([""]), json!("admin"), json!([1]), json!(vec!["r"; 33])] {
        assert_eq!(admin.patch(&format!("users/{id}"), json!({"roles": roles})).await.status, 422, "{roles}");
    }
    assert_eq!(admin.get("users/user:x").await.status, 404);
}
