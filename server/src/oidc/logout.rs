//! Logging out by a client's wish (OpenID Connect RP-Initiated Logout). The browser is sent on only where a valid ID token and
//! a registered address say where to; anything else is a page, and whoever did not prove that they are meant is asked.

use http::StatusCode;
use salvo::{Request, Response, Writer, http::Method, oapi::endpoint};

use super::{
    authorize::AuthorizeError,
    browser,
    error::{ErrorCode, no_store, once},
    frontchannel,
    hint::{self, Hint},
};
use crate::{
    app::{App, Shared},
    http::{
        form::{BadForm, Params},
        origin,
    },
    model::{authorization::BrowserSession, secret::SecretHash, session::Origin},
    pages::{
        language_of,
        look::Frame,
        show,
        view::{Form, LogoutPage, LogoutState, WebUrl},
    },
};

/// Log out
///
/// OpenID Connect RP-Initiated Logout: ends the session of this browser.
#[endpoint(tags("OpenID Connect"))]
pub async fn end_session(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let is_post = *req.method() == Method::POST;
    let params = once(read(req, is_post).await)?;
    if is_post && browser::shown_session(&app, req).is_none() {
        // A form that another site posts comes without our cookies: who is there shows when the browser comes by itself.
        no_store(res);
        super::authorize::redirect(res, &app.public_url.join(&format!("/oauth2/logout?{}", params.to_query())));
        return Ok(());
    }
    let hint = hint(&app, &params)?;
    let next = next(&app, &params, hint.as_ref())?;
    let session = browser::session(&app, req, "").await?;
    let Some(session) = session else {
        // Nobody is there: there is nothing to end, and nobody to ask.
        return leave(&app, &params, req, res, next, Vec::new());
    };
    let cookie = browser::shown_session(&app, req);
    let is_agreed = is_post
        && params.get("decision") == Some("logout")
        && cookie.as_ref().is_some_and(|cookie| browser::is_ours(&params, &token(cookie)));
    if params.get("decision") == Some("stay") {
        return leave(&app, &params, req, res, None, Vec::new());
    }
    if !is_agreed && !is_meant(hint.as_ref(), &session) {
        return ask(&app, &params, req, res, &session, cookie.as_ref());
    }
    let clients = end(&app, cookie.as_ref(), &from.0, res).await?;
    leave(&app, &params, req, res, next, frontchannel::frames(&app, &clients, &session.id.to_string()))
}

/// What was asked for stays in the address of our own form.
async fn read(req: &mut Request, is_post: bool) -> Result<Params, BadForm> {
    let query = Params::of_query(req)?;
    if is_post { Ok(query.overlaid(Params::of_body(req).await?)) } else { Ok(query) }
}

/// Ends the session, and says which clients its user logged in to.
async fn end(
    app: &App,
    cookie: Option<&SecretHash>,
    origin: &Origin,
    res: &mut Response,
) -> Result<Vec<String>, AuthorizeError> {
    browser::forget_session(app, res);
    match cookie {
        Some(cookie) => Ok(app.store.end_browser_session(cookie, origin, app.now()).await?),
        None => Ok(Vec::new()),
    }
}

fn hint(app: &App, params: &Params) -> Result<Option<Hint>, AuthorizeError> {
    let Some(token) = params.get("id_token_hint") else { return Ok(None) };
    let hint = hint::read(app, token);
    let foreign = "this id_token_hint is no ID token of ours";
    let hint = hint.ok_or_else(|| AuthorizeError::page(ErrorCode::InvalidRequest, foreign))?;
    if params.get("client_id").is_some_and(|id| id != hint.aud) {
        return Err(AuthorizeError::page(ErrorCode::InvalidRequest, "the id_token_hint is another client's"));
    }
    Ok(Some(hint))
}

/// The session that an ID token was issued in is the one that is meant.
fn is_meant(hint: Option<&Hint>, session: &BrowserSession) -> bool {
    hint.and_then(|hint| hint.sid.as_deref()).is_some_and(|sid| sid == session.id.to_string())
}

/// Where to go then: an address that the client registered, with the state that it sent.
fn next(app: &App, params: &Params, hint: Option<&Hint>) -> Result<Option<String>, AuthorizeError> {
    let Some(uri) = params.get("post_logout_redirect_uri") else { return Ok(None) };
    let refused = |description: &'static str| AuthorizeError::page(ErrorCode::InvalidRequest, description);
    let id = hint.map(|hint| hint.aud.as_str()).or(params.get("client_id"));
    let id = id.ok_or_else(|| refused("whose post_logout_redirect_uri is this? Send an id_token_hint"))?;
    let clients = app.clients.get();
    let registered = clients.find(id).map(|client| client.metadata.post_logout_redirect_uris.as_slice());
    if !registered.unwrap_or_default().iter().any(|known| known == uri) {
        return Err(refused("this post_logout_redirect_uri is not registered for this client, to the letter"));
    }
    // Without a hint nobody proved to be that client, so nobody is sent there.
    if hint.is_none() {
        return Ok(None);
    }
    let state = params.get("state").map(|state| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
        let joint = if uri.contains('?') { '&' } else { '?' };
        format!("{uri}{joint}{query}")
    });
    Ok(Some(state.unwrap_or_else(|| uri.to_owned())))
}

fn token(cookie: &SecretHash) -> String {
    browser::form_token("logout", cookie.as_str())
}

fn ask(
    app: &App,
    params: &Params,
    req: &Request,
    res: &mut Response,
    session: &BrowserSession,
    cookie: Option<&SecretHash>,
) -> Result<(), AuthorizeError> {
    let mut asked = params.clone();
    ["token", "decision"].iter().for_each(|name| asked.remove(name));
    let action = app.public_url.join(&format!("/oauth2/logout?{}", asked.to_query()));
    let form = Form { action: action.trim_end_matches('?').to_owned(), token: cookie.map(token).unwrap_or_default() };
    let state = LogoutState::Ask { form, user: session.person.email.clone() };
    Ok(show(res, StatusCode::OK, &LogoutPage { frame: frame(app, params, req), state })?)
}

fn leave(
    app: &App,
    params: &Params,
    req: &Request,
    res: &mut Response,
    next: Option<String>,
    frames: Vec<WebUrl>,
) -> Result<(), AuthorizeError> {
    let state = match (next, frames.is_empty()) {
        (Some(next), true) => {
            super::authorize::redirect(res, &next);
            return Ok(());
        }
        (None, true) => LogoutState::Done,
        (next, false) => LogoutState::Leaving { frames, next },
    };
    Ok(show(res, StatusCode::OK, &LogoutPage { frame: frame(app, params, req), state })?)
}

/// In the languages that the client names (§2), or the browser.
fn frame<'a>(app: &'a App, params: &Params, req: &Request) -> Frame<'a> {
    Frame::new(&app.look, language_of(req, params.get("ui_locales")))
}
