//! Passwords as values: what a person typed, and what is kept of it.

use std::fmt;

use signet_keys::Entropy;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// NIST SP 800-63B-4 §3.1.1.2 asks for at least 64; nothing is ever truncated.
pub const MAX_PASSWORD_LENGTH: usize = 256;

/// Why a new password cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Fewer characters than these.
    #[error("a password has at least {0} characters")]
    TooShort(i64),
    /// More than [`MAX_PASSWORD_LENGTH`].
    #[error("a password has at most {MAX_PASSWORD_LENGTH} characters")]
    TooLong,
    /// Systems cut it off at this character.
    #[error("a password holds no NUL character")]
    Unprintable,
    /// Its owner's address or name.
    #[error("a password is not one's own address or name")]
    Personal,
    /// Within reach of throttled guessing.
    #[error("this password is among the first that anybody would guess; choose a longer or less common one")]
    Common,
    /// The one that was to be replaced.
    #[error("choose another password than the temporary one")]
    Temporary,
}

/// A password, in NFC, so that it compares equal from every keyboard; and as it was typed, which other systems hashed.
#[derive(Clone)]
pub struct PlainPassword {
    normal: Zeroizing<String>,
    typed: Zeroizing<String>,
}

impl PlainPassword {
    /// Takes what was typed; the policy is applied elsewhere.
    pub fn new(typed: &str) -> Self {
        Self { normal: Zeroizing::new(typed.nfc().collect()), typed: Zeroizing::new(typed.to_owned()) }
    }

    /// A temporary password: 20 of 32 characters that cannot be mistaken for one another, which is 100 bits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyzABCDEFG23";
        let mut bytes = Zeroizing::new([0_u8; 20]);
        entropy.fill(bytes.as_mut());
        let word = bytes.iter().map(|byte| ALPHABET[usize::from(byte % 32)] as char).collect();
        Self::new(&Zeroizing::<String>::new(word))
    }

    /// The password itself: for hashing, and for the answer that hands out a temporary one.
    pub fn expose(&self) -> &str {
        &self.normal
    }

    /// In how many ways it may have been hashed: one, unless it was not typed in normal form.
    pub fn ways(&self) -> u64 {
        if self.typed == self.normal { 1 } else { 2 }
    }

    /// As it was typed: to be compared with what another system hashed, and for nothing else.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }
}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainPassword(redacted)")
    }
}

/// A password's hash as a PHC string, with its parameters and salt.
#[derive(Clone, PartialEq, Eq)]
pub struct HashedPassword(String);

impl HashedPassword {
    /// Takes a hash as it was made or stored.
    pub fn from_phc(phc: String) -> Self {
        Self(phc)
    }

    /// Of a user who has no password yet: nothing matches it.
    pub fn none() -> Self {
        Self(String::new())
    }

    /// Whether there is a password at all.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The hash as it is stored.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HashedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashedPassword(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_typing_are_one_password() {
        assert_eq!(PlainPassword::new("e\u{301}").expose(), PlainPassword::new("\u{e9}").expose());
    }
}
