//! Two nodes on one database server: they agree on everything within a moment, do each job once, and between them spend
//! each single-use thing once.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    ADMIN, Answer, Behaviour, PASSWORD, Program, ProgramBuilder, Sink, SinkTls, Tokens, until, verify_with_jwks,
};

/// What two nodes of one issuer have in common beside the database: its name, and the key above all keys.
fn node(builder: ProgramBuilder) -> ProgramBuilder {
    builder
        .with_admin()
        .env("SIGNET__SERVER__PUBLIC_URL", "http://id.example.com")
        .env("SIGNET__KEYS__MASTER_KEY", &STANDARD.encode([7; 32]))
}

async fn two(builder: ProgramBuilder) -> [Program; 2] {
    let first = builder.clone().start().await;
    [first, builder.start().await]
}

/// Both at once: two nodes that find an empty database.
async fn two_at_once(builder: ProgramBuilder) -> [Program; 2] {
    tokio::join!(builder.clone().start(), builder.start()).into()
}

/// Looks every few milliseconds until it is so, and says how long that took.
#[expect(clippy::print_stdout, reason = "a figure for whoever asks for it with --nocapture")]
async fn propagation<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(10), "{what} did not come to pass");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("{what}: after {} ms", begun.elapsed().as_millis());
}

#[tokio::test]
async fn two_nodes_that_start_together_on_an_empty_database_are_one_issuer() {
    let [a, b] = two_at_once(node(ProgramBuilder::new())).await;
    let [keys_a, keys_b] = [a.get("/.well-known/jwks.json").await.json, b.get("/.well-known/jwks.json").await.json];
    assert_eq!(keys_a, keys_b);
    let user = a.user("ann@example.com").await;
    assert_eq!(b.me(&user.access).await.status, 200);
    verify_with_jwks(&b, &user.access).await;
    let next = Tokens::of(&b.refresh(&user.refresh).await);
    assert_eq!(a.me(&next.access).await.status, 200);
}

#[tokio::test]
async fn three_hundred_rounds_of_thirty_two_parallel_refreshes_over_both_never_have_two_successors() {
    for (grace, rounds) in [("10", 200), ("0", 100)] {
        let nodes = two(node(ProgramBuilder::new()).setting("refresh_grace", grace)).await;
        nodes[0].register("ann@example.com").await;
        let mut token = nodes[0].login("ann@example.com").await.refresh;
        for round in 0..rounds {
            let answers = join_all((0..32).map(|number| nodes[number % 2].refresh(&token))).await;
            let good = answers.iter().filter(|answer| answer.status == 200);
            let successors: Vec<_> = good.map(|answer| Tokens::of(answer).refresh).collect();
            let distinct: BTreeSet<_> = successors.iter().collect();
            let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
            assert!(distinct.len() == 1, "round {round}, grace {grace}: {} successors, {statuses:?}", distinct.len());
            assert!(grace != "0" || successors.len() == 1, "round {round}: {statuses:?}");
            token = match grace {
                // A replay without grace ends the family.
                "0" => nodes[round % 2].login("ann@example.com").await.refresh,
                _ => successors[0].clone(),
            };
        }
    }
}

#[tokio::test]
async fn what_one_node_changes_holds_on_the_other() {
    let [a, b] = two(node(ProgramBuilder::new()).setting("key_prepublication", "1").setting("jwks_max_age", "1")).await;
    let id = a.register("ann@example.com").await;
    let user = b.login("ann@example.com").await;
    let operator = a.admin().await;

    assert_eq!(operator.patch("settings", json!({"access_token_lifetime": 123})).await.status, 200);
    propagation("a setting", || async { lifetime(&b).await == 123 }).await;

    let callback = json!({"redirect_uris": ["https://app.example.com/callback"]});
    let client = operator.post("clients", callback).await;
    assert_eq!(client.status, 201, "{}", client.text);
    propagation("a client", || async { b.get("/metrics").await.text.contains("signet_clients 1\n") }).await;
    let client = format!("clients/{}", client.json["client_id"].as_str().unwrap());
    assert_eq!(operator.change("DELETE", &client, Some("*"), json!({})).await.status, 204);
    propagation("a removed client", || async { b.get("/metrics").await.text.contains("signet_clients 0\n") }).await;

    let kid = |answer: Answer| answer.json["kid"].as_str().unwrap().to_owned();
    let forced = operator.post("keys/rotate", json!({"algorithm": "ES256", "force": true})).await;
    assert_eq!(forced.status, 200, "{}", forced.text);
    let signs = kid(a.get("/get_public_cert").await);
    propagation("a key", || async { kid(b.get("/get_public_cert").await) == signs }).await;

    let one = b.login("ann@example.com").await;
    let sessions = operator.get(&format!("sessions?filter=user:{id}&limit=1")).await.json;
    let session = sessions["items"][0]["id"].as_str().unwrap();
    assert_eq!(operator.change("DELETE", &format!("sessions/{session}"), Some("*"), json!({})).await.status, 204);
    propagation("an ended session", || async { b.refresh(&one.refresh).await.status == 401 }).await;

    assert_eq!(operator.patch(&format!("users/{id}"), json!({"disabled": true})).await.status, 200);
    propagation("a disabled user", || async {
        b.me(&user.access).await.status == 401 && b.try_login("ann@example.com", PASSWORD).await.status == 401
    })
    .await;
}

async fn lifetime(program: &Program) -> i64 {
    program.try_login("ann@example.com", PASSWORD).await.json["expires_in"].as_i64().unwrap()
}

#[tokio::test]
async fn single_use_things_are_spent_once_between_both() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let nodes = two(node(crate::mails::builder(&sink)).setting("login_attempts", "6")).await;
    nodes[0].register("ann@example.com").await;
    for round in 0..5 {
        assert_eq!(nodes[1].post("/request_password_reset", json!({"email": "ann@example.com"})).await.status, 200);
        let code = sink.mail().await.code();
        let body = json!({"reset_code": code, "new_password": format!("another-long-password-{round}")});
        let resets = join_all((0..16).map(|number| nodes[number % 2].post("/reset_password", body.clone()))).await;
        let won = resets.iter().filter(|answer| answer.status == 200).count();
        let statuses: Vec<_> = resets.iter().map(|answer| answer.status).collect();
        assert_eq!(won, 1, "{statuses:?}");
    }
    let same = || json!({"email": "eve@example.com", "password": PASSWORD});
    let registered = join_all((0..16).map(|number| nodes[number % 2].post("/api/register/", same()))).await;
    assert_eq!(registered.iter().filter(|answer| answer.status == 201).count(), 1);
    let tries = join_all((0..20).map(|number| nodes[number % 2].try_login("eve@example.com", "wrong"))).await;
    assert_eq!(tries.iter().filter(|answer| answer.status == 401).count(), 6, "one budget of tries for both");
}

#[tokio::test]
async fn each_mail_is_sent_once_by_whichever_node() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let nodes = two(node(crate::mails::builder(&sink))).await;
    let emails: Vec<_> = (0..24).map(|number| format!("user{number}@example.com")).collect();
    for email in &emails {
        nodes[0].register(email).await;
    }
    join_all(
        emails
            .iter()
            .enumerate()
            .map(|(number, email)| nodes[number % 2].post("/request_password_reset", json!({"email": email}))),
    )
    .await;
    let mut sent = BTreeMap::<String, usize>::new();
    for _ in &emails {
        *sent.entry(sink.mail().await.to).or_default() += 1;
    }
    assert!(sent.len() == emails.len() && sent.values().all(|count| *count == 1), "{sent:?}");
    let operator = nodes[1].admin().await;
    until(|| async { (operator.get("mail").await.json["items"] == json!([])).then_some(()) }).await;
    assert!(sink.is_empty());
}

/// Which keys sign, by algorithm.
async fn active(program: &Program, token: &str) -> BTreeMap<String, Vec<String>> {
    let keys = program.operator(token.to_owned()).get("keys").await;
    assert_eq!(keys.status, 200, "{}", keys.text);
    let mut active = BTreeMap::<String, Vec<String>>::new();
    for key in keys.json["items"].as_array().unwrap() {
        let of = active.entry(key["algorithm"].as_str().unwrap().to_owned()).or_default();
        if key["state"] == "active" {
            of.push(key["kid"].as_str().unwrap().to_owned());
        }
    }
    active
}

#[tokio::test]
async fn a_node_that_dies_in_the_middle_of_a_rotation_leaves_the_other_a_ring_that_works() {
    let builder = node(ProgramBuilder::new())
        .setting("key_rotation_period", "3")
        .setting("key_prepublication", "1")
        .setting("jwks_max_age", "1");
    let [mut a, b] = two(builder).await;
    b.register("ann@example.com").await;
    let token = b.login(ADMIN).await.access;
    let mut signed = BTreeSet::new();
    let mut held: Vec<String> = Vec::new();
    for round in 0..12_u64 {
        let (address, operator) = (a.url("/admin/v1/keys/rotate"), a.login(ADMIN).await.access);
        let client = a.client.clone();
        let rotate = tokio::spawn(async move {
            let body = json!({"algorithm": "ES256", "force": true});
            let _ = client.post(address).bearer_auth(operator).json(&body).send().await;
        });
        // Somewhere between before it arrives and after it was answered.
        tokio::time::sleep(Duration::from_millis(round * 4)).await;
        a = a.crash_and_restart().await;
        let _ = rotate.await;
        let active = active(&b, &token).await;
        assert!(active.values().all(|kids| kids.len() == 1), "round {round}: {active:?}");
        signed.extend(active["ES256"].clone());
        for node in [&a, &b] {
            held.push(node.login("ann@example.com").await.access);
        }
        for token in &held {
            for node in [&a, &b] {
                until(|| async { has_key(node, token).await.then_some(()) }).await;
                verify_with_jwks(node, token).await;
            }
        }
    }
    assert!(signed.len() >= 3, "{signed:?}");
}

/// Whether this node publishes the key that signed the token: another node's rotation is known a moment later.
async fn has_key(program: &Program, token: &str) -> bool {
    let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    program.get("/.well-known/jwks.json").await.text.contains(&kid)
}

#[tokio::test]
async fn a_rotation_that_is_due_is_done_by_one_of_them() {
    let builder = node(ProgramBuilder::new())
        .setting("key_rotation_period", "3")
        .setting("key_prepublication", "1")
        .setting("jwks_max_age", "1");
    let nodes = two(builder).await;
    let token = nodes[0].login(ADMIN).await.access;
    let first = active(&nodes[0], &token).await["ES256"].clone();
    until(|| async { (active(&nodes[0], &token).await["ES256"] != first).then_some(()) }).await;
    let logs = nodes.each_ref().map(Program::log);
    let pattern = regex::Regex::new(r"a signing key moved on kid=(\S+) algorithm=ES256 state=(Next|Active)").unwrap();
    let mut moves = BTreeMap::<(String, String), usize>::new();
    for log in &logs {
        for found in pattern.captures_iter(log) {
            *moves.entry((found[1].to_owned(), found[2].to_owned())).or_default() += 1;
        }
    }
    assert!(moves.len() >= 3, "{moves:?}");
    assert!(moves.values().all(|count| *count == 1), "{moves:?}");
}

#[tokio::test]
async fn of_two_operators_on_two_nodes_one_wins() {
    let nodes = two(node(ProgramBuilder::new())).await;
    let tokens = [nodes[0].login(ADMIN).await.access, nodes[1].login(ADMIN).await.access];
    for round in 0..10_i64 {
        let operators = [0, 1].map(|number| nodes[number].operator(tokens[number].clone()));
        let etag = operators[0].get("settings").await.header("etag").to_owned();
        let change = |number: i64| json!({"login_attempts": 100 + 2 * round + number});
        let (one, two) = tokio::join!(
            operators[0].change("PATCH", "settings", Some(&etag), change(0)),
            operators[1].change("PATCH", "settings", Some(&etag), change(1)),
        );
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", one.text, two.text);
        let lost = if one.status == 412 { &one } else { &two };
        let current = lost.json["current"]["settings"].as_array().unwrap();
        let attempts = current.iter().find(|setting| setting["key"] == "login_attempts").unwrap();
        assert_ne!(attempts["value"], Value::Null);
    }
}
