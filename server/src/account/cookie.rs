//! The cookie API at the root: the calls of the original service, to the letter.

use salvo::{
    Depot, Request, Response, Router, Writer, async_trait,
    http::cookie::{Cookie, SameSite as CookieSameSite, time::Duration},
    oapi::{self, Components, EndpointOutRegister, Operation, ToSchema, endpoint, extract::QueryParam},
    writing::Json,
};
use serde::{Deserialize, Serialize};

use super::{
    Owner,
    login::{Kept, log_in},
    profile::{self, Wishes},
    register::{Registration, register},
    reset,
};
use crate::{
    app::{App, Shared},
    config::SameSite,
    error::{CookieApiError, Refusal},
    http::{
        answer::Created,
        body::CookieApiBody,
        caller::{COOKIE, CookieCaller},
        cookie_guard::CookieGuard,
        origin,
    },
    metrics::TokenKind,
    model::{session::Subject, user::LoginName},
    router::Head,
    tokens::{IssuedToken, issue_access_token},
};

/// Every route of the cookie API.
pub fn router() -> Router {
    Router::new()
        .hoop(CookieGuard)
        .push(Router::with_path("auth").post(auth))
        .push(Router::with_path("register").post(cookie_register))
        .push(Router::with_path("update_profile").post(update_profile))
        .push(Router::with_path("renew_token").post(renew_token))
        .push(Router::with_path("request_password_reset").post(request_password_reset))
        .push(Router::with_path("reset_password").post(reset_password))
        .push(Router::with_path("liveliness").get(liveliness).head(Head(liveliness)))
        .push(Router::with_path("get_public_cert").get(get_public_cert).head(Head(get_public_cert)))
}

const OK: &str = "OK";

/// A success with nothing to add.
#[derive(Serialize, ToSchema)]
struct StatusBody {
    /// Always `OK`.
    #[salvo(schema(example = "OK"))]
    status: &'static str,
}

/// A success, and the cookie that goes with it.
struct WithCookie<T> {
    body: T,
    cookie: Cookie<'static>,
}

#[async_trait]
impl<T: Serialize + Send> Writer for WithCookie<T> {
    async fn write(self, _: &mut Request, _: &mut Depot, res: &mut Response) {
        res.add_cookie(self.cookie);
        res.render(Json(self.body));
    }
}

impl<T: ToSchema> EndpointOutRegister for WithCookie<T> {
    fn register(components: &mut Components, operation: &mut Operation) {
        let content = oapi::Content::new(T::to_schema(components));
        let response = oapi::Response::new("OK, with the cookie jwt_token").add_content("application/json", content);
        operation.responses.insert("200", response);
    }
}

fn cookie(app: &App, issued: &IssuedToken) -> Cookie<'static> {
    let same_site = match app.cookie_same_site {
        SameSite::Lax => CookieSameSite::Lax,
        SameSite::Strict => CookieSameSite::Strict,
        SameSite::None => CookieSameSite::None,
    };
    Cookie::build((COOKIE, issued.token.clone()))
        .path("/")
        .max_age(Duration::seconds(issued.expires_in))
        .http_only(true)
        .same_site(same_site)
        .secure(app.public_url.is_https())
        .build()
}

/// A token of the cookie API; it does not outlive its session.
fn issue(app: &App, subject: &Subject, session_ends_at: jiff::Timestamp) -> Result<IssuedToken, Refusal> {
    let now = app.now();
    let remaining = session_ends_at.as_second() - now.as_second();
    let lifetime = app.settings.get().cookie_token_lifetime.min(remaining).max(1);
    app.metrics.token(TokenKind::Cookie);
    issue_access_token(app, subject, lifetime, now)
}

/// Who logs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AuthBody {
    /// The username or the email address.
    #[salvo(schema(example = "john"))]
    username: String,
    /// The password.
    #[salvo(schema(example = "password"))]
    password: String,
}

/// A login's token.
#[derive(Serialize, ToSchema)]
struct AuthenticatedBody {
    /// Always `OK`.
    #[salvo(schema(example = "OK"))]
    status: &'static str,
    /// The access token, as in the cookie.
    jwt: String,
}

/// Log in
///
/// Answers with a JWT and sets it as the cookie `jwt_token`.
#[endpoint(tags("Cookie API"))]
async fn auth(
    app: Shared,
    from: origin::From,
    body: CookieApiBody<AuthBody>,
) -> Result<WithCookie<AuthenticatedBody>, CookieApiError> {
    let AuthBody { username, password } = body.0;
    let logged_in = log_in(&app, &LoginName::parse(&username), &password, Kept::ByCookie, &from.0).await?;
    let issued = issue(&app, &logged_in.subject, logged_in.expires_at)?;
    Ok(WithCookie { cookie: cookie(&app, &issued), body: AuthenticatedBody { status: OK, jwt: issued.token } })
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CookieRegisterBody {
    /// The name to log in with.
    #[salvo(schema(example = "john"))]
    username: String,
    /// 8 to 256 characters unless the operator asks for more.
    #[salvo(schema(example = "password"))]
    password: String,
    /// The address.
    #[salvo(schema(example = "user@example.com"))]
    email: String,
}

/// Register
#[endpoint(tags("Cookie API"))]
async fn cookie_register(
    app: Shared,
    from: origin::From,
    body: CookieApiBody<CookieRegisterBody>,
) -> Result<Created<StatusBody>, CookieApiError> {
    let CookieRegisterBody { username, password, email } = body.0;
    register(&app, Registration { email: &email, username: Some(&username), password: &password }, &from.0).await?;
    Ok(Created(StatusBody { status: OK }))
}

/// What shall change; one or both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateProfileBody {
    /// Another password; it ends every other session.
    password: Option<String>,
    /// Another address; it is unconfirmed at first.
    email: Option<String>,
    /// Needed for another password unless the login is recent.
    current_password: Option<String>,
}

/// Change my profile
///
/// With a cookie of a temporary password only the password can be set; after that `/renew_token` yields one that may do everything.
#[endpoint(tags("Cookie API"))]
async fn update_profile(
    app: Shared,
    caller: CookieCaller,
    from: origin::From,
    body: CookieApiBody<UpdateProfileBody>,
) -> Result<Json<StatusBody>, CookieApiError> {
    let UpdateProfileBody { password, email, current_password } = body.0;
    if password.is_none() && email.is_none() {
        return Err(Refusal::field("password", "give a password, an email, or both").into());
    }
    let claims = if email.is_none() { caller.0.even_restricted() } else { caller.0.unrestricted()? };
    let wishes = Wishes {
        email: email.as_deref(),
        password: password.as_deref(),
        current_password: current_password.as_deref(),
        username: None,
        profile: None,
    };
    profile::update(&app, Owner::from(&claims), wishes, &from.0).await?;
    Ok(Json(StatusBody { status: OK }))
}

/// A renewed token.
#[derive(Serialize, ToSchema)]
struct RenewedBody {
    /// Always `OK`.
    #[salvo(schema(example = "OK"))]
    status: &'static str,
    /// The access token, as in the cookie.
    token: String,
}

/// Renew my token
///
/// Answers with a fresh token and cookie as long as the session is neither ended nor over age.
#[endpoint(tags("Cookie API"))]
async fn renew_token(app: Shared, caller: CookieCaller) -> Result<WithCookie<RenewedBody>, CookieApiError> {
    let claims = caller.0.even_restricted();
    let renewed = app.store.renew_session(claims.sid, app.now()).await?;
    let (subject, ends_at) = renewed.ok_or(Refusal::BadToken("this session has ended; log in again"))?;
    let issued = issue(&app, &subject, ends_at)?;
    Ok(WithCookie { cookie: cookie(&app, &issued), body: RenewedBody { status: OK, token: issued.token } })
}

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RequestResetBody {
    /// The address.
    #[salvo(schema(example = "user@example.com"))]
    email: String,
}

/// Ask for a password reset
///
/// Answers the same, in the same time, whether the address is known or not. The mail carries the username and a reset code.
#[endpoint(tags("Cookie API"))]
async fn request_password_reset(
    app: Shared,
    from: origin::From,
    body: CookieApiBody<RequestResetBody>,
) -> Result<Json<StatusBody>, CookieApiError> {
    reset::request(&app, &body.0.email, &from.0).await?;
    Ok(Json(StatusBody { status: OK }))
}

/// A reset code to spend.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetBody {
    /// As the mail gave it.
    reset_code: String,
    /// The password to set; without it a temporary one is made.
    new_password: Option<String>,
}

/// What a reset code was exchanged for.
#[derive(Serialize, ToSchema)]
struct ResetDoneBody {
    /// Always `OK`.
    #[salvo(schema(example = "OK"))]
    status: &'static str,
    /// The temporary password; the field's name is the original service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    reset_code: Option<String>,
    /// The temporary password.
    #[serde(skip_serializing_if = "Option::is_none")]
    temporary_password: Option<String>,
}

/// Reset my password
///
/// Spends the code and ends every session. Answers with a temporary password, with which one can log in to set a proper one,
/// unless a new password came along.
#[endpoint(tags("Cookie API"))]
async fn reset_password(
    app: Shared,
    from: origin::From,
    body: CookieApiBody<ResetBody>,
) -> Result<Json<ResetDoneBody>, CookieApiError> {
    let ResetBody { reset_code, new_password } = body.0;
    let temporary = reset::reset(&app, &reset_code, new_password.as_deref(), &from.0).await?;
    let temporary = temporary.map(|password| password.expose().to_owned());
    Ok(Json(ResetDoneBody { status: OK, reset_code: temporary.clone(), temporary_password: temporary }))
}

/// How the process is.
#[derive(Serialize, ToSchema)]
struct LivelinessBody {
    /// Always `OK`.
    #[salvo(schema(example = "OK"))]
    status: &'static str,
    /// The current time, RFC 3339.
    time: String,
    /// Seconds since the start.
    uptime: i64,
}

/// Whether the service lives
#[endpoint(tags("Cookie API"))]
async fn liveliness(app: Shared) -> Json<LivelinessBody> {
    let now = app.now();
    Json(LivelinessBody { status: OK, time: now.to_string(), uptime: now.as_second() - app.started_at.as_second() })
}

/// A key to verify tokens with.
#[derive(Serialize, ToSchema)]
struct PublicCertBody {
    /// Always `OK`.
    #[salvo(schema(example = "OK"))]
    status: &'static str,
    /// SubjectPublicKeyInfo in PEM.
    #[salvo(schema(example = "-----BEGIN PUBLIC KEY-----…"))]
    public_key: String,
    /// Its RFC 7638 thumbprint, as in token headers.
    kid: String,
    /// What it is used with.
    #[salvo(schema(example = "ES256"))]
    alg: &'static str,
}

/// The public key
///
/// The key that signs now, or another published one by its `kid`.
#[endpoint(tags("Cookie API"))]
async fn get_public_cert(app: Shared, kid: QueryParam<String, false>) -> Result<Json<PublicCertBody>, CookieApiError> {
    let keyring = app.keyring.load();
    let signing = keyring.signer(app.settings.get().default_signing_algorithm).map(|signer| signer.kid().to_string());
    let (key, pem) = kid
        .into_inner()
        .or(signing)
        .and_then(|kid| keyring.public_cert(&kid))
        .ok_or(Refusal::NotFound("no such key is published"))?;
    Ok(Json(PublicCertBody {
        status: OK,
        public_key: pem.to_owned(),
        kid: key.kid().to_string(),
        alg: key.algorithm().name(),
    }))
}
