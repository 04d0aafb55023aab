//! Authenticated encryption at rest: XChaCha20-Poly1305.
//!
//! Its nonces are 192 bits, so that random ones never meet, however many nodes seal under one key.

use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::entropy::Entropy;

const NONCE_LENGTH: usize = 24;

/// A key that seals secrets before they are stored. Wiped when dropped and never printed.
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// Takes 32 bytes that must be uniformly random.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Encrypts `plaintext` under a fresh nonce, which precedes the result.
    ///
    /// `aad` says what and where the secret is; only the same `aad` opens it again.
    pub fn seal(&self, plaintext: &[u8], aad: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let mut nonce = [0; NONCE_LENGTH];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: plaintext, aad };
        let ciphertext = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .expect("only a plaintext of 256 GiB is too long for the cipher");
        [nonce.as_slice(), &ciphertext].concat()
    }

    /// Decrypts what [`seal`](Self::seal) made, or tells nothing but that it cannot.
    pub fn open(&self, sealed: &[u8], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, msg) = sealed.split_first_chunk::<NONCE_LENGTH>().ok_or(SealError)?;
        self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg, aad }).map(Zeroizing::new).map_err(|_| SealError)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

/// A sealed secret did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed data does not open: it is damaged, misplaced or sealed under another key")]
pub struct SealError;
