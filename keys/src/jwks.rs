//! The key set that resource servers fetch.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::key_id::KeyId;
use crate::public_key::PublicKey;

/// A JWK set (RFC 7517 §5) of public keys, each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwks {
    keys: Vec<PublicKey>,
}

impl Jwks {
    /// Gathers the keys in the order of their ids, so that every node renders the same bytes and with them the same
    /// `ETag`.
    pub fn new(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        let by_kid: BTreeMap<KeyId, PublicKey> = keys.into_iter().map(|key| (key.kid().clone(), key)).collect();
        Self { keys: by_kid.into_values().collect() }
    }

    /// The set as it is served.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("public keys consist of strings, which have a JSON form")
    }
}
