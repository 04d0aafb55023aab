//! Sessions, seen and ended over the admin API.

use serde_json::{Value, json};

use crate::harness::{Operator, PASSWORD, Program, ProgramBuilder, Tokens, verify_with_jwks};

async fn list(admin: &Operator<'_>, filter: &str) -> Vec<Value> {
    let answer = admin.get(&format!("sessions?filter={filter}")).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
    answer.json["items"].as_array().unwrap().clone()
}

async fn start() -> Program {
    let program =
        ProgramBuilder::new().with_admin().env("SIGNET__SERVER__TRUSTED_PROXIES", "127.0.0.0/8").start().await;
    for email in ["ann@example.com", "bob@example.com"] {
        program.register(email).await;
    }
    program
}

#[tokio::test]
async fn a_session_is_shown_with_its_token_family() {
    let program = start().await;
    let request = program.client.post(program.url("/api/login/")).header("x-forwarded-for", "203.0.113.9");
    let request =
        request.header("user-agent", "Handy/1.0").json(&json!({"email": "ann@example.com", "password": PASSWORD}));
    let first = Tokens::of(&program.send(request).await);
    let second = Tokens::of(&program.refresh(&first.refresh).await);
    let third = Tokens::of(&program.refresh(&second.refresh).await);
    let admin = program.admin().await;
    let sid = verify_with_jwks(&program, &third.access).await.sid;
    let answer = admin.get(&format!("sessions/{sid}")).await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"1\""), "{}", answer.text);
    let session = answer.json;
    assert_eq!((&session["email"], &session["ip"]), (&json!("ann@example.com"), &json!("203.0.113.9")));
    assert_eq!((&session["user_agent"], &session["kept_by"]), (&json!("Handy/1.0"), &json!("refresh_tokens")));
    let family = &session["families"][0];
    assert_eq!(
        (&family["client"], &family["generation"], &family["reused"]),
        (&json!("signet"), &json!(2), &json!(false))
    );
    assert!(!answer_holds(&session, &[&first.refresh, &third.refresh]));

    // The grace is over for the first token: its successor was used.
    assert_eq!(program.refresh(&first.refresh).await.status, 401);
    let session = admin.get(&format!("sessions/{sid}")).await.json;
    assert!(session["revoked_at"].is_string() && session["families"][0]["reused"] == true, "{session}");
}

fn answer_holds(value: &Value, secrets: &[&str]) -> bool {
    secrets.iter().any(|secret| value.to_string().contains(secret))
}

#[tokio::test]
async fn sessions_are_found_by_user_way_address_age_and_life() {
    let program = start().await;
    let ann = program.login("ann@example.com").await;
    program.auth("ann@example.com", PASSWORD).await;
    program.login("bob@example.com").await;
    let admin = program.admin().await;
    let claims = verify_with_jwks(&program, &ann.access).await;
    assert_eq!(list(&admin, &format!("user:{}", claims.sub)).await.len(), 2);
    assert_eq!(list(&admin, &format!("user:{}%20kept_by:cookie", claims.sub)).await.len(), 1);
    assert_eq!(list(&admin, "client:signet").await.len(), 3, "a cookie session has no grant");
    assert_eq!(list(&admin, "client:other").await.len(), 0);
    assert_eq!(list(&admin, "ip:127.0.0.1%20since:1h").await.len(), 4);
    assert_eq!(list(&admin, "until:1h").await.len(), 0);
    program.post("/api/logout/", json!({"refresh_token": ann.refresh})).await;
    assert_eq!(list(&admin, "live:true").await.len(), 3);
    let ended = list(&admin, "live:false").await;
    assert_eq!((ended.len(), &ended[0]["id"]), (1, &json!(claims.sid)));
    for filter in ["user:nobody", "colour:red", "live:perhaps", "since:soon"] {
        assert_eq!(admin.get(&format!("sessions?filter={filter}")).await.status, 422, "{filter}");
    }
    let mut seen = Vec::new();
    let mut query = "limit=3".to_owned();
    loop {
        let page = admin.get(&format!("sessions?{query}")).await.json;
        seen.extend(page["items"].as_array().unwrap().iter().map(|session| session["id"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=3&cursor={cursor}");
    }
    let all: Vec<_> = list(&admin, "").await.iter().map(|session| session["id"].clone()).collect();
    assert_eq!((seen.len(), seen), (4, all));
}

#[tokio::test]
async fn one_session_is_ended_and_its_refresh_fails() {
    let program = start().await;
    let (kept, ended) = (program.login("ann@example.com").await, program.login("ann@example.com").await);
    let admin = program.admin().await;
    let path = format!("sessions/{}", verify_with_jwks(&program, &ended.access).await.sid);
    assert_eq!(admin.change("DELETE", &path, None, json!({})).await.status, 428);
    assert_eq!(admin.change("DELETE", &path, Some("\"2\""), json!({})).await.status, 412);
    assert_eq!(admin.change("DELETE", &path, Some("\"1\""), json!({})).await.status, 204);
    assert_eq!(program.refresh(&ended.refresh).await.status, 401);
    assert_eq!(program.me(&ended.access).await.status, 401);
    assert_eq!(program.refresh(&kept.refresh).await.status, 200);
    assert_eq!(admin.change("DELETE", &path, Some("\"1\""), json!({})).await.status, 412);
    assert_eq!(admin.change("DELETE", &path, Some("*"), json!({})).await.status, 409);
    let event = admin.get("audit?filter=type:session.end").await.json["items"][0].clone();
    assert!(event["actor"].as_str().unwrap().starts_with("user:"), "{event}");
}

#[tokio::test]
async fn all_that_match_are_counted_first_and_then_ended() {
    let program = start().await;
    let ann = [program.login("ann@example.com").await, program.login("ann@example.com").await];
    let bob = program.login("bob@example.com").await;
    let admin = program.admin().await;
    let filter = format!("user:{}", verify_with_jwks(&program, &ann[0].access).await.sub);
    let dead = admin.post("sessions/revoke?dry_run=true", json!({"filter": "live:false"})).await;
    assert_eq!(dead.json["sessions"], 0, "there is nothing to end about those that ended");
    let narrow = admin.post("api-keys", json!({"name": "x", "permissions": ["sessions:write"]})).await;
    let narrow = program.operator(narrow.json["api_key"].as_str().unwrap().to_owned());
    let refused = narrow.post("sessions/revoke", json!({"filter": "*"})).await;
    assert_eq!(refused.status, 403, "the administrator's own is among them: {}", refused.text);
    assert_eq!(program.refresh(&bob.refresh).await.status, 200, "none was ended");
    let bob = program.login("bob@example.com").await;
    let counted = admin.post("sessions/revoke?dry_run=true", json!({"filter": filter})).await;
    assert_eq!((counted.status, &counted.json["sessions"]), (200, &json!(2)), "{}", counted.text);
    let ended = admin.post("sessions/revoke", json!({"filter": filter})).await;
    assert_eq!(ended.json, json!({"dry_run": false, "sessions": 2}));
    assert_eq!(program.refresh(&ann[0].refresh).await.status, 401);
    assert_eq!(program.refresh(&ann[1].refresh).await.status, 401);
    assert_eq!(program.refresh(&bob.refresh).await.status, 200);
    assert_eq!(admin.post("sessions/revoke", json!({"filter": filter})).await.json["sessions"], 0);
    for bad in ["", "  ", "colour:red"] {
        assert_eq!(admin.post("sessions/revoke", json!({"filter": bad})).await.status, 422, "{bad}");
    }
    let everyone = admin.post("sessions/revoke", json!({"filter": "*"})).await;
    assert_eq!(everyone.json["sessions"], 3, "the operator's own included");
    assert_eq!(admin.get("sessions").await.status, 401);
}
