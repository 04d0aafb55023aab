//! What people do on the page of their account. What goes well leads back to the page, so that loading it anew does nothing
//! again; what does not is told where it belongs, with what was typed.

use http::StatusCode;
use salvo::{Depot, Request, Response, Writer, oapi::endpoint};
use serde_json::{Map, Value};

use super::{DEEDS, PURPOSE, read};
use crate::{
    account::{
        Owner,
        profile::{self, Wishes, find_account},
    },
    app::{App, Shared},
    http::{form::Params, front::request_id, origin},
    model::{authorization::Destination, session::Origin},
    oidc::{
        authorize::{AuthorizeError, redirect},
        interaction::Visitor,
    },
    pages::{
        notice::{Complaints, Notice},
        show,
        view::{AccountPage, Kind},
    },
};

/// Whoever sent a form of the page, and what is in it.
async fn visited(
    app: &App,
    origin: &Origin,
    req: &mut Request,
    res: &mut Response,
) -> Result<Option<(Visitor, Params)>, AuthorizeError> {
    let Some(visitor) = Visitor::find(app, Destination::Account, origin, req, res).await? else { return Ok(None) };
    let params = visitor.form(PURPOSE, req).await?;
    Ok(Some((visitor, params)))
}

fn back(app: &App, res: &mut Response, done: Notice) {
    let name = DEEDS.iter().find(|(_, notice)| *notice == done).map_or("saved", |(name, _)| name);
    redirect(res, &app.public_url.join(&format!("/account?done={name}")));
}

/// The page again, with what was wrong.
async fn again(
    app: &App,
    visitor: &Visitor,
    req: &Request,
    res: &mut Response,
    tell: impl FnOnce(&mut AccountPage<'_>),
) -> Result<(), AuthorizeError> {
    let mut page = read(app, visitor, req).await?;
    tell(&mut page);
    Ok(show(res, StatusCode::UNPROCESSABLE_ENTITY, &page)?)
}

/// Change my profile
#[endpoint(tags("Account pages"))]
pub async fn change_profile(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    depot: &mut Depot,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let Some((visitor, params)) = visited(&app, &from.0, req, res).await? else { return Ok(()) };
    let owner = Owner::from(&visitor.session);
    let user = find_account(&app, owner).await?;
    let email = params.get("email").unwrap_or_default();
    let members = members(&params);
    let wishes = Wishes {
        // One that is not touched leaves another that waits to be confirmed.
        email: (email != user.email).then_some(email),
        username: Some(params.get("username").unwrap_or_default()),
        profile: Some(&members),
        ..Wishes::default()
    };
    let is_other = wishes.email.is_some();
    if let Err(refusal) = profile::update(&app, owner, wishes, &from.0).await {
        refusal.log(request_id(depot));
        let complaints = Complaints::of(&refusal);
        return again(&app, &visitor, req, res, |page| typed(page, &params, &complaints)).await;
    }
    let waits = is_other && app.settings.get().email_verification_required;
    back(&app, res, if waits { Notice::ConfirmationSent } else { Notice::Saved });
    Ok(())
}

/// What stands in the fields of the profile; an empty one takes the member away.
fn members(params: &Params) -> Map<String, Value> {
    let value = |kind: Kind| params.get(kind.name()).map(str::trim).filter(|text| !text.is_empty());
    Kind::PROFILE.iter().map(|kind| (kind.name().to_owned(), value(*kind).into())).collect()
}

fn typed(page: &mut AccountPage<'_>, params: &Params, complaints: &Complaints) {
    let text = |name: &str| params.get(name).unwrap_or_default().to_owned();
    let section = &mut page.profile;
    section.notice = complaints.form;
    for (field, name) in [(&mut section.email, "email"), (&mut section.username, "username")] {
        (field.value, field.notice) = (text(name), complaints.field(name));
    }
    for (kind, field) in &mut section.more {
        let name = kind.name();
        (field.value, field.notice) = (text(name), complaints.field(&format!("profile.{name}")));
    }
}

/// Change my password
#[endpoint(tags("Account pages"))]
pub async fn change_password(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    depot: &mut Depot,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let Some((visitor, params)) = visited(&app, &from.0, req, res).await? else { return Ok(()) };
    let [current, new] = ["current_password", "password"].map(|name| params.get(name).unwrap_or_default());
    let wishes = Wishes { password: Some(new), current_password: Some(current), ..Wishes::default() };
    if let Err(refusal) = profile::update(&app, Owner::from(&visitor.session), wishes, &from.0).await {
        refusal.log(request_id(depot));
        let complaints = Complaints::of(&refusal);
        return again(&app, &visitor, req, res, |page| match complaints.form {
            Some(Notice::WrongCredentials) => page.password.current = Some(Notice::WrongPassword),
            form => (page.password.notice, page.password.new) = (form, complaints.field("password")),
        })
        .await;
    }
    back(&app, res, Notice::PasswordChanged);
    Ok(())
}

/// Log out elsewhere
#[endpoint(tags("Account pages"))]
pub async fn end_sessions(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let Some((visitor, params)) = visited(&app, &from.0, req, res).await? else { return Ok(()) };
    let (user, now) = (visitor.session.person.id, app.now());
    match params.get("session") {
        Some("others") => {
            app.store.end_all_sessions(user, Some(visitor.session.id), &from.0, now).await?;
            back(&app, res, Notice::OthersEnded);
        }
        session => {
            // One that is not there any more has ended, too.
            if let Some(session) = session.and_then(|id| id.parse().ok()) {
                app.store.end_session(user, session, &from.0, now).await?;
            }
            back(&app, res, Notice::SessionEnded);
        }
    }
    Ok(())
}

/// Withdraw what an app may do
///
/// Its tokens serve no more.
#[endpoint(tags("Account pages"))]
pub async fn withdraw_consent(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let Some((visitor, params)) = visited(&app, &from.0, req, res).await? else { return Ok(()) };
    if let Some(client) = params.get("client") {
        app.store.withdraw_consent(visitor.session.person.id, client, &from.0, app.now()).await?;
    }
    back(&app, res, Notice::ConsentWithdrawn);
    Ok(())
}
