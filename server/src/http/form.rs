//! Parameters of OAuth 2.0 requests: a query, or a body of `application/x-www-form-urlencoded`, each parameter at most once
//! (RFC 6749 §3.1, §3.2).

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    time::Duration,
};

use salvo::{Request, http::ParseError};
use serde::{Deserialize, Serialize};

/// The most a body may hold, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// How long the whole of it may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// The most parameters a request has.
const MAX_PARAMETERS: usize = 100;
/// May come more than once (RFC 8707 §2).
const REPEATABLE: &str = "resource";

/// Why there are no parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    /// Of another media type.
    #[error("send the parameters as application/x-www-form-urlencoded")]
    MediaType,
    /// More than a body may hold.
    #[error("a body has at most 64 KiB")]
    TooLarge,
    /// It broke off, or is no form.
    #[error("the body could not be read as a form")]
    Unreadable,
    /// More parameters than anybody needs.
    #[error("these are more parameters than anybody needs")]
    TooMany,
}

/// Parameters. One without a value is as if it was not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    values: BTreeMap<String, String>,
    resources: Vec<String>,
    repeated: BTreeSet<String>,
}

impl Params {
    /// Those of a query.
    pub fn of_query(req: &Request) -> Result<Self, BadForm> {
        Self::parse(req.uri().query().unwrap_or_default().as_bytes())
    }

    /// Those of a body.
    pub async fn of_body(req: &mut Request) -> Result<Self, BadForm> {
        let is_form = req
            .content_type()
            .is_some_and(|mime| mime.type_() == "application" && mime.subtype() == "x-www-form-urlencoded");
        if !is_form {
            return Err(BadForm::MediaType);
        }
        let reading = tokio::time::timeout(BODY_TIMEOUT, req.payload_with_max_size(MAX_BODY));
        let bytes = reading.await.map_err(|_| BadForm::Unreadable)?.map_err(|error| match error {
            ParseError::PayloadTooLarge => BadForm::TooLarge,
            _ => BadForm::Unreadable,
        })?;
        Self::parse(bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Self, BadForm> {
        let mut params = Self::default();
        for (count, (name, value)) in url::form_urlencoded::parse(bytes).enumerate() {
            if count >= MAX_PARAMETERS {
                return Err(BadForm::TooMany);
            }
            params.add(name.into_owned(), value.into_owned());
        }
        Ok(params)
    }

    fn add(&mut self, name: String, value: String) {
        if value.is_empty() {
            return;
        }
        if name == REPEATABLE {
            return self.resources.push(value);
        }
        match self.values.entry(name) {
            Entry::Vacant(entry) => _ = entry.insert(value),
            Entry::Occupied(entry) => _ = self.repeated.insert(entry.key().clone()),
        }
    }

    /// The value of one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The resources that tokens are for (RFC 8707).
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// One that came more than once, if any did.
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.first().map(String::as_str)
    }

    /// Whether this one came more than once.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.repeated.contains(name)
    }

    /// Adds a resource that tokens are for.
    pub fn add_resource(&mut self, resource: String) {
        self.resources.push(resource);
    }

    /// Sets one, in place of what was there.
    pub fn set(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    /// Takes one away.
    pub fn remove(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// With other ones in place of those that are here (RFC 9101 §6.3).
    pub fn overlaid(mut self, over: Self) -> Self {
        self.values.extend(over.values);
        if !over.resources.is_empty() {
            self.resources = over.resources;
        }
        self.repeated.extend(over.repeated);
        self
    }

    /// As a query.
    pub fn to_query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.values).extend_pairs(self.resources.iter().map(|value| (REPEATABLE, value)));
        query.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_without_a_value_is_not_there_and_one_that_comes_twice_is_known() {
        let params = Params::parse(b"a=1&b=&c=x%20y+z&a=2&resource=one&resource=two").unwrap();
        assert_eq!((params.get("a"), params.get("b"), params.get("c")), (Some("1"), None, Some("x y z")));
        assert_eq!(params.repeated(), Some("a"));
        assert_eq!(params.resources(), ["one", "two"]);
        assert!(!Params::parse(b"a=&a=1").unwrap().is_repeated("a"));
        assert_eq!(Params::parse("a=1&".repeat(101).as_bytes()), Err(BadForm::TooMany));
    }
}
