//! A request with its user: who is there, which account, whether they agree. Each step is a page of ours in the browser that
//! the request came from, and what a step answers is written down before the next one.

use http::StatusCode;
use salvo::{Depot, Request, Response, Writer, oapi::endpoint};

use super::{
    answer::{AuthorizeError, Target, redirect},
    decide::{self, Next},
    grant, subject,
};
use crate::{
    account::login::log_in_on_browser,
    app::{App, Shared},
    error::Refusal,
    http::{form::Params, front::request_id, origin},
    model::{
        authorization::{AuthorizationRequest, BrowserSession, Interaction},
        client::Client,
        secret::PlainCode,
        session::Origin,
        user::LoginName,
    },
    oidc::{
        browser::{self, Binding},
        error::{ErrorCode, OAuthError},
    },
    pages::{
        language_of,
        look::Frame,
        notice::{Complaints, Notice},
        show,
        view::{ClientShown, ConsentPage, Form, LoginPage, ScopeShown, SelectAccountPage},
    },
};

const EXPIRED: &str = "this login was left open for too long, or was answered already; go back to where you came from";

/// What a handler works with.
struct Step<'a> {
    app: &'a App,
    binding: Binding,
    interaction: Interaction,
    client: std::sync::Arc<Client>,
    session: Option<BrowserSession>,
}

impl<'a> Step<'a> {
    async fn read(app: &'a App, req: &Request) -> Result<Self, AuthorizeError> {
        let expired = || AuthorizeError::page(ErrorCode::InvalidRequest, EXPIRED);
        let id: String = req.param("id").unwrap_or_default();
        let binding = Binding::shown(app, req, &id).ok_or_else(expired)?;
        let found = app.store.find_interaction(&binding.id.hash(), &binding.secret.hash(), app.now()).await?;
        let interaction = found.ok_or_else(expired)?;
        let client = app.clients.get().find(&interaction.request.client_id).cloned().ok_or_else(expired)?;
        let session = browser::session(app, req, &client.id).await?;
        Ok(Self { app, binding, interaction, client, session })
    }

    fn request(&self) -> &AuthorizationRequest {
        &self.interaction.request
    }

    fn next(&self) -> Next<'_> {
        let subject = |session: &BrowserSession| subject(self.app, &self.client, session);
        decide::next(self.request(), self.session.as_ref(), &self.interaction.progress, subject, self.app.now())
    }

    fn form(&self) -> Form {
        Form { action: self.address(), token: self.binding.token() }
    }

    fn address(&self) -> String {
        self.app.public_url.join(&format!("/oauth2/interaction/{}", self.binding.id.expose()))
    }

    fn client_shown(&self) -> ClientShown {
        ClientShown::of(&self.client.id, &self.client.metadata)
    }

    /// Takes the request out of the waiting ones, since it is answered now, and once.
    async fn finish(&self, res: &mut Response) -> Result<(), AuthorizeError> {
        let (id, browser) = (self.binding.id.hash(), self.binding.secret.hash());
        if !self.app.store.finish_interaction(&id, &browser, self.app.now()).await? {
            return Err(AuthorizeError::page(ErrorCode::InvalidRequest, EXPIRED));
        }
        self.binding.end(self.app, res);
        Ok(())
    }

    async fn advance(&self) -> Result<(), AuthorizeError> {
        let (id, browser) = (self.binding.id.hash(), self.binding.secret.hash());
        Ok(self.app.store.advance_interaction(&id, &browser, &self.interaction.progress).await?)
    }

    /// The page of the next step, or, where there is none, the answer.
    async fn go_on(
        &self,
        req: &Request,
        res: &mut Response,
        origin: &Origin,
        notice: Option<Notice>,
    ) -> Result<(), AuthorizeError> {
        let language = language_of(req, self.request().ui_locales.as_deref());
        let frame = Frame::new(&self.app.look, language);
        match self.next() {
            Next::LogIn { again } => {
                let notice = notice.or(again.then_some(Notice::LogInAgain));
                let status = if matches!(notice, None | Some(Notice::LogInAgain)) {
                    StatusCode::OK
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                };
                let known = self.session.as_ref().map(|session| session.person.email.clone());
                let page = LoginPage {
                    frame,
                    form: self.form(),
                    client: Some(self.client_shown()),
                    login_hint: self.request().login_hint.clone().or(known),
                    notice,
                    register: None,
                    forgotten: self.app.public_url.join("/forgotten"),
                    cancel: true,
                };
                Ok(show(res, status, &page)?)
            }
            Next::Select(session) => {
                let (client, user) = (Some(self.client_shown()), session.person.email.clone());
                Ok(show(res, StatusCode::OK, &SelectAccountPage { frame, form: self.form(), client, user })?)
            }
            Next::Consent(session) => {
                let page = ConsentPage {
                    frame,
                    form: self.form(),
                    client: self.client_shown(),
                    user: session.person.email.clone(),
                    scopes: self.request().scope.iter().map(|scope| ScopeShown::new(scope.as_str())).collect(),
                    remember: false,
                };
                Ok(show(res, StatusCode::OK, &page)?)
            }
            Next::Answer(session) => {
                self.finish(res).await?;
                grant::answer(self.app, &self.client, self.request(), session, origin, req, res).await
            }
        }
    }
}

/// Log in or agree
///
/// The page of the step that an authorization request is at.
#[endpoint(tags("OpenID Connect"))]
pub async fn show_interaction(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    Step::read(&app, req).await?.go_on(req, res, &from.0, None).await
}

/// Answer the page
///
/// What a user answers to it.
#[endpoint(tags("OpenID Connect"))]
pub async fn answer_interaction(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    depot: &mut Depot,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let params = Params::of_body(req).await.map_err(OAuthError::from)?;
    let mut step = Step::read(&app, req).await?;
    if !browser::is_ours(&params, &step.binding.token()) {
        return Err(AuthorizeError::page(ErrorCode::InvalidRequest, "this form is not from our page"));
    }
    if params.get("cancel").is_some() || params.get("decision") == Some("deny") {
        step.finish(res).await?;
        let denied = "the user said no";
        return Err(AuthorizeError::Redirect(Target::from(step.request()), ErrorCode::AccessDenied, denied.into()));
    }
    let outcome = match step.next() {
        Next::LogIn { .. } => Outcome::LogIn,
        Next::Select(_) if params.get("account") == Some("other") => Outcome::Other,
        Next::Select(_) => Outcome::Selected,
        Next::Consent(session) if params.get("decision") == Some("allow") => Outcome::Consented(session.person.id),
        Next::Consent(_) | Next::Answer(_) => Outcome::Nothing,
    };
    match outcome {
        Outcome::LogIn => {
            if let Err(refusal) = log_in(&app, &params, req, res, &from.0).await {
                refusal.log(request_id(depot));
                let notice = Complaints::of(&refusal).form.unwrap_or(Notice::Fault);
                return step.go_on(req, res, &from.0, Some(notice)).await;
            }
            step.interaction.progress.logged_in = true;
        }
        Outcome::Other => {
            browser::forget_session(&app, res);
            step.interaction.progress.selected = true;
        }
        Outcome::Selected => step.interaction.progress.selected = true,
        Outcome::Consented(user) => {
            let before = step.session.as_ref().and_then(|session| session.consented.clone()).unwrap_or_default();
            let scope = before.union(&step.request().scope);
            app.store.give_consent(user, &step.client.id, &scope, &from.0, app.now()).await?;
            step.interaction.progress.consented = true;
        }
        Outcome::Nothing => {}
    }
    step.advance().await?;
    // Another GET, so that going back in the browser posts nothing again.
    redirect(res, &step.address());
    Ok(())
}

/// What a form was about.
enum Outcome {
    LogIn,
    Other,
    Selected,
    Consented(signet_shared::UserId),
    Nothing,
}

async fn log_in(app: &App, params: &Params, req: &Request, res: &mut Response, origin: &Origin) -> Result<(), Refusal> {
    let name = LoginName::parse(params.get("login").unwrap_or_default());
    let password = params.get("password").unwrap_or_default();
    let cookie = PlainCode::generate(app.entropy.as_ref());
    let before = browser::shown_session(app, req);
    log_in_on_browser(app, &name, password, &cookie, before.as_ref(), origin).await?;
    browser::remember_session(app, res, &cookie);
    Ok(())
}
