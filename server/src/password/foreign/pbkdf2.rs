//! PBKDF2 (RFC 8018 §5.2) with HMAC-SHA-256.

use base64::engine::general_purpose::STANDARD;
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;

use super::{
    InvalidHash,
    text::{Phc, decode, fields, literal_salt, number, same},
};

pub(super) const NAME: &str = "pbkdf2_sha256";
/// Ten times what Django asks for in 2025; some seconds.
const MAX_ITERATIONS: u32 = 10_000_000;
/// What SHA-256 makes.
const LENGTH: u32 = 32;
/// What a PHC string may hold.
const MIN_LENGTH: u32 = 10;
const MAX_LENGTH: u32 = 64;

/// A hash made with PBKDF2.
pub struct Pbkdf2Hash {
    iterations: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Pbkdf2Hash {
    /// Django's `PBKDF2PasswordHasher`: `iterations$salt$hash`, the salt as text, the hash 32 bytes in base64.
    pub(super) fn parse_django(rest: &str) -> Result<Self, InvalidHash> {
        let [iterations, salt, hash] = fields(NAME, rest)?;
        Ok(Self {
            iterations: number(NAME, "iterations", iterations, 1..=MAX_ITERATIONS)?,
            salt: literal_salt(NAME, salt)?,
            hash: decode::<32>(NAME, "hash", hash, &STANDARD)?.to_vec(),
        })
    }

    /// `$pbkdf2-sha256$i=…,l=…$salt$hash`, as the RustCrypto crates write it; `l` is the hash's length, 32 where it is
    /// left out. Passlib's form, which has a bare number in place of `i=…`, is another one.
    pub(super) fn parse_phc(text: &str) -> Result<Self, InvalidHash> {
        let phc = Phc::parse(NAME, text, &["i"], &["l"])?.without_version()?;
        let iterations = phc.number("i", 1..=MAX_ITERATIONS)?;
        let length = if phc.has("l") { phc.number("l", MIN_LENGTH..=MAX_LENGTH)? } else { LENGTH };
        if phc.hash.len() != length as usize {
            return Err(InvalidHash::Damaged { format: NAME, part: "hash" });
        }
        Ok(Self { iterations, salt: phc.salt, hash: phc.hash })
    }

    pub(super) fn verify(&self, password: &str) -> bool {
        let mut hash = vec![0; self.hash.len()];
        pbkdf2_hmac::<Sha256>(password.as_bytes(), &self.salt, self.iterations, &mut hash);
        same(&hash, &self.hash)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::password::foreign::{
        ForeignHash, InvalidHash,
        tests::{PLAIN, UNICODE, assert_damaged, assert_matches},
    };

    /// By Django 5.2.
    pub(crate) const DJANGO: [(&str, &str); 3] = [
        (PLAIN, "pbkdf2_sha256$7$saltySALT1234567$5G2IuJbzakTAjZ5dVu5ny4fZ/Yr26lH2GrXNO1kQgto="),
        (UNICODE, "pbkdf2_sha256$1000$saltySALT1234567$IidhiCSCN8trbpuv4RI4XvQ913M4124hcKTOFQyhjek="),
        ("", "pbkdf2_sha256$1$s$hlaZvx+fQUB7nsOXctgpvyJ4ixMmVOdSfNbS+6nH3wk="),
    ];
    /// By hashlib of Python.
    pub(crate) const PHC: [(&str, &str); 2] = [
        (PLAIN, "$pbkdf2-sha256$i=9,l=32$c2FsdHlTQUxUMTIzNDU2Nw$6lo0OjPUk+FQL275+WiPiovtQDbu9ID7KQ7BRpVDGIA"),
        (
            UNICODE,
            "$pbkdf2-sha256$i=3,l=40$c2FsdHlTQUxUMTIzNDU2Nw$AiB91xkEk8zceM1zHGY9qIAqVtCniM9zMPRmXwnT+GPt22xpTS2XzA",
        ),
    ];

    #[test]
    fn what_others_made_matches_its_password() {
        assert_matches(&DJANGO, "pbkdf2_sha256", 1);
        assert_matches(&PHC, "pbkdf2_sha256", 1);
        let without_length = PHC[0].1.replace(",l=32", "");
        assert!(ForeignHash::parse(&without_length).unwrap().verify(PLAIN));
    }

    #[test]
    fn damaged_texts_are_refused() {
        let [hash, phc] = [DJANGO[0].1, PHC[0].1];
        for number in ["-7", "+7", " 7", "07", "7_0", "", "x", "7.0"] {
            assert_damaged(&hash.replace("$7$", &format!("${number}$")), "iterations");
        }
        assert_damaged(&hash.replace("saltySALT1234567", ""), "salt");
        assert_damaged(&hash.replace('=', ""), "hash");
        assert_damaged(&hash.replace("/", "_"), "hash");
        assert_damaged(&hash.replace("5G2I", ""), "hash");
        assert_damaged(&format!("{hash}$"), "form");
        assert_damaged(&phc.replace("l=32", "l=31"), "hash");
        assert_damaged(&phc.replace("i=9,", ""), "parameters");
        assert_damaged(&phc.replace("i=9", "i=9,i=8"), "parameters");
        assert_damaged(&phc.replace("l=32", "x=32"), "parameters");
        assert_damaged(&phc.replace("i=9,", "v=1$i=9,"), "version");
        assert_damaged("$pbkdf2-sha256$5$c2FsdHlTQUxUMTIzNDU2Nw$gpyvM55v17LUMVjPc/rIcLXeGN5SZOU67p6Nu1BuIUg", "salt");
    }

    #[test]
    fn huge_and_empty_work_is_refused() {
        let refused =
            InvalidHash::OutOfBounds { format: "pbkdf2_sha256", parameter: "iterations", min: 1, max: 10_000_000 };
        for number in ["0", "10000001", "4294967296", "99999999999999999999999"] {
            let hash = DJANGO[0].1.replace("$7$", &format!("${number}$"));
            assert_eq!(ForeignHash::parse(&hash).unwrap_err(), refused);
            assert!(ForeignHash::parse(&PHC[0].1.replace("i=9", &format!("i={number}"))).is_err());
        }
        assert!(ForeignHash::parse(&DJANGO[0].1.replace("$7$", "$10000000$")).is_ok());
    }
}
