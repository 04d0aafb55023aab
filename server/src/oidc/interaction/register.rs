//! Registering on the way to where one was going.

use salvo::{Depot, Request, Response, Writer, oapi::endpoint};

use super::{AuthorizeError, Step, answered, enter, redirect};
use crate::{
    account::register::{Registration, register},
    app::Shared,
    http::{form::Params, front::request_id, origin},
    model::user::LoginName,
    pages::{
        notice::Complaints,
        show,
        view::{Field, Form, RegisterPage},
    },
};

/// Register
///
/// The form, as long as registration is open.
#[endpoint(tags("OpenID Connect"), parameters(("id" = String, Path, description = "of the request that waits")))]
pub async fn show_registration(app: Shared, req: &mut Request, res: &mut Response) -> Result<(), AuthorizeError> {
    let step = Step::read(&app, req).await?;
    if !app.settings.get().registration_open {
        redirect(res, &step.address());
        return Ok(());
    }
    let mut typed = Params::default();
    if let Some(hint) = step.login_hint().filter(|hint| hint.contains('@')) {
        typed.set("email", hint);
    }
    page(&step, req, res, &typed, &Complaints::default())
}

/// Create the account
///
/// And log in with it, unless its address has to be confirmed first.
#[endpoint(tags("OpenID Connect"), parameters(("id" = String, Path, description = "of the request that waits")))]
pub async fn answer_registration(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    depot: &mut Depot,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let Some((mut step, params)) = answered(&app, req, res).await? else { return Ok(()) };
    if params.get("cancel").is_some() {
        return step.deny(res).await;
    }
    let [email, password] = ["email", "password"].map(|name| params.get(name).unwrap_or_default());
    let username = params.get("username").filter(|name| !name.trim().is_empty());
    if let Err(refusal) = register(&app, Registration { email, username, password }, &from.0).await {
        refusal.log(request_id(depot));
        return page(&step, req, res, &params, &Complaints::of(&refusal));
    }
    // Nothing is asked twice: they have just said who they are.
    match enter(&app, &LoginName::parse(email), password, req, res, &from.0).await {
        Ok(session) => step.interaction.progress.logged_in = Some(session),
        Err(refusal) => {
            refusal.log(request_id(depot));
            return step.go_on(req, res, &from.0, Some(email), &Complaints::of(&refusal)).await;
        }
    }
    step.advance().await?;
    redirect(res, &step.address());
    Ok(())
}

fn page(
    step: &Step<'_>,
    req: &Request,
    res: &mut Response,
    typed: &Params,
    complaints: &Complaints,
) -> Result<(), AuthorizeError> {
    let field =
        |name: &str| Field { value: typed.get(name).unwrap_or_default().to_owned(), notice: complaints.field(name) };
    let page = RegisterPage {
        frame: step.frame(req),
        form: Form { action: format!("{}/register", step.address()), ..step.form() },
        client: step.client_shown(),
        email: field("email"),
        username: field("username"),
        password: complaints.field("password"),
        least: step.app.settings.get().min_password_length,
        notice: complaints.form,
        login: step.address(),
        cancel: step.client_shown().is_some(),
    };
    let status = complaints.status(res);
    Ok(show(res, status, &page)?)
}
