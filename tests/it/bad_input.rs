//! Every endpoint that takes a body, and every way we know to send a bad one: a 4xx in the surface's own form, and nothing
//! changes.

use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, Program, ProgramBuilder};

/// Each call with its members, all strings, and whether it needs a caller.
const CALLS: [(&str, &str, &[&str], bool); 10] = [
    ("POST", "/api/register/", &["email", "password"], false),
    ("POST", "/api/login/", &["email", "password"], false),
    ("POST", "/api/refresh/", &["refresh_token"], false),
    ("POST", "/api/logout/", &["refresh_token"], false),
    ("PUT", "/api/me/", &["username", "email"], true),
    ("POST", "/auth", &["username", "password"], false),
    ("POST", "/register", &["username", "password", "email"], false),
    ("POST", "/update_profile", &["email"], true),
    ("POST", "/request_password_reset", &["email"], false),
    ("POST", "/reset_password", &["reset_code"], false),
];

struct Bench {
    program: Program,
    access: String,
}

impl Bench {
    async fn new() -> Self {
        // Hundreds of logins for names that do not exist.
        let program = ProgramBuilder::new().in_memory().setting("login_attempts", "10000").start().await;
        let access = program.user("ann@example.com").await.access;
        Self { program, access }
    }

    async fn send(&self, method: &str, path: &str, needs_caller: bool, body: Vec<u8>) -> Answer {
        let method = method.parse().unwrap();
        let mut request = self.program.client.request(method, self.program.url(path));
        request = request.header("content-type", "application/json").body(body);
        if needs_caller {
            request = request.bearer_auth(&self.access);
        }
        self.program.send(request).await
    }

    async fn assert_refused(&self, call: (&str, &str, &[&str], bool), body: Vec<u8>, statuses: &[u16]) {
        let (method, path, _, needs_caller) = call;
        let shown = String::from_utf8_lossy(&body[..body.len().min(120)]).into_owned();
        let answer = self.send(method, path, needs_caller, body).await;
        assert!(statuses.contains(&answer.status), "{path} {shown}: {} {}", answer.status, answer.text);
        if path.starts_with("/api") {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{path} {shown}");
            assert_eq!(answer.json["status"], answer.status, "{path} {shown}");
        } else {
            assert_eq!(answer.json["status"], "ERROR", "{path} {shown}");
            assert!(answer.json["error"].is_string() && answer.json["message"].is_string(), "{path} {shown}");
        }
    }

    async fn assert_nothing_changed(&self) {
        let me = self.program.me(&self.access).await;
        assert_eq!((&me.json["email"], &me.json["username"]), (&json!("ann@example.com"), &json!("")));
        assert_eq!(self.program.try_login("ann@example.com", PASSWORD).await.status, 200);
    }
}

fn good(members: &[&str]) -> Value {
    let value = |member: &str| match member {
        "email" => json!("new@example.com"),
        "password" => json!(PASSWORD),
        "username" => json!("newname"),
        _ => json!("d952527b-caef-452c-8c93-1100214f82e5"),
    };
    members.iter().map(|member| ((*member).to_owned(), value(member))).collect::<serde_json::Map<_, _>>().into()
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_malformed() {
    let bench = Bench::new().await;
    for call in CALLS {
        for body in [
            &b""[..],
            b"null",
            b"[]",
            b"[\"a\",\"b\",\"c\"]",
            b"\"text\"",
            b"42",
            b"{",
            b"{\"a\":}",
            b"\xff\xfe",
            b"{}{}",
        ] {
            bench.assert_refused(call, body.to_vec(), &[400, 422]).await;
        }
        let bad_utf8 = [b"{\"".as_slice(), call.2[0].as_bytes(), b"\":\"\xc3\x28\"}"].concat();
        bench.assert_refused(call, bad_utf8, &[400]).await;
    }
    bench.assert_nothing_changed().await;
}

#[tokio::test]
async fn members_of_another_type_missing_repeated_or_unknown_are_refused() {
    let bench = Bench::new().await;
    for call in CALLS {
        for member in call.2 {
            for wrong in [json!(5), json!(true), json!([]), json!({"a": 1}), json!(["x"]), json!(1e300)] {
                let mut body = good(call.2);
                body[*member] = wrong;
                bench.assert_refused(call, body.to_string().into_bytes(), &[422]).await;
            }
        }
        let mut unknown = good(call.2);
        unknown["surprise"] = json!(1);
        bench.assert_refused(call, unknown.to_string().into_bytes(), &[422]).await;
        let twice = format!("{{\"{0}\":\"a\",\"{0}\":\"b\"}}", call.2[0]);
        bench.assert_refused(call, twice.into_bytes(), &[422]).await;
    }
    for call in CALLS.into_iter().filter(|call| !call.3) {
        for member in call.2 {
            for absent in [Some(Value::Null), None] {
                let mut body = good(call.2);
                match absent {
                    Some(null) => body[*member] = null,
                    None => drop(body.as_object_mut().unwrap().remove(*member)),
                }
                bench.assert_refused(call, body.to_string().into_bytes(), &[422]).await;
            }
        }
    }
    bench.assert_nothing_changed().await;
}

#[tokio::test]
async fn bodies_over_64_kib_are_too_large() {
    let bench = Bench::new().await;
    for call in CALLS {
        let mut body = good(call.2);
        body[call.2[0]] = json!("x".repeat(65 * 1024));
        bench.assert_refused(call, body.to_string().into_bytes(), &[413]).await;
        let nested = [b"{\"a\":".repeat(9_000), b"1".to_vec()].concat();
        bench.assert_refused(call, nested, &[400, 422]).await;
    }
    bench.assert_nothing_changed().await;
}

#[tokio::test]
async fn query_language_in_any_string_is_only_a_string() {
    let bench = Bench::new().await;
    let strings = [
        "user:⟨9ed4666a⟩",
        "user:one",
        "'; DELETE user; --",
        "\" OR true; REMOVE TABLE user; \"",
        "$owner",
        "type::record('user', 'x')",
        "<future> { 1 }",
        "(SELECT * FROM user)",
        "../../etc/passwd",
        "a\u{0}b",
        "${jndi:x}@",
        "\u{202e}",
    ];
    for call in CALLS {
        for member in call.2 {
            // A password may be any text; a username may, unless it cannot be shown.
            if ["password", "username"].contains(member) && call.1 != "/auth" && call.1 != "/api/login/" {
                continue;
            }
            for text in strings {
                let mut body = good(call.2);
                body[*member] = json!(text);
                bench.assert_refused(call, body.to_string().into_bytes(), &[400, 401, 422]).await;
            }
        }
    }
    bench.assert_nothing_changed().await;
    assert_eq!(bench.program.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn query_language_in_a_name_or_password_is_kept_to_the_letter() {
    let program = ProgramBuilder::new().in_memory().start().await;
    for (number, text) in ["'; DELETE user; --", "$owner $now", "user:⟨x⟩"].into_iter().enumerate() {
        let email = format!("u{number}@example.com");
        let body = json!({"username": text, "password": format!("{text} {text}"), "email": email});
        assert_eq!(program.post("/register", body).await.status, 201, "{text}");
        let auth = program.auth(text, &format!("{text} {text}")).await;
        assert_eq!(auth.status, 200, "{text}");
        assert_eq!(program.me(auth.json["jwt"].as_str().unwrap()).await.json["username"], text);
    }
}

#[tokio::test]
async fn only_json_is_taken() {
    let bench = Bench::new().await;
    for (method, path, members, needs_caller) in CALLS {
        for media_type in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", ""]
        {
            let mut request = bench.program.client.request(method.parse().unwrap(), bench.program.url(path));
            request = request.header("content-type", media_type).body(good(members).to_string());
            if needs_caller {
                request = request.bearer_auth(&bench.access);
            }
            assert_eq!(bench.program.send(request).await.status, 415, "{path} {media_type}");
        }
    }
    bench.assert_nothing_changed().await;
}
