//! Creations that may be asked for twice: the same key and the same body are the same request.

use jiff::Timestamp;

/// How long a key is remembered, in seconds.
pub const REMEMBERED_FOR: i64 = 86_400;

/// What a creation came with.
#[derive(Clone, Debug)]
pub struct Idempotency {
    /// Whose key it is, and the key; `None` where there was none.
    pub key: Option<(String, String)>,
    /// What tells this body from another.
    pub fingerprint: String,
    /// Until when the key is remembered.
    pub expires_at: Timestamp,
}

impl Idempotency {
    /// Of a request that came with no key.
    pub fn none(now: Timestamp) -> Self {
        Self { key: None, fingerprint: String::new(), expires_at: now }
    }

    /// The key of its row.
    pub fn row(&self) -> Option<Vec<String>> {
        self.key.as_ref().map(|(actor, key)| vec![actor.clone(), key.clone()])
    }
}
