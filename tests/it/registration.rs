//! One address, one account, however it is spelled and however many try at once.

use serde_json::json;

use crate::harness::{PASSWORD, Program, ProgramBuilder};

#[tokio::test]
async fn of_sixty_four_parallel_registrations_of_one_address_one_wins() {
    let program = Program::start().await;
    let spellings = [
        "bj\u{f6}rn@b\u{fc}cher.example",
        "bjo\u{308}rn@b\u{fc}cher.example",
        "BJ\u{d6}RN@b\u{fc}cher.example",
        "bj\u{f6}rn@B\u{dc}CHER.example",
        "bj\u{f6}rn@xn--bcher-kva.example",
        "bj\u{f6}rn@xn--bcher-kva.EXAMPLE.",
        "Bj\u{f6}rn@bu\u{308}cher.example",
        " bj\u{f6}rn@b\u{fc}cher.example ",
    ];
    let tries = (0..64).map(|number| {
        let email = spellings[number % spellings.len()];
        program.post("/api/register/", json!({"email": email, "password": PASSWORD}))
    });
    let statuses: Vec<_> = futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409, 503].contains(status)), "{statuses:?}");
    for spelling in spellings {
        assert_eq!(program.try_login(spelling, PASSWORD).await.status, 200, "{spelling}");
    }
}

#[tokio::test]
async fn an_address_with_invisible_characters_is_no_address() {
    let program = ProgramBuilder::new().in_memory().start().await;
    for email in ["a\u{200b}nn@example.com", "ann@exa\u{200d}mple.com", "ann\u{202e}@example.com", "a nn@example.com"] {
        let answer = program.post("/api/register/", json!({"email": email, "password": PASSWORD})).await;
        assert_eq!(answer.status, 422, "{email:?}");
    }
}

#[tokio::test]
async fn a_username_cannot_pose_as_somebodys_address() {
    let program = ProgramBuilder::new().in_memory().start().await;
    program.register("ann@example.com").await;
    for username in ["ann@example.com", "ann\u{ff20}example.com"] {
        let body = json!({"username": username, "password": PASSWORD, "email": "eve@example.com"});
        assert_eq!(program.post("/register", body).await.status, 422, "{username}");
    }
}

#[tokio::test]
async fn of_many_parallel_registrations_of_one_name_one_wins() {
    let program = Program::start().await;
    let tries = (0..16).map(|number| {
        let name = if number % 2 == 0 { "John Smith" } else { "john  SMITH" };
        program.post(
            "/register",
            json!({"username": name, "password": PASSWORD, "email": format!("u{number}@example.com")}),
        )
    });
    let statuses: Vec<_> = futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn internal_fields_cannot_be_assigned() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let tokens = program.user("ann@example.com").await;
    for field in
        ["roles", "email_verified", "id", "password_hash", "disabled", "created_at", "temporary_until", "email_key"]
    {
        let mut body = json!({"email": "eve@example.com", "password": PASSWORD});
        body[field] = json!("admin");
        assert_eq!(program.post("/api/register/", body.clone()).await.status, 422, "{field}");
        body["username"] = json!("eve");
        assert_eq!(program.post("/register", body).await.status, 422, "{field}");
        let mut change = json!({"username": "Eve"});
        change[field] = json!(["admin"]);
        assert_eq!(program.put_me(&tokens.access, change).await.status, 422, "{field}");
    }
    let me = program.me(&tokens.access).await;
    assert_eq!((&me.json["roles"], &me.json["username"]), (&json!([]), &json!("")));
    assert_eq!(program.try_login("eve@example.com", PASSWORD).await.status, 401);
}
