//! Clients that are told of logouts (OpenID Connect Back-Channel and Front-Channel Logout).

use jsonwebtoken::decode_header;
use serde_json::json;

use crate::{
    harness::{Program, ProgramBuilder, Website},
    openid::{ANN, id_claims},
};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

async fn program() -> Program {
    let program = ProgramBuilder::new().in_memory().with_admin();
    let program = program.env("SIGNET__OUTGOING__ALLOWED_NETWORKS", "127.0.0.0/8").start().await;
    program.register(ANN).await;
    program
}

#[tokio::test]
async fn a_client_is_told_of_a_logout_with_a_token_of_its_own_until_it_has_heard() {
    let program = program().await;
    let mut website = Website::start().await;
    let uri = website.show("/logout", 503, "");
    let client = program.relying_party(json!({"backchannel_logout_uri": uri})).await;
    let browser = program.browser();
    let code = browser.goes_through(&client.asks(&[]), ANN).await;
    let tokens = client.redeem(&code["code"]).await.json;
    let login = id_claims(&program, &client, &tokens["id_token"]).await;
    let logout = program.url(&format!("/oauth2/logout?id_token_hint={}", tokens["id_token"].as_str().unwrap()));
    assert_eq!(browser.get(&logout).await.status, 200);
    let (_, first) = website.posted().await;
    website.show("/logout", 200, "");
    let (path, second) = website.posted().await;
    assert_eq!(path, "/logout");
    assert_ne!(first["logout_token"], second["logout_token"], "each try has a fresh one");
    let token = &second["logout_token"];
    assert_eq!(decode_header(token).unwrap().typ.as_deref(), Some("logout+jwt"));
    let told = id_claims(&program, &client, &json!(token)).await;
    assert_eq!((&told["sub"], &told["sid"]), (&login["sub"], &login["sid"]));
    assert_eq!(told["events"], json!({EVENT: {}}));
    let members: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    for member in ["iss", "aud", "iat", "exp", "jti"] {
        assert!(members.contains(&member), "{member}");
    }
    assert_eq!(members.len(), 8, "no nonce, and nothing else: {members:?}");
}

#[tokio::test]
async fn whoever_ends_a_session_its_clients_hear_of_it() {
    let program = program().await;
    let mut website = Website::start().await;
    let uri = website.show("/logout", 204, "");
    let client = program.relying_party(json!({"backchannel_logout_uri": uri})).await;
    let user = program.login(ANN).await;
    let told = async |website: &mut Website| website.posted().await.1["logout_token"].clone();
    let login = async || {
        let code = program.browser().goes_through(&client.asks(&[]), ANN).await;
        let tokens = client.redeem(&code["code"]).await.json;
        id_claims(&program, &client, &tokens["id_token"]).await["sid"].clone()
    };
    let sid = async |token: String| id_claims(&program, &client, &json!(token)).await["sid"].clone();
    // The user, on another device.
    let session = login().await;
    let url = format!("/api/me/sessions/{}/", session.as_str().unwrap());
    let ended = program.send(program.client.delete(program.url(&url)).bearer_auth(&user.access)).await;
    assert_eq!(ended.status, 204);
    assert_eq!(sid(told(&mut website).await).await, session);
    // An operator.
    let session = login().await;
    let admin = program.admin().await;
    let path = format!("sessions/{}", session.as_str().unwrap());
    assert_eq!(admin.change("DELETE", &path, Some("*"), json!({})).await.status, 204);
    assert_eq!(sid(told(&mut website).await).await, session);
    // Another password.
    let session = login().await;
    let change = json!({"password": "another-tangled-harbour", "current_password": crate::harness::PASSWORD});
    assert_eq!(program.put_me(&program.login(ANN).await.access, change).await.status, 200);
    assert_eq!(sid(told(&mut website).await).await, session);
}

#[tokio::test]
async fn a_browser_tells_clients_in_frames_before_it_goes_on() {
    let program = program().await;
    let uri = "https://shop.example/front?x=1";
    let client = program.relying_party(json!({"frontchannel_logout_uri": uri})).await;
    let browser = program.browser();
    let code = browser.goes_through(&client.asks(&[]), ANN).await;
    let tokens = client.redeem(&code["code"]).await.json;
    let sid = id_claims(&program, &client, &tokens["id_token"]).await["sid"].clone();
    let hint = tokens["id_token"].as_str().unwrap();
    let bye = "https://shop.example/bye";
    let address = format!("/oauth2/logout?id_token_hint={hint}&post_logout_redirect_uri={bye}&state=s");
    let page = browser.get(&program.url(&address)).await;
    assert_eq!((page.status, page.location), (200, None));
    let issuer = program.issuer().replace(':', "%3A").replace('/', "%2F");
    let frame = format!("src=\"{uri}&#38;iss={issuer}&#38;sid={}\"", sid.as_str().unwrap());
    assert!(page.html.contains(&frame), "{frame} in {}", page.html);
    assert!(page.html.contains(&format!("href=\"{bye}?state=s\"")), "{}", page.html);
}

#[tokio::test]
async fn a_client_that_is_gone_or_wants_nothing_holds_nobody_up() {
    let program = program().await;
    let mut website = Website::start().await;
    let quiet = program.relying_party(json!({})).await;
    let gone = program.relying_party(json!({"backchannel_logout_uri": website.show("/gone", 200, "")})).await;
    let told = program.relying_party(json!({"backchannel_logout_uri": website.show("/told", 200, "")})).await;
    let browser = program.browser();
    for client in [&quiet, &gone, &told] {
        browser.goes_through(&client.asks(&[]), ANN).await;
    }
    assert_eq!(
        program.admin().await.change("DELETE", &format!("clients/{}", gone.id), Some("*"), json!({})).await.status,
        204
    );
    let logout = program.url("/oauth2/logout");
    let page = browser.get(&logout).await;
    browser.submit(&logout, &page, &[("decision", "logout")]).await;
    assert_eq!(website.posted().await.0, "/told");
    let silent = browser.get(&told.asks(&[("prompt", "none")])).await.location.unwrap();
    assert_eq!(crate::harness::parameters(&silent)["error"], "login_required");
}
