//! Members of an object that has more than there are options for, as NAME=JSON.

use std::fmt;

use serde_json::{Map, Value};

/// A member, and what it is set to; `null` takes it away.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    name: String,
    value: Value,
}

impl Member {
    /// A member, and what it is set to.
    pub fn new(name: &str, value: Value) -> Self {
        Self { name: name.to_owned(), value }
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("write NAME=JSON, such as require_auth_time=true")?;
        let value = serde_json::from_str(value).map_err(|error| format!("what follows = is no JSON: {error}"))?;
        Ok(Self { name: name.to_owned(), value })
    }
}

impl fmt::Display for Member {
    /// As it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// The object that has these members.
pub(super) fn object(members: &[Member]) -> Map<String, Value> {
    members.iter().map(|member| (member.name.clone(), member.value.clone())).collect()
}
