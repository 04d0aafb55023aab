//! The seam to josekit. Nothing else in the house names it.
//!
//! Keys cross it as DER only, because josekit's own JWK prints its private members.

use std::sync::Arc;

use josekit::JoseError;
use josekit::jwk::KeyPair;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jws::alg::ecdsa::EcdsaJwsAlgorithm::Es256;
use josekit::jws::alg::eddsa::EddsaJwsAlgorithm::Eddsa;
use josekit::jws::alg::rsassa::RsassaJwsAlgorithm::Rs256;
use josekit::jws::alg::rsassa_pss::RsassaPssJwsAlgorithm::Ps256;
pub(crate) use josekit::jws::{JwsSigner, JwsVerifier};
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::error::KeyError;
use crate::material::Material;

/// NIST SP 800-57 part 1: 112 bits of strength, and what every client can verify.
const RSA_BITS: u32 = 2048;

/// A private key as PKCS#8 DER, wiped when dropped.
pub(crate) type Pkcs8 = Zeroizing<Vec<u8>>;

/// A new private key. RSA keys are plain rsaEncryption ones whatever the padding they will be used with.
pub(crate) fn generate(algorithm: Algorithm) -> Result<Pkcs8, KeyError> {
    let der = match algorithm {
        Algorithm::Es256 => Es256.generate_key_pair().map(|key| key.to_der_private_key()),
        Algorithm::Rs256 | Algorithm::Ps256 => Rs256.generate_key_pair(RSA_BITS).map(|key| key.to_der_private_key()),
        Algorithm::EdDsa => Eddsa.generate_key_pair(EdCurve::Ed25519).map(|key| key.to_der_private_key()),
    };
    der.map(Zeroizing::new).map_err(|cause| KeyError::Generate(cause.into()))
}

/// The public half of a private key.
pub(crate) fn public_material(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Material, KeyError> {
    let jwk = match algorithm {
        Algorithm::Es256 => Es256.key_pair_from_der(pkcs8).map(|key| key.to_jwk_public_key()),
        Algorithm::Rs256 | Algorithm::Ps256 => Rs256.key_pair_from_der(pkcs8).map(|key| key.to_jwk_public_key()),
        Algorithm::EdDsa => Eddsa.key_pair_from_der(pkcs8).map(|key| key.to_jwk_public_key()),
    };
    let members = josekit::Value::Object(jwk.map_err(malformed)?.into());
    serde_json::from_value(members).map_err(|cause| KeyError::Malformed(cause.into()))
}

pub(crate) fn signer(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Arc<dyn JwsSigner>, KeyError> {
    match algorithm {
        Algorithm::Es256 => shared_signer(Es256.signer_from_der(pkcs8)),
        Algorithm::Rs256 => shared_signer(Rs256.signer_from_der(pkcs8)),
        Algorithm::Ps256 => shared_signer(Ps256.signer_from_der(pkcs8)),
        Algorithm::EdDsa => shared_signer(Eddsa.signer_from_der(pkcs8)),
    }
}

pub(crate) fn verifier(algorithm: Algorithm, spki: &[u8]) -> Result<Arc<dyn JwsVerifier>, KeyError> {
    match algorithm {
        Algorithm::Es256 => shared_verifier(Es256.verifier_from_der(spki)),
        Algorithm::Rs256 => shared_verifier(Rs256.verifier_from_der(spki)),
        Algorithm::Ps256 => shared_verifier(Ps256.verifier_from_der(spki)),
        Algorithm::EdDsa => shared_verifier(Eddsa.verifier_from_der(spki)),
    }
}

fn shared_signer(signer: Result<impl JwsSigner + 'static, JoseError>) -> Result<Arc<dyn JwsSigner>, KeyError> {
    Ok(Arc::new(signer.map_err(malformed)?))
}

fn shared_verifier(verifier: Result<impl JwsVerifier + 'static, JoseError>) -> Result<Arc<dyn JwsVerifier>, KeyError> {
    Ok(Arc::new(verifier.map_err(malformed)?))
}

fn malformed(cause: JoseError) -> KeyError {
    KeyError::Malformed(cause.into())
}
