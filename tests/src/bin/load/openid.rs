//! A client of OpenID Connect, and the browsers of its users, as a run drives them.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response,
    header::{HeaderValue, LOCATION},
};
use reqwest::{
    Url,
    cookie::{CookieStore, Jar},
    redirect::Policy,
};
use serde_json::{Value, json};

use crate::{
    chains::{Chain, Repeat},
    client::Call,
    scenario::{Chains, Sample},
    signet::{OPERATOR, OPERATOR_PASSWORD},
    users,
};

const CALLBACK: &str = "https://shop.example/callback";

/// A client that is registered for a run.
struct Party {
    target: SocketAddr,
    id: String,
    secret: String,
}

/// A browser in which a user has logged in and agreed.
struct Browser {
    cookie: HeaderValue,
    code: String,
}

/// The same body to one endpoint again and again.
struct Post {
    call: Call,
    body: Bytes,
}

impl Chain for Post {
    fn request(&mut self) -> Request<Full<Bytes>> {
        self.call.request(self.body.clone())
    }
}

/// A code, then its tokens, then another code.
struct Codes {
    ask: Call,
    redeem: Call,
    code: Option<String>,
}

impl Chain for Codes {
    fn request(&mut self) -> Request<Full<Bytes>> {
        match self.code.take() {
            Some(code) => self.redeem.request(redemption(&code)),
            None => self.ask.request(Bytes::new()),
        }
    }

    fn learn(&mut self, answer: &Response<Bytes>) -> anyhow::Result<()> {
        if let Some(location) = answer.headers().get(LOCATION) {
            self.code = Some(code_of(location.to_str()?)?);
        }
        Ok(())
    }
}

fn redemption(code: &str) -> String {
    let mut form = url_form();
    form.append_pair("grant_type", "authorization_code").append_pair("code", code);
    form.append_pair("redirect_uri", CALLBACK).finish()
}

fn url_form() -> url::form_urlencoded::Serializer<'static, String> {
    url::form_urlencoded::Serializer::new(String::new())
}

fn code_of(location: &str) -> anyhow::Result<String> {
    let url = Url::parse(location)?;
    let code = url.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
    code.with_context(|| format!("no code in {location}"))
}

/// A token of the client's own, again and again.
pub fn client_credentials(target: SocketAddr, sample: &Sample) -> Chains {
    with_party(target, async |party| {
        let call = Call::post_form(target, "/oauth2/token")?.by_client(&party.id, &party.secret)?;
        let body = Bytes::from_static(b"grant_type=client_credentials&scope=read");
        Ok(posts(&call, &body, sample.connections))
    })
}

/// Codes and their tokens.
pub fn codes(target: SocketAddr, sample: &Sample) -> Chains {
    with_party(target, async |party| {
        let mut chains = Vec::new();
        for users in sample.each()? {
            let browser = party.browser(users[0]).await?;
            let mut ask = Call::get_at(target, &party.path())?;
            ask.set_cookie(browser.cookie);
            let redeem = Call::post_form(target, "/oauth2/token")?.by_client(&party.id, &party.secret)?;
            chains.push(Box::new(Codes { ask, redeem, code: None }) as Box<dyn Chain>);
        }
        Ok(chains)
    })
}

/// Claims, each connection about a user of its own.
pub fn userinfo(target: SocketAddr, sample: &Sample) -> Chains {
    with_party(target, async |party| {
        let mut chains = Vec::new();
        for users in sample.each()? {
            let token = party.token(users[0]).await?;
            let call = Call::get(target, "/oauth2/userinfo")?.authorized(&token)?;
            chains.push(Box::new(Repeat { calls: vec![call], next: 0 }) as Box<dyn Chain>);
        }
        Ok(chains)
    })
}

/// What a user's access token is worth.
pub fn introspect(target: SocketAddr, sample: &Sample) -> Chains {
    with_party(target, async |party| {
        let call = Call::post_form(target, "/oauth2/introspect")?.by_client(&party.id, &party.secret)?;
        let mut chains = Vec::new();
        for users in sample.each()? {
            let body = Bytes::from(url_form().append_pair("token", &party.token(users[0]).await?).finish());
            chains.extend(posts(&call, &body, 1));
        }
        Ok(chains)
    })
}

fn posts(call: &Call, body: &Bytes, connections: usize) -> Vec<Box<dyn Chain>> {
    let post = || Box::new(Post { call: call.clone(), body: body.clone() }) as Box<dyn Chain>;
    (0..connections).map(|_| post()).collect()
}

fn with_party(target: SocketAddr, prepare: impl AsyncFnOnce(Party) -> anyhow::Result<Vec<Box<dyn Chain>>>) -> Chains {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { prepare(Party::register(target).await?).await })
}

impl Party {
    async fn register(target: SocketAddr) -> anyhow::Result<Self> {
        let http = reqwest::Client::new();
        let post = async |path: &str, token: &str, body: Value| {
            let request = http.post(format!("http://{target}{path}")).bearer_auth(token).json(&body);
            anyhow::Ok(request.send().await?.error_for_status()?.json::<Value>().await?)
        };
        let login = json!({"email": OPERATOR, "password": OPERATOR_PASSWORD});
        let login = post("/api/login/", "", login).await?;
        let metadata = json!({"client_name": "Shop", "redirect_uris": [CALLBACK], "scope": "openid email read",
            "lifetimes": {"access_token_lifetime": 3_600},
            "grant_types": ["authorization_code", "client_credentials"]});
        let made = post("/admin/v1/clients", login["access_token"].as_str().unwrap_or_default(), metadata).await?;
        let member = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        Ok(Self { target, id: member("client_id"), secret: member("client_secret") })
    }

    /// The address of an authorization request, without the host.
    fn path(&self) -> String {
        let mut query = url_form();
        query.append_pair("client_id", &self.id).append_pair("redirect_uri", CALLBACK);
        query.append_pair("response_type", "code").append_pair("scope", "openid email");
        format!("/oauth2/authorize?{}", query.finish())
    }

    /// Logs a user in and agrees.
    async fn browser(&self, user: usize) -> anyhow::Result<Browser> {
        let jar = Arc::new(Jar::default());
        let http = reqwest::Client::builder().redirect(Policy::none()).cookie_provider(Arc::clone(&jar)).build()?;
        let origin: Url = format!("http://{}", self.target).parse()?;
        let email = users::email(user);
        let mut address = format!("http://{}{}", self.target, self.path());
        for _ in 0..10 {
            let mut page = http.get(&address).send().await?;
            if page.status().is_success() {
                let html = page.text().await?;
                let form = [
                    ("token", hidden(&html)?),
                    ("login", email.as_str()),
                    ("password", users::PASSWORD),
                    ("decision", "allow"),
                    ("remember", "1"),
                ];
                page = http.post(&address).form(&form).send().await?;
            }
            let next = page.headers().get(LOCATION).with_context(|| format!("{} at {address}", page.status()))?;
            address = next.to_str()?.to_owned();
            if address.starts_with(CALLBACK) {
                let cookie = jar.cookies(&origin).context("a browser without a cookie")?;
                return Ok(Browser { cookie, code: code_of(&address)? });
            }
        }
        anyhow::bail!("the login of {email} goes round and round")
    }

    /// An access token for a user.
    async fn token(&self, user: usize) -> anyhow::Result<String> {
        let code = self.browser(user).await?.code;
        let request = reqwest::Client::new().post(format!("http://{}/oauth2/token", self.target));
        let request = request
            .basic_auth(&self.id, Some(&self.secret))
            .header("content-type", "application/x-www-form-urlencoded");
        let answer: Value = request.body(redemption(&code)).send().await?.error_for_status()?.json().await?;
        Ok(answer["access_token"].as_str().context("no access token")?.to_owned())
    }
}

/// What proves a form of ours.
fn hidden(html: &str) -> anyhow::Result<&str> {
    let rest = html.split_once("name=\"token\" value=\"").context("a page without a form")?.1;
    Ok(rest.split('"').next().unwrap_or_default())
}
