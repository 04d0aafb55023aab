//! The authorization endpoint (OpenID Connect Core §3.1.2, RFC 6749 §3.1): a request passes the stages in the order of the
//! standards, and is answered at once or waits for its user.

mod answer;
mod decide;
mod grant;
mod object;
mod request;

use std::sync::Arc;

use http::StatusCode;
use salvo::{Request, Response, Writer, http::Method, oapi::endpoint, writing::Json};
use serde_json::json;
use signet_shared::oauth::Prompt;

use super::{
    browser,
    client_auth::authenticate,
    error::{ErrorCode, OAuthError, no_store},
    interaction, issue,
};
use crate::{
    app::{App, Shared, after},
    http::{form::Params, origin},
    model::{
        authorization::{AuthorizationRequest, BrowserSession, Progress, Purpose},
        client::Client,
        secret::PlainCode,
    },
    store::StoreError,
};
pub use answer::{AuthorizeError, Target, redirect};
pub use decide::Next;
pub use grant::answer;
pub use request::{resources, scope};

/// The authentication contexts that there are: a password.
pub const ACR_VALUES: [&str; 1] = ["urn:signet:acr:password"];

/// What a reference to parameters of ours begins with (RFC 9126 §2.2).
const REFERENCE: &str = "urn:ietf:params:oauth:request_uri:";
/// How long pushed parameters wait, in seconds.
const PUSHED_LIFETIME: i64 = 90;

/// Ask a user's permission
///
/// OpenID Connect Core §3.1.2, RFC 6749 §3.1. The answer goes to the client through the browser.
#[endpoint(tags("OpenID Connect"))]
pub async fn authorize(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    if *req.method() == Method::POST {
        let params = Params::of_body(req).await.map_err(OAuthError::from)?;
        return come_again(&app, &params, res).await;
    }
    let params = Params::of_query(req).map_err(OAuthError::from)?;
    let client = request::client(&app, &params)?;
    let asked = read(&app, &client, params).await?;
    let session = browser::session(&app, req, &client.id).await?;
    let progress = Progress::default();
    let next = next(&app, &client, &asked, session.as_ref(), &progress);
    if let Next::Answer(session) = next {
        return answer(&app, &client, &asked, session, &from.0, req, res).await;
    }
    if asked.prompt.contains(&Prompt::None)
        && let Some((code, description)) = next.silent_error()
    {
        return Err(AuthorizeError::Redirect(Target::from(&asked), code, description.into()));
    }
    interaction::begin(&app, Purpose::Authorize(Box::new(asked)), res).await
}

/// What has to happen before a request is answered.
pub fn next<'a>(
    app: &App,
    client: &Client,
    request: &AuthorizationRequest,
    session: Option<&'a BrowserSession>,
    progress: &Progress,
) -> Next<'a> {
    let subject = |session: &BrowserSession| issue::subject(app, client, session.person.id);
    decide::next(request, session, progress, subject, app.now())
}

/// A form that another site posts comes without our cookies. Its parameters are kept, and the browser comes again with a
/// reference to them.
async fn come_again(app: &App, params: &Params, res: &mut Response) -> Result<(), AuthorizeError> {
    let client = request::client(app, params)?;
    let reference = match params.get("request_uri").filter(|uri| uri.starts_with(REFERENCE)) {
        Some(reference) => reference.to_owned(),
        None => keep(app, &client, params, false).await?,
    };
    let mut again = Params::default();
    again.set("client_id", client.id.clone());
    again.set("request_uri", reference);
    no_store(res);
    redirect(res, &app.public_url.join(&format!("/oauth2/authorize?{}", again.to_query())));
    Ok(())
}

/// Keeps parameters, and says how they are referred to; `authenticated`, if the client itself pushed them.
async fn keep(app: &App, client: &Client, params: &Params, authenticated: bool) -> Result<String, StoreError> {
    let id = PlainCode::generate(app.entropy.as_ref());
    let until = after(app.now(), PUSHED_LIFETIME);
    app.store.push_request(&id.hash(), &client.id, params, authenticated, until).await?;
    Ok(format!("{REFERENCE}{}", id.expose()))
}

/// From parameters, wherever they are, to a validated request.
async fn read(app: &App, client: &Arc<Client>, params: Params) -> Result<AuthorizationRequest, AuthorizeError> {
    let reference = params.get("request_uri").and_then(|uri| uri.strip_prefix(REFERENCE)).map(str::to_owned);
    let (params, was_pushed) = match reference {
        Some(reference) => pushed(app, client, &reference).await?,
        None => (params, false),
    };
    if client.metadata.require_pushed_authorization_requests && !was_pushed {
        let description = "this client pushes its authorization requests (RFC 9126)";
        return Err(AuthorizeError::page(ErrorCode::InvalidRequest, description));
    }
    let params = object::unfold(app, client, params).await?;
    let uri = request::redirect_uri(client, &params)?;
    request::validate(app, client, &params, uri)
}

async fn pushed(app: &App, client: &Client, reference: &str) -> Result<(Params, bool), AuthorizeError> {
    let found = match PlainCode::parse(reference) {
        Some(code) => app.store.take_pushed_request(&code.hash(), &client.id, app.now()).await?,
        None => None,
    };
    let unknown = "this request_uri is unknown, expired, used before or another client's";
    found.ok_or_else(|| AuthorizeError::page(ErrorCode::InvalidRequestUri, unknown))
}

/// Push an authorization request
///
/// RFC 9126: keeps the parameters of a request that is to come.
#[endpoint(tags("OpenID Connect"))]
pub async fn push(app: Shared, from: origin::From, req: &mut Request, res: &mut Response) -> Result<(), OAuthError> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    let mut params = Params::of_body(req).await?;
    let client = authenticate(&app, req, &params).await?;
    if params.get("request_uri").is_some() {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "a request_uri is not pushed"));
    }
    if params.get("client_id").is_some_and(|id| id != client.id) {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "the client_id is another client's"));
    }
    for credential in ["client_secret", "client_assertion", "client_assertion_type"] {
        params.remove(credential);
    }
    params.set("client_id", client.id.clone());
    judge(&app, &client, params.clone()).await?;
    let reference = keep(&app, &client, &params, true).await?;
    no_store(res);
    res.status_code(StatusCode::CREATED);
    res.render(Json(json!({ "request_uri": reference, "expires_in": PUSHED_LIFETIME })));
    Ok(())
}

/// What is wrong with a request is told when it is pushed.
async fn judge(app: &App, client: &Arc<Client>, params: Params) -> Result<(), OAuthError> {
    let judged = async {
        let params = object::unfold(app, client, params).await?;
        let uri = request::redirect_uri(client, &params)?;
        request::validate(app, client, &params, uri)
    };
    match judged.await {
        Ok(_) => Ok(()),
        Err(AuthorizeError::Page(error)) => Err(error),
        Err(AuthorizeError::Redirect(_, code, description)) => Err(OAuthError::new(code, description)),
    }
}
