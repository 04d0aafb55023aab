//! What waits for its user: somebody has to log in, choose, agree. Each step is a page of ours in the browser that the request
//! came from, and what a step answers is written down before the next one. When nothing is left, a client gets its answer, or a
//! page of ours is shown.

mod register;
mod step;
mod visit;

use salvo::{Depot, Request, Response, Router, Writer, oapi::endpoint};
use signet_shared::{SessionId, UserId, oauth::Prompt};

use super::{
    authorize::{AuthorizeError, Next, Target, redirect},
    browser::{self, Binding, INTERACTION_LIFETIME},
    error::{ErrorCode, OAuthError, no_store},
};
use crate::{
    account::{
        Owner,
        login::log_in_on_browser,
        profile::{self, Wishes},
    },
    app::{App, Shared, after},
    error::Refusal,
    http::{form::Params, front::request_id, origin},
    model::{
        authorization::{Interaction, Progress, Purpose},
        secret::PlainCode,
        session::Origin,
        user::LoginName,
    },
    pages::notice::{Complaints, Notice},
};
use step::Step;
pub use visit::Visitor;

/// Every step of it.
pub fn router() -> Router {
    Router::with_path("interaction/{id}")
        .get(show_interaction)
        .post(answer_interaction)
        .push(Router::with_path("register").get(register::show_registration).post(register::answer_registration))
}

/// Lets something wait for its user, and sends them to the page.
pub async fn begin(app: &App, purpose: Purpose, res: &mut Response) -> Result<(), AuthorizeError> {
    let binding = Binding::begin(app, res);
    let registers = matches!(&purpose, Purpose::Authorize(request) if request.prompt.contains(&Prompt::Create));
    let interaction = Interaction { purpose, progress: Progress::default() };
    let until = after(app.now(), INTERACTION_LIFETIME);
    app.store.create_interaction(&binding.id.hash(), &binding.secret.hash(), &interaction, until).await?;
    no_store(res);
    let address = address(app, &binding);
    if registers && app.settings.get().registration_open {
        redirect(res, &format!("{address}/register"));
    } else {
        redirect(res, &address);
    }
    Ok(())
}

fn address(app: &App, binding: &Binding) -> String {
    app.public_url.join(&format!("/oauth2/interaction/{}", binding.id.expose()))
}

/// Log in or agree
///
/// The page of the step that an authorization request, or a visit to a page of ours, is at.
#[endpoint(tags("OpenID Connect"), parameters(("id" = String, Path, description = "of the request that waits")))]
pub async fn show_interaction(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    Step::read(&app, req).await?.go_on(req, res, &from.0, None, &Complaints::default()).await
}

/// Answer the page
///
/// What a user answers to it.
#[endpoint(tags("OpenID Connect"), parameters(("id" = String, Path, description = "of the request that waits")))]
pub async fn answer_interaction(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    depot: &mut Depot,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let Some((mut step, params)) = answered(&app, req, res).await? else { return Ok(()) };
    if params.get("cancel").is_some() || params.get("decision") == Some("deny") {
        return step.deny(res).await;
    }
    let outcome = match step.next() {
        Next::LogIn { .. } => Outcome::LogIn,
        Next::SetPassword(session) => Outcome::SetPassword(Owner::from(session)),
        Next::Select(_) if params.get("account") == Some("other") => Outcome::Other,
        Next::Select(session) => Outcome::Selected(session.id),
        Next::Consent(session) if params.get("decision") == Some("allow") => Outcome::Consented(session.person.id),
        Next::Consent(_) | Next::Answer(_) => Outcome::Nothing,
    };
    let done = match outcome {
        Outcome::LogIn => log_in(&app, &params, req, res, &from.0).await.map(Some),
        Outcome::SetPassword(owner) => set_password(&app, owner, &params, &from.0).await.map(|()| None),
        _ => Ok(None),
    };
    let opened = match done {
        Ok(opened) => opened,
        Err(refusal) => {
            refusal.log(request_id(depot));
            return step.go_on(req, res, &from.0, params.get("login"), &Complaints::of(&refusal)).await;
        }
    };
    let progress = &mut step.interaction.progress;
    match outcome {
        Outcome::LogIn => progress.logged_in = opened,
        Outcome::Selected(session) => progress.selected = Some(session),
        Outcome::Other => browser::forget_session(&app, res),
        Outcome::Consented(user) => {
            progress.consented = Some(user);
            step.remember_consent(user, &params, &from.0).await?;
        }
        Outcome::SetPassword(_) | Outcome::Nothing => {}
    }
    step.advance().await?;
    // Another GET, so that going back in the browser posts nothing again.
    redirect(res, &step.address());
    Ok(())
}

/// What a form was about.
enum Outcome {
    LogIn,
    SetPassword(Owner),
    Other,
    Selected(SessionId),
    Consented(UserId),
    Nothing,
}

/// The step that is on, and the form that answers it. What was shown to one user is not answered by another. Where another tab
/// went beyond the step that a form is of, the browser is on its way to the one that is on now.
async fn answered<'a>(
    app: &'a App,
    req: &mut Request,
    res: &mut Response,
) -> Result<Option<(Step<'a>, Params)>, AuthorizeError> {
    let params = Params::of_body(req).await.map_err(OAuthError::from)?;
    let step = Step::read(app, req).await?;
    if browser::is_ours(&params, &step.form().token) {
        return Ok(Some((step, params)));
    }
    if browser::is_ours(&params, &step.binding.token(None)) {
        redirect(res, &step.address());
        return Ok(None);
    }
    Err(AuthorizeError::page(ErrorCode::InvalidRequest, "this form is not from our page"))
}

async fn log_in(
    app: &App,
    params: &Params,
    req: &Request,
    res: &mut Response,
    origin: &Origin,
) -> Result<SessionId, Refusal> {
    let login = params.get("login").unwrap_or_default();
    let password = params.get("password").unwrap_or_default();
    enter(app, &LoginName::parse(login), password, req, res, origin).await
}

/// Opens a session on the browser.
async fn enter(
    app: &App,
    name: &LoginName,
    password: &str,
    req: &Request,
    res: &mut Response,
    origin: &Origin,
) -> Result<SessionId, Refusal> {
    let cookie = PlainCode::generate(app.entropy.as_ref());
    let before = browser::shown_session(app, req);
    let opened = log_in_on_browser(app, name, password, &cookie, before.as_ref(), origin).await?;
    browser::remember_session(app, res, &cookie);
    Ok(opened)
}

/// A proper password in place of the temporary one.
async fn set_password(app: &App, owner: Owner, params: &Params, origin: &Origin) -> Result<(), Refusal> {
    let wishes = Wishes { password: Some(params.get("password").unwrap_or_default()), ..Wishes::default() };
    profile::update(app, owner, wishes, origin).await
}

/// What a page says of a whole form.
fn notice(complaints: &Complaints) -> Option<Notice> {
    complaints.form.or(complaints.any().then_some(Notice::Fault))
}
