//! What the server of a small company says, by path.

use serde_json::{Value, json};

/// The time of day at which everything happens: 2026-11-24T12:00:00Z.
pub(crate) const CLOCK: i64 = 1_795_521_600;

pub(crate) fn answer(path: &str) -> Value {
    match path {
        "users" => page(&[
            user("ann", "Ann", false, true),
            user("eve", "x\u{1b}[31m\u{202e}evil 你好", true, true),
            user("bob", "Bob 🦀", false, false),
        ]),
        "sessions" => page(&[session("s1", "ann", false), session("s2", "bob", true)]),
        "clients" => page(&[client()]),
        "clients/shop/secret" => json!({"client_id": "shop", "client_secret": "signet_secret_shown_once"}),
        "keys" => page(&[
            key(
                "abcdefghijkl",
                "active",
                "2026-10-01T12:00:00Z",
                json!({"activated_at": "2026-10-02T12:00:00Z",
                "rotates_at": "2026-12-31T12:00:00Z"}),
            ),
            key(
                "mnopqrstuvwx",
                "next",
                "2026-11-24T06:00:00Z",
                json!({"ready_at": "2026-11-25T06:00:00Z",
                "rotates_at": "2026-12-31T12:00:00Z"}),
            ),
            key(
                "yzabcdefghij",
                "retired",
                "2026-07-01T12:00:00Z",
                json!({"activated_at": "2026-07-02T12:00:00Z",
                "retired_at": "2026-11-24T11:30:00Z", "leaves_at": "2026-11-24T13:00:00Z"}),
            ),
        ]),
        "settings" => json!({"revision": 7, "dry_run": true, "settings": settings(30), "impact": [{
            "key": "access_token_lifetime", "effect": "the next token of each of these sessions lives as long",
            "counts": {"sessions": 12}}],
            "changes": [{"key": "access_token_lifetime", "before": 30, "after": 600}]}),
        "settings/revisions" => page(&[json!({"revision": 7, "time": "2026-11-20T08:00:00Z", "actor": "user:root",
            "changes": [{"key": "access_token_lifetime", "before": 60, "after": 30}]})]),
        "settings/revisions/7/restore" => json!({"revision": 7, "dry_run": true, "impact": [],
            "changes": [{"key": "access_token_lifetime", "before": 30, "after": 60}]}),
        "keys/abcdefghijkl/revoke" => json!({"dry_run": true, "broken_tokens": 12, "keys": []}),
        "sessions/revoke" => json!({"dry_run": true, "sessions": 2}),
        "audit" => page(&[event("e2", "login.fail", "fail"), event("e1", "login.ok", "ok")]),
        "stats" => stats(),
        _ => page(&[]),
    }
}

pub(crate) fn settings(access: i64) -> Value {
    json!([
        {"key": "access_token_lifetime", "type": "duration", "value": access, "default": 30, "min": 1, "max": 86_400,
            "choices": null, "unit": "seconds", "effect": "how long an access token serves"},
        {"key": "min_password_length", "type": "integer", "value": 12, "default": 8, "min": 8, "max": 128,
            "choices": null, "unit": null, "effect": "the fewest characters a new password has"},
        {"key": "registration_open", "type": "boolean", "value": true, "default": true, "min": null, "max": null,
            "choices": null, "unit": null, "effect": "whether anybody may register"},
    ])
}

pub(crate) fn event(id: &str, kind: &str, result: &str) -> Value {
    json!({"id": id, "time": "2026-11-24T11:59:00.000Z", "type": kind, "result": result, "actor": "user:ann",
        "subject": "ann", "ip": "203.0.113.7", "before": null, "after": null})
}

fn page(items: &[Value]) -> Value {
    json!({"items": items, "next_cursor": null})
}

fn user(id: &str, name: &str, disabled: bool, verified: bool) -> Value {
    json!({"id": id, "email": format!("{id}@example.com"), "username": name, "email_verified": verified,
        "pending_email": null, "disabled": disabled, "roles": ["editor"], "password": "proper",
        "created_at": "2026-11-01T12:00:00Z", "last_login_at": "2026-11-24T11:50:00Z"})
}

fn session(id: &str, user: &str, reused: bool) -> Value {
    json!({"id": id, "user": user, "email": format!("{user}@example.com"), "kept_by": "refresh_tokens",
        "restricted": false, "created_at": "2026-11-23T12:00:00Z", "last_seen_at": "2026-11-24T11:57:00Z",
        "expires_at": "2026-12-23T12:00:00Z", "revoked_at": null, "ip": "203.0.113.7",
        "user_agent": "Mozilla/5.0 \u{1b}[2J(X11; Linux) Firefox/140", "families": [{"id": "f", "client": "signet",
        "generation": 17, "reused": reused, "created_at": "2026-11-23T12:00:00Z",
        "last_used_at": "2026-11-24T11:57:00Z", "expires_at": "2026-12-24T11:57:00Z", "revoked_at": null}]})
}

fn client() -> Value {
    json!({"client_id": "shop", "client_id_issued_at": 1_795_000_000, "secrets": [],
        "client_name": "Shop", "redirect_uris": ["https://shop.example/cb"],
        "created_at": "2026-11-01T12:00:00Z", "updated_at": "2026-11-01T12:00:00Z"})
}

fn key(kid: &str, state: &str, created: &str, more: Value) -> Value {
    let mut key = json!({"kid": kid, "algorithm": "ES256", "state": state, "created_at": created,
        "activated_at": null, "retired_at": null, "gone_at": null, "revoked": false, "ready_at": null,
        "rotates_at": null, "leaves_at": null});
    key.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    key
}

fn stats() -> Value {
    let rate = |number: u64| {
        json!({"time": format!("2026-11-24T11:59:{number:02}Z"), "requests": 40 + 7 * (number % 5), "client_errors": 1,
            "throttled": 0, "server_errors": 0, "logins_ok": number % 4, "logins_failed": u64::from(number.is_multiple_of(6)),
            "refreshes": 12 + number % 3, "refresh_reuse": 0})
    };
    json!({"time": "2026-11-24T12:00:00Z", "started_at": "2026-11-20T00:00:00Z", "interval": 5,
        "health": {"database": true, "signing_key": true, "mail": false},
        "totals": {"users": 1203, "refresh_sessions": 981, "cookie_sessions": 40, "mail_waiting": 2, "published_keys": 3},
        "rates": (0..30).map(rate).collect::<Vec<_>>()})
}
