//! Refresh tokens: spent once, whoever races; replayed never.

use serde_json::json;

use crate::harness::{Program, ProgramBuilder, Tokens};

#[tokio::test]
async fn thirty_two_parallel_refreshes_of_one_token_have_one_successor() {
    let program = Program::start().await;
    let tokens = program.user("user@example.com").await;
    let answers = futures_util::future::join_all((0..32).map(|_| program.refresh(&tokens.refresh))).await;
    let successors: std::collections::BTreeSet<_> = answers.iter().map(|answer| Tokens::of(answer).refresh).collect();
    assert_eq!(successors.len(), 1);
    assert_eq!(program.refresh(successors.first().unwrap()).await.status, 200);
}

#[tokio::test]
async fn without_grace_one_of_thirty_two_wins_and_the_family_is_revoked() {
    let program = ProgramBuilder::new().setting("refresh_grace", "0").start().await;
    let tokens = program.user("user@example.com").await;
    let answers = futures_util::future::join_all((0..32).map(|_| program.refresh(&tokens.refresh))).await;
    let winners: Vec<_> = answers.iter().filter(|answer| answer.status == 200).map(Tokens::of).collect();
    assert_eq!(winners.len(), 1);
    assert!(answers.iter().all(|answer| [200, 401].contains(&answer.status)));
    assert_eq!(program.refresh(&winners[0].refresh).await.status, 401, "a replay ends the family");
}

#[tokio::test]
async fn a_lost_answer_is_given_again_until_its_successor_is_used() {
    let program = Program::start().await;
    let first = program.user("user@example.com").await;
    let second = Tokens::of(&program.refresh(&first.refresh).await);
    let again = Tokens::of(&program.refresh(&first.refresh).await);
    assert_eq!(again.refresh, second.refresh);
    assert_ne!(again.access, second.access, "with a fresh access token");
    let third = Tokens::of(&program.refresh(&second.refresh).await);
    assert_eq!(program.refresh(&first.refresh).await.status, 401, "its successor was used: a replay");
    assert_eq!(program.refresh(&third.refresh).await.status, 401);
    assert_eq!(program.me(&third.access).await.status, 401);
    assert!(program.log().contains("replayed"));
}

#[tokio::test]
async fn a_spent_token_stays_spent_across_a_crash() {
    let program = ProgramBuilder::new().setting("refresh_grace", "0").start().await;
    let first = program.user("user@example.com").await;
    let second = Tokens::of(&program.refresh(&first.refresh).await);
    let program = program.crash_and_restart().await;
    let third = Tokens::of(&program.refresh(&second.refresh).await);
    assert_eq!(program.refresh(&first.refresh).await.status, 401);
    assert_eq!(program.refresh(&third.refresh).await.status, 401);
}

#[tokio::test]
async fn a_forgotten_token_is_simply_unknown() {
    let program = ProgramBuilder::new()
        .in_memory()
        .setting("refresh_grace", "0")
        .setting("refresh_reuse_memory", "1")
        .start()
        .await;
    let first = program.user("user@example.com").await;
    let second = Tokens::of(&program.refresh(&first.refresh).await);
    let spent_at = std::time::Instant::now();
    crate::harness::until(|| async { (spent_at.elapsed().as_millis() > 1_100).then_some(()) }).await;
    assert_eq!(program.refresh(&first.refresh).await.status, 401);
    assert_eq!(program.refresh(&second.refresh).await.status, 200, "nothing was revoked");
}

#[tokio::test]
async fn tokens_expire_by_lifetime_and_by_idling() {
    for setting in ["refresh_token_lifetime", "refresh_token_idle_lifetime"] {
        let program = ProgramBuilder::new().in_memory().setting(setting, "1").start().await;
        let tokens = program.user("user@example.com").await;
        let issued_at = std::time::Instant::now();
        crate::harness::until(|| async { (issued_at.elapsed().as_millis() > 1_100).then_some(()) }).await;
        assert_eq!(program.refresh(&tokens.refresh).await.status, 401, "{setting}");
    }
}

#[tokio::test]
async fn a_refresh_races_with_a_logout_and_leaves_nothing_alive() {
    let program = Program::start().await;
    for round in 0..10 {
        let tokens = program.user(&format!("user{round}@example.com")).await;
        let end = program.client.delete(program.url("/api/me/sessions/")).bearer_auth(&tokens.access);
        let (refreshed, ended) = tokio::join!(program.refresh(&tokens.refresh), program.send(end));
        assert_eq!(ended.status, 204);
        if refreshed.status == 200 {
            let tokens = Tokens::of(&refreshed);
            assert_eq!(program.refresh(&tokens.refresh).await.status, 401, "round {round}");
            assert_eq!(program.me(&tokens.access).await.status, 401, "round {round}");
        }
    }
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_refused() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let tokens = program.user("user@example.com").await;
    let unknown = "d952527b-caef-452c-8c93-1100214f82e5";
    for token in ["", "x", "refresh_token:⟨1⟩", "' OR 1=1", unknown, &tokens.access, &tokens.refresh.replace('-', "")]
    {
        let answer = program.refresh(token).await;
        assert_eq!(answer.status, 401, "{token}");
        assert_eq!(program.post("/api/logout/", json!({"refresh_token": token})).await.status, 401, "{token}");
    }
    assert_eq!(program.refresh(&tokens.refresh).await.status, 200);
}
