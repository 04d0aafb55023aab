//! Devices that cannot show a login page (RFC 8628): they ask for a code, their user types it elsewhere.

use jiff::Timestamp;
use salvo::{Request, Response, Writer, oapi::endpoint, writing::Json};
use serde_json::json;
use signet_shared::{GrantId, Scope, SessionId, TERMINAL_CLIENT, oauth::GrantType};

use super::{
    authorize,
    client_auth::authenticate,
    error::{ErrorCode, OAuthError, no_store, once},
};
use crate::{
    app::{App, Shared, after},
    http::{form::Params, origin},
    model::{
        actor::Role,
        authorization::{BrowserSession, ClaimsRequest, Grant, GrantDetails, NewGrant},
        client::Client,
        device::{DeviceRequest, NewDevice, NewTerminalSession, UserCode},
        secret::PlainCode,
        session::Origin,
    },
    store::StoreError,
};

/// How long a device waits for its user, in seconds.
const LIFETIME: i64 = 600;
/// Between two polls, in seconds.
const INTERVAL: i64 = 5;
/// Nobody could answer within less, in seconds.
const SHORTEST_WINDOW: i64 = 60;
/// How often another user code is drawn because a device has it.
const MAX_DRAWS: usize = 5;

/// Connect a device
///
/// RFC 8628 §3.1: a code for the device to poll with, and one for its user to type.
#[endpoint(tags("OpenID Connect"))]
pub async fn device_authorization(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), OAuthError> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    let params = once(Params::of_body(req).await)?;
    let client = authenticate(&app, req, &params).await?;
    let request = request(&client, &params)?;
    let code = PlainCode::generate(app.entropy.as_ref());
    let user_code = wait(&app, &code, request).await?;
    let page = app.public_url.join("/device");
    no_store(res);
    res.render(Json(json!({
        "device_code": code.expose(),
        "user_code": user_code.to_string(),
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={user_code}"),
        "expires_in": LIFETIME,
        "interval": INTERVAL,
    })));
    Ok(())
}

fn request(client: &Client, params: &Params) -> Result<DeviceRequest, OAuthError> {
    if !client.metadata.grant_types.contains(&GrantType::DeviceCode) {
        let description = "this client is not registered for the device grant";
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, description));
    }
    let scope = authorize::scope(client, params.get("scope").unwrap_or_default());
    let scope = scope.map_err(|(code, description)| OAuthError::new(code, description))?;
    if client.id == TERMINAL_CLIENT {
        let scope = Scope::ACCOUNT.parse().map_err(|error| anyhow::anyhow!("a scope of our own: {error}"))?;
        return Ok(DeviceRequest { client: client.id.clone(), scope, resources: Vec::new() });
    }
    let resources =
        authorize::resources(client, params).map_err(|(code, description)| OAuthError::new(code, description))?;
    let refreshes = client.metadata.grant_types.contains(&GrantType::RefreshToken);
    let scope = if refreshes { scope } else { scope.without(Scope::OFFLINE_ACCESS) };
    Ok(DeviceRequest { client: client.id.clone(), scope, resources })
}

async fn wait(app: &App, code: &PlainCode, request: DeviceRequest) -> Result<UserCode, OAuthError> {
    for _ in 0..MAX_DRAWS {
        let user_code = UserCode::generate(app.entropy.as_ref());
        let new = NewDevice {
            code: code.hash(),
            user_code: user_code.as_str().to_owned(),
            request: request.clone(),
            interval: INTERVAL,
            expires_at: after(app.now(), LIFETIME),
        };
        if app.store.create_device(&new).await? {
            return Ok(user_code);
        }
    }
    Err(anyhow::anyhow!("every user code that was drawn is taken").into())
}

/// Lets a device have what its user agreed to; false when the code was answered before, or the session has ended.
pub async fn allow(
    app: &App,
    user_code: &UserCode,
    request: &DeviceRequest,
    session: &BrowserSession,
    origin: &Origin,
) -> Result<bool, StoreError> {
    let (user, now) = (session.person.id, app.now());
    let grant = GrantId::from_random_bytes(app.random());
    let terminal = (request.client == TERMINAL_CLIENT).then(|| SessionId::from_random_bytes(app.random()));
    let granted = if let Some(opened) = terminal {
        let new = NewTerminalSession {
            session: opened,
            grant,
            user,
            allowed_in: session.id,
            expires_at: after(now, LIFETIME),
            origin: origin.clone(),
        };
        app.store.open_terminal_session(&new, now).await?
    } else {
        app.store.create_grant(&new_grant(grant, request, session, now), origin, now).await?
    };
    let answered = granted && app.store.answer_device(user_code.as_str(), user, Some(grant), origin, now).await?;
    if let Some(opened) = terminal.filter(|_| granted && !answered) {
        // Another tab was quicker.
        app.store.end_session(user, opened, origin, now).await?;
    }
    Ok(answered)
}

/// Operators alone have a use for the terminal program; for anybody else there is nothing behind it but a stranger.
pub fn may_allow(request: &DeviceRequest, session: &BrowserSession) -> bool {
    request.client != TERMINAL_CLIENT || Role::of(&session.person.roles).is_some()
}

/// Whether the login is too old to allow this: what the terminal program may do takes one that is recent.
pub fn takes_login(app: &App, request: &DeviceRequest, session: &BrowserSession) -> bool {
    let window = app.settings.get().reauthentication_window.max(SHORTEST_WINDOW);
    request.client == TERMINAL_CLIENT && after(session.authenticated_at, window) <= app.now()
}

/// It lives as long as the device may take to fetch its tokens.
fn new_grant(id: GrantId, request: &DeviceRequest, session: &BrowserSession, now: Timestamp) -> NewGrant {
    let details = GrantDetails {
        sid: session.id,
        auth_time: session.authenticated_at.as_second(),
        nonce: None,
        acr: None,
        claims: ClaimsRequest::default(),
        resources: request.resources.clone(),
    };
    let grant = Grant { id, client: request.client.clone(), scope: request.scope.clone(), details };
    let offline = request.scope.contains(Scope::OFFLINE_ACCESS);
    NewGrant { grant, user: session.person.id, offline, expires_at: after(now, LIFETIME), code: None }
}
