//! The half of a key that signs. It leaves memory only sealed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::algorithm::Algorithm;
use crate::encoding::{base64url, from_base64url};
use crate::entropy::Entropy;
use crate::error::KeyError;
use crate::jose::{self, Pkcs8};
use crate::key_id::KeyId;
use crate::master_key::MasterKey;
use crate::public_key::PublicKey;
use crate::signer::Signer;

/// A private signing key. Its material is wiped when it is dropped and never printed.
pub struct PrivateKey {
    public: PublicKey,
    pkcs8: Pkcs8,
}

impl PrivateKey {
    /// Makes a new key: P-256, RSA with 2048 bits, or Ed25519. OpenSSL's own generator provides the randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        Self::from_pkcs8(algorithm, jose::generate(algorithm)?)
    }

    fn from_pkcs8(algorithm: Algorithm, pkcs8: Pkcs8) -> Result<Self, KeyError> {
        let material = jose::public_material(algorithm, &pkcs8)?;
        let public = PublicKey::new(algorithm, material)?;
        Ok(Self { public, pkcs8 })
    }

    /// The thumbprint by which tokens name this key.
    pub fn kid(&self) -> &KeyId {
        self.public.kid()
    }

    /// The only algorithm this key may be used with (RFC 8725 §3.1).
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Parses the key once; the result signs any number of tokens.
    pub fn signer(&self) -> Result<Signer, KeyError> {
        let jws = jose::signer(self.algorithm(), &self.pkcs8)?;
        Ok(Signer::new(self.kid().clone(), self.algorithm(), jws))
    }

    /// Encrypts the key for storage.
    pub fn seal(&self, master: &MasterKey, entropy: &dyn Entropy) -> SealedKey {
        let purpose = purpose(self.kid(), self.algorithm());
        SealedKey(master.sealing().seal(&self.pkcs8, &purpose, entropy))
    }

    /// Opens a stored key. The row it was found in must name the very key and algorithm it was sealed under.
    pub fn open(sealed: &SealedKey, kid: &KeyId, algorithm: Algorithm, master: &MasterKey) -> Result<Self, KeyError> {
        let pkcs8 = master.sealing().open(&sealed.0, &purpose(kid, algorithm))?;
        let key = Self::from_pkcs8(algorithm, pkcs8)?;
        if key.kid() == kid { Ok(key) } else { Err(KeyError::Mismatch) }
    }
}

/// Binds a sealed key to its row: one copied onto another row does not open. Neither part can contain the separator.
fn purpose(kid: &KeyId, algorithm: Algorithm) -> Vec<u8> {
    format!("signing key.{algorithm}.{kid}").into_bytes()
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("kid", self.kid())
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

/// A private key as it rests in the database: nonce and ciphertext, in JSON as base64url.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SealedKey(Vec<u8>);

impl fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedKey(..)")
    }
}

impl TryFrom<String> for SealedKey {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        from_base64url(&text).map(Self).map_err(|cause| KeyError::Malformed(cause.into()))
    }
}

impl From<SealedKey> for String {
    fn from(sealed: SealedKey) -> Self {
        base64url(sealed.0)
    }
}
