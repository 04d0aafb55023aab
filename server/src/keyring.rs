//! The key ring as requests use it: a snapshot in which every key is parsed and
//! every document rendered, replaced whole when the ring changes.

use std::collections::HashMap;

use bytes::Bytes;
use http::HeaderValue;
use moka::sync::Cache;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use signet_keys::{
    Algorithm, Jwks, KeyError, KeyRecord, MasterKey, PrivateKey, PublicKey, Signer, UnverifiedToken, Verifier,
};

use crate::{
    model::claims::{ACCESS_TOKEN_TYPE, AccessClaims},
    store::{AlgorithmPlan, KeyRing, StoredKey},
};

/// All published keys at one revision.
pub struct Keyring {
    revision: i64,
    signers: HashMap<Algorithm, Signer>,
    verifiers: HashMap<String, Verifier>,
    records: Vec<KeyRecord>,
    plans: Vec<AlgorithmPlan>,
    published: Vec<(PublicKey, String)>,
    jwks: Bytes,
    jwks_etag: HeaderValue,
    verified: Cache<[u8; 32], AccessClaims>,
    gone: HashMap<String, PublicKey>,
}

/// Tokens remembered as verified. Each takes about half a kilobyte.
const MAX_VERIFIED: u64 = 20_000;

/// The ring cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("signing key {kid}: {error}")]
pub struct KeyringError {
    kid: String,
    error: KeyError,
}

impl Keyring {
    /// Parses and renders everything once.
    pub fn build(ring: &KeyRing, master: &MasterKey) -> Result<Self, KeyringError> {
        let mut keyring = Self {
            revision: ring.revision,
            signers: HashMap::new(),
            verifiers: HashMap::new(),
            records: ring.keys.iter().map(|key| key.record.clone()).collect(),
            plans: ring.plans.clone(),
            published: Vec::new(),
            jwks: Bytes::new(),
            jwks_etag: HeaderValue::from_static("\"\""),
            verified: Cache::new(MAX_VERIFIED),
            gone: HashMap::new(),
        };
        for key in ring.keys.iter().filter(|key| !key.record.is_published()) {
            keyring.gone.insert(key.record.kid.to_string(), key.public.clone());
        }
        for key in ring.keys.iter().filter(|key| key.record.is_published()) {
            keyring.add(key, master).map_err(|error| KeyringError { kid: key.record.kid.to_string(), error })?;
        }
        let jwks = Jwks::new(keyring.published.iter().map(|(public, _)| public.clone())).to_json();
        let digest = Sha256::digest(&jwks);
        let etag: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        keyring.jwks_etag = HeaderValue::try_from(format!("\"{etag}\"")).unwrap_or(keyring.jwks_etag);
        keyring.jwks = jwks.into();
        Ok(keyring)
    }

    fn add(&mut self, key: &StoredKey, master: &MasterKey) -> Result<(), KeyError> {
        let record = &key.record;
        // The next key is opened too, so that one sealed with another master key is noticed now and not when its turn comes.
        if let Some(sealed) = &key.sealed {
            let private = PrivateKey::open(sealed, &record.kid, record.algorithm, master)?;
            if record.can_sign() {
                self.signers.insert(record.algorithm, private.signer()?);
            }
        }
        self.verifiers.insert(record.kid.to_string(), key.public.verifier()?);
        self.published.push((key.public.clone(), key.public.to_pem()?));
        Ok(())
    }

    /// Moves with every change.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Where each key is in its life, those gone included: the plan tells a revoked key from one that never was.
    pub fn records(&self) -> &[KeyRecord] {
        &self.records
    }

    /// What an operator wants beyond the settings.
    pub fn plans(&self) -> &[AlgorithmPlan] {
        &self.plans
    }

    /// The key that signs with this algorithm now. An algorithm just come into use has none until every cache can hold
    /// its key; until then the one before it goes on. RS256 is there beside every other, so it was that only if no other
    /// is left.
    pub fn signer(&self, preferred: Algorithm) -> Option<&Signer> {
        let others = Algorithm::ALL.iter().filter(|algorithm| **algorithm != Algorithm::Rs256);
        let mut wanted = std::iter::once(&preferred).chain(others).chain([&Algorithm::Rs256]);
        wanted.find_map(|algorithm| self.signers.get(algorithm))
    }

    /// The claims of an access token that one of these keys signed. An app shows the same token again and again, and a
    /// signature that was right stays right as long as the ring is the same: it is looked at once. Whether the claims are
    /// for us and in their time is for the caller to see, each time.
    pub fn verify_access_token(&self, token: &str) -> Option<AccessClaims> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(claims) = self.verified.get(&digest) {
            return Some(claims);
        }
        // An ID token or a logout token is signed by the same keys and is no access token.
        let claims: AccessClaims = self.verify(token, ACCESS_TOKEN_TYPE)?;
        self.verified.insert(digest, claims.clone());
        Some(claims)
    }

    /// The key that signs with exactly this algorithm.
    pub fn signer_of(&self, algorithm: Algorithm) -> Option<&Signer> {
        self.signers.get(&algorithm)
    }

    /// The claims of a token of this type (RFC 8725 §3.11) that one of these keys signed.
    pub fn verify<C: DeserializeOwned>(&self, token: &str, typ: &str) -> Option<C> {
        let unverified = UnverifiedToken::parse(token).ok()?;
        if !unverified.typ().is_some_and(|found| found.eq_ignore_ascii_case(typ)) {
            return None;
        }
        unverified.verify(self.verifiers.get(unverified.kid()?)?).ok()
    }

    /// The claims of a token of before, which may be signed with a key that is gone by now: they tell whom somebody means, and
    /// open nothing.
    pub fn recall<C: DeserializeOwned>(&self, token: &str, typ: &str) -> Option<C> {
        let unverified = UnverifiedToken::parse(token).ok()?;
        let gone = self.gone.get(unverified.kid()?);
        match gone.filter(|_| unverified.typ().is_some_and(|found| found.eq_ignore_ascii_case(typ))) {
            Some(key) => unverified.verify(&key.verifier().ok()?).ok(),
            None => self.verify(token, typ),
        }
    }

    /// One published key as PEM.
    pub fn public_cert(&self, kid: &str) -> Option<(&PublicKey, &str)> {
        self.published
            .iter()
            .find(|(public, _)| public.kid().as_str() == kid)
            .map(|(public, pem)| (public, pem.as_str()))
    }

    /// The JWKS document and its entity tag.
    pub fn jwks(&self) -> (Bytes, HeaderValue) {
        (self.jwks.clone(), self.jwks_etag.clone())
    }
}
