//! A disk that fails: nothing is written behind what it tore, and nothing that was acknowledged is lost.

use serde_json::json;

use crate::harness::{PASSWORD, Program, ProgramBuilder};

/// Registers users until the server refuses one; those it acknowledged.
async fn register_until_refused(program: &Program) -> Vec<String> {
    let mut known = Vec::new();
    loop {
        let email = format!("user{}@example.com", known.len());
        let answer = program.post("/api/register/", json!({"email": email, "password": PASSWORD})).await;
        if answer.status != 201 {
            assert_eq!(answer.status, 503, "{}", answer.text);
            return known;
        }
        known.push(email);
    }
}

#[tokio::test]
async fn a_failed_disk_ends_the_process_and_the_next_start_has_all_that_was_acknowledged() {
    // Files may not grow beyond this: what a disk that is full does, for one process alone.
    let mut program = ProgramBuilder::new().on_disk().files_up_to(512).start().await;
    let mut known = register_until_refused(&program).await;
    assert!(!known.is_empty());
    assert_eq!(program.ended().await, Some(1));
    assert!(program.log().contains("the disk failed under the database"), "{}", program.log());

    let program = program.start_again_with(ProgramBuilder::files_unlimited).await;
    for number in 0..5 {
        let email = format!("later{number}@example.com");
        program.register(&email).await;
        known.push(email);
    }
    let program = program.crash_and_restart().await;
    for email in &known {
        program.login(email).await;
    }
}

#[tokio::test]
async fn data_without_its_manifest_is_refused_and_left_as_it_is() {
    let mut program = ProgramBuilder::new().on_disk().start().await;
    program.register("ann@example.com").await;
    assert_eq!(program.terminate().await, Some(0));
    let manifest = program.directory().join("data/db/manifest");
    let aside = program.directory().join("aside");
    std::fs::rename(&manifest, &aside).unwrap();
    let refusal = program.fail_to_start_again().await;
    assert!(refusal.contains("incomplete"), "{refusal}");
    assert!(!manifest.exists(), "nothing was made in its place");
    std::fs::rename(&aside, &manifest).unwrap();
    let program = program.crash_and_restart().await;
    program.login("ann@example.com").await;
}

#[tokio::test]
async fn a_database_that_lost_everything_is_refused_and_makes_no_new_keys() {
    let mut program = ProgramBuilder::new().on_disk().start().await;
    assert_eq!(program.terminate().await, Some(0));
    std::fs::remove_dir_all(program.directory().join("data/db")).unwrap();
    let refusal = program.fail_to_start_again().await;
    assert!(refusal.contains("held data before"), "{refusal}");
    assert!(program.fail_to_start_again().await.contains("held data before"), "the second time, too");
    std::fs::remove_file(program.directory().join("data/db.initialised")).unwrap();
    let program = program.crash_and_restart().await;
    assert_eq!(program.get("/readyz").await.status, 200);
}
