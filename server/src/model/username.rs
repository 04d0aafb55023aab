//! Usernames: the name a person shows, which may also serve to log in.

use precis_profiles::{Nickname, precis_core::profile::PrecisFastInvocation};
use unicode_normalization::UnicodeNormalization;

/// In characters, after normalisation.
const MAX_LENGTH: usize = 64;

/// A display name (RFC 8266): spaces are allowed and folded, invisible and control characters are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    written: String,
    key: String,
}

/// Why a text is no username.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUsername {
    /// More than 64 characters.
    #[error("a username has at most 64 characters")]
    TooLong,
    /// With an `@` it could pose as somebody's email address.
    #[error("a username holds no @")]
    AtSign,
    /// Empty, or with characters that cannot be shown.
    #[error("a username needs at least one visible character and no control or invisible ones")]
    Unprintable,
}

impl Username {
    /// Reads a username.
    pub fn parse(text: &str) -> Result<Self, InvalidUsername> {
        // Bounds the work before the profile's tables are asked; normalisation shortens no text that much.
        if text.len() > 16 * MAX_LENGTH {
            return Err(InvalidUsername::TooLong);
        }
        let written = Nickname::enforce(text).map_err(|_| InvalidUsername::Unprintable)?.into_owned();
        if written.chars().count() > MAX_LENGTH {
            return Err(InvalidUsername::TooLong);
        }
        if written.contains('@') {
            return Err(InvalidUsername::AtSign);
        }
        let key = written.to_lowercase().nfc().collect();
        Ok(Self { written, key })
    }

    /// The name as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// What is unique: the name folded for case.
    pub fn key(&self) -> &str {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_allowed_and_folded() {
        let name = Username::parse("  John   Smith ").unwrap();
        assert_eq!((name.as_str(), name.key()), ("John Smith", "john smith"));
    }

    #[test]
    fn names_that_look_alike_share_a_key() {
        let key = |text| Username::parse(text).unwrap().key().to_owned();
        assert_eq!(key("ANN"), key("ann"));
        assert_eq!(key("bjo\u{308}rn"), key("Bj\u{f6}rn"));
        assert_eq!(key("\u{ff21}nn"), key("Ann"), "full width");
    }

    #[test]
    fn a_name_can_pose_neither_as_an_address_nor_as_terminal_input() {
        assert_eq!(Username::parse("a@b.c"), Err(InvalidUsername::AtSign));
        assert_eq!(Username::parse("a\u{ff20}b"), Err(InvalidUsername::AtSign));
        for bad in ["", "   ", "a\u{1b}[31m", "a\r\nb", "a\u{0}", "a\u{200b}b", "a\u{202e}b"] {
            assert_eq!(Username::parse(bad), Err(InvalidUsername::Unprintable), "{bad:?}");
        }
        assert_eq!(Username::parse(&"a".repeat(65)), Err(InvalidUsername::TooLong));
        assert_eq!(Username::parse(&"a".repeat(10_000)), Err(InvalidUsername::TooLong));
    }
}
