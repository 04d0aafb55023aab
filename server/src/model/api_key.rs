//! Keys to the admin API, for programs.

use std::fmt;

use jiff::Timestamp;
use signet_keys::Entropy;
use signet_shared::admin::Permission;

use super::secret::{PlainCode, SecretHash};

/// What every key begins with, so that one that got into a text or repository can be recognised.
const PREFIX: &str = "signet_key_";

/// A key: 256 random bits behind a prefix. Shown once.
#[derive(Clone)]
pub struct PlainApiKey(PlainCode);

impl PlainApiKey {
    /// A fresh key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(PlainCode::generate(entropy))
    }

    /// Reads what a caller shows; `None` when it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        PlainCode::parse(text.strip_prefix(PREFIX)?).map(Self)
    }

    /// The key itself, for its owner alone.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", self.0.expose())
    }

    /// What is stored.
    pub fn hash(&self) -> SecretHash {
        self.0.hash()
    }
}

impl fmt::Debug for PlainApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainApiKey(redacted)")
    }
}

/// A key on record.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// A UUID; not the key.
    pub id: String,
    /// What it is for, in its owner's words.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it serves.
    pub expires_at: Option<Timestamp>,
    /// Moves with every change.
    pub revision: i64,
}

impl ApiKey {
    /// Whether it serves now.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|until| until > now)
    }
}
