//! A request to the admin API, as data.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::Value;

/// Where the admin API begins.
pub const ADMIN: &str = "/admin/v1/";

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// GET, POST, PATCH or DELETE.
    pub method: Method,
    /// Below `/admin/v1/`; what is variable in it is encoded.
    pub path: String,
    /// Parameters, in order.
    pub query: Vec<(&'static str, String)>,
    /// The entity tag of what shall be changed.
    pub if_match: Option<String>,
    /// Makes a repetition of a creation harmless.
    pub idempotency_key: Option<String>,
    /// What is sent along.
    pub body: Body,
}

/// What is sent along with a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON.
    Json(Value),
    /// Lines of JSON from a file; `-` is standard input.
    Lines(PathBuf),
}

impl Call {
    /// Looking.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, Body::None)
    }

    /// Doing.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, path, Body::Json(body))
    }

    /// Changing what has this entity tag.
    pub fn patch(path: impl Into<String>, if_match: &str, body: Value) -> Self {
        Self { if_match: Some(if_match.to_owned()), ..Self::new(Method::PATCH, path, Body::Json(body)) }
    }

    /// Removing what has this entity tag.
    pub fn delete(path: impl Into<String>, if_match: &str) -> Self {
        Self { if_match: Some(if_match.to_owned()), ..Self::new(Method::DELETE, path, Body::None) }
    }

    /// Any other.
    pub fn new(method: Method, path: impl Into<String>, body: Body) -> Self {
        Self { method, path: path.into(), query: Vec::new(), if_match: None, idempotency_key: None, body }
    }

    /// With a parameter, where there is one.
    pub fn with(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// The same for the page that begins at a cursor.
    pub fn from_cursor(mut self, cursor: &str) -> Self {
        self.query.retain(|(name, _)| *name != "cursor");
        self.with("cursor", Some(cursor))
    }

    /// As a dry run, where it shall be one.
    pub fn dry(self, dry_run: bool) -> Self {
        self.with("dry_run", dry_run.then_some(true))
    }

    /// A change of what has this entity tag, by another method than PATCH or DELETE.
    pub fn matching(self, if_match: &str) -> Self {
        Self { if_match: Some(if_match.to_owned()), ..self }
    }
}

/// A segment of a path, encoded: whatever an operator types is one segment.
pub fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' if text != "." && text != ".." => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_typed_is_one_segment_of_a_path() {
        assert_eq!(segment("a-b_c.1"), "a-b_c.1");
        assert_eq!(segment("../users?x=1#y z"), "..%2Fusers%3Fx%3D1%23y%20z");
        assert_eq!(segment(".."), "%2E%2E");
    }
}
