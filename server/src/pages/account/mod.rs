//! The page of one's own account: who one is, one's password, where one is logged in, and who has access.

mod deeds;

use http::StatusCode;
use salvo::{Request, Response, Router, Writer, oapi::endpoint};

use super::{
    language_of,
    look::Frame,
    notice::Notice,
    show,
    view::{
        AccountPage, ClientShown, ConsentShown, ConsentsSection, Field, Form, Kind, PasswordSection, ProfileSection,
        ScopeShown, SessionShown, SessionsSection,
    },
};
use crate::{
    account::{Owner, profile::find_account},
    app::{App, Shared},
    error::Refusal,
    http::origin,
    model::{
        authorization::{Consent, Destination},
        session::Device,
        user::User,
    },
    oidc::{authorize::AuthorizeError, interaction::Visitor},
};

/// What the forms are for.
const PURPOSE: &str = "account";

/// The page, and what each of its sections sends.
pub fn router() -> Router {
    Router::with_path("account")
        .get(account_page)
        .push(Router::with_path("profile").post(deeds::change_profile))
        .push(Router::with_path("password").post(deeds::change_password))
        .push(Router::with_path("sessions").post(deeds::end_sessions))
        .push(Router::with_path("consents").post(deeds::withdraw_consent))
}

/// What went well, as the address of the page says after it.
const DEEDS: [(&str, Notice); 6] = [
    ("saved", Notice::Saved),
    ("confirmation_sent", Notice::ConfirmationSent),
    ("password_changed", Notice::PasswordChanged),
    ("session_ended", Notice::SessionEnded),
    ("others_ended", Notice::OthersEnded),
    ("consent_withdrawn", Notice::ConsentWithdrawn),
];

/// My account
#[endpoint(tags("Account pages"))]
pub async fn account_page(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let Some(visitor) = Visitor::find(&app, Destination::Account, &from.0, req, res).await? else { return Ok(()) };
    let mut page = read(&app, &visitor, req).await?;
    let done: Option<String> = req.query("done");
    let done = DEEDS.iter().find(|(name, _)| done.as_deref() == Some(name)).map(|(_, notice)| *notice);
    match done {
        Some(Notice::PasswordChanged) => page.password.notice = done,
        Some(Notice::SessionEnded | Notice::OthersEnded) => page.sessions.notice = done,
        Some(Notice::ConsentWithdrawn) => page.consents.notice = done,
        _ => page.profile.notice = done,
    }
    Ok(show(res, StatusCode::OK, &page)?)
}

/// The page as things stand.
async fn read<'a>(app: &'a App, visitor: &Visitor, req: &Request) -> Result<AccountPage<'a>, Refusal> {
    let user = find_account(app, Owner::from(&visitor.session)).await?;
    let devices = app.store.list_devices(user.id, app.now()).await?;
    let consents = app.store.list_consents(user.id).await?;
    let form = |section: &str| Form {
        action: app.public_url.join(&format!("/account/{section}")),
        token: visitor.token(PURPOSE),
    };
    Ok(AccountPage {
        frame: Frame::new(&app.look, language_of(req, None)),
        user: user.email.clone(),
        profile: profile(&user, form("profile"))?,
        password: PasswordSection {
            form: form("password"),
            notice: None,
            current: None,
            new: None,
            least: app.settings.get().min_password_length,
        },
        sessions: SessionsSection {
            form: form("sessions"),
            notice: None,
            sessions: devices.into_iter().map(|device| session(device, visitor)).collect(),
        },
        consents: ConsentsSection {
            form: form("consents"),
            notice: None,
            consents: consents.into_iter().map(|given| consent(app, given)).collect(),
        },
    })
}

fn profile(user: &User, form: Form) -> Result<ProfileSection, Refusal> {
    let field = |value: &str| Field { value: value.to_owned(), notice: None };
    let known = serde_json::to_value(&user.profile).map_err(anyhow::Error::from)?;
    let more = Kind::PROFILE.map(|kind| (kind, field(known[kind.name()].as_str().unwrap_or_default())));
    Ok(ProfileSection {
        form,
        notice: None,
        email: field(&user.email),
        username: field(&user.username),
        more: more.into(),
        confirmed: user.email_verified,
        pending: user.pending_email.clone(),
    })
}

fn session(device: Device, visitor: &Visitor) -> SessionShown {
    SessionShown {
        current: device.id == visitor.session.id,
        id: device.id.to_string(),
        user_agent: device.user_agent,
        address: device.address,
        last_seen: device.last_seen_at,
    }
}

fn consent(app: &App, given: Consent) -> ConsentShown {
    let clients = app.clients.get();
    let metadata = clients.find(&given.client).map(|client| client.metadata.clone()).unwrap_or_default();
    ConsentShown {
        client: ClientShown::of(&given.client, &metadata),
        scopes: ScopeShown::all(&given.scope),
        allowed_at: given.given_at,
        id: given.client,
    }
}
