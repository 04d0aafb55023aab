//! Who may do what over the admin API: every route that is described, by every kind of caller.

use serde_json::json;

use crate::harness::{PASSWORD, Program, ProgramBuilder, Tokens};

/// Every operation of the admin API, from the server's own description.
async fn operations(program: &Program) -> Vec<(String, String)> {
    let document = program.get("/openapi.json").await.json;
    let paths = document["paths"].as_object().unwrap();
    let mut found = Vec::new();
    for (path, methods) in paths.iter().filter(|(path, _)| path.starts_with("/admin/v1/")) {
        found.extend(methods.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())));
    }
    assert!(found.len() >= 20, "{found:?}");
    found
}

/// A request that does nothing whoever sends it: ids that nobody has, bodies that are refused.
async fn ask(program: &Program, method: &str, path: &str, token: Option<&str>) -> u16 {
    let path = path.replace("{revision}", "0").replace("{algorithm}", "none");
    let path = path.replace("{id}", "00000000-0000-4000-8000-000000000000").replace("{kid}", "none");
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = program.client.request(method.clone(), program.url(&path)).header("if-match", "\"0\"");
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if method != reqwest::Method::GET {
        request = request.json(&json!({"no such member": true}));
    }
    // A stream's head is all there is to see.
    request.send().await.unwrap().status().as_u16()
}

async fn api_key(program: &Program, admin: &str, permissions: &[&str]) -> String {
    let body = json!({"name": permissions.join(" "), "permissions": permissions});
    let made = program.operator(admin.to_owned()).post("api-keys", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json["api_key"].as_str().unwrap().to_owned()
}

fn resource(path: &str) -> &str {
    path.trim_start_matches("/admin/v1/").split('/').next().unwrap()
}

#[tokio::test]
async fn exactly_the_allowed_callers_pass_at_every_route() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await.token;
    let operator = program.operator(admin.clone());
    for (email, roles) in [
        ("user@example.com", json!(["editor"])),
        ("auditor@example.com", json!(["auditor"])),
        ("gone@example.com", json!(["admin"])),
    ] {
        let made = operator.post("users", json!({"email": email, "password": PASSWORD, "roles": roles})).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let user = program.login("user@example.com").await.access;
    let auditor = program.login("auditor@example.com").await.access;
    let gone = program.login("gone@example.com").await.access;
    let found = operator.get("users?filter=email:gone").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(operator.patch(&format!("users/{found}"), json!({"disabled": true})).await.status, 200);
    let all = api_key(&program, &admin, &["*:write"]).await;
    let looks = api_key(&program, &admin, &["*:read"]).await;

    for (method, path) in operations(&program).await {
        let reads = method == "GET";
        let own = resource(&path);
        let narrow = api_key(&program, &admin, &[&format!("{own}:read")]).await;
        let wide = api_key(&program, &admin, &[&format!("{own}:write")]).await;
        let other = if own == "keys" { "users:write" } else { "keys:write" };
        let foreign = api_key(&program, &admin, &[other]).await;
        for (who, token, refusal) in [
            ("anonymous", None, Some(401)),
            ("nonsense", Some("nonsense"), Some(401)),
            ("a made-up key", Some("signet_key_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), Some(401)),
            ("a disabled administrator", Some(gone.as_str()), Some(401)),
            ("a user", Some(user.as_str()), Some(403)),
            ("an auditor", Some(auditor.as_str()), (!reads).then_some(403)),
            ("an administrator", Some(admin.as_str()), None),
            ("a key for everything", Some(all.as_str()), None),
            ("a key that looks at everything", Some(looks.as_str()), (!reads).then_some(403)),
            ("a key that looks at this", Some(narrow.as_str()), (!reads).then_some(403)),
            ("a key that changes this", Some(wide.as_str()), None),
            ("a key for something else", Some(foreign.as_str()), Some(403)),
        ] {
            let status = ask(&program, &method, &path, token).await;
            match refusal {
                Some(refusal) => assert_eq!(status, refusal, "{who}: {method} {path}"),
                None => assert!(![401, 403].contains(&status), "{who}: {method} {path}: {status}"),
            }
        }
    }
}

#[tokio::test]
async fn a_key_is_shown_once_kept_as_a_hash_and_dies_with_its_end() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let body = json!({"name": "deploy", "permissions": ["users:read", "settings:write"]});
    let made = admin.create("api-keys", "once", body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let secret = made.json["api_key"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("signet_key_"));
    let again = admin.create("api-keys", "once", body).await;
    assert_eq!((again.status, &again.json["id"], again.json.get("api_key")), (201, &made.json["id"], None));
    let path = format!("api-keys/{}", made.json["id"].as_str().unwrap());
    for text in [admin.get(&path).await.text, admin.get("api-keys").await.text, admin.get("audit?limit=200").await.text]
    {
        assert!(!text.contains(&secret), "{text}");
    }
    let program = program.crash_and_restart().await;
    let key = program.operator(secret.clone());
    assert_eq!(key.get("users").await.status, 200);
    let changed = key.patch("settings", json!({"login_attempts": 13})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let admin = program.admin().await;
    let event = admin.get("audit?filter=type:settings.change").await.json["items"][0].clone();
    assert_eq!(event["actor"], format!("api_key:{}", made.json["id"].as_str().unwrap()));
    assert_eq!(admin.change("DELETE", &path, None, json!({})).await.status, 428);
    assert_eq!(admin.change("DELETE", &path, Some("\"1\""), json!({})).await.status, 204);
    assert_eq!(key.get("users").await.status, 401);
    assert!(!program.log().contains(&secret));

    let brief = jiff_in(2);
    let short = json!({"name": "short", "permissions": ["users:read"], "expires_at": brief});
    let short = admin.post("api-keys", short).await;
    let key = program.operator(short.json["api_key"].as_str().unwrap().to_owned());
    crate::harness::until(|| async { (key.get("users").await.status == 401).then_some(()) }).await;
    for bad in [
        json!({"name": "", "permissions": ["users:read"]}),
        json!({"name": "x", "permissions": []}),
        json!({"name": "x", "permissions": ["users:delete"]}),
        json!({"name": "x", "permissions": ["users:read"], "expires_at": "2020-01-01T00:00:00Z"}),
        json!({"name": "x\u{1b}[31m", "permissions": ["users:read"]}),
    ] {
        assert_eq!(admin.post("api-keys", bad.clone()).await.status, 422, "{bad}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a test outside the program has no clock to be passed")]
fn jiff_in(seconds: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds)).to_string()
}

#[tokio::test]
async fn nobody_gets_more_than_they_have() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let narrow = api_key(&program, &admin.token, &["users:write", "api-keys:write"]).await;
    let key = program.operator(narrow);
    let wider = key.post("api-keys", json!({"name": "x", "permissions": ["settings:read"]})).await;
    assert_eq!(wider.status, 403, "{}", wider.text);
    let same = key.post("api-keys", json!({"name": "x", "permissions": ["users:read"]})).await;
    assert_eq!(same.status, 201, "{}", same.text);

    let tuner = program.operator(api_key(&program, &admin.token, &["settings:write"]).await);
    assert_eq!(tuner.patch("settings", json!({"login_attempts": 20})).await.status, 200);
    let wipe = tuner.patch("settings", json!({"audit_retention": "1d"})).await;
    assert_eq!(wipe.status, 403, "{}", wipe.text);

    let plain = key.post("users", json!({"email": "ann@example.com", "password": PASSWORD})).await;
    assert_eq!(plain.status, 201, "{}", plain.text);
    let crowned = key.post("users", json!({"email": "bob@example.com", "roles": ["admin"]})).await;
    assert_eq!(crowned.status, 403);
    let path = format!("users/{}", plain.json["id"].as_str().unwrap());
    assert_eq!(key.patch(&path, json!({"roles": ["admin"]})).await.status, 403);
    let root = admin.get("users?filter=role:admin").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    let root = format!("users/{root}");
    for (method, path, body) in [
        ("PATCH", root.clone(), json!({"email": "mine@example.com"})),
        ("DELETE", root.clone(), json!({})),
        ("POST", format!("{root}/password"), json!({"password": "another-long-password"})),
        ("POST", format!("{root}/reset"), json!({})),
        ("DELETE", format!("{root}/sessions"), json!({})),
    ] {
        let answer = key.change(method, &path, Some("*"), body).await;
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text);
    }
    assert_eq!(admin.get("settings").await.status, 200, "the administrator is as before");
}

#[tokio::test]
async fn a_key_goes_with_whoever_made_it() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let second = json!({"email": "second@example.com", "password": PASSWORD, "roles": ["admin"]});
    let id = admin.post("users", second).await.json["id"].as_str().unwrap().to_owned();
    let token = program.login("second@example.com").await.access;
    let parent = program.operator(api_key(&program, &token, &["users:read", "api-keys:write"]).await);
    let child = program.operator(api_key(&program, &parent.token, &["users:read"]).await);
    assert_eq!((parent.get("users").await.status, child.get("users").await.status), (200, 200));
    let path = format!("users/{id}");
    for change in [json!({"roles": ["auditor"]}), json!({"roles": ["admin"]}), json!({"disabled": true})] {
        let works = change["roles"] == json!(["admin"]);
        assert_eq!(admin.patch(&path, change).await.status, 200);
        let expected = if works { 200 } else { 401 };
        assert_eq!((parent.get("users").await.status, child.get("users").await.status), (expected, expected));
    }
    admin.patch(&path, json!({"disabled": false})).await;
    let own = admin.get("api-keys").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(admin.change("DELETE", &format!("api-keys/{own}"), Some("*"), json!({})).await.status, 204);
    assert_eq!(child.get("users").await.status, 401, "the key it was made with is gone");
}

#[tokio::test]
async fn a_temporary_password_and_other_surfaces_open_nothing_here() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let word = crate::passwords::temporary_administrator_password(&program);
    let restricted = Tokens::of(&program.try_login("admin@localhost", &word).await);
    assert_eq!(program.operator(restricted.access).get("settings").await.status, 403);
    assert_eq!(program.operator(restricted.refresh).get("settings").await.status, 401);
    let cookie = program.client.get(program.url("/admin/v1/settings")).header("cookie", "jwt_token=x");
    assert_eq!(program.send(cookie).await.status, 401);
    for path in ["/admin/v1", "/admin/v1/", "/admin/v1/nothing", "/admin/v1/users/x/y/z", "/admin/v2/users"] {
        assert_eq!(program.get(path).await.status / 100, 4, "{path}");
    }
}
