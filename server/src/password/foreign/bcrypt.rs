//! bcrypt (Provos and Mazières, "A Future-Adaptable Password Scheme", USENIX 1999), written `$2b$cost$` and then the
//! salt and the hash in an alphabet of its own.

use base64::{
    alphabet::BCRYPT,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    InvalidHash,
    text::{decode, fields, same, within},
};

const BASE64: GeneralPurpose = GeneralPurpose::new(&BCRYPT, NO_PAD);
/// What the salt's 16 bytes take.
const SALT_LENGTH: usize = 22;
/// No bcrypt looks at more of a password, its final NUL included.
const MAX_KEY: usize = 72;
const MIN_COST: u32 = 4;
/// A cost of 16 takes some seconds.
const MAX_COST: u32 = 16;

/// A hash made with bcrypt.
pub struct BcryptHash {
    digested: bool,
    cost: u32,
    salt: [u8; 16],
    hash: [u8; 23],
}

impl BcryptHash {
    /// `$2a$`, `$2b$` or `$2y$`, which are one thing: the letters tell apart faults that some programs had with
    /// characters beyond ASCII (which they then called `$2x$`: not taken) and with passwords of 256 bytes.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidHash> {
        Self::parse_as(false, text)
    }

    /// Django's `BCryptSHA256PasswordHasher`, which hashes the password's SHA-256 in hexadecimal in place of the
    /// password.
    pub(super) fn parse_digested(text: &str) -> Result<Self, InvalidHash> {
        Self::parse_as(true, text)
    }

    fn parse_as(digested: bool, text: &str) -> Result<Self, InvalidHash> {
        let name = name(digested);
        let damaged = |part| InvalidHash::Damaged { format: name, part };
        let ["", "2a" | "2b" | "2y", cost, rest] = fields(name, text)? else {
            return Err(damaged("version"));
        };
        let (salt, hash) = rest.split_at_checked(SALT_LENGTH).ok_or(damaged("salt"))?;
        Ok(Self {
            digested,
            cost: read_cost(name, cost)?,
            salt: decode(name, "salt", salt, &BASE64)?,
            hash: decode(name, "hash", hash, &BASE64)?,
        })
    }

    /// Of a password longer than 72 bytes only these count, as in every bcrypt, or nobody who has one could log in. A
    /// NUL ends a password for bcrypt; none with a NUL matches, so that nothing but the password itself does.
    pub(super) fn verify(&self, password: &str) -> bool {
        let key = if self.digested { key(&hexadecimal_digest(password)) } else { key(password) };
        let hash = bcrypt::bcrypt(self.cost, self.salt, &key);
        same(&hash[..self.hash.len()], &self.hash) && (self.digested || !password.contains('\0'))
    }

    /// Of a longer password one with another end matches as well. Made anew under another hash, that end would count, and
    /// lock out whoever types the right one.
    pub(super) fn tells_all_of(&self, password: &str) -> bool {
        self.digested || password.len() <= MAX_KEY
    }

    pub(super) fn name(&self) -> &'static str {
        name(self.digested)
    }
}

fn name(digested: bool) -> &'static str {
    if digested { "bcrypt_sha256" } else { "bcrypt" }
}

/// Always two digits.
fn read_cost(name: &'static str, text: &str) -> Result<u32, InvalidHash> {
    let damaged = InvalidHash::Damaged { format: name, part: "cost" };
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let cost = if digits { text.parse().map_err(|_| damaged)? } else { return Err(damaged) };
    within(name, "cost", cost, MIN_COST..=MAX_COST)
}

/// What bcrypt takes for a password: its bytes and a NUL, or as many of them as fit.
fn key(password: &str) -> Zeroizing<Vec<u8>> {
    let bytes = &password.as_bytes()[..password.len().min(MAX_KEY)];
    let mut key = Zeroizing::new(Vec::with_capacity(MAX_KEY + 1));
    key.extend_from_slice(bytes);
    key.push(0);
    key.truncate(MAX_KEY);
    key
}

fn hexadecimal_digest(password: &str) -> Zeroizing<String> {
    let digest = Sha256::digest(password.as_bytes());
    Zeroizing::new(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use crate::password::foreign::{
        ForeignHash,
        tests::{PLAIN, UNICODE, assert_damaged, assert_matches, assert_out_of_bounds},
    };

    const EIGHTY: &str = "01234567890123456789012345678901234567890123456789012345678901234567890123456789";
    /// By libxcrypt.
    pub(crate) const BARE: [(&str, &str); 6] = [
        (PLAIN, "$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"),
        (PLAIN, "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"),
        (PLAIN, "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"),
        (UNICODE, "$2b$05$abcdefghijklmnopqrstuuYBT0GNVNlnpzi8s89BrxG7/pW4pwb3u"),
        (EIGHTY, "$2b$04$abcdefghijklmnopqrstuum2G75IXDN/xsgbNa/hCiPSKyIHQd70S"),
        ("", "$2b$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq"),
    ];
    /// By Django 5.2.
    pub(crate) const DJANGO: [(&str, &str); 1] =
        [(UNICODE, "bcrypt$$2b$04$abcdefghijklmnopqrstuuDwuiZcTL4pYoSZJFU0OxJC0WDhN/b1W")];
    /// By Django 5.2.
    pub(crate) const DIGESTED: [(&str, &str); 1] =
        [(UNICODE, "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuX58VvPD3H/XsjJYn6cPXyX3tO9HG1/.")];

    fn matches(hash: &str, password: &str) -> bool {
        ForeignHash::parse(hash).unwrap().verify(password)
    }

    #[test]
    fn what_others_made_matches_its_password() {
        assert_matches(&BARE, "bcrypt", 1);
        assert_matches(&DJANGO, "bcrypt", 1);
        assert_matches(&DIGESTED, "bcrypt_sha256", 1);
    }

    #[test]
    fn of_a_long_password_72_bytes_count_as_with_every_bcrypt() {
        let hash = BARE[4].1;
        assert!(matches(hash, &EIGHTY[..72]) && matches(hash, &format!("{EIGHTY}more")));
        assert!(!matches(hash, &EIGHTY[..71]));
        let of_71 = "$2b$04$abcdefghijklmnopqrstuukow.iL/GuIgNNTSpCKVqIJG617.YQsi";
        assert!(matches(of_71, &EIGHTY[..71]) && !matches(of_71, EIGHTY));
    }

    #[test]
    fn of_a_long_password_every_byte_counts_where_django_digested_it() {
        let hash = "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuut2SshH6UbGkn9RXLOv/njlCqQS.IYXK";
        assert!(matches(hash, &"x".repeat(100)) && !matches(hash, &"x".repeat(99)));
    }

    #[test]
    fn a_password_with_a_nul_is_not_the_one_that_bcrypt_takes_it_for() {
        assert!(!matches(BARE[5].1, "\0") && !matches(BARE[1].1, &format!("{PLAIN}\0{PLAIN}")));
    }

    #[test]
    fn damaged_texts_are_refused() {
        let hash = BARE[1].1;
        for cost in ["4", "-4", "+4", "004", "", "0x"] {
            assert_damaged(&hash.replace("$04$", &format!("${cost}$")), "cost");
        }
        // The last character of the salt, and of the hash, has bits to spare, which are zero.
        assert_damaged(&hash.replace("tuu", "tuv"), "salt");
        assert_damaged(&hash.replace("Qc6e", "Qc6f"), "hash");
        assert_damaged(&hash.replace("abcdef", "abc=ef"), "salt");
        assert_damaged(&hash.replace("abcdefghijklmnopqrstuu", ""), "salt");
        assert_damaged("$2b$04$", "salt");
        assert_damaged("$2b$04$abcdefghijklmnopqrstu\u{e9}jydOTSfIH/d5oUHpsygqV5X9xJLQc6", "salt");
        assert_damaged(&format!("{hash}A"), "hash");
        assert_damaged(&format!("{hash}$"), "form");
        assert_damaged(&format!("bcrypt$x{hash}"), "version");
        assert_damaged(&format!("bcrypt_sha256${}", hash.replace("2b", "2x")), "version");
    }

    #[test]
    fn costs_out_of_bounds_are_refused() {
        for cost in ["00", "03", "17", "31", "99"] {
            assert_out_of_bounds(&BARE[1].1.replace("$04$", &format!("${cost}$")), "cost");
            assert_out_of_bounds(&DIGESTED[0].1.replace("$04$", &format!("${cost}$")), "cost");
        }
        assert!(ForeignHash::parse(&BARE[1].1.replace("$04$", "$16$")).is_ok());
    }
}
