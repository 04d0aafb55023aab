//! What several files need: predictable randomness, instants, and one key of each algorithm.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};

use jiff::Timestamp;
use signet_keys::{Algorithm, Entropy, KeyId, MasterKey, PrivateKey, UnverifiedToken};

/// Counts. Enough to be different every time, and the same in every run.
#[derive(Default)]
pub(crate) struct Counter(AtomicU8);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The `number`th key id.
pub(crate) fn kid(number: usize) -> KeyId {
    format!("{number:043}").parse().unwrap()
}

pub(crate) fn master_key() -> MasterKey {
    MasterKey::parse(&"4b".repeat(32)).unwrap()
}

/// One key per algorithm for all tests, since RSA keys take their time.
pub(crate) fn key(algorithm: Algorithm) -> &'static PrivateKey {
    static KEYS: LazyLock<BTreeMap<Algorithm, PrivateKey>> = LazyLock::new(|| {
        let generate = |algorithm| (algorithm, PrivateKey::generate(algorithm).unwrap());
        Algorithm::ALL.into_iter().map(generate).collect()
    });
    &KEYS[&algorithm]
}

/// Any claims at all.
pub(crate) type AnyClaims = serde_json::Map<String, serde_json::Value>;

pub(crate) fn verify(token: &str, key: &PrivateKey) -> Result<AnyClaims, signet_keys::TokenError> {
    UnverifiedToken::parse(token)?.verify(&key.public().verifier().unwrap())
}
