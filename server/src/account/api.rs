//! The token API under `/api`: JSON in, JSON out, errors as RFC 9457 problems.

use salvo::{
    Router, Writer,
    oapi::{ToSchema, endpoint, extract::PathParam},
    writing::Json,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signet_shared::{Profile, SessionId};

use super::{
    Owner,
    login::{Kept, log_in},
    profile::{self, Wishes, find_account},
    refresh,
    register::{Registration, register},
};
use crate::{
    app::{App, Shared},
    error::{Problem, Refusal},
    http::{
        answer::{Created, NoContent},
        body::ApiBody,
        caller::BearerCaller,
        origin,
    },
    metrics::TokenKind,
    model::{
        email::EmailAddress,
        secret::PlainRefreshToken,
        session::{Device, Subject},
        user::{LoginName, User},
    },
    tokens::issue_access_token,
};

/// Every route of the token API.
pub fn router() -> Router {
    Router::with_path("api")
        .push(Router::with_path("register").post(api_register))
        .push(Router::with_path("login").post(api_login))
        .push(Router::with_path("refresh").post(api_refresh))
        .push(Router::with_path("logout").post(api_logout))
        .push(
            Router::with_path("me")
                .get(api_me)
                .put(api_update_me)
                .patch(api_update_me_partially)
                .push(Router::with_path("verify-email").post(api_verify_email))
                .push(
                    Router::with_path("sessions")
                        .get(api_sessions)
                        .delete(api_end_sessions)
                        .push(Router::with_path("{id}").delete(api_end_session)),
                ),
        )
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RegisterBody {
    /// The address, which is also the name to log in with.
    #[salvo(schema(example = "user@example.com"))]
    email: String,
    /// 8 to 256 characters unless the operator asks for more.
    #[salvo(schema(example = "password"))]
    password: String,
    /// A display name, which may hold spaces.
    #[salvo(schema(example = "John Smith"))]
    username: Option<String>,
}

/// What was registered.
#[derive(Serialize, ToSchema)]
struct RegisteredBody {
    /// The user's id, a UUID.
    #[salvo(schema(example = "3f0e5f0a-6f5c-4f8e-9c0e-0a4c8f2b7d11"))]
    id: String,
    /// The address as it is kept.
    #[salvo(schema(example = "user@example.com"))]
    email: String,
}

/// Register
///
/// Creates an account. Answers 403 where registration is closed and 409 where the address or name is taken.
#[endpoint(tags("Token API"))]
async fn api_register(
    app: Shared,
    from: origin::From,
    body: ApiBody<RegisterBody>,
) -> Result<Created<RegisteredBody>, Problem> {
    let RegisterBody { email, password, username } = body.0;
    let username = username.as_deref().filter(|name| !name.trim().is_empty());
    let registration = Registration { email: &email, username, password: &password };
    let registered = register(&app, registration, &from.0).await?;
    Ok(Created(RegisteredBody { id: registered.id.to_string(), email: registered.email.as_str().to_owned() }))
}

/// Who logs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoginBody {
    /// The address.
    #[salvo(schema(example = "user@example.com"))]
    email: String,
    /// The password.
    #[salvo(schema(example = "password"))]
    password: String,
}

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
struct TokensBody {
    /// A JWT for resource servers; 30 seconds by default.
    access_token: String,
    /// For a new pair, once; 30 days by default.
    #[salvo(schema(example = "d952527b-caef-452c-8c93-1100214f82e5"))]
    refresh_token: String,
    /// Always `Bearer`.
    #[salvo(schema(example = "Bearer"))]
    token_type: &'static str,
    /// The access token's life in seconds.
    #[salvo(schema(example = 30))]
    expires_in: i64,
}

fn tokens(app: &App, subject: &Subject, refresh_token: &PlainRefreshToken) -> Result<Json<TokensBody>, Refusal> {
    let lifetime = app.settings.get().access_token_lifetime;
    let access = issue_access_token(app, subject, lifetime, app.now())?;
    app.metrics.token(TokenKind::Access);
    app.metrics.token(TokenKind::Refresh);
    Ok(Json(TokensBody {
        access_token: access.token,
        refresh_token: refresh_token.expose().to_owned(),
        token_type: "Bearer",
        expires_in: access.expires_in,
    }))
}

/// Log in
///
/// Answers with an access token and a refresh token. After a password reset a temporary password yields a token that may
/// only set a proper one.
#[endpoint(tags("Token API"))]
async fn api_login(app: Shared, from: origin::From, body: ApiBody<LoginBody>) -> Result<Json<TokensBody>, Problem> {
    let LoginBody { email, password } = body.0;
    let name = EmailAddress::parse(&email)
        .map_or_else(|_| LoginName::Impossible(email.chars().take(256).collect()), LoginName::Email);
    let logged_in = log_in(&app, &name, &password, Kept::ByRefreshTokens, &from.0).await?;
    let refresh_token =
        logged_in.refresh_token.ok_or_else(|| Refusal::Internal(anyhow::anyhow!("a login without refresh token")))?;
    Ok(tokens(&app, &logged_in.subject, &refresh_token)?)
}

/// A refresh token to spend.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshBody {
    /// As the last login or refresh gave it.
    #[salvo(schema(example = "d952527b-caef-452c-8c93-1100214f82e5"))]
    refresh_token: String,
}

/// Refresh
///
/// Spends the refresh token for a new pair whose lives start again. The spent token, shown again within a few seconds, yields
/// the same successor as long as that is unused; shown later it ends the session.
#[endpoint(tags("Token API"))]
async fn api_refresh(app: Shared, from: origin::From, body: ApiBody<RefreshBody>) -> Result<Json<TokensBody>, Problem> {
    let (subject, successor) = refresh::refresh(&app, &body.0.refresh_token, &from.0).await?;
    Ok(tokens(&app, &subject, &successor)?)
}

/// The end of a session.
#[derive(Serialize, ToSchema)]
struct LoggedOutBody {
    /// Always `User logged out.`
    #[salvo(schema(example = "User logged out."))]
    success: &'static str,
}

/// Log out
///
/// Ends the session that the refresh token belongs to.
#[endpoint(tags("Token API"))]
async fn api_logout(
    app: Shared,
    from: origin::From,
    body: ApiBody<RefreshBody>,
) -> Result<Json<LoggedOutBody>, Problem> {
    refresh::log_out(&app, &body.0.refresh_token, &from.0).await?;
    Ok(Json(LoggedOutBody { success: "User logged out." }))
}

/// A user, to themselves.
#[derive(Serialize, ToSchema)]
struct MeBody {
    /// The user's id, a UUID.
    #[salvo(schema(example = "3f0e5f0a-6f5c-4f8e-9c0e-0a4c8f2b7d11"))]
    id: String,
    /// The display name; empty until set.
    #[salvo(schema(example = "John Smith"))]
    username: String,
    /// The address.
    #[salvo(schema(example = "user@example.com"))]
    email: String,
    /// Whether its owner has confirmed it.
    email_verified: bool,
    /// An address that takes the other's place once confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_email: Option<String>,
    /// Roles that tokens carry.
    roles: Vec<String>,
    /// What is known of the person, by the names of OpenID Connect Core §5.1.
    profile: Profile,
    /// RFC 3339.
    #[salvo(schema(example = "2026-11-24T09:30:00Z"))]
    created_at: String,
    /// When the profile, the address or the name last changed.
    updated_at: String,
}

impl From<User> for MeBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username,
            email: user.email,
            email_verified: user.email_verified,
            pending_email: user.pending_email,
            roles: user.roles,
            profile: user.profile,
            created_at: user.created_at.to_string(),
            updated_at: user.updated_at.to_string(),
        }
    }
}

/// Who am I
#[endpoint(tags("Token API"))]
async fn api_me(app: Shared, caller: BearerCaller) -> Result<Json<MeBody>, Problem> {
    let claims = caller.0.unrestricted()?;
    Ok(Json(find_account(&app, Owner::from(&claims)).await?.into()))
}

/// What shall change; everything else stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateMeBody {
    /// Another display name; empty takes it away.
    #[salvo(schema(example = "John Smith"))]
    username: Option<String>,
    /// Another address; it is unconfirmed at first.
    email: Option<String>,
    /// Another password; it ends every other session.
    password: Option<String>,
    /// Needed for another password unless the login is recent.
    current_password: Option<String>,
    /// Members of the profile; `null` takes one away, and what is absent stays. Whether a phone number is confirmed is not
    /// theirs to say.
    #[salvo(schema(value_type = Option<Profile>))]
    profile: Option<Map<String, Value>>,
}

impl UpdateMeBody {
    /// Whether nothing but the password changes: one who has a temporary one may do that alone.
    fn is_only_password(&self) -> bool {
        let Self { username, email, password, current_password: _, profile } = self;
        password.is_some() && username.is_none() && email.is_none() && profile.is_none()
    }
}

async fn update_me(
    app: Shared,
    caller: BearerCaller,
    from: origin::From,
    body: UpdateMeBody,
) -> Result<Json<MeBody>, Refusal> {
    let claims = if body.is_only_password() { caller.0.even_restricted() } else { caller.0.unrestricted()? };
    let wishes = Wishes {
        email: body.email.as_deref(),
        username: body.username.as_deref(),
        password: body.password.as_deref(),
        current_password: body.current_password.as_deref(),
        profile: body.profile.as_ref(),
    };
    profile::update(&app, Owner::from(&claims), wishes, &from.0).await?;
    Ok(Json(find_account(&app, Owner::from(&claims)).await?.into()))
}

/// Change my profile
///
/// Members that are absent stay as they are.
#[endpoint(tags("Token API"))]
async fn api_update_me(
    app: Shared,
    caller: BearerCaller,
    from: origin::From,
    body: ApiBody<UpdateMeBody>,
) -> Result<Json<MeBody>, Problem> {
    Ok(update_me(app, caller, from, body.0).await?)
}

/// Change part of my profile
#[endpoint(tags("Token API"))]
async fn api_update_me_partially(
    app: Shared,
    caller: BearerCaller,
    from: origin::From,
    body: ApiBody<UpdateMeBody>,
) -> Result<Json<MeBody>, Problem> {
    Ok(update_me(app, caller, from, body.0).await?)
}

/// What became of a request for mail.
#[derive(Serialize, ToSchema)]
struct MailAskedBody {
    /// Whether a mail is on its way; false when there is nothing to confirm.
    sent: bool,
}

/// Send the confirmation mail again
#[endpoint(tags("Token API"))]
async fn api_verify_email(
    app: Shared,
    from: origin::From,
    caller: BearerCaller,
) -> Result<Json<MailAskedBody>, Problem> {
    let claims = caller.0.unrestricted()?;
    super::admit(&app, &from.0)?;
    let user = find_account(&app, Owner::from(&claims)).await?;
    let sent = app.store.ask_verification(user.id, app.now()).await?;
    app.outbox.wake();
    Ok(Json(MailAskedBody { sent }))
}

/// One of a user's devices.
#[derive(Serialize, ToSchema)]
struct DeviceBody {
    /// The session's id (`sid`).
    #[salvo(schema(example = "9c0e3f0e-5f0a-4f5c-8f8e-0a4c8f2b7d11"))]
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    /// RFC 3339.
    created_at: String,
    /// When it last refreshed or renewed.
    last_seen_at: String,
    /// When it ends unless it does so again.
    expires_at: String,
    /// The address it logged in from.
    #[salvo(schema(example = "203.0.113.9"))]
    address: String,
    /// What it calls itself.
    user_agent: String,
}

impl DeviceBody {
    fn new(device: Device, asking: SessionId) -> Self {
        Self {
            current: device.id == asking,
            id: device.id.to_string(),
            created_at: device.created_at.to_string(),
            last_seen_at: device.last_seen_at.to_string(),
            expires_at: device.expires_at.to_string(),
            address: device.address,
            user_agent: device.user_agent,
        }
    }
}

/// My devices
///
/// The live sessions, newest first.
#[endpoint(tags("Token API"))]
async fn api_sessions(app: Shared, caller: BearerCaller) -> Result<Json<Vec<DeviceBody>>, Problem> {
    let claims = caller.0.unrestricted()?;
    let user = find_account(&app, Owner::from(&claims)).await?;
    let devices = app.store.list_devices(user.id, app.now()).await?;
    Ok(Json(devices.into_iter().map(|device| DeviceBody::new(device, claims.sid)).collect()))
}

/// Log one device out
#[endpoint(tags("Token API"))]
async fn api_end_session(
    app: Shared,
    caller: BearerCaller,
    from: origin::From,
    id: PathParam<String>,
) -> Result<NoContent, Problem> {
    let claims = caller.0.unrestricted()?;
    let unknown = || Refusal::NotFound("you have no such session");
    let session: SessionId = id.into_inner().parse().map_err(|_| unknown())?;
    let user = find_account(&app, Owner::from(&claims)).await?;
    if !app.store.end_session(user.id, session, &from.0, app.now()).await? {
        return Err(unknown().into());
    }
    Ok(NoContent)
}

/// Log all devices out
///
/// This one included.
#[endpoint(tags("Token API"))]
async fn api_end_sessions(app: Shared, caller: BearerCaller, from: origin::From) -> Result<NoContent, Problem> {
    let claims = caller.0.unrestricted()?;
    let user = find_account(&app, Owner::from(&claims)).await?;
    app.store.end_all_sessions(user.id, None, &from.0, app.now()).await?;
    Ok(NoContent)
}
