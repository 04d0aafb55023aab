//! The key set (RFC 7517 §5) that resource servers fetch. Bytes and entity tag are
//! rendered when the ring changes; a request copies two pointers.

use http::{HeaderValue, StatusCode, header};
use salvo::{Request, Response, Writer, oapi::endpoint};

use crate::app::Shared;

/// The published keys
///
/// A JWK set. Cache it as the headers allow: no key signs before every cache can hold it.
#[endpoint(
    tags("Keys"),
    responses(
        (status_code = 200, description = "the JWK set (RFC 7517)"),
        (status_code = 304, description = "the set is the one whose ETag was sent")
    )
)]
pub async fn jwks(app: Shared, req: &Request, res: &mut Response) {
    let (body, etag) = app.keyring.load().jwks();
    let max_age = app.settings.get().jwks_max_age;
    let headers = res.headers_mut();
    if let Ok(cache_control) = HeaderValue::try_from(format!("public, max-age={max_age}")) {
        headers.insert(header::CACHE_CONTROL, cache_control);
    }
    // Keys are public: a browser app of any origin may verify with them.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let known = req.headers().get_all(header::IF_NONE_MATCH).iter().any(|tags| matches(tags, &etag));
    headers.insert(header::ETAG, etag);
    if known {
        res.status_code(StatusCode::NOT_MODIFIED);
        return;
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    res.body(body);
}

/// RFC 9110 §13.1.2: a list of tags, compared weakly, or `*`.
fn matches(tags: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(tags), Ok(etag)) = (tags.to_str(), etag.to_str()) else { return false };
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
