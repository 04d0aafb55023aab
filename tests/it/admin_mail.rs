//! Mail, as operators see it: what waits and why, another try, a test.

use serde_json::{Value, json};

use crate::{
    harness::{Behaviour, Operator, Sink, SinkTls, until},
    mails::builder,
};

async fn waiting(admin: &Operator<'_>) -> Vec<Value> {
    let answer = admin.get("mail").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_waits_is_listed_with_the_reason_and_can_be_tried_again() {
    let sink = Sink::start(SinkTls::None, Behaviour::Refuse).await;
    let program = builder(&sink).in_memory().with_admin().start().await;
    let admin = program.admin().await;
    for name in ["ann", "bob"] {
        let email = format!("{name}@example.com");
        program.register(&email).await;
        program.post("/request_password_reset", json!({"email": email})).await;
    }
    let put_off = until(|| async {
        let waiting = waiting(&admin).await;
        let put_off = waiting.len() == 2
            && waiting.iter().all(|mail| mail["state"] == "waiting" && mail["attempts"].as_i64() >= Some(2));
        put_off.then_some(waiting)
    })
    .await;
    let first = &put_off[0];
    assert_eq!((&first["kind"], &first["to"]), (&json!("password_reset"), &json!("ann@example.com")));
    assert!(first["last_error"].as_str().unwrap().contains("4.7.1 Later"), "{first}");
    let page = admin.get("mail?limit=1").await.json;
    let next = admin.get(&format!("mail?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).await.json;
    assert_eq!(next["items"][0]["to"], "bob@example.com");

    let path = format!("mail/{}/retry", first["id"].as_str().unwrap());
    let tried = admin.post(&path, json!({})).await;
    assert_eq!((tried.status, &tried.json["mails"]), (200, &json!(1)), "{}", tried.text);
    let again = until(|| async {
        let again = waiting(&admin).await.into_iter().find(|mail| mail["id"] == first["id"]).expect("the mail");
        (again["due_at"].as_str() > first["due_at"].as_str() && again["state"] == "waiting").then_some(again)
    })
    .await;
    assert_eq!(again["attempts"], first["attempts"], "what an operator asks for uses no try up");
    assert_eq!(admin.post("mail/retry", json!({})).await.status, 200);
    for path in ["mail/none/retry", "mail/WyJhIiwiYiIsImMiXQ/retry"] {
        assert_eq!(admin.post(path, json!({})).await.status, 404, "{path}");
    }
    let audit = admin.get("audit?filter=type:mail.retry").await.json;
    assert_eq!(audit["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_test_mail_says_at_once_whether_mail_arrives() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = builder(&sink).in_memory().with_admin().setting("login_attempts", "2").start().await;
    let admin = program.admin().await;
    let sent = admin.post("mail/test", json!({"to": "Ann@example.com"})).await;
    assert_eq!((sent.status, &sent.json["transport"]), (200, &json!("smtp")), "{}", sent.text);
    let mail = sink.mail().await;
    assert_eq!(mail.to, "Ann@example.com");
    assert!(mail.subject.contains("test") && mail.text.contains("Ann@example.com"));
    assert_eq!(admin.post("mail/test", json!({"to": "ann@example.com"})).await.status, 200);
    let flood = admin.post("mail/test", json!({"to": "ann@example.com"})).await;
    assert_eq!(flood.status, 429, "{}", flood.text);
    for bad in [json!({"to": "nobody"}), json!({}), json!({"to": "a@example.com\r\nBcc: b@example.com"})] {
        assert_eq!(admin.post("mail/test", bad.clone()).await.status, 422, "{bad}");
    }

    let refusing = Sink::start(SinkTls::None, Behaviour::Refuse).await;
    let program = builder(&refusing).in_memory().with_admin().start().await;
    let refused = program.admin().await.post("mail/test", json!({"to": "ann@example.com"})).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.json["detail"].as_str().unwrap().starts_with("the mail did not leave: "), "{}", refused.text);
    let events = program.admin().await.get("audit?filter=type:mail.test").await.json;
    let results: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| event["result"].clone()).collect();
    assert_eq!(results, ["fail", "ok"], "that it was tried, and how it went");
}
