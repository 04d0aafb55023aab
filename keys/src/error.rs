//! What can go wrong with a key.

use crate::sealing::SealError;

/// A private cause: for the log, never for a caller.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A key could not be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// OpenSSL refused to make a key.
    #[error("the key could not be generated")]
    Generate(#[source] Cause),
    /// The material is not a key of its algorithm.
    #[error("the key material is malformed")]
    Malformed(#[source] Cause),
    /// The key was made for another algorithm, or is not the one its `kid` names.
    #[error("the key is not the one its kid and algorithm promise")]
    Mismatch,
    /// The sealed key could not be opened.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// OpenSSL refused to sign.
    #[error("the token could not be signed")]
    Sign(#[source] Cause),
    /// The claims have no JSON form.
    #[error("the claims could not be written as JSON")]
    Claims(#[source] serde_json::Error),
}
