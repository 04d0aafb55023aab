//! The key above all keys: it seals what the database holds and never enters it.

mod file;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use base64::engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};
use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::sealing::SealingKey;

/// The operator's secret, from a file or the environment. Wiped when dropped and never printed.
pub struct MasterKey(SealingKey);

/// Why there is no master key. Each text tells the operator what to do.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// There is no such file.
    #[error("there is no master key at {}", .0.display())]
    Missing(PathBuf),
    /// Something is there already, and a master key is never overwritten.
    #[error("{} exists already; a master key is never overwritten", .0.display())]
    Exists(PathBuf),
    /// A directory, device or pipe.
    #[error("the master key {} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Others than the owner may touch the file.
    #[error("the master key may be accessed by others (mode {mode:04o}); run: chmod 600 {}", shell_quoted(.path))]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The text is no key.
    #[error("the master key is not 32 bytes written as base64 or as 64 hexadecimal digits")]
    Malformed,
    /// The file system failed.
    #[error("cannot access the master key {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl MasterKey {
    /// Reads 32 bytes from 64 hexadecimal digits or from base64 of either alphabet, padded or not.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let text = text.trim();
        // 64 digits are never 32 bytes of base64, so the two notations cannot be mistaken for one another.
        from_hex(text)
            .or_else(|| from_base64(text))
            .map(|bytes| Self(SealingKey::new(*bytes)))
            .ok_or(MasterKeyError::Malformed)
    }

    /// Reads the key from a regular file that only its owner may access (mode 0600 or 0400).
    pub fn read(path: &Path) -> Result<Self, MasterKeyError> {
        Self::parse(&file::read(path)?)
    }

    /// Makes a new key and its file. Never overwrites; the file is complete or absent, and the owner's alone from its
    /// first byte.
    pub fn create(path: &Path, entropy: &dyn Entropy) -> Result<Self, MasterKeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut());
        let mut line = Zeroizing::new(BASE64_STANDARD.encode(*bytes));
        line.push('\n');
        file::create(path, line.as_bytes(), entropy)?;
        Ok(Self(SealingKey::new(*bytes)))
    }

    /// A short name for this key that does not betray it. Stored beside what it sealed, it tells a wrong key from a
    /// damaged secret.
    pub fn fingerprint(&self) -> String {
        let digest =
            Sha256::new().chain_update("signet master key fingerprint").chain_update(self.0.bytes()).finalize();
        digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A key for another purpose than to seal signing keys; whoever has it learns nothing of this one.
    pub fn derive(&self, purpose: &str) -> SealingKey {
        let digest = Sha256::new()
            .chain_update("signet derived key ")
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(self.0.bytes());
        SealingKey::new(digest.finalize().into())
    }

    /// The key as it is used.
    pub fn sealing(&self) -> &SealingKey {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

fn from_hex(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let mut bytes = Zeroizing::new([0; 32]);
    if pairs.len() != bytes.len() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

fn from_base64(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let alphabet = if text.contains(['-', '_']) { URL_SAFE_PAD_INDIFFERENT } else { STANDARD_PAD_INDIFFERENT };
    let bytes = Zeroizing::new(alphabet.decode(text).ok()?);
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

/// The path as one word of a shell command, whatever characters it has.
fn shell_quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}
