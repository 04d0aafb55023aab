//! Which browser apps may call us: those whose origins the operator named.

use http::{HeaderName, HeaderValue, Method, header};
use salvo::cors::{AllowOrigin, Cors, CorsHandler};

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
