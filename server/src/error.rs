//! What a request is refused with. [`Refusal`] is the one vocabulary of the domain;
//! each façade renders it in its own wire format: [`Problem`] (RFC 9457) under `/api`
//! and `/admin`, [`CookieApiError`] at the root. Each refusal has a public hint and,
//! where there is one, a private cause that is logged once, at the boundary.

use std::{borrow::Cow, time::Duration};

use http::{HeaderValue, StatusCode, header};
use salvo::{
    Depot, Request, Response, Writer, async_trait,
    oapi::{self, Components, EndpointOutRegister, Operation, ToSchema},
    writing::Json,
};
use serde::Serialize;

use crate::{
    http::{front::request_id, precondition::etag},
    model::rule::Rule,
    store::StoreError,
};

/// One field of a body that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The member's name; empty for the body as a whole.
    #[salvo(schema(example = "password"))]
    pub field: Cow<'static, str>,
    /// What is wrong with it, for a person.
    #[salvo(schema(example = "a password has at least 8 characters"))]
    pub message: String,
    /// The rule itself, where it is one that pages tell people of in their language.
    #[serde(skip)]
    pub rule: Option<Rule>,
}

impl FieldError {
    /// An error about one field.
    pub fn new(field: impl Into<Cow<'static, str>>, message: impl ToString) -> Self {
        Self { field: field.into(), message: message.to_string(), rule: None }
    }

    /// One field broke this rule.
    pub fn broken(field: impl Into<Cow<'static, str>>, rule: impl Into<Rule>) -> Self {
        let rule = rule.into();
        Self { rule: Some(rule), ..Self::new(field, rule) }
    }
}

/// Why a request was not carried out.
#[derive(Debug)]
pub enum Refusal {
    /// The body is no JSON object.
    Malformed(String),
    /// A code or link that is wrong, expired or spent.
    WrongCode,
    /// Name or password are wrong; which, nobody learns.
    WrongCredentials,
    /// The access or refresh token is missing, wrong, expired, spent or its session has ended.
    BadToken(&'static str),
    /// A known caller may not do this.
    Forbidden {
        /// For programs.
        code: &'static str,
        /// For people.
        message: &'static str,
    },
    /// Nothing is there.
    NotFound(&'static str),
    /// The path knows other methods.
    MethodNotAllowed,
    /// Somebody has this already.
    Taken(&'static str),
    /// Things are not as they would have to be.
    NotNow(Cow<'static, str>),
    /// Somebody else changed it first.
    Stale {
        /// The revision that is there.
        revision: i64,
        /// What is there.
        current: serde_json::Value,
    },
    /// A change that does not say what it changes.
    PreconditionRequired,
    /// Fields break rules.
    Invalid(Vec<FieldError>),
    /// More than a body may hold.
    TooLarge,
    /// Not of the media type named.
    UnsupportedMediaType(&'static str),
    /// Too many attempts.
    Throttled(Duration),
    /// More work than the server takes on.
    Overloaded(Duration),
    /// A dependency does not answer.
    Unavailable(StoreError),
    /// Our fault.
    Internal(anyhow::Error),
}

impl Refusal {
    /// A single field's error.
    pub fn field(field: &'static str, message: impl ToString) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// A single field broke this rule.
    pub fn broken(field: &'static str, rule: impl Into<Rule>) -> Self {
        Self::Invalid(vec![FieldError::broken(field, rule)])
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::WrongCode => StatusCode::BAD_REQUEST,
            Self::WrongCredentials | Self::BadToken(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Taken(_) | Self::NotNow(_) => StatusCode::CONFLICT,
            Self::Stale { .. } => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Overloaded(_) | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::WrongCode => "invalid_code",
            Self::WrongCredentials => "invalid_credentials",
            Self::BadToken(_) => "invalid_token",
            Self::Forbidden { code, .. } => code,
            Self::NotFound(_) => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Taken(_) => "taken",
            Self::NotNow(_) => "conflict",
            Self::Stale { .. } => "stale",
            Self::PreconditionRequired => "precondition_required",
            Self::Invalid(_) => "invalid_fields",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType(_) => "unsupported_media_type",
            Self::Throttled(_) => "throttled",
            Self::Overloaded(_) => "overloaded",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// The sentence for a person.
    pub fn message(&self) -> String {
        match self {
            Self::Malformed(detail) => detail.clone(),
            Self::WrongCode => "this code is wrong, has expired or was used before; ask for a new one".into(),
            Self::WrongCredentials => "name or password are wrong".into(),
            Self::BadToken(detail) | Self::NotFound(detail) => (*detail).into(),
            Self::NotNow(detail) => detail.clone().into_owned(),
            Self::Forbidden { message, .. } => (*message).into(),
            Self::MethodNotAllowed => "this path does not know this method; see /docs/".into(),
            Self::Taken(field) => format!("this {field} is taken"),
            Self::Stale { .. } => "somebody changed this first; look at `current`, then try again with its ETag".into(),
            Self::PreconditionRequired => "send the ETag of what you change as If-Match, or If-Match: *".into(),
            Self::Invalid(fields) => summary(fields),
            Self::TooLarge => "a body has at most 64 KiB".into(),
            Self::UnsupportedMediaType(wanted) => format!("send the body with Content-Type: {wanted}"),
            Self::Throttled(wait) => format!("too many attempts; try again in {} seconds", whole_seconds(*wait)),
            Self::Overloaded(wait) => format!("the server is busy; try again in {} seconds", whole_seconds(*wait)),
            Self::Unavailable(_) => "the database does not answer; try again shortly".into(),
            Self::Internal(_) => "something went wrong here; the request id finds it in the log".into(),
        }
    }

    fn fields(&self) -> Option<Vec<FieldError>> {
        match self {
            Self::Invalid(fields) => Some(fields.clone()),
            Self::Taken(field) => Some(vec![FieldError::new(*field, self.message())]),
            _ => None,
        }
    }

    /// After how many seconds another try makes sense.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Throttled(wait) | Self::Overloaded(wait) => Some(whole_seconds(*wait)),
            Self::Unavailable(_) => Some(1),
            _ => None,
        }
    }

    /// Logs the private cause, if there is one.
    pub fn log(&self, request: &str) {
        match self {
            Self::Internal(cause) => tracing::error!(request, error = format!("{cause:#}"), "a request failed"),
            Self::Unavailable(cause) => tracing::warn!(request, error = %cause, "the database did not answer"),
            _ => {}
        }
    }

    /// Logs the private cause, then sets everything of the answer but its body.
    pub fn write_head(&self, depot: &Depot, res: &mut Response) {
        self.log(request_id(depot));
        res.status_code(self.status());
        if let Some(seconds) = self.retry_after() {
            res.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if let Self::Stale { revision, .. } = self
            && let Ok(etag) = HeaderValue::try_from(etag(*revision))
        {
            res.headers_mut().insert(header::ETAG, etag);
        }
        if let Self::BadToken(detail) = self
            && let Ok(challenge) =
                HeaderValue::try_from(format!("Bearer error=\"invalid_token\", error_description=\"{detail}\""))
        {
            // RFC 6750 §3
            res.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Overloaded(Duration::from_secs(1)),
            StoreError::Unavailable(_) => Self::Unavailable(error),
            StoreError::Infrastructure(_) => Self::Internal(error.into()),
        }
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

fn summary(fields: &[FieldError]) -> String {
    let parts: Vec<_> = fields
        .iter()
        .map(|error| match error.field.as_ref() {
            "" => error.message.clone(),
            field => format!("{field}: {}", error.message),
        })
        .collect();
    parts.join("; ")
}

/// A refusal as RFC 9457 `application/problem+json`: the token API's format.
#[derive(Debug)]
pub struct Problem(pub Refusal);

/// A refusal as `{"status":"ERROR","error":…,"message":…}`: the cookie API's format.
#[derive(Debug)]
pub struct CookieApiError(pub Refusal);

impl<E: Into<Refusal>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl<E: Into<Refusal>> From<E> for CookieApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// RFC 9457.
#[derive(Serialize, ToSchema)]
#[salvo(schema(name = "Problem"))]
struct ProblemBody {
    /// A URI that names the kind of problem; its last part is a stable code.
    #[serde(rename = "type")]
    #[salvo(schema(example = "urn:signet:problem:invalid_fields"))]
    kind: String,
    /// The status in words.
    #[salvo(schema(example = "Unprocessable Entity"))]
    title: String,
    /// The HTTP status.
    #[salvo(schema(example = 422))]
    status: u16,
    /// What was wrong and what to do.
    #[salvo(schema(example = "password: a password has at least 8 characters"))]
    detail: String,
    /// The fields that broke a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldError>>,
    /// With 412: what is there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<serde_json::Value>,
}

#[derive(Serialize, ToSchema)]
#[salvo(schema(name = "CookieApiError"))]
struct CookieApiErrorBody {
    /// Always `ERROR`.
    #[salvo(schema(example = "ERROR"))]
    status: &'static str,
    /// A stable code.
    #[salvo(schema(example = "invalid_credentials"))]
    error: &'static str,
    /// For a person.
    #[salvo(schema(example = "name or password are wrong"))]
    message: String,
}

#[async_trait]
impl Writer for Problem {
    async fn write(self, _: &mut Request, depot: &mut Depot, res: &mut Response) {
        let Self(refusal) = self;
        refusal.write_head(depot, res);
        let status = refusal.status();
        res.render(Json(ProblemBody {
            kind: format!("urn:signet:problem:{}", refusal.code()),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: refusal.message(),
            errors: refusal.fields(),
            current: match refusal {
                Refusal::Stale { current, .. } => Some(current),
                _ => None,
            },
        }));
        res.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    }
}

#[async_trait]
impl Writer for CookieApiError {
    async fn write(self, _: &mut Request, depot: &mut Depot, res: &mut Response) {
        let Self(refusal) = self;
        refusal.write_head(depot, res);
        res.render(Json(CookieApiErrorBody { status: "ERROR", error: refusal.code(), message: refusal.message() }));
    }
}

/// The statuses that every documented operation may answer with.
const DOCUMENTED: [(&str, &str); 10] = [
    ("400", "malformed body or wrong code"),
    ("401", "wrong credentials, or a bad, expired or spent token"),
    ("403", "not allowed"),
    ("404", "nothing is there"),
    ("409", "taken, or not now"),
    ("413", "more than 64 KiB"),
    ("415", "not the media type that is wanted"),
    ("422", "a field breaks a rule"),
    ("429", "throttled; see Retry-After"),
    ("503", "overloaded; see Retry-After"),
];

/// Those of changes that say what they change.
const DOCUMENTED_PRECONDITIONS: [(&str, &str); 2] =
    [("412", "somebody changed it first; `current` shows how"), ("428", "If-Match is missing")];

/// Describes the statuses that a precondition adds.
pub fn document_preconditions(components: &mut Components, operation: &mut Operation) {
    document::<ProblemBody>(components, operation, "application/problem+json", &DOCUMENTED_PRECONDITIONS);
}

fn document<T: ToSchema>(
    components: &mut Components,
    operation: &mut Operation,
    media_type: &str,
    statuses: &[(&'static str, &'static str)],
) {
    for (status, description) in statuses.iter().copied() {
        let content = oapi::Content::new(T::to_schema(components));
        operation.responses.insert(status, oapi::Response::new(description).add_content(media_type, content));
    }
}

impl EndpointOutRegister for Problem {
    fn register(components: &mut Components, operation: &mut Operation) {
        document::<ProblemBody>(components, operation, "application/problem+json", &DOCUMENTED);
    }
}

impl EndpointOutRegister for CookieApiError {
    fn register(components: &mut Components, operation: &mut Operation) {
        document::<CookieApiErrorBody>(components, operation, "application/json", &DOCUMENTED);
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}
