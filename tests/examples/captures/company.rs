//! A small company that uses the server, so that there is something to see.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::harness::{Answer, Operator, PASSWORD, Program, ProgramBuilder, Tokens};

/// Where it is seen: an address that readers know from the other pages.
const LISTEN: &str = "127.0.0.1:8080";

/// Address, name, roles, and whether the address is confirmed; the newest last.
const PEOPLE: [(&str, &str, &[&str], bool); 12] = [
    ("priya.nair@example.com", "Priya Nair", &["auditor"], true),
    ("sam.okafor@example.com", "Sam Okafor", &[], false),
    ("tom.hollis@example.com", "Tom Hollis", &["editor"], true),
    ("olena.koval@example.com", "Олена Коваль", &["editor"], true),
    ("jose.alvarez@example.com", "José Álvarez", &[], true),
    ("minsu.kim@example.com", "김민수", &["support"], true),
    ("zoe.laurent@example.com", "Zoë Laurent", &[], false),
    ("contractor@example.com", "", &[], true),
    ("mia.berg@example.com", "Mia 🌻", &["editor"], true),
    ("xiaoming.wang@example.com", "王小明", &["support"], true),
    ("sakura.tanaka@example.com", "田中さくら", &["editor", "support"], true),
    ("ann.mercer@example.com", "Ann Mercer", &["editor"], true),
];

/// Who is out.
const DISABLED: [&str; 2] = ["contractor@example.com", "tom.hollis@example.com"];

/// Whose logins there are, from what and from where.
const LOGINS: [(&str, &str, &str); 7] = [
    ("ann.mercer@example.com", "Mozilla/5.0 (Macintosh) Safari/605.1.15", "203.0.113.24"),
    ("ann.mercer@example.com", "ShopApp/4.2 (iPhone; iOS 26.1)", "198.51.100.77"),
    ("xiaoming.wang@example.com", "Mozilla/5.0 (Windows NT 10.0) Firefox/145.0", "203.0.113.9"),
    ("sakura.tanaka@example.com", "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0", "2001:db8:20::15"),
    ("mia.berg@example.com", "ShopApp/4.2 (Android 16)", "198.51.100.140"),
    ("olena.koval@example.com", "curl/8.17.0", "192.0.2.61"),
    ("minsu.kim@example.com", "Mozilla/5.0 (Windows NT 10.0) Edge/142.0", "203.0.113.9"),
];

/// Who tries passwords.
const GUESS: (&str, &str, &str) = ("admin@example.com", "python-requests/2.32", "198.51.100.23");

/// The server, with everybody in it.
pub async fn start() -> Program {
    let builder = ProgramBuilder::new().on_disk().with_admin();
    let builder = builder.env("SIGNET__SERVER__LISTEN", LISTEN).env("SIGNET__SERVER__TRUSTED_PROXIES", "127.0.0.0/8");
    let program = builder.start().await;
    let admin = program.admin().await;
    hire(&admin).await;
    register_clients(&admin).await;
    expect(admin.post("keys/rotate", json!({"algorithm": "ES256", "force": true})).await);
    expect(admin.patch("settings", json!({"login_attempts": 8, "refresh_token_lifetime": 1_209_600})).await);
    program
}

async fn hire(admin: &Operator<'_>) {
    for (email, name, roles, verified) in PEOPLE {
        let person =
            json!({"email": email, "username": name, "password": PASSWORD, "roles": roles, "email_verified": verified});
        let id = expect(admin.post("users", person).await)["id"].clone();
        if DISABLED.contains(&email) {
            let path = format!("users/{}", id.as_str().unwrap_or_default());
            expect(admin.patch(&path, json!({"disabled": true})).await);
        }
    }
}

async fn register_clients(admin: &Operator<'_>) {
    for client in [
        json!({"client_name": "Reporting", "redirect_uris": ["https://reports.example.com/callback"]}),
        json!({
            "client_name": "Shop for phones",
            "redirect_uris": ["com.example.shop:/callback"],
            "application_type": "native",
            "token_endpoint_auth_method": "none",
        }),
        json!({
            "client_name": "Shop",
            "redirect_uris": ["https://shop.example.com/callback", "https://staging.shop.example.com/callback"],
        }),
    ] {
        expect(admin.post("clients", client).await);
    }
}

/// A minute of work, for rates to be drawn of.
pub async fn work(program: &Program) {
    let mut sessions = Vec::new();
    for login in LOGINS {
        sessions.push(Tokens::of(&log_in(program, login, PASSWORD).await));
    }
    let mut beats = tokio::time::interval(Duration::from_millis(60));
    for beat in 0..1_000 {
        beats.tick().await;
        let turn = beat % sessions.len();
        // It comes and goes.
        if beat % 250 < 60 + beat / 8 {
            program.me(&sessions[turn].access).await;
        }
        if beat % 16 == 0 {
            sessions[turn] = Tokens::of(&program.refresh(&sessions[turn].refresh).await);
        }
        if beat % 120 == 60 {
            log_in(program, LOGINS[turn], PASSWORD).await;
        }
        if beat % 140 == 70 {
            log_in(program, GUESS, "123456").await;
        }
    }
    usual_settings(&program.admin().await).await;
}

async fn log_in(program: &Program, (email, device, address): (&str, &str, &str), password: &str) -> Answer {
    let request = program.client.post(program.url("/api/login/")).json(&json!({"email": email, "password": password}));
    program.send(request.header("user-agent", device).header("x-forwarded-for", address)).await
}

/// What tests have otherwise, as newcomers have it.
async fn usual_settings(admin: &Operator<'_>) {
    let settings = expect(admin.get("settings").await);
    let all = settings["settings"].as_array().into_iter().flatten();
    let otherwise =
        all.filter(|setting| setting["key"] == "scrypt_log_n" || setting["key"] == "address_requests_per_minute");
    let usual: Map<_, _> = otherwise
        .map(|setting| (setting["key"].as_str().unwrap_or_default().to_owned(), setting["default"].clone()))
        .collect();
    expect(admin.patch("settings", Value::Object(usual)).await);
}

fn expect(answer: Answer) -> Value {
    assert!(answer.status < 300, "{}", answer.text);
    answer.json
}
