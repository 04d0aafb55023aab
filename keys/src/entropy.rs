//! Randomness, passed in so that a test can decide it.

/// A source of unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Overwrites every byte of `bytes` with randomness.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator: the only source outside tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// # Panics
    ///
    /// Only when the operating system has no randomness to give. There is no safe way to go on without it.
    #[expect(clippy::disallowed_methods, reason = "this is the Entropy that everyone else is passed")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system provides randomness");
    }
}
