//! Keys rotate by themselves: published before they sign, kept until what they signed is over.

use std::collections::BTreeSet;

use crate::harness::{PASSWORD, ProgramBuilder, until, verify_with_jwks};

fn kids(answer: &crate::harness::Answer) -> BTreeSet<String> {
    let keys = answer.json["keys"].as_array().unwrap();
    keys.iter().filter(|key| key["alg"] == "ES256").map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_the_last_one_still_verifies() {
    let program = ProgramBuilder::new()
        .in_memory()
        .setting("key_rotation_period", "4")
        .setting("key_prepublication", "1")
        .setting("jwks_max_age", "1")
        .start()
        .await;
    program.register("ann@example.com").await;
    let before = program.get("/.well-known/jwks.json").await;
    assert_eq!(before.header("cache-control"), "public, max-age=1");
    let first = program.get("/get_public_cert").await.json["kid"].as_str().unwrap().to_owned();
    let old = program.login("ann@example.com").await;
    assert_eq!(kids(&before).len(), 2, "the one that signs and the next");
    let second = until(|| async {
        let kid = program.get("/get_public_cert").await.json["kid"].as_str().unwrap().to_owned();
        (kid != first).then_some(kid)
    })
    .await;
    assert!(kids(&before).contains(&second), "whoever cached the keys then can verify with it now");
    verify_with_jwks(&program, &old.access).await;
    let new = program.try_login("ann@example.com", PASSWORD).await;
    verify_with_jwks(&program, new.json["access_token"].as_str().unwrap()).await;
    assert_eq!(program.me(&old.access).await.status, 200);
    assert!(kids(&program.get("/.well-known/jwks.json").await).contains(&first));
}

#[tokio::test]
async fn a_cached_key_set_is_confirmed_without_being_sent_again() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let first = program.get("/.well-known/jwks.json/").await;
    let etag = first.header("etag").to_owned();
    for (tags, status) in
        [(etag.clone(), 304), (format!("\"x\", W/{etag}"), 304), ("*".to_owned(), 304), ("\"x\"".to_owned(), 200)]
    {
        let request = program.client.get(program.url("/.well-known/jwks.json")).header("if-none-match", &tags);
        let answer = program.send(request).await;
        assert_eq!((answer.status, answer.text.is_empty()), (status, status == 304), "{tags}");
    }
    let head = program.send(program.client.head(program.url("/.well-known/jwks.json"))).await;
    assert_eq!((head.status, head.header("etag")), (200, etag.as_str()));
    assert_eq!(first.header("access-control-allow-origin"), "*");
}
