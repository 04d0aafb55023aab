//! Connecting a device: its user logs in, types the code that it shows, and says whether it is theirs (RFC 8628 §3.3).

use http::StatusCode;
use salvo::{Request, Response, Writer, oapi::endpoint};

use super::{
    language_of,
    look::Frame,
    notice::Notice,
    show,
    view::{ClientShown, DevicePage, DeviceState, Form, ScopeShown},
};
use crate::{
    app::{App, Shared},
    error::Refusal,
    http::origin,
    model::{
        authorization::Destination,
        device::{DeviceRequest, UserCode},
    },
    oidc::{
        authorize::{AuthorizeError, redirect},
        device,
        interaction::Visitor,
    },
    store::AttemptLimit,
};

const FOR_OPERATORS: Refusal = Refusal::Forbidden {
    code: "not_allowed",
    message: "the terminal program is for operators; if somebody sent you this code, tell them nothing",
};

/// What the forms are for.
const PURPOSE: &str = "device";
/// What is shown again of what was typed, in characters.
const LONGEST_CODE: usize = 32;
/// So many times as many codes may be tried as passwords: each device takes a few looks.
const LOOKS: i64 = 3;

fn typed(req: &Request) -> Option<String> {
    req.query::<String>("user_code").filter(|code| !code.trim().is_empty())
}

/// Here, after a login; with the code if it can be one.
fn here(typed: Option<&str>) -> Destination {
    Destination::Device(typed.and_then(UserCode::parse).map(|code| code.to_string()))
}

/// Connect a device
///
/// The page for the code that a device shows.
#[endpoint(tags("Account pages"))]
pub async fn device_page(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let typed = typed(req);
    let Some(visitor) = Visitor::find(&app, here(typed.as_deref()), &from.0, req, res).await? else {
        return Ok(());
    };
    let Some(typed) = typed else { return answer(&app, req, res, enter(&app, &visitor, String::new(), None)) };
    match find(&app, &visitor, &typed, req, res).await? {
        Some((code, request)) => answer(&app, req, res, confirm(&app, &visitor, &code, &request)),
        None => Ok(()),
    }
}

/// Say whether it may have what it asks for
#[endpoint(tags("Account pages"))]
pub async fn answer_device(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let asked = typed(req);
    let Some(visitor) = Visitor::find(&app, here(asked.as_deref()), &from.0, req, res).await? else {
        return Ok(());
    };
    let params = visitor.form(PURPOSE, req).await?;
    let Some((asked, decision)) = asked.zip(params.get("decision")) else {
        let code = params.get("user_code").map(|code| code.chars().take(LONGEST_CODE).collect());
        redirect(res, &app.public_url.join(&Destination::Device(code).path()));
        return Ok(());
    };
    let Some((code, request)) = find(&app, &visitor, &asked, req, res).await? else { return Ok(()) };
    let (answered, state) = if decision == "allow" {
        let allowed = device::allow(&app, &code, &request, &visitor.session, &from.0).await?;
        (allowed, DeviceState::Allowed)
    } else {
        let user = visitor.session.person.id;
        let denied = app.store.answer_device(code.as_str(), user, None, &from.0, app.now()).await?;
        (denied, DeviceState::Denied)
    };
    let late = || enter(&app, &visitor, asked, Some(Notice::Expired));
    answer(&app, req, res, if answered { state } else { late() })
}

/// What is asked for with a code, where this user may answer it now. Where not, they are told, or on their way to log in again.
async fn find(
    app: &App,
    visitor: &Visitor,
    typed: &str,
    req: &Request,
    res: &mut Response,
) -> Result<Option<(UserCode, DeviceRequest)>, AuthorizeError> {
    let instead = match look_up(app, visitor, typed).await? {
        Ok((_, request)) if !device::may_allow(&request, &visitor.session) => return Err(FOR_OPERATORS.into()),
        Ok((code, request)) if device::takes_login(app, &request, &visitor.session) => {
            Visitor::ask_again(app, Destination::Device(Some(code.to_string())), res).await?;
            return Ok(None);
        }
        Ok(found) => return Ok(Some(found)),
        Err(notice) => notice,
    };
    let typed = typed.chars().take(LONGEST_CODE).collect();
    answer(app, req, res, enter(app, visitor, typed, Some(instead)))?;
    Ok(None)
}

/// Each look is counted, so that nobody finds a code by trying.
async fn look_up(
    app: &App,
    visitor: &Visitor,
    typed: &str,
) -> Result<Result<(UserCode, DeviceRequest), Notice>, AuthorizeError> {
    let now = app.now();
    let limit = AttemptLimit::from_settings(&app.settings.get(), now);
    let limit = AttemptLimit { attempts: limit.attempts * LOOKS, ..limit };
    let subject = format!("device {}", visitor.session.person.id);
    if !app.store.reserve_event(&subject, limit, now).await? {
        return Ok(Err(Notice::Throttled(app.settings.get().login_window.unsigned_abs())));
    }
    let Some(code) = UserCode::parse(typed) else { return Ok(Err(Notice::WrongDeviceCode)) };
    let found = app.store.find_device(code.as_str(), now).await?;
    Ok(found.map(|request| (code, request)).ok_or(Notice::WrongDeviceCode))
}

fn enter(app: &App, visitor: &Visitor, code: String, notice: Option<Notice>) -> DeviceState {
    let form = Form { action: app.public_url.join("/device"), token: visitor.token(PURPOSE) };
    DeviceState::Enter { form, code, notice }
}

fn confirm(app: &App, visitor: &Visitor, code: &UserCode, request: &DeviceRequest) -> DeviceState {
    let path = Destination::Device(Some(code.to_string())).path();
    let clients = app.clients.get();
    let metadata = clients.find(&request.client).map(|client| client.metadata.clone()).unwrap_or_default();
    DeviceState::Confirm {
        form: Form { action: app.public_url.join(&path), token: visitor.token(PURPOSE) },
        client: Box::new(ClientShown::of(&request.client, &metadata)),
        user: visitor.session.person.email.clone(),
        code: code.to_string(),
        scopes: ScopeShown::all(&request.scope),
    }
}

fn answer(app: &App, req: &Request, res: &mut Response, state: DeviceState) -> Result<(), AuthorizeError> {
    let status = match &state {
        DeviceState::Enter { notice: Some(Notice::Throttled(_)), .. } => StatusCode::TOO_MANY_REQUESTS,
        DeviceState::Enter { notice: Some(_), .. } => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let frame = Frame::new(&app.look, language_of(req, None));
    Ok(show(res, status, &DevicePage { frame, state })?)
}
