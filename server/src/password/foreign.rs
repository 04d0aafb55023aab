//! Password hashes that other systems made, so that their users can come over and keep their passwords.
//!
//! A text is judged once, when it is parsed: what it asks for is bounded, so that a planted hash can eat neither memory
//! nor time, and comparing a password with it cannot fail any more.

mod argon2;
mod bcrypt;
mod pbkdf2;
mod scrypt;
mod text;

use std::fmt;

use argon2::Argon2Hash;
use bcrypt::BcryptHash;
use pbkdf2::Pbkdf2Hash;
use scrypt::ScryptHash;

/// The longest of the formats, Django's scrypt, has about 150 characters with the salts that anybody makes.
const MAX_LENGTH: usize = 512;

/// A hash that another system made.
pub enum ForeignHash {
    /// PBKDF2 with HMAC-SHA-256, of Django or as a PHC string.
    Pbkdf2(Pbkdf2Hash),
    /// scrypt, of Django or as a PHC string such as our own.
    Scrypt(ScryptHash),
    /// bcrypt, bare or in one of Django's wrappers.
    Bcrypt(BcryptHash),
    /// Argon2 as a PHC string, bare or in Django's wrapper.
    Argon2(Argon2Hash),
}

/// Why a text is no hash that can be taken over. It repeats nothing of the text, which is a secret or stands where one
/// should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHash {
    /// Of none of the formats.
    #[error(
        "this is no password hash of a known format; known are bcrypt, argon2, scrypt and pbkdf2-sha256, as PHC \
         strings or as Django writes them"
    )]
    Unknown,
    /// Longer than any hash.
    #[error("a password hash has at most 512 characters")]
    TooLong,
    /// Of a known format, but not as that format is written.
    #[error("this {format} hash is damaged: its {part} cannot be read")]
    Damaged {
        /// What it claims to be.
        format: &'static str,
        /// Where it is damaged.
        part: &'static str,
    },
    /// It asks for more than a login may cost, or for less than its format knows.
    #[error("this {format} hash is out of bounds: its {parameter} must be from {min} to {max}")]
    OutOfBounds {
        /// What it claims to be.
        format: &'static str,
        /// What is out of bounds.
        parameter: &'static str,
        /// The least that is taken.
        min: u32,
        /// The most that is taken.
        max: u32,
    },
}

impl ForeignHash {
    /// Reads a hash. Django writes the name of its hasher before the first `$`
    /// (<https://docs.djangoproject.com/en/5.2/topics/auth/passwords/>); everybody else begins with the `$`.
    pub fn parse(text: &str) -> Result<Self, InvalidHash> {
        if text.len() > MAX_LENGTH {
            return Err(InvalidHash::TooLong);
        }
        let (hasher, rest) = text.split_once('$').ok_or(InvalidHash::Unknown)?;
        match hasher {
            "" => Self::parse_crypt(text, rest),
            "pbkdf2_sha256" => Pbkdf2Hash::parse_django(rest).map(Self::Pbkdf2),
            "scrypt" => ScryptHash::parse_django(rest).map(Self::Scrypt),
            "bcrypt" => BcryptHash::parse(rest).map(Self::Bcrypt),
            "bcrypt_sha256" => BcryptHash::parse_digested(rest).map(Self::Bcrypt),
            "argon2" => Argon2Hash::parse(&text[hasher.len()..]).map(Self::Argon2),
            _ => Err(InvalidHash::Unknown),
        }
    }

    fn parse_crypt(text: &str, rest: &str) -> Result<Self, InvalidHash> {
        let (scheme, _) = rest.split_once('$').ok_or(InvalidHash::Unknown)?;
        match scheme {
            "2a" | "2b" | "2y" => BcryptHash::parse(text).map(Self::Bcrypt),
            "argon2id" | "argon2i" | "argon2d" => Argon2Hash::parse(text).map(Self::Argon2),
            "scrypt" => ScryptHash::parse_phc(text).map(Self::Scrypt),
            "pbkdf2-sha256" => Pbkdf2Hash::parse_phc(text).map(Self::Pbkdf2),
            _ => Err(InvalidHash::Unknown),
        }
    }

    /// Whether it is the password that was hashed. Takes the hash's time, right or wrong.
    pub fn verify(&self, password: &str) -> bool {
        match self {
            Self::Pbkdf2(hash) => hash.verify(password),
            Self::Scrypt(hash) => hash.verify(password),
            Self::Bcrypt(hash) => hash.verify(password),
            Self::Argon2(hash) => hash.verify(password),
        }
    }

    /// Whether all of a password was hashed, so that one that matches is the one: bcrypt looks at its beginning alone.
    pub fn tells_all_of(&self, password: &str) -> bool {
        match self {
            Self::Bcrypt(hash) => hash.tells_all_of(password),
            Self::Pbkdf2(_) | Self::Scrypt(_) | Self::Argon2(_) => true,
        }
    }

    /// The memory that comparing takes, in whole MiB and at least one, as the pool counts it.
    pub fn mebibytes(&self) -> u32 {
        match self {
            Self::Pbkdf2(_) | Self::Bcrypt(_) => 1,
            Self::Scrypt(hash) => hash.mebibytes(),
            Self::Argon2(hash) => hash.mebibytes(),
        }
    }

    /// What it is, for reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pbkdf2(_) => pbkdf2::NAME,
            Self::Scrypt(_) => scrypt::NAME,
            Self::Bcrypt(hash) => hash.name(),
            Self::Argon2(hash) => hash.name(),
        }
    }
}

impl fmt::Debug for ForeignHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignHash({}, redacted)", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const PLAIN: &str = "correct horse";
    pub(super) const UNICODE: &str = "p\u{e4}ssw\u{f6}rd \u{1f980}";

    pub(super) fn assert_matches(vectors: &[(&str, &str)], name: &str, mebibytes: u32) {
        for (password, text) in vectors {
            let hash = ForeignHash::parse(text).unwrap();
            assert!(hash.verify(password), "{text}");
            let others = [&format!("x{password}"), &password.to_uppercase(), "wrong"];
            assert!(others.iter().all(|other| other == password || !hash.verify(other)), "{text}");
            assert_eq!((hash.name(), hash.mebibytes()), (name, mebibytes));
        }
    }

    pub(super) fn assert_damaged(text: &str, expected: &str) {
        let refused = ForeignHash::parse(text).unwrap_err();
        assert!(matches!(refused, InvalidHash::Damaged { part, .. } if part == expected), "{text}: {refused}");
    }

    pub(super) fn assert_out_of_bounds(text: &str, expected: &str) {
        let refused = ForeignHash::parse(text).unwrap_err();
        let as_expected = matches!(refused, InvalidHash::OutOfBounds { parameter, .. } if parameter == expected);
        assert!(as_expected, "{text}: {refused}");
    }

    fn vectors() -> Vec<(&'static str, &'static str)> {
        [
            &pbkdf2::tests::DJANGO[..],
            &pbkdf2::tests::PHC,
            &scrypt::tests::DJANGO,
            &scrypt::tests::PHC,
            &bcrypt::tests::BARE,
            &bcrypt::tests::DJANGO,
            &bcrypt::tests::DIGESTED,
            &argon2::tests::ID,
            &argon2::tests::I,
            &argon2::tests::D,
            &argon2::tests::DJANGO,
        ]
        .concat()
    }

    #[test]
    fn a_text_cut_short_is_refused() {
        for (password, text) in vectors() {
            for length in 0..text.len() {
                // An Argon2 hash may have any length; but then another hash comes of it.
                let parsed = ForeignHash::parse(&text[..length]);
                assert!(parsed.is_err() || text.contains("argon2"), "{text} cut at {length}");
                assert!(parsed.is_err() || !parsed.unwrap().verify(password), "{text} cut at {length}");
            }
        }
    }

    #[test]
    fn a_text_with_one_character_changed_is_refused_or_matches_nothing() {
        for (password, text) in vectors() {
            for (place, was) in text.char_indices() {
                for character in ['!', '$', '=', '-', ',', 'A', '\n', '\0', '\u{e9}'] {
                    let changed = format!("{}{character}{}", &text[..place], &text[place + 1..]);
                    let matches = ForeignHash::parse(&changed).is_ok_and(|hash| hash.verify(password));
                    assert!(character == was || !matches, "{changed}");
                }
            }
        }
    }

    #[test]
    fn what_is_of_no_known_format_is_refused() {
        for text in [
            "",
            "$",
            "$$",
            "$$$$$$",
            "secret",
            "!0vTvLfkK5GqGN3nHYkLoRXtQWNXkKYkCRqL8ZqZ",
            "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99",
            "pbkdf2_sha1$1$salt$AAAA",
            "$1$salt$hash",
            "$6$salt$hash",
            "$2x$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            "$2$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        ] {
            assert_eq!(ForeignHash::parse(text).unwrap_err(), InvalidHash::Unknown, "{text}");
        }
        assert_eq!(ForeignHash::parse(&"$2b$".repeat(200)).unwrap_err(), InvalidHash::TooLong);
    }

    #[test]
    fn errors_name_the_format_and_the_bound() {
        let refused = ForeignHash::parse("$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e").unwrap_err();
        assert_eq!(refused.to_string(), "this bcrypt hash is out of bounds: its cost must be from 4 to 16");
        let refused = ForeignHash::parse("pbkdf2_sha256$7$$AAAA").unwrap_err();
        assert_eq!(refused.to_string(), "this pbkdf2_sha256 hash is damaged: its salt cannot be read");
    }

    #[test]
    fn debugging_shows_nothing_of_the_hash() {
        let hash = ForeignHash::parse(bcrypt::tests::BARE[0].1).unwrap();
        assert_eq!(format!("{hash:?}"), "ForeignHash(bcrypt, redacted)");
    }
}
