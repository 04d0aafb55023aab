//! Users who come from another system with the passwords they have, and users on their way out.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{Answer, PASSWORD, Program, ProgramBuilder, until};

/// A hash of each kind, made by Django, passlib, libxcrypt and argon2-cffi, with the password that was hashed.
const HASHES: [(&str, &str, &str); 8] = [
    (
        "django-pbkdf2",
        "pässwörd 🦀",
        "pbkdf2_sha256$1000$saltySALT1234567$IidhiCSCN8trbpuv4RI4XvQ913M4124hcKTOFQyhjek=",
    ),
    (
        "django-scrypt",
        "correct horse",
        "scrypt$16$saltySALT1234567$8$1$tNj8z6KURwsbXrgueX2zbu0KKugGDLTCkGe9u6zuMBCCdIvDKdrgS1umGcb2Ekq5AwnRb9AgL42K0rDPZMRN3A==",
    ),
    ("bcrypt", "correct horse", "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"),
    ("django-bcrypt", "pässwörd 🦀", "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuX58VvPD3H/XsjJYn6cPXyX3tO9HG1/."),
    (
        "argon2id",
        "correct horse",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdHlTQUxUMTIzNDU2Nw$QFMu2fSm19ETs2PsOf1CV76fqQVCTyU1eof0QUC3L8E",
    ),
    (
        "django-argon2",
        "pässwörd 🦀",
        "argon2$argon2id$v=19$m=64,t=1,p=2$c2FsdHlTQUxUMTIzNDU2Nzg5MGFiYw$tvoxY1ktU6OCDCYV+EaYayqv55S8l+Lzg1GFVEwHp5g",
    ),
    (
        "scrypt",
        "correct horse",
        "$scrypt$ln=4,r=8,p=2$c2FsdHlTQUxUMTIzNDU2Nw$OR57Okfe2RnvGLrYHDPeozSzqLtz6Jekam8q90QkxW4",
    ),
    (
        "pbkdf2",
        "correct horse",
        "$pbkdf2-sha256$i=9,l=32$c2FsdHlTQUxUMTIzNDU2Nw$6lo0OjPUk+FQL275+WiPiovtQDbu9ID7KQ7BRpVDGIA",
    ),
];

fn lines(values: impl IntoIterator<Item = Value>) -> String {
    values.into_iter().map(|value| format!("{value}\n")).collect()
}

/// Line, field and message of each refusal.
fn refusals(answer: &Answer) -> Vec<(u64, String)> {
    let refusals = answer.json["refusals"].as_array().expect("refusals");
    let one = |refusal: &Value| (refusal["line"].as_u64().unwrap(), refusal["field"].as_str().unwrap().to_owned());
    refusals.iter().map(one).collect()
}

async fn exported(program: &Program, query: &str) -> Vec<Value> {
    let answer = program.admin().await.get(&format!("users/export{query}")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"), "{}", answer.text);
    answer.text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[tokio::test]
async fn each_kind_of_hash_logs_in_and_is_scrypt_from_then_on() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let email = |name: &str| format!("{name}@example.com");
    let users = HASHES.map(|(name, _, hash)| json!({"email": email(name), "password_hash": hash}));
    let report = program.admin().await.import("", lines(users)).await;
    assert_eq!((report.status, &report.json["imported"]), (200, &json!(HASHES.len())), "{}", report.text);
    for (name, password, _) in HASHES {
        assert_eq!(program.try_login(&email(name), "wrong horse").await.status, 401, "{name}");
        assert_eq!(program.try_login(&email(name), password).await.status, 200, "{name}");
    }
    let program = program.crash_and_restart().await;
    for user in exported(&program, "?hashes=true").await {
        assert!(user["password_hash"].as_str().unwrap().starts_with("$scrypt$ln=10,r=8,p=1$"), "{user}");
    }
    for (name, password, _) in HASHES {
        assert_eq!(program.try_login(&email(name), password).await.status, 200, "{name}");
    }
    for (_, _, hash) in HASHES {
        assert!(
            !program.log().contains(hash) && !program.admin().await.get("audit?limit=200").await.text.contains(hash)
        );
    }
}

#[tokio::test]
async fn each_line_that_is_refused_is_told_and_concerns_no_other() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    program.register("taken@example.com").await;
    let admin = program.admin().await;
    let too_long = format!("{{\"email\":\"{}@example.com\"}}", "x".repeat(70_000));
    let text = [
        json!({"email": "ann@example.com", "username": "Ann", "roles": ["editor"], "email_verified": true}).to_string(),
        String::new(),
        json!({"email": "Taken@example.com"}).to_string(),
        json!({"email": "nobody"}).to_string(),
        "{\"email\":".to_owned(),
        json!({"email": "bob@example.com", "is_staff": true}).to_string(),
        json!({"email": "bob@example.com", "password_hash": "md5$x$5f4dcc3b5aa765d61d8327deb882cf99"}).to_string(),
        json!({"email": "bob@example.com", "password_hash": "$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"})
            .to_string(),
        json!({"email": "ANN@example.com"}).to_string(),
        json!({"email": "eve@example.com", "username": "ann"}).to_string(),
        too_long,
        json!({"email": "bob@example.com", "created_at": "2999-01-01T00:00:00Z"}).to_string(),
        json!({"email": "carl@example.com", "password_hash": "!unusable", "disabled": true}).to_string(),
        "[1]".to_owned(),
    ]
    .join("\n");
    let expected: Vec<_> = [
        (3, "email"),
        (4, "email"),
        (5, ""),
        (6, "is_staff"),
        (7, "password_hash"),
        (8, "password_hash"),
        (9, "email"),
        (10, "username"),
        (11, ""),
        (12, "created_at"),
        (14, ""),
    ]
    .map(|(line, field)| (line, field.to_owned()))
    .into();
    for query in ["?dry_run=true", ""] {
        let report = admin.import(query, text.clone()).await;
        assert_eq!(report.status, 200, "{}", report.text);
        let mut found = refusals(&report);
        found.sort();
        assert_eq!(found, expected, "{query}");
        assert_eq!((&report.json["lines"], &report.json["imported"]), (&json!(13), &json!(2)), "{query}");
        assert!(!report.text.contains("5f4dcc3b5aa765d61d8327deb882cf99"), "a hash is not repeated");
    }
    let again = admin.import("", text).await;
    assert_eq!(again.json["imported"], 0, "{}", again.text);
    let ann = admin.get("users?filter=email:ann").await.json["items"][0].clone();
    assert_eq!(
        (&ann["username"], &ann["roles"], &ann["email_verified"]),
        (&json!("Ann"), &json!(["editor"]), &json!(true))
    );
    let carl = admin.get("users?filter=email:carl").await.json["items"][0].clone();
    assert_eq!((&carl["disabled"], &carl["password"]), (&json!(true), &json!("none")));
    assert_eq!(program.register_status("ann@example.com").await, 409, "an imported address is taken");
}

impl Program {
    async fn register_status(&self, email: &str) -> u16 {
        self.post("/api/register/", json!({"email": email, "password": PASSWORD})).await.status
    }
}

#[tokio::test]
async fn a_line_that_is_refused_stands_in_no_other_lines_way() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    program.register("taken@example.com").await;
    let admin = program.admin().await;
    let text = lines([
        json!({"email": "taken@example.com", "username": "Fresh"}),
        json!({"email": "new@example.com", "username": "fresh"}),
        json!({"email": "late@example.com", "username": "FRESH"}),
    ]);
    for query in ["?dry_run=true", ""] {
        let report = admin.import(query, text.clone()).await;
        assert_eq!(refusals(&report), [(1, "email".to_owned()), (3, "username".to_owned())], "{query}");
        assert_eq!(report.json["imported"], 1);
    }
    let wrong = admin.import("", lines([json!({"email": "x@example.com", "password_hash": 12_345})])).await;
    assert!(!wrong.text.contains("12345"), "what may be a secret is not repeated: {}", wrong.text);
}

#[tokio::test]
async fn an_administrator_who_comes_by_an_import_is_found_in_the_audit_log() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let users = [json!({"email": "ann@example.com"}), json!({"email": "eve@example.com", "roles": ["admin"]})];
    assert_eq!(admin.import("", lines(users)).await.json["imported"], 2);
    let eve = admin.get("users?filter=email:eve").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    let created = admin.get(&format!("audit?filter=type:user.create%20subject:{eve}")).await.json["items"][0].clone();
    assert_eq!(created["after"]["roles"], json!(["admin"]));
    let batch = admin.get("audit?filter=type:user.import").await.json["items"][0].clone();
    assert_eq!(batch["after"], json!({"users": 2, "lines": [1, 2]}));
}

#[tokio::test]
async fn every_password_that_its_owner_had_logs_them_in_and_no_slip_takes_its_place() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    // Made by hashlib from a decomposed é, and by libxcrypt from eighty digits, of which bcrypt takes 72.
    let decomposed = "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$oREtVhg/u4mohLcLJIgVooZv50wqPIB8QkFjYaylOe8";
    let eighty = "01234567890123456789012345678901234567890123456789012345678901234567890123456789";
    let users = [
        json!({"email": "nfd@example.com", "password_hash": decomposed}),
        json!({"email": "long@example.com",
            "password_hash": "$2b$04$abcdefghijklmnopqrstuum2G75IXDN/xsgbNa/hCiPSKyIHQd70S"}),
    ];
    let report = program.admin().await.import("", lines(users)).await;
    assert_eq!(report.json["imported"], 2, "{}", report.text);
    assert_eq!(program.try_login("nfd@example.com", "Cafe\u{301} noir").await.status, 200);
    assert_eq!(program.try_login("nfd@example.com", "Caf\u{e9} noir").await.status, 200, "it was made anew");
    let slip = format!("{}x", &eighty[..79]);
    assert_eq!(program.try_login("long@example.com", &slip).await.status, 200, "as with every bcrypt");
    assert_eq!(program.try_login("long@example.com", eighty).await.status, 200);
}

#[tokio::test]
async fn an_export_is_whole_though_all_registered_at_one_instant() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let users = (0..1_200)
        .map(|number| json!({"email": format!("user{number}@example.com"), "created_at": "2020-01-01T00:00:00Z"}));
    assert_eq!(program.admin().await.import("", lines(users)).await.json["imported"], 1_200);
    let emails: std::collections::BTreeSet<_> =
        exported(&program, "").await.into_iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect();
    assert_eq!(emails.len(), 1_201);
}

/// An import whose lines are sent one by one, over a connection of its own.
struct SlowImport(tokio::net::TcpStream);

impl SlowImport {
    async fn begin(program: &Program, token: &str) -> Self {
        let mut stream = tokio::net::TcpStream::connect(program.address()).await.unwrap();
        let head = format!(
            "POST /admin/v1/users/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        Self(stream)
    }

    /// Sends blank lines until the server answers.
    async fn answer(mut self) -> String {
        let mut answer = Vec::new();
        for _ in 0..300 {
            let _ = self.0.write_all(b"1\r\n\n\r\n").await;
            let mut part = [0; 4_096];
            let read = tokio::time::timeout(std::time::Duration::from_millis(100), self.0.read(&mut part)).await;
            match read {
                Ok(Ok(0) | Err(_)) => break,
                Ok(Ok(count)) => answer.extend_from_slice(&part[..count]),
                Err(_) => {}
            }
            if String::from_utf8_lossy(&answer).contains("\"stopped\":") {
                break;
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

#[tokio::test]
async fn an_import_ends_with_its_callers_permission_and_with_the_server() {
    let mut program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let token = program.admin().await.token;
    let body = json!({"name": "import", "permissions": ["users:write"]});
    let key = program.operator(token.clone()).post("api-keys", body).await.json;
    let slow = SlowImport::begin(&program, key["api_key"].as_str().unwrap()).await;
    let path = format!("api-keys/{}", key["id"].as_str().unwrap());
    let removed = program.operator(token.clone()).change("DELETE", &path, Some("*"), json!({})).await;
    assert_eq!(removed.status, 204);
    let answer = slow.answer().await;
    assert!(answer.contains("may not import any more") || answer.contains(" 401 "), "{answer}");

    let one = || lines([json!({"email": "b@example.com"})]);
    // Whichever of the two comes first has the place: until it is the one that goes no further.
    let slow = until(|| async {
        let slow = SlowImport::begin(&program, &token).await;
        let other = program.operator(token.clone()).import("?dry_run=true", one()).await;
        (other.status == 409).then_some(slow)
    })
    .await;
    let (code, answer) = tokio::join!(program.terminate(), slow.answer());
    assert_eq!(code, Some(0));
    assert!(answer.contains("the server stops"), "{answer}");
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let users = (0..1_200).map(|number| json!({"email": format!("user{number}@example.com")}));
    let report = admin.import("?dry_run=true", lines(users)).await;
    assert_eq!((&report.json["imported"], &report.json["dry_run"]), (&json!(1_200), &json!(true)), "{}", report.text);
    assert_eq!(admin.get("users").await.json["items"].as_array().map(Vec::len), Some(1));
    let twice = ["a@example.com"; 2].map(|email| json!({"email": email}));
    let between = (0..600).map(|number| json!({"email": format!("user{number}@example.com")}));
    let text = lines(twice[..1].iter().cloned().chain(between).chain(twice[1..].iter().cloned()));
    assert_eq!(refusals(&admin.import("?dry_run=true", text).await), [(602, "email".to_owned())], "across batches");
}

#[tokio::test]
async fn nobody_imports_or_exports_more_than_they_may() {
    let program = ProgramBuilder::new().in_memory().with_admin().setting("reauthentication_window", "10").start().await;
    let admin = program.admin().await;
    let body = json!({"name": "import", "permissions": ["users:write"]});
    let key = admin.post("api-keys", body).await.json["api_key"].as_str().unwrap().to_owned();
    let key = program.operator(key);
    let roles = || lines([json!({"email": "eve@example.com", "roles": ["admin"]})]);
    assert_eq!(refusals(&key.import("", roles()).await).len(), 1);
    assert_eq!(key.get("users/export?hashes=true").await.status, 403);
    assert_eq!(key.get("users/export").await.status, 200);
    let late = until(|| async {
        let answer = admin.get("users/export?hashes=true").await;
        (answer.status == 403).then_some(answer)
    })
    .await;
    assert!(late.text.contains("recent login"), "{}", late.text);
    assert_eq!(refusals(&admin.import("", roles()).await), [(1, "roles".to_owned())]);
    let report = program.admin().await.import("", roles()).await;
    assert_eq!(report.json["imported"], 1, "{}", report.text);
    let plain = admin.post("users/import", json!({"email": "x@example.com"})).await;
    assert_eq!(plain.status, 415, "{}", plain.text);
}

#[tokio::test]
async fn what_one_server_exports_another_imports() {
    let from = ProgramBuilder::new().in_memory().with_admin().start().await;
    let ann = from.register("ann@example.com").await;
    from.login("ann@example.com").await;
    let admin = from.admin().await;
    for number in 0..3 {
        let user =
            json!({"email": format!("user{number}@example.com"), "username": format!("User {number}"), "roles": ["a"]});
        assert_eq!(admin.post("users", user).await.status, 201);
    }
    assert!(exported(&from, "").await.iter().all(|user| user.get("password_hash").is_none()));
    let all = exported(&from, "?hashes=true").await;
    assert_eq!(all.len(), 5);
    let to = ProgramBuilder::new().in_memory().with_admin().start().await;
    let report = to.admin().await.import("", lines(all.clone())).await;
    let refused: Vec<_> = refusals(&report).into_iter().map(|(_, field)| field).collect();
    assert_eq!((&report.json["imported"], refused), (&json!(4), vec!["email".to_owned()]), "{}", report.text);
    let mut there = exported(&to, "?hashes=true").await;
    let mut here = all;
    for list in [&mut here, &mut there] {
        list.retain(|user| user["email"] != crate::harness::ADMIN);
        list.sort_by_key(|user| user["email"].to_string());
    }
    assert_eq!(here, there);
    let login = to.login("ann@example.com").await;
    assert_eq!(to.me(&login.access).await.json["id"], ann);
    let events = admin.get("audit?filter=type:user.export").await.json;
    assert_eq!(events["items"][0]["after"], json!({"hashes": true}));
}

#[tokio::test]
async fn what_is_known_of_people_travels_with_them() {
    let from = ProgramBuilder::new().in_memory().with_admin().start().await;
    let part = "\"".repeat(2_000);
    let people = [
        json!({"email": "ann@example.com", "profile": {"name": "Ann", "phone_number": "+15555550123",
            "phone_number_verified": true, "address": {"formatted": "\u{1f980}".repeat(1_024)}},
            "attributes": {"a": part, "b": part, "c": part, "d": part}}),
        json!({"email": "bob@example.com", "profile": {"phone_number": "+15555550124"}, "attributes": {"n": 1.5}}),
        json!({"email": "eve@example.com", "profile": null, "attributes": null}),
    ];
    let report = from.admin().await.import("", lines(people.clone())).await;
    assert_eq!(report.json["imported"], 3, "{}", report.text);
    let mut there = exported(&from, "").await;
    there.sort_by_key(|user| user["email"].to_string());
    assert_eq!((&there[0]["profile"], &there[0]["attributes"]), (&people[0]["profile"], &people[0]["attributes"]));
    assert_eq!(there[1]["profile"], json!({"phone_number": "+15555550124", "phone_number_verified": false}));
    assert!(there[2].get("profile").is_none() && there[2].get("attributes").is_none(), "{}", there[2]);

    let to = ProgramBuilder::new().in_memory().with_admin().start().await;
    there.retain(|user| user["email"] != crate::harness::ADMIN);
    assert_eq!(to.admin().await.import("", lines(there.clone())).await.json["imported"], 3);
    let mut here = exported(&to, "").await;
    here.retain(|user| user["email"] != crate::harness::ADMIN);
    here.sort_by_key(|user| user["email"].to_string());
    assert_eq!(here, there);

    let wrong = lines([
        json!({"email": "x@example.com", "profile": {"locale": "x", "birthdate": "x"}}),
        json!({"email": "y@example.com", "profile": {"shoe_size": 42}}),
        json!({"email": "z@example.com", "attributes": {"a b": 1}}),
    ]);
    let told = refusals(&to.admin().await.import("?dry_run=true", wrong).await);
    let expected = [(1, "profile.birthdate"), (1, "profile.locale"), (2, "shoe_size"), (3, "attributes.a b")];
    assert_eq!(told, expected.map(|(line, field)| (line, field.to_owned())));
}

#[tokio::test]
async fn an_import_that_breaks_off_leaves_the_place_to_the_next() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let head = format!(
        "POST /admin/v1/users/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/x-ndjson\r\nContent-Length: 100000\r\n\r\n{{\"email\":\"a@example.com\"}}\n",
        admin.token
    );
    let one = || lines([json!({"email": "b@example.com"})]);
    // Whichever of the two comes first has the place: until it is the one that goes no further.
    let mut open = until(|| async {
        let mut open = tokio::net::TcpStream::connect(program.address()).await.unwrap();
        open.write_all(head.as_bytes()).await.unwrap();
        (admin.import("?dry_run=true", one()).await.status == 409).then_some(open)
    })
    .await;
    open.shutdown().await.unwrap();
    let _ = open.read_to_end(&mut Vec::new()).await;
    drop(open);
    until(|| async { (admin.import("", one()).await.status == 200).then_some(()) }).await;
}
