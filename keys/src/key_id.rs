//! The name of a key: its RFC 7638 thumbprint.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::encoding;

/// A `kid`: the SHA-256 thumbprint of the public key in base64url (RFC 7638).
///
/// Being derived from the key it can neither collide nor be chosen, and its alphabet is harmless in paths, logs and
/// queries.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

impl KeyId {
    /// Digits of a SHA-256 in base64url without padding.
    const LENGTH: usize = 43;

    /// The thumbprint of a JWK already written in the canonical form of RFC 7638 §3.
    pub(crate) fn thumbprint(canonical_jwk: &str) -> Self {
        Self(encoding::base64url(Sha256::digest(canonical_jwk)))
    }

    /// The id as it stands in a token header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.0)
    }
}

/// Text that cannot be a [`KeyId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key id is 43 characters of base64url")]
pub struct InvalidKeyId;

impl TryFrom<String> for KeyId {
    type Error = InvalidKeyId;

    fn try_from(text: String) -> Result<Self, InvalidKeyId> {
        let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.len() == Self::LENGTH && text.bytes().all(base64url) { Ok(Self(text)) } else { Err(InvalidKeyId) }
    }
}

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    fn from_str(text: &str) -> Result<Self, InvalidKeyId> {
        text.to_owned().try_into()
    }
}

impl From<KeyId> for String {
    fn from(kid: KeyId) -> Self {
        kid.0
    }
}
