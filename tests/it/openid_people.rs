//! OpenID Connect as the people see it who log in, agree, forget and leave.

use serde_json::{Value, json};

use crate::{
    harness::{Behaviour, PASSWORD, Sink, SinkTls, parameters, until},
    openid::{ANN, id_claims, program},
};

#[tokio::test]
async fn a_user_is_asked_again_where_the_client_wants_it() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let first = browser.goes_through(&client.asks(&[]), ANN).await;
    let first = client.redeem(&first["code"]).await;
    let auth_time = |tokens: Value| {
        let (program, client) = (&program, &client);
        async move { id_claims(program, client, &tokens["id_token"]).await["auth_time"].as_i64().unwrap() }
    };
    let before = auth_time(first.json.clone()).await;
    for parameter in [("prompt", "login"), ("max_age", "0")] {
        let step = browser.get(&client.asks(&[parameter])).await;
        let page = browser.get(step.location.as_ref().unwrap()).await;
        assert!(page.html.contains("name=\"password\""), "{parameter:?}");
        // Later than before, as soon as the clock of the tokens, which counts seconds, has moved on.
        until(|| async {
            let answer = browser.goes_through(&client.asks(&[parameter]), ANN).await;
            let again = client.redeem(&answer["code"]).await;
            (auth_time(again.json).await > before).then_some(())
        })
        .await;
    }
    let step = browser.get(&client.asks(&[("prompt", "consent")])).await.location.unwrap();
    let page = browser.get(&step).await;
    assert!(page.html.contains("name=\"decision\""));
    let denied = browser.submit(&step, &page, &[("decision", "deny")]).await;
    assert_eq!(parameters(&denied.location.unwrap())["error"], "access_denied");
    assert_eq!(browser.submit(&step, &page, &[("decision", "allow")]).await.status, 400, "it was answered already");
    let step = browser.get(&client.asks(&[("prompt", "select_account")])).await.location.unwrap();
    let page = browser.get(&step).await;
    let other = browser.submit(&step, &page, &[("account", "other")]).await;
    assert!(browser.get(&other.location.unwrap()).await.html.contains("name=\"password\""));
}

#[tokio::test]
async fn a_login_page_is_bound_to_its_browser_and_tells_nobody_who_exists() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let step = browser.get(&client.asks(&[])).await.location.unwrap();
    let page = browser.get(&step).await;
    let elsewhere = program.browser();
    assert_eq!(elsewhere.get(&step).await.status, 400);
    let form = [("token", page.hidden("token")), ("login", ANN.to_owned()), ("password", PASSWORD.to_owned())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(elsewhere.post(&step, &form).await.status, 400, "the form alone opens nothing");
    assert_eq!(browser.post(&step, &form[1..]).await.status, 400, "nor does the cookie");
    let wrong = browser.submit(&step, &page, &[("login", ANN), ("password", "wrong")]).await;
    let nobody = browser.submit(&step, &page, &[("login", "nobody@example.com"), ("password", "wrong")]).await;
    assert_eq!((wrong.status, wrong.html), (422, nobody.html.replace("nobody@example.com", ANN)));
    // Two tabs do not disturb each other.
    let second = browser.get(&client.asks(&[("state", "second")])).await.location.unwrap();
    for (step, state) in [(second, "second"), (step, "a state")] {
        assert_eq!(browser.goes_through(&step, ANN).await["state"], state);
    }
}

#[tokio::test]
async fn whoever_logs_out_without_proof_is_asked_and_sent_nowhere() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    browser.goes_through(&client.asks(&[]), ANN).await;
    let logout = program.url("/oauth2/logout");
    for query in [
        "?id_token_hint=nonsense".to_owned(),
        format!("?client_id={}&post_logout_redirect_uri=https://evil.example/", client.id),
        "?post_logout_redirect_uri=https://shop.example/bye".to_owned(),
    ] {
        let page = browser.get(&format!("{logout}{query}")).await;
        assert!(page.status == 400 && page.location.is_none(), "{query}");
    }
    let ask = browser.get(&logout).await;
    assert!(ask.status == 200 && ask.html.contains("name=\"decision\""), "{}", ask.html);
    assert!(
        browser.post(&logout, &[("decision", "logout")]).await.html.contains("name=\"decision\""),
        "a foreign form"
    );
    let silent = client.asks(&[("prompt", "none")]);
    assert!(parameters(&browser.get(&silent).await.location.unwrap()).contains_key("code"));
    browser.submit(&logout, &ask, &[("decision", "logout")]).await;
    assert_eq!(parameters(&browser.get(&silent).await.location.unwrap())["error"], "login_required");
}

#[tokio::test]
async fn whoever_forgot_their_password_finds_a_new_one_by_the_link_on_the_login_page() {
    let mut sink = Sink::start(SinkTls::None, Behaviour::Accept).await;
    let program = crate::mails::builder(&sink).in_memory().with_admin().start().await;
    program.register(ANN).await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let step = browser.get(&client.asks(&[])).await.location.unwrap();
    let forgotten = program.url("/forgotten");
    assert!(browser.get(&step).await.html.contains(&forgotten));
    assert_eq!(browser.get(&forgotten).await.status, 200);
    let wrong = browser.post(&forgotten, &[("email", "nobody at all")]).await;
    assert_eq!(wrong.status, 422);
    let [known, unknown] = [
        browser.post(&forgotten, &[("email", ANN)]).await,
        browser.post(&forgotten, &[("email", "nobody@example.com")]).await,
    ];
    assert_eq!((known.status, &known.html), (200, &unknown.html), "nobody learns who has an account");
    let mail = sink.mail().await;
    let link =
        regex::Regex::new(r"http\S+/set_password\?token=\S+").unwrap().find(&mail.text).unwrap().as_str().to_owned();
    let page = browser.get(&link).await;
    let changed = browser.submit(&program.url("/set_password"), &page, &[("password", "violet-anchor-lantern")]).await;
    assert_eq!(changed.status, 200, "{}", changed.html);
    assert_eq!(program.try_login(ANN, "violet-anchor-lantern").await.status, 200);
}
