//! How the formats are written: fields, whole numbers, base64, PHC strings.

use std::ops::RangeInclusive;

use base64::Engine;
use scrypt::password_hash::phc::{self, PasswordHash};
use subtle::ConstantTimeEq;

use super::InvalidHash;

/// Every field between the `$` signs; there must be exactly so many.
pub(super) fn fields<'a, const N: usize>(format: &'static str, text: &'a str) -> Result<[&'a str; N], InvalidHash> {
    let fields: Vec<&str> = text.split('$').collect();
    fields.try_into().map_err(|_| InvalidHash::Damaged { format, part: "form" })
}

/// A whole number as programs write it, without sign or leading zeros, within bounds.
pub(super) fn number(
    format: &'static str,
    parameter: &'static str,
    text: &str,
    bounds: RangeInclusive<u32>,
) -> Result<u32, InvalidHash> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return Err(InvalidHash::Damaged { format, part: parameter });
    }
    // Digits alone fail to be a number only when they are too many.
    within(format, parameter, text.parse().unwrap_or(u32::MAX), bounds)
}

/// The number, if it is within bounds.
pub(super) fn within(
    format: &'static str,
    parameter: &'static str,
    number: u32,
    bounds: RangeInclusive<u32>,
) -> Result<u32, InvalidHash> {
    let (min, max) = (*bounds.start(), *bounds.end());
    let refused = InvalidHash::OutOfBounds { format, parameter, min, max };
    if bounds.contains(&number) { Ok(number) } else { Err(refused) }
}

/// So many bytes in base64.
pub(super) fn decode<const N: usize>(
    format: &'static str,
    part: &'static str,
    text: &str,
    base64: &impl Engine,
) -> Result<[u8; N], InvalidHash> {
    let bytes = base64.decode(text).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(InvalidHash::Damaged { format, part })
}

/// A salt that is used as it is written: Django's are text.
pub(super) fn literal_salt(format: &'static str, text: &str) -> Result<Vec<u8>, InvalidHash> {
    let damaged = InvalidHash::Damaged { format, part: "salt" };
    if text.is_empty() { Err(damaged) } else { Ok(text.as_bytes().to_vec()) }
}

/// Whether two hashes are the same, in a time that does not tell how far they agree.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// A PHC string (<https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md>) with salt and hash: 8 to 48
/// and 10 to 64 bytes, as the specification advises.
pub(super) struct Phc {
    format: &'static str,
    parsed: PasswordHash,
    pub(super) salt: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

impl Phc {
    /// Reads a PHC string that has these parameters, all but the optional ones, and no others.
    pub(super) fn parse(
        format: &'static str,
        text: &str,
        required: &[&str],
        optional: &[&str],
    ) -> Result<Self, InvalidHash> {
        let damaged = |part| InvalidHash::Damaged { format, part };
        let parsed = PasswordHash::new(text).map_err(|error| damaged(damaged_part(error)))?;
        let count = |name: &str| parsed.params.iter().filter(|(known, _)| known.as_str() == name).count();
        let known = required.iter().chain(optional).map(|name| count(name)).sum::<usize>();
        let complete = required.iter().all(|name| count(name) == 1) && optional.iter().all(|name| count(name) <= 1);
        if !complete || known != parsed.params.iter().count() {
            return Err(damaged("parameters"));
        }
        let salt = parsed.salt.as_ref().ok_or(damaged("salt"))?.to_vec();
        let hash = parsed.hash.as_ref().ok_or(damaged("hash"))?.as_bytes().to_vec();
        Ok(Self { format, parsed, salt, hash })
    }

    /// The version, for the one format that has any.
    pub(super) fn version(&self) -> Option<u32> {
        self.parsed.version
    }

    /// The formats other than Argon2 know no version.
    pub(super) fn without_version(self) -> Result<Self, InvalidHash> {
        let damaged = InvalidHash::Damaged { format: self.format, part: "version" };
        if self.version().is_none() { Ok(self) } else { Err(damaged) }
    }

    /// A parameter; one that is not there cannot be read.
    pub(super) fn number(&self, name: &'static str, bounds: RangeInclusive<u32>) -> Result<u32, InvalidHash> {
        let text = self.parsed.params.get_str(name).unwrap_or_default();
        number(self.format, name, text, bounds)
    }

    /// Whether an optional parameter is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.parsed.params.get(name).is_some()
    }
}

fn damaged_part(error: phc::Error) -> &'static str {
    match error {
        phc::Error::SaltTooShort | phc::Error::SaltTooLong => "salt",
        phc::Error::OutputSize { .. } => "hash",
        _ => "form",
    }
}
