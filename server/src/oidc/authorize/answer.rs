//! Answers to authorization requests: to the client through the browser (OAuth 2.0 Multiple Response Types, Form Post, RFC
//! 9207), or, as long as nobody knows where that leads, to the person before it.

use std::borrow::Cow;

use http::{HeaderValue, StatusCode, header};
use salvo::{
    Depot, Request, Response, Writer, async_trait,
    oapi::{Components, EndpointOutRegister, Operation},
};
use signet_shared::oauth::ResponseMode;
use url::Url;

use crate::{
    app::{self, App},
    error::Refusal,
    http::front::request_id,
    model::authorization::AuthorizationRequest,
    oidc::error::{ErrorCode, OAuthError, describe, described, no_store},
    pages::{
        language_of,
        look::Frame,
        show,
        view::{ErrorPage, FormPostPage},
    },
    store::StoreError,
};

/// Where an answer goes: it can be made only where client and redirect URI were checked.
#[derive(Clone, Debug)]
pub struct Target {
    pub(super) redirect_uri: String,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
    /// The languages of the page that sends it.
    pub(super) ui_locales: Option<String>,
}

impl From<&AuthorizationRequest> for Target {
    fn from(request: &AuthorizationRequest) -> Self {
        Self {
            redirect_uri: request.redirect_uri.clone(),
            mode: request.response_mode,
            state: request.state.clone(),
            ui_locales: request.ui_locales.clone(),
        }
    }
}

/// What an authorization request is refused with.
#[derive(Debug)]
pub enum AuthorizeError {
    /// Told to the person: nothing says that the client would hear it.
    Page(OAuthError),
    /// Told to the client.
    Redirect(Target, ErrorCode, Cow<'static, str>),
}

impl AuthorizeError {
    /// An error on a page of ours.
    pub fn page(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self::Page(OAuthError::new(code, description))
    }
}

impl From<StoreError> for AuthorizeError {
    fn from(error: StoreError) -> Self {
        Self::Page(error.into())
    }
}

impl From<Refusal> for AuthorizeError {
    fn from(refusal: Refusal) -> Self {
        Self::Page(refusal.into())
    }
}

impl From<anyhow::Error> for AuthorizeError {
    fn from(error: anyhow::Error) -> Self {
        Self::Page(error.into())
    }
}

impl From<OAuthError> for AuthorizeError {
    fn from(error: OAuthError) -> Self {
        Self::Page(error)
    }
}

impl EndpointOutRegister for AuthorizeError {
    fn register(_: &mut Components, operation: &mut Operation) {
        describe(
            operation,
            &[("303", "on to the next page, or back to the client"), ("400", "a page that says what is wrong")],
        );
    }
}

#[async_trait]
impl Writer for AuthorizeError {
    async fn write(self, req: &mut Request, depot: &mut Depot, res: &mut Response) {
        let Some(app) = app::of(depot) else { return };
        match self {
            Self::Page(error) => {
                error.log(request_id(depot));
                // To a person nobody says how a client proves who it is.
                let status = match error.status() {
                    StatusCode::UNAUTHORIZED => StatusCode::BAD_REQUEST,
                    other => other,
                };
                if let Some(seconds) = error.retry_after() {
                    res.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                }
                let page = ErrorPage {
                    frame: Frame::new(&app.look, language_of(req, None)),
                    kind: error.kind(),
                    description: Some(format!("{}: {}", error.code.as_str(), described(&error.description))),
                    request_id: request_id(depot).to_owned(),
                };
                if show(res, status, &page).is_err() {
                    res.status_code(StatusCode::INTERNAL_SERVER_ERROR);
                }
            }
            Self::Redirect(target, code, description) => {
                let parameters = [("error", code.as_str().to_owned()), ("error_description", described(&description))];
                send(app, req, res, &target, parameters.to_vec());
            }
        }
    }
}

/// Sends the browser back to the client with these parameters, the state and our name (RFC 9207 §2).
pub fn send(
    app: &App,
    req: &Request,
    res: &mut Response,
    target: &Target,
    mut parameters: Vec<(&'static str, String)>,
) {
    parameters.extend(target.state.clone().map(|state| ("state", state)));
    parameters.push(("iss", app.public_url.as_str().to_owned()));
    no_store(res);
    match target.mode {
        ResponseMode::FormPost => {
            let frame = Frame::new(&app.look, language_of(req, target.ui_locales.as_deref()));
            let fields = parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let page = FormPostPage { frame, action: target.redirect_uri.clone(), fields };
            if show(res, StatusCode::OK, &page).is_err() {
                res.status_code(StatusCode::INTERNAL_SERVER_ERROR);
            }
        }
        ResponseMode::Query => redirect(res, &with_query(&target.redirect_uri, &parameters)),
        ResponseMode::Fragment => redirect(res, &format!("{}#{}", target.redirect_uri, encoded(&parameters))),
    }
}

/// 303, so that no browser posts a password on (RFC 9700 §4.12).
pub fn redirect(res: &mut Response, location: &str) {
    res.status_code(StatusCode::SEE_OTHER);
    if let Ok(location) = HeaderValue::try_from(location) {
        res.headers_mut().insert(header::LOCATION, location);
    }
}

fn encoded(parameters: &[(&'static str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// The redirect URI to the letter, with parameters behind those that it has.
fn with_query(uri: &str, parameters: &[(&'static str, String)]) -> String {
    let joint = match Url::parse(uri).map(|url| url.query().map(str::is_empty)) {
        Ok(None) => "?",
        Ok(Some(true)) => "",
        _ => "&",
    };
    format!("{uri}{joint}{}", encoded(parameters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_go_behind_those_that_a_redirect_uri_has() {
        let parameters = [("code", "a b&c".to_owned())];
        assert_eq!(with_query("https://a.example/cb", &parameters), "https://a.example/cb?code=a+b%26c");
        assert_eq!(with_query("https://a.example/cb?x=1", &parameters), "https://a.example/cb?x=1&code=a+b%26c");
        assert_eq!(with_query("https://a.example/cb?", &parameters), "https://a.example/cb?code=a+b%26c");
    }
}
