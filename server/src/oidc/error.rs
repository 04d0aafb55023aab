//! What OAuth 2.0 requests are refused with: JSON (RFC 6749 §5.2) at the endpoints that clients call, and what a bearer of a
//! token is told (RFC 6750 §3).

use std::borrow::Cow;

use http::{HeaderValue, StatusCode, header};
use salvo::{
    Depot, Request, Response, Writer, async_trait,
    oapi::{self, Components, EndpointOutRegister, Operation},
    writing::Json,
};
use serde::Serialize;

use crate::{
    error::Refusal,
    http::{
        form::{BadForm, Params},
        front::request_id,
    },
    pages::view::ErrorKind,
    store::StoreError,
};

/// The codes of RFC 6749 §4.1.2.1 and §5.2, RFC 7591 §3.2.2, RFC 8628 §3.5, RFC 8707 §2, RFC 9101 §7 and OpenID Connect Core §3.1.2.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// A parameter is missing, malformed or there twice.
    InvalidRequest,
    /// The client did not prove who it is.
    InvalidClient,
    /// A code or token is wrong, expired, spent or another's.
    InvalidGrant,
    /// This client may not do this.
    UnauthorizedClient,
    /// No such grant type here.
    UnsupportedGrantType,
    /// No such response type here.
    UnsupportedResponseType,
    /// A scope that is malformed, unknown or not the client's.
    InvalidScope,
    /// A resource that tokens are not issued for.
    InvalidTarget,
    /// The user said no.
    AccessDenied,
    /// The user has to log in, and may not be asked.
    LoginRequired,
    /// They have to agree, and may not be asked.
    ConsentRequired,
    /// They have to choose an account, and may not be asked.
    AccountSelectionRequired,
    /// A request object that is not right.
    InvalidRequestObject,
    /// A reference that leads to none.
    InvalidRequestUri,
    /// The user cannot log in in the way that the client cannot do without.
    UnmetAuthenticationRequirements,
    /// Clients register elsewhere.
    RegistrationNotSupported,
    /// A redirect URI that nobody can be sent to.
    InvalidRedirectUri,
    /// Metadata that a client cannot have.
    InvalidClientMetadata,
    /// The device's user has not answered yet.
    AuthorizationPending,
    /// And it asks too often.
    SlowDown,
    /// The device's user did not answer in time.
    ExpiredToken,
    /// Too much to do, or something beneath does not answer.
    TemporarilyUnavailable,
    /// Our fault.
    ServerError,
}

impl ErrorCode {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

/// A refusal in the format of RFC 6749 §5.2.
#[derive(Debug)]
pub struct OAuthError {
    /// For programs.
    pub code: ErrorCode,
    /// For the client's developer.
    pub description: Cow<'static, str>,
    /// What it comes from, where that has a status and a cause of its own.
    cause: Option<Refusal>,
    /// Whether the client showed a secret in the header, and is asked for one there.
    basic: bool,
}

impl OAuthError {
    /// A refusal with a word on it.
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into(), cause: None, basic: false }
    }

    fn caused(code: ErrorCode, cause: Refusal) -> Self {
        Self { description: cause.message().into(), cause: Some(cause), ..Self::new(code, "") }
    }

    /// A page that was left open for too long, or used before.
    pub fn expired(description: &'static str) -> Self {
        Self { description: description.into(), ..Self::caused(ErrorCode::InvalidRequest, Refusal::WrongCode) }
    }

    /// In how many seconds to come again.
    pub fn retry_after(&self) -> Option<u64> {
        self.cause.as_ref().and_then(Refusal::retry_after)
    }

    /// The client did not prove who it is. `basic`, if it tried to with the header.
    pub fn unknown_client(basic: bool) -> Self {
        let description = "this client is not known, or did not prove who it is";
        Self { basic, ..Self::new(ErrorCode::InvalidClient, description) }
    }

    /// Logs the private cause, if there is one.
    pub fn log(&self, request: &str) {
        if let Some(cause) = &self.cause {
            cause.log(request);
        }
    }

    /// What a page calls it.
    pub fn kind(&self) -> ErrorKind {
        self.cause.as_ref().map_or(ErrorKind::Request, ErrorKind::of)
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match (&self.cause, self.code) {
            (Some(cause), _) => cause.status(),
            (None, ErrorCode::InvalidClient) => StatusCode::UNAUTHORIZED,
            (None, ErrorCode::TemporarilyUnavailable) => StatusCode::SERVICE_UNAVAILABLE,
            (None, ErrorCode::ServerError) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<Refusal> for OAuthError {
    fn from(refusal: Refusal) -> Self {
        let description = refusal.message();
        let code = match &refusal {
            Refusal::WrongCode | Refusal::BadToken(_) | Refusal::WrongCredentials => ErrorCode::InvalidGrant,
            // What has a status of its own keeps it.
            Refusal::Forbidden { .. } => return Self::caused(ErrorCode::AccessDenied, refusal),
            Refusal::Internal(_) => return Self::caused(ErrorCode::ServerError, refusal),
            Refusal::Throttled(_) | Refusal::Overloaded(_) | Refusal::Unavailable(_) => {
                return Self::caused(ErrorCode::TemporarilyUnavailable, refusal);
            }
            _ => ErrorCode::InvalidRequest,
        };
        Self::new(code, description)
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        Refusal::from(error).into()
    }
}

impl From<anyhow::Error> for OAuthError {
    fn from(error: anyhow::Error) -> Self {
        Refusal::Internal(error).into()
    }
}

impl From<BadForm> for OAuthError {
    fn from(error: BadForm) -> Self {
        Self::new(ErrorCode::InvalidRequest, error.to_string())
    }
}

/// Parameters, each of which came once (RFC 6749 §3.2).
pub fn once(params: Result<Params, BadForm>) -> Result<Params, OAuthError> {
    let params = params?;
    match params.repeated() {
        Some(name) => Err(OAuthError::new(ErrorCode::InvalidRequest, format!("{name} is there more than once"))),
        None => Ok(params),
    }
}

/// RFC 6749 §5.2.
#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    error_description: &'a str,
}

/// Only what RFC 6749 §5.2 lets a description hold.
pub fn described(text: &str) -> String {
    let allowed = |character: char| matches!(character, ' '..='~') && character != '"' && character != '\\';
    text.chars().map(|character| if allowed(character) { character } else { '\'' }).take(300).collect()
}

#[async_trait]
impl Writer for OAuthError {
    async fn write(self, _: &mut Request, depot: &mut Depot, res: &mut Response) {
        self.log(request_id(depot));
        res.status_code(self.status());
        no_store(res);
        if self.basic {
            let challenge = HeaderValue::from_static("Basic realm=\"signet\", charset=\"UTF-8\"");
            res.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after() {
            res.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        let description = described(&self.description);
        res.render(Json(Body { error: self.code.as_str(), error_description: &description }));
    }
}

impl EndpointOutRegister for OAuthError {
    fn register(_: &mut Components, operation: &mut Operation) {
        describe(
            operation,
            &[("400", "refused; `error` says why (RFC 6749 §5.2)"), ("401", "the client did not prove who it is")],
        );
    }
}

/// Describes statuses in the API document.
pub fn describe(operation: &mut Operation, statuses: &[(&'static str, &'static str)]) {
    for (status, description) in statuses.iter().copied() {
        operation.responses.insert(status, oapi::Response::new(description));
    }
}

impl EndpointOutRegister for BearerError {
    fn register(_: &mut Components, operation: &mut Operation) {
        describe(
            operation,
            &[("401", "no token, or one that does not serve (RFC 6750 §3)"), ("403", "a scope is missing")],
        );
    }
}

/// What a bearer of a token is told (RFC 6750 §3).
#[derive(Debug)]
pub enum BearerError {
    /// No token was shown.
    Missing,
    /// It is no token, or one that serves no more.
    InvalidToken(&'static str),
    /// It serves, but not for this.
    InsufficientScope(&'static str),
    /// The request is wrong.
    InvalidRequest(&'static str),
    /// Something else.
    Other(OAuthError),
}

impl<E: Into<OAuthError>> From<E> for BearerError {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

#[async_trait]
impl Writer for BearerError {
    async fn write(self, req: &mut Request, depot: &mut Depot, res: &mut Response) {
        let (status, challenge, error, description) = match self {
            Self::Missing => (
                StatusCode::UNAUTHORIZED,
                "Bearer realm=\"signet\"".to_owned(),
                "invalid_token",
                "an access token is needed here",
            ),
            Self::InvalidToken(description) => challenge(StatusCode::UNAUTHORIZED, "invalid_token", description),
            Self::InsufficientScope(scope) => {
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
                (StatusCode::FORBIDDEN, challenge, "insufficient_scope", "this token does not carry the scope for that")
            }
            Self::InvalidRequest(description) => challenge(StatusCode::BAD_REQUEST, "invalid_request", description),
            Self::Other(error) => return error.write(req, depot, res).await,
        };
        res.status_code(status);
        no_store(res);
        if let Ok(challenge) = HeaderValue::try_from(challenge) {
            res.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        res.render(Json(Body { error, error_description: description }));
    }
}

fn challenge(
    status: StatusCode,
    error: &'static str,
    description: &'static str,
) -> (StatusCode, String, &'static str, &'static str) {
    (status, format!("Bearer error=\"{error}\", error_description=\"{description}\""), error, description)
}

/// Tokens and what is said about them are nobody's to keep (RFC 6749 §5.1).
pub fn no_store(res: &mut Response) {
    res.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    res.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
}
