//! Pages of ours for people who are logged in.

use salvo::{Request, Response};

use super::{AuthorizeError, begin};
use crate::{
    app::App,
    http::form::Params,
    model::{
        authorization::{BrowserSession, Destination, Purpose},
        secret::SecretHash,
        session::Origin,
    },
    oidc::{browser, error::ErrorCode, error::OAuthError},
};

/// Whoever visits a page of ours.
pub struct Visitor {
    /// Their login.
    pub session: BrowserSession,
    cookie: SecretHash,
}

impl Visitor {
    /// Whoever is logged in on this browser. `None`, if somebody has to log in first: they are on their way then, and come back.
    pub async fn find(
        app: &App,
        destination: Destination,
        origin: &Origin,
        req: &Request,
        res: &mut Response,
    ) -> Result<Option<Self>, AuthorizeError> {
        app.addresses.admit(origin.address, app.settings.get().address_requests_per_minute)?;
        let session = browser::session(app, req, "").await?.filter(|session| !session.restricted);
        match (session, browser::shown_session(app, req)) {
            (Some(session), Some(cookie)) => Ok(Some(Self { session, cookie })),
            _ => begin(app, Purpose::Visit { to: destination, anew: false }, res).await.map(|()| None),
        }
    }

    /// Has them log in again, though they are, and come back.
    pub async fn ask_again(app: &App, destination: Destination, res: &mut Response) -> Result<(), AuthorizeError> {
        begin(app, Purpose::Visit { to: destination, anew: true }, res).await
    }

    /// What a form of ours for a purpose sends along.
    pub fn token(&self, purpose: &str) -> String {
        browser::form_token(purpose, self.cookie.as_str())
    }

    /// The fields of a form, if it is ours for that purpose.
    pub async fn form(&self, purpose: &str, req: &mut Request) -> Result<Params, AuthorizeError> {
        let params = Params::of_body(req).await.map_err(OAuthError::from)?;
        if browser::is_ours(&params, &self.token(purpose)) {
            return Ok(params);
        }
        Err(AuthorizeError::page(ErrorCode::InvalidRequest, "this form is not from our page"))
    }
}
