//! One-time secrets handed to people and clients. The plain form exists only on
//! its way in or out; what is stored is a hash, which is also the row's id.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use signet_keys::Entropy;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The SHA-256 of a secret with 122 random bits or more, in hexadecimal. Such a secret needs no slow hash: it cannot be guessed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretHash(String);

impl SecretHash {
    fn of(secret: &str) -> Self {
        let digest = Sha256::digest(secret.as_bytes());
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Takes a hash as it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The hash as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A refresh token: a random UUID (version 4).
#[derive(Clone)]
pub struct PlainRefreshToken(Zeroizing<String>);

impl PlainRefreshToken {
    /// A fresh token.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self(Zeroizing::new(uuid::Builder::from_random_bytes(bytes).into_uuid().hyphenated().to_string()))
    }

    /// Reads a token that a client shows; `None` when it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == 36)?;
        Some(Self(Zeroizing::new(uuid.hyphenated().to_string())))
    }

    /// The token itself, for the client alone.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl fmt::Debug for PlainRefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainRefreshToken(redacted)")
    }
}

/// A code that reaches its owner by mail: 256 random bits as 43 characters of `A-Za-z0-9_-`.
#[derive(Clone)]
pub struct PlainCode(Zeroizing<String>);

impl PlainCode {
    const BYTES: usize = 32;
    const CHARACTERS: usize = 43;

    /// A fresh code.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        entropy.fill(bytes.as_mut());
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_ref())))
    }

    /// Reads a code that somebody types or follows; `None` when it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let plausible = text.len() == Self::CHARACTERS
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        plausible.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The code itself, for its owner's mail alone.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl fmt::Debug for PlainCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainCode(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn a_refresh_token_is_a_version_4_uuid_and_reads_back() {
        let token = PlainRefreshToken::generate(&Sevens);
        assert_eq!(Uuid::try_parse(token.expose()).unwrap().get_version_num(), 4);
        let upper = token.expose().to_uppercase();
        assert_eq!(PlainRefreshToken::parse(&upper).unwrap().hash(), token.hash());
        assert!(PlainRefreshToken::parse(&token.expose().replace('-', "")).is_none());
        assert!(PlainRefreshToken::parse("refresh_token:⟨1⟩").is_none());
    }

    #[test]
    fn a_code_has_43_url_safe_characters() {
        let code = PlainCode::generate(&Sevens);
        assert_eq!(code.expose().len(), 43);
        assert_eq!(PlainCode::parse(&format!(" {}\n", code.expose())).unwrap().hash(), code.hash());
        assert!(PlainCode::parse("short").is_none());
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let (token, code) = (PlainRefreshToken::generate(&Sevens), PlainCode::generate(&Sevens));
        let shown = format!("{token:?}{code:?}");
        assert!(!shown.contains(token.expose()) && !shown.contains(code.expose()));
    }
}
