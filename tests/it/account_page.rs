//! What people do for themselves in a browser: register, replace a temporary password, and look after their account.

use serde_json::json;

use crate::{
    harness::{PASSWORD, Page, Program, parameters},
    openid::{ANN, program},
};

/// Follows a page to where it leads, as a browser does.
async fn follow(browser: &crate::harness::Browser<'_>, page: Page, mut address: String) -> (String, Page) {
    let mut page = page;
    while let Some(next) = page.location.clone() {
        page = browser.get(&next).await;
        address = next;
    }
    (address, page)
}

async fn account<'a>(program: &'a Program, browser: &crate::harness::Browser<'a>) -> (String, Page) {
    let start = program.url("/account");
    let (address, page) = follow(browser, browser.get(&start).await, start).await;
    if !page.html.contains("name=\"login\"") {
        return (address, page);
    }
    let page = browser.submit(&address, &page, &[("login", ANN), ("password", PASSWORD)]).await;
    follow(browser, page, address).await
}

#[tokio::test]
async fn somebody_new_registers_on_the_way_to_a_client_and_is_logged_in() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let step = browser.get(&client.asks(&[])).await.location.unwrap();
    let page = browser.get(&step).await;
    let register = format!("{step}/register");
    assert!(page.html.contains(&register), "{}", page.html);
    let form = browser.get(&register).await;
    let poor = [("email", "new@example.com"), ("username", "New One"), ("password", "short")];
    let refused = browser.submit(&register, &form, &poor).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("value=\"New One\""), "what was typed is still there");
    let taken = browser.submit(&register, &form, &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!(taken.status, 422);
    let fine = [("email", "new@example.com"), ("username", ""), ("password", PASSWORD)];
    let done = browser.submit(&register, &form, &fine).await;
    assert_eq!((done.status, done.location.as_deref()), (303, Some(step.as_str())));
    let answer = browser.goes_through(&step, "new@example.com").await;
    let tokens = client.redeem(&answer["code"]).await.json;
    assert_eq!(client.userinfo(&tokens["access_token"]).await.json["email"], "new@example.com");
    let create = browser.get(&client.asks(&[("prompt", "create")])).await;
    assert!(create.location.unwrap().ends_with("/register"));
}

#[tokio::test]
async fn where_registration_is_closed_no_page_offers_it() {
    let program = program().await;
    let admin = program.admin().await;
    let change = json!({"registration_open": false});
    assert_eq!(admin.patch("settings", change).await.status, 200);
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let step = browser.get(&client.asks(&[("prompt", "create")])).await.location.unwrap();
    let page = browser.get(&step).await;
    assert!(page.html.contains("name=\"password\"") && !page.html.contains("/register"), "{}", page.html);
    let register = format!("{step}/register");
    assert_eq!(browser.get(&register).await.location, Some(step));
    let form = [("email", "new@example.com"), ("password", PASSWORD)];
    assert_eq!(browser.submit(&register, &page, &form).await.status, 422);
    assert_eq!(program.try_login("new@example.com", PASSWORD).await.status, 401);
}

#[tokio::test]
async fn a_temporary_password_is_replaced_before_anything_else() {
    let program = program().await;
    let admin = program.admin().await;
    let ann = admin.get("users?filter=email:ann").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    let made = admin.post(&format!("users/{ann}/password"), json!({})).await;
    let temporary = made.json["temporary_password"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned();
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let step = browser.get(&client.asks(&[])).await.location.unwrap();
    let page = browser.get(&step).await;
    browser.submit(&step, &page, &[("login", ANN), ("password", &temporary)]).await;
    let silent = browser.get(&client.asks(&[("prompt", "none")])).await.location.unwrap();
    assert_eq!(parameters(&silent)["error"], "login_required", "it opens nothing");
    let page = browser.get(&step).await;
    assert!(page.html.contains("new-password"), "{}", page.html);
    let same = browser.submit(&step, &page, &[("password", &temporary)]).await;
    assert_eq!(same.status, 422, "a temporary password does not become the proper one");
    let set = browser.submit(&step, &page, &[("password", "another-tangled-harbour")]).await;
    assert_eq!(set.status, 303, "{}", set.html);
    let answer = browser.goes_through(&step, ANN).await;
    assert!(answer.contains_key("code"), "{answer:?}");
    assert_eq!(program.try_login(ANN, "another-tangled-harbour").await.status, 200);
}

#[tokio::test]
async fn people_change_their_profile_and_password_and_are_told_what_is_wrong() {
    let program = program().await;
    let browser = program.browser();
    let (address, page) = account(&program, &browser).await;
    assert_eq!(address, program.url("/account"));
    let profile = program.url("/account/profile");
    let fields = [("email", ANN), ("username", "Ann B"), ("name", "Ann Beispiel"), ("birthdate", "1984-02-29")];
    let saved = browser.submit(&profile, &page, &fields).await;
    let (_, page) = follow(&browser, saved, profile.clone()).await;
    assert!(page.html.contains("value=\"Ann Beispiel\"") && page.html.contains("value=\"Ann B\""), "{}", page.html);
    let wrong = [("email", "no address"), ("username", "Ann B"), ("name", "Ann"), ("birthdate", "1984-02-30")];
    let refused = browser.submit(&profile, &page, &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("value=\"no address\""), "{}", refused.html);
    assert_eq!(
        refused.html.matches(" aria-invalid=\"true\"").count(),
        2,
        "all that is wrong is told at once: {}",
        refused.html
    );
    let password = program.url("/account/password");
    let poor = [("current_password", "wrong"), ("password", "another-tangled-harbour")];
    assert_eq!(browser.submit(&password, &page, &poor).await.status, 422);
    let fine = [("current_password", PASSWORD), ("password", "another-tangled-harbour")];
    let changed = browser.submit(&password, &page, &fine).await;
    assert_eq!(changed.location, Some(program.url("/account?done=password_changed")), "{}", changed.html);
    assert_eq!(browser.get(&program.url("/account")).await.status, 200, "one's own session stays");
    assert_eq!(browser.post(&profile, &fields).await.status, 400, "a form of somebody else's");
}

#[tokio::test]
async fn people_end_their_sessions_and_take_back_what_they_agreed_to() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let elsewhere = program.login(ANN).await;
    let browser = program.browser();
    let code = browser.goes_through(&client.asks(&[]), ANN).await;
    let tokens = client.redeem(&code["code"]).await.json;
    let (_, page) = account(&program, &browser).await;
    assert!(page.html.contains("Shop"), "{}", page.html);
    let sessions = program.url("/account/sessions");
    let ended = browser.submit(&sessions, &page, &[("session", "others")]).await;
    assert_eq!(ended.location, Some(program.url("/account?done=others_ended")));
    assert_eq!(program.refresh(&elsewhere.refresh).await.status, 401);
    let withdrawn = browser.submit(&program.url("/account/consents"), &page, &[("client", &client.id)]).await;
    let (_, page) = follow(&browser, withdrawn, String::new()).await;
    assert!(!page.html.contains("Shop"), "{}", page.html);
    assert_eq!(client.userinfo(&tokens["access_token"]).await.status, 401);
    assert_eq!(client.refresh(tokens["refresh_token"].as_str().unwrap()).await.json["error"], "invalid_grant");
    let silent = browser.get(&client.asks(&[("prompt", "none")])).await.location.unwrap();
    assert_eq!(parameters(&silent)["error"], "consent_required");
}

#[tokio::test]
async fn an_answer_that_is_not_to_be_remembered_counts_once() {
    let program = program().await;
    let client = program.relying_party(json!({})).await;
    let browser = program.browser();
    let step = browser.get(&client.asks(&[])).await.location.unwrap();
    let page = browser.get(&step).await;
    browser.submit(&step, &page, &[("login", ANN), ("password", PASSWORD)]).await;
    let page = browser.get(&step).await;
    browser.submit(&step, &page, &[("decision", "allow")]).await;
    assert!(parameters(&browser.get(&step).await.location.unwrap()).contains_key("code"));
    let silent = browser.get(&client.asks(&[("prompt", "none")])).await.location.unwrap();
    assert_eq!(parameters(&silent)["error"], "consent_required");
}
