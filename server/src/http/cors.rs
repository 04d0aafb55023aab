//! Which browser apps may call us: those whose origins the operator named.

use http::{HeaderName, HeaderValue, Method, header};
use salvo::cors::{AllowOrigin, Cors, CorsHandler};

/// What is shown to people, and what sends them on: no script of another origin has any business there (RFC 9700 §2.6).
const FOR_PEOPLE: [&str; 4] = ["/oauth2/authorize", "/oauth2/interaction/", "/account", "/device"];

/// Whether scripts of the origins that the operator named may call a path. The published keys are for everyone, and say so
/// themselves.
pub fn is_for_scripts(path: &str) -> bool {
    !path.starts_with("/.well-known/") && !FOR_PEOPLE.iter().any(|begin| path.starts_with(begin))
}

/// The hoop, where any origin is named. It belongs on the service, so that preflights reach it.
pub fn hoop(origins: &[String]) -> Option<CorsHandler> {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    if origins.is_empty() {
        return None;
    }
    let cors = Cors::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([header::RETRY_AFTER, header::ETAG, header::LOCATION, HeaderName::from_static("x-request-id")])
        .allow_credentials(true)
        .max_age(600);
    Some(cors.into_handler())
}
