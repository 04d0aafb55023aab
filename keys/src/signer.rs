//! Signing tokens.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::algorithm::Algorithm;
use crate::encoding::{append_base64url, base64url};
use crate::error::KeyError;
use crate::jose::JwsSigner;
use crate::key_id::KeyId;

/// A private key parsed and ready. Cheap to clone; build it once per key, for parsing costs more than signing.
#[derive(Clone)]
pub struct Signer {
    kid: KeyId,
    algorithm: Algorithm,
    jws: Arc<dyn JwsSigner>,
}

/// The protected header (RFC 7515 §4.1). `typ` keeps tokens of different kinds apart (RFC 8725 §3.11).
#[derive(Serialize)]
struct Header<'a> {
    alg: Algorithm,
    typ: &'a str,
    kid: &'a KeyId,
}

impl Signer {
    pub(crate) fn new(kid: KeyId, algorithm: Algorithm, jws: Arc<dyn JwsSigner>) -> Self {
        Self { kid, algorithm, jws }
    }

    /// The key that signs.
    pub fn kid(&self) -> &KeyId {
        &self.kid
    }

    /// The algorithm it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Signs `claims` as a compact JWS (RFC 7515 §7.1) of type `typ`.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        let header = Header { alg: self.algorithm, typ, kid: &self.kid };
        let mut token = base64url(json(&header)?);
        token.push('.');
        append_base64url(json(claims)?, &mut token);
        let signature = self.jws.sign(token.as_bytes()).map_err(|cause| KeyError::Sign(cause.into()))?;
        token.push('.');
        append_base64url(signature, &mut token);
        Ok(token)
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, KeyError> {
    serde_json::to_vec(value).map_err(KeyError::Claims)
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("kid", &self.kid).finish_non_exhaustive()
    }
}
