//! Verifying signatures. What a token must look like besides is decided in [`crate::token`].

use std::fmt;
use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::jose::JwsVerifier;
use crate::key_id::KeyId;

/// A public key parsed and ready. Cheap to clone; build it once per key, for parsing costs as much as verifying.
#[derive(Clone)]
pub struct Verifier {
    kid: KeyId,
    algorithm: Algorithm,
    jws: Arc<dyn JwsVerifier>,
}

impl Verifier {
    pub(crate) fn new(kid: KeyId, algorithm: Algorithm, jws: Arc<dyn JwsVerifier>) -> Self {
        Self { kid, algorithm, jws }
    }

    /// The key that verifies.
    pub fn kid(&self) -> &KeyId {
        &self.kid
    }

    /// The only algorithm it accepts, whatever a token's header says (RFC 8725 §3.1).
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Fails closed: a signature that cannot even be parsed is a wrong one.
    pub(crate) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        self.jws.verify(message, signature).is_ok()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("kid", &self.kid).finish_non_exhaustive()
    }
}
