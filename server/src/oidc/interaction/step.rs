//! Where something that waits is at, and the page for that.

use std::sync::Arc;

use http::StatusCode;
use salvo::{Request, Response};
use signet_shared::UserId;

use super::{AuthorizeError, Next, Target, address, notice, redirect};
use crate::{
    app::App,
    http::form::Params,
    model::{
        authorization::{AuthorizationRequest, BrowserSession, Interaction, Purpose},
        client::Client,
        session::Origin,
    },
    oidc::{
        authorize,
        browser::{self, Binding},
        error::{ErrorCode, OAuthError},
    },
    pages::{
        Page, forgotten, language_of,
        look::Frame,
        notice::{Complaints, Notice},
        show,
        view::{ClientShown, ConsentPage, Form, LoginPage, ScopeShown, SelectAccountPage, TemporaryPasswordPage},
    },
};

const EXPIRED: &str = "this login was left open for too long, or was answered already; go back to where you came from";

/// What a handler works with.
pub(super) struct Step<'a> {
    pub(super) app: &'a App,
    pub(super) binding: Binding,
    pub(super) interaction: Interaction,
    /// Who asks; nobody does where a page of ours is visited.
    client: Option<Arc<Client>>,
    session: Option<BrowserSession>,
}

fn expired() -> AuthorizeError {
    AuthorizeError::Page(OAuthError::expired(EXPIRED))
}

impl<'a> Step<'a> {
    pub(super) async fn read(app: &'a App, req: &Request) -> Result<Self, AuthorizeError> {
        let id: String = req.param("id").unwrap_or_default();
        let binding = Binding::shown(app, req, &id).ok_or_else(expired)?;
        let found = app.store.find_interaction(&binding.id.hash(), &binding.secret.hash(), app.now()).await?;
        let interaction = found.ok_or_else(expired)?;
        let client = match &interaction.purpose {
            Purpose::Authorize(request) => {
                Some(app.clients.get().find(&request.client_id).cloned().ok_or_else(expired)?)
            }
            Purpose::Visit { .. } => None,
        };
        let client_id = client.as_ref().map_or("", |client| client.id.as_str());
        let session = browser::session(app, req, client_id).await?;
        Ok(Self { app, binding, interaction, client, session })
    }

    /// The request of the client, with the client.
    fn asked(&self) -> Option<(&AuthorizationRequest, &Client)> {
        match &self.interaction.purpose {
            Purpose::Authorize(request) => Some((request, self.client.as_deref()?)),
            Purpose::Visit { .. } => None,
        }
    }

    pub(super) fn next(&self) -> Next<'_> {
        let session = self.session.as_ref();
        match self.asked() {
            Some((request, client)) => authorize::next(self.app, client, request, session, &self.interaction.progress),
            None => match &self.interaction.purpose {
                Purpose::Visit { anew: true, .. } if self.interaction.progress.logged_in != session.map(|it| it.id) => {
                    Next::LogIn { again: session.is_some() }
                }
                _ => Next::for_visit(session),
            },
        }
    }

    pub(super) fn form(&self) -> Form {
        let user = match self.next() {
            Next::LogIn { .. } => None,
            Next::SetPassword(session) | Next::Select(session) | Next::Consent(session) | Next::Answer(session) => {
                Some(session.person.id)
            }
        };
        Form { action: self.address(), token: self.binding.token(user) }
    }

    pub(super) fn address(&self) -> String {
        address(self.app, &self.binding)
    }

    pub(super) fn frame(&self, req: &Request) -> Frame<'a> {
        Frame::new(&self.app.look, language_of(req, self.ui_locales()))
    }

    fn ui_locales(&self) -> Option<&str> {
        self.asked().and_then(|(request, _)| request.ui_locales.as_deref())
    }

    pub(super) fn client_shown(&self) -> Option<ClientShown> {
        self.asked().map(|(_, client)| ClientShown::of(&client.id, &client.metadata))
    }

    /// Whom the client expects, as it says.
    pub(super) fn login_hint(&self) -> Option<String> {
        self.asked().and_then(|(request, _)| request.login_hint.clone())
    }

    /// Takes the request out of the waiting ones, since it is answered now, and once.
    async fn finish(&self, res: &mut Response) -> Result<(), AuthorizeError> {
        let (id, browser) = (self.binding.id.hash(), self.binding.secret.hash());
        if !self.app.store.finish_interaction(&id, &browser, self.app.now()).await? {
            return Err(expired());
        }
        self.binding.end(self.app, res);
        Ok(())
    }

    pub(super) async fn advance(&self) -> Result<(), AuthorizeError> {
        let (id, browser) = (self.binding.id.hash(), self.binding.secret.hash());
        Ok(self.app.store.advance_interaction(&id, &browser, &self.interaction.progress).await?)
    }

    /// The user said no, or went back.
    pub(super) async fn deny(&self, res: &mut Response) -> Result<(), AuthorizeError> {
        self.finish(res).await?;
        match &self.interaction.purpose {
            Purpose::Authorize(request) => {
                let denied = "the user said no";
                Err(AuthorizeError::Redirect(Target::from(request.as_ref()), ErrorCode::AccessDenied, denied.into()))
            }
            Purpose::Visit { to, .. } => {
                redirect(res, &self.app.public_url.join(&to.path()));
                Ok(())
            }
        }
    }

    /// An answer counts for the next time as well, unless its user does not want that.
    pub(super) async fn remember_consent(
        &self,
        user: UserId,
        params: &Params,
        origin: &Origin,
    ) -> Result<(), AuthorizeError> {
        let Some((request, client)) = self.asked().filter(|_| params.get("remember").is_some()) else { return Ok(()) };
        let before = self.session.as_ref().and_then(|session| session.consented.clone()).unwrap_or_default();
        let scope = before.union(&request.agreement);
        Ok(self.app.store.give_consent(user, &client.id, &scope, origin, self.app.now()).await?)
    }

    /// The page of the next step, or, where there is none, the answer.
    pub(super) async fn go_on(
        &self,
        req: &Request,
        res: &mut Response,
        origin: &Origin,
        typed: Option<&str>,
        complaints: &Complaints,
    ) -> Result<(), AuthorizeError> {
        let status = complaints.status(res);
        let frame = self.frame(req);
        match self.next() {
            Next::LogIn { again } => {
                let notice = notice(complaints).or(again.then_some(Notice::LogInAgain));
                Ok(show(res, status, &self.login_page(frame, typed, notice))?)
            }
            Next::SetPassword(session) => {
                Ok(show(res, status, &self.temporary_password_page(frame, session, complaints))?)
            }
            Next::Select(session) => {
                let (client, user) = (self.client_shown(), session.person.email.clone());
                Ok(show(res, StatusCode::OK, &SelectAccountPage { frame, form: self.form(), client, user })?)
            }
            Next::Consent(session) => match self.consent_page(frame, session) {
                Some(page) => Ok(show(res, StatusCode::OK, &page)?),
                None => Err(expired()),
            },
            Next::Answer(session) => {
                self.finish(res).await?;
                self.answer(session, req, res, origin).await
            }
        }
    }

    async fn answer(
        &self,
        session: &BrowserSession,
        req: &Request,
        res: &mut Response,
        origin: &Origin,
    ) -> Result<(), AuthorizeError> {
        match &self.interaction.purpose {
            Purpose::Authorize(request) => {
                let client = self.client.as_deref().ok_or_else(expired)?;
                authorize::answer(self.app, client, request, session, origin, req, res).await
            }
            Purpose::Visit { to, .. } => {
                redirect(res, &self.app.public_url.join(&to.path()));
                Ok(())
            }
        }
    }

    fn login_page(&self, frame: Frame<'a>, typed: Option<&str>, notice: Option<Notice>) -> LoginPage<'a> {
        let known = self.session.as_ref().map(|session| session.person.email.clone());
        let registers = self.app.settings.get().registration_open;
        LoginPage {
            frame,
            form: self.form(),
            client: self.client_shown(),
            login_hint: typed.map(str::to_owned).or(self.login_hint()).or(known),
            notice,
            register: registers.then(|| format!("{}/register", self.address())),
            forgotten: forgotten::address(self.app, self.ui_locales()),
            cancel: self.client.is_some(),
        }
    }

    fn temporary_password_page(
        &self,
        frame: Frame<'a>,
        session: &BrowserSession,
        complaints: &Complaints,
    ) -> TemporaryPasswordPage<'a> {
        TemporaryPasswordPage {
            frame,
            form: self.form(),
            user: session.person.email.clone(),
            least: self.app.settings.get().min_password_length,
            notice: complaints.field("password"),
            form_notice: complaints.form,
        }
    }

    fn consent_page(&self, frame: Frame<'a>, session: &BrowserSession) -> Option<impl Page + use<'a>> {
        let (request, client) = self.asked()?;
        Some(ConsentPage {
            frame,
            form: self.form(),
            client: ClientShown::of(&client.id, &client.metadata),
            user: session.person.email.clone(),
            scopes: ScopeShown::all(&request.agreement),
            remember: true,
        })
    }
}
