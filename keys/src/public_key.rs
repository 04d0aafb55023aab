//! The half of a key that the world may have.

use serde::{Deserialize, Serialize};

use crate::algorithm::Algorithm;
use crate::error::KeyError;
use crate::key_id::KeyId;
use crate::material::Material;
use crate::verifier::Verifier;
use crate::{jose, spki};

/// A public signing key. In JSON it is a JWK (RFC 7517) with `kty`, `use`, `alg`, `kid` and its public members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Jwk", into = "Jwk")]
pub struct PublicKey {
    kid: KeyId,
    algorithm: Algorithm,
    material: Material,
}

impl PublicKey {
    pub(crate) fn new(algorithm: Algorithm, material: Material) -> Result<Self, KeyError> {
        if !material.suits(algorithm) {
            return Err(KeyError::Mismatch);
        }
        let kid = material.thumbprint();
        Ok(Self { kid, algorithm, material })
    }

    /// The thumbprint by which tokens name this key.
    pub fn kid(&self) -> &KeyId {
        &self.kid
    }

    /// The only algorithm this key may be used with (RFC 8725 §3.1).
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key as SubjectPublicKeyInfo in PEM, for programs that do not read JWKS.
    ///
    /// A PS256 key is written as a plain rsaEncryption one, so that every library reads it.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        // A point off the curve or a short modulus has a PEM form too; nobody should be handed it.
        self.verifier()?;
        Ok(spki::pem(&self.material))
    }

    /// Parses the key once; the result verifies any number of tokens.
    pub fn verifier(&self) -> Result<Verifier, KeyError> {
        let jws = jose::verifier(self.algorithm, &spki::der(&self.material))?;
        Ok(Verifier::new(self.kid.clone(), self.algorithm, jws))
    }
}

/// The wire form of a public key.
#[derive(Serialize, Deserialize)]
struct Jwk {
    #[serde(rename = "use")]
    purpose: Purpose,
    alg: Algorithm,
    kid: KeyId,
    #[serde(flatten)]
    material: Material,
}

/// RFC 7517 §4.2. Encryption keys are none of ours.
#[derive(Serialize, Deserialize)]
pub(crate) enum Purpose {
    #[serde(rename = "sig")]
    Signature,
}

impl From<PublicKey> for Jwk {
    fn from(key: PublicKey) -> Self {
        Self { purpose: Purpose::Signature, alg: key.algorithm, kid: key.kid, material: key.material }
    }
}

impl TryFrom<Jwk> for PublicKey {
    type Error = KeyError;

    fn try_from(jwk: Jwk) -> Result<Self, KeyError> {
        let key = Self::new(jwk.alg, jwk.material)?;
        if key.kid == jwk.kid { Ok(key) } else { Err(KeyError::Mismatch) }
    }
}
