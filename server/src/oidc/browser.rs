//! What a browser shows: the cookie of its session, and one for each request that waits in it.

use salvo::{
    Request, Response,
    http::cookie::{Cookie, SameSite, time::Duration},
};
use sha2::{Digest, Sha256};
use signet_shared::UserId;
use subtle::ConstantTimeEq;

use crate::{
    app::App,
    http::{caller::cookies, form::Params},
    model::{
        authorization::BrowserSession,
        secret::{PlainCode, SecretHash},
    },
    store::StoreError,
};

/// How long a request waits for its user, in seconds.
pub const INTERACTION_LIFETIME: i64 = 1_800;

/// Cookies of one name that are looked at.
const MAX_COOKIES: usize = 4;

/// A name with the prefix that keeps other hosts of the domain and plain http away from it (RFC 6265bis §4.1.3.2).
fn named(app: &App, name: &str) -> String {
    if app.public_url.is_https() { format!("__Host-{name}") } else { name.to_owned() }
}

fn session_cookie(app: &App) -> String {
    named(app, "signet_session")
}

/// One for each, so that tabs do not disturb each other.
fn interaction_cookie(app: &App, id: &str) -> String {
    let short: String = id.chars().take(12).collect();
    named(app, &format!("signet_request_{short}"))
}

/// Lax: it is there when the browser comes from a client's page, and not when that page posts (RFC 6265bis §5.6.7).
fn set(app: &App, res: &mut Response, name: String, value: String, max_age: i64) {
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(app.public_url.is_https())
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(max_age));
    res.add_cookie(cookie.build());
}

fn codes(req: &Request, name: &str) -> Vec<PlainCode> {
    cookies(req, name).filter_map(PlainCode::parse).take(MAX_COOKIES).collect()
}

/// The session cookie that a browser shows, hashed.
pub fn shown_session(app: &App, req: &Request) -> Option<SecretHash> {
    codes(req, &session_cookie(app)).first().map(PlainCode::hash)
}

/// The live session of a browser, with what its user agreed to for a client.
pub async fn session(app: &App, req: &Request, client: &str) -> Result<Option<BrowserSession>, StoreError> {
    match shown_session(app, req) {
        Some(cookie) => app.store.find_browser_session(&cookie, client, app.now()).await,
        None => Ok(None),
    }
}

/// Gives the browser the cookie of its session.
pub fn remember_session(app: &App, res: &mut Response, cookie: &PlainCode) {
    let lifetime = app.settings.get().browser_session_lifetime;
    set(app, res, session_cookie(app), cookie.expose().to_owned(), lifetime);
}

/// Takes it away.
pub fn forget_session(app: &App, res: &mut Response) {
    set(app, res, session_cookie(app), String::new(), 0);
}

/// What binds a waiting request to a browser.
pub struct Binding {
    /// The request's id, which is in addresses.
    pub id: PlainCode,
    /// What the browser alone has.
    pub secret: PlainCode,
}

impl Binding {
    /// A fresh one, for a browser that gets its cookie.
    pub fn begin(app: &App, res: &mut Response) -> Self {
        let [id, secret] = [(); 2].map(|()| PlainCode::generate(app.entropy.as_ref()));
        set(app, res, interaction_cookie(app, id.expose()), secret.expose().to_owned(), INTERACTION_LIFETIME);
        Self { id, secret }
    }

    /// The one that a browser shows for an id.
    pub fn shown(app: &App, req: &Request, id: &str) -> Option<Self> {
        let id = PlainCode::parse(id)?;
        let secret = codes(req, &interaction_cookie(app, id.expose())).into_iter().next()?;
        Some(Self { id, secret })
    }

    /// Takes the cookie away.
    pub fn end(&self, app: &App, res: &mut Response) {
        set(app, res, interaction_cookie(app, self.id.expose()), String::new(), 0);
    }

    /// What a form of ours sends along: whoever has it read our page in this browser, as it was shown to a user, where it was.
    pub fn token(&self, user: Option<UserId>) -> String {
        let user = user.map_or(String::new(), |user| user.to_string());
        form_token(&format!("form {user}"), self.secret.expose())
    }
}

/// What a form of ours for a purpose sends along, made of what one browser alone has.
pub fn form_token(purpose: &str, secret: &str) -> String {
    Sha256::digest(format!("{purpose} {secret}")).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a form is the one that this token was put into.
pub fn is_ours(params: &Params, token: &str) -> bool {
    params.get("token").is_some_and(|shown| shown.as_bytes().ct_eq(token.as_bytes()).into())
}
