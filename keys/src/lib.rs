//! Signing keys, from their birth to the last token they verify.
//!
//! This crate owns key material (generated, sealed at rest, published as JWKS), the signing and verifying of compact
//! JWS, and the pure plan by which keys rotate. It must not know HTTP, the database or the clock: time and randomness
//! are passed in.
#![deny(missing_docs)]

mod algorithm;
mod encoding;
mod entropy;
mod error;
mod foreign;
mod jose;
mod jwks;
mod key_id;
mod lifecycle;
mod master_key;
mod material;
mod plan;
mod policy;
mod private_key;
mod public_key;
mod sealing;
mod signer;
mod spki;
mod steps;
mod token;
mod verifier;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use entropy::{Entropy, OsEntropy};
pub use error::{Cause, KeyError};
pub use foreign::{ForeignKeys, InvalidJwks};
pub use jwks::Jwks;
pub use key_id::{InvalidKeyId, KeyId};
pub use lifecycle::{KeyRecord, KeyState};
pub use master_key::{MasterKey, MasterKeyError};
pub use plan::{TooYoung, plan, revoke_now, rotate_now};
pub use policy::RotationPolicy;
pub use private_key::{PrivateKey, SealedKey};
pub use public_key::PublicKey;
pub use sealing::{SealError, SealingKey};
pub use signer::Signer;
pub use steps::{Step, apply};
pub use token::{TokenError, UnverifiedToken};
pub use verifier::Verifier;
