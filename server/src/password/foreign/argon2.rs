//! Argon2 (RFC 9106), in the PHC form of its reference implementation: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.

use argon2::{Algorithm, Argon2, Params, Version};

use super::{
    InvalidHash,
    text::{Phc, same, within},
};

/// In KiB: 1 GiB.
const MAX_MEMORY: u32 = 1 << 20;
const MAX_PASSES: u32 = 32;
const MAX_LANES: u32 = 16;
/// KiB that are filled in all passes, which is what time is proportional to: 4 GiB take some seconds.
const MAX_WORK: u32 = 4 << 20;
/// RFC 9106 §3.1: KiB that each lane needs.
const MEMORY_PER_LANE: u32 = 8;

/// A hash made with Argon2.
pub struct Argon2Hash {
    name: &'static str,
    hasher: Argon2<'static>,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Argon2Hash {
    /// Reads the PHC string; Django's `Argon2PasswordHasher` only writes `argon2` before it.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidHash> {
        let (algorithm, name) = algorithm(text)?;
        let phc = Phc::parse(name, text, &["m", "t", "p"], &[])?;
        let damaged = |part| InvalidHash::Damaged { format: name, part };
        // A string without a version is of the time before there were two.
        let version = phc.version().unwrap_or(Version::V0x10.into());
        let version = Version::try_from(version).map_err(|_| damaged("version"))?;
        let lanes = phc.number("p", 1..=MAX_LANES)?;
        let memory = phc.number("m", MEMORY_PER_LANE * lanes..=MAX_MEMORY)?;
        let passes = phc.number("t", 1..=MAX_PASSES)?;
        within(name, "m times t", memory * passes, 1..=MAX_WORK)?;
        let params = Params::new(memory, passes, lanes, Some(phc.hash.len())).map_err(|_| damaged("parameters"))?;
        Ok(Self { name, hasher: Argon2::new(algorithm, version, params), salt: phc.salt, hash: phc.hash })
    }

    pub(super) fn verify(&self, password: &str) -> bool {
        let mut hash = vec![0; self.hash.len()];
        let made = self.hasher.hash_password_into(password.as_bytes(), &self.salt, &mut hash);
        made.is_ok() && same(&hash, &self.hash)
    }

    pub(super) fn mebibytes(&self) -> u32 {
        self.hasher.params().m_cost().div_ceil(1 << 10)
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }
}

fn algorithm(text: &str) -> Result<(Algorithm, &'static str), InvalidHash> {
    match text.split('$').nth(1) {
        Some("argon2id") => Ok((Algorithm::Argon2id, "argon2id")),
        Some("argon2i") => Ok((Algorithm::Argon2i, "argon2i")),
        Some("argon2d") => Ok((Algorithm::Argon2d, "argon2d")),
        _ => Err(InvalidHash::Unknown),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::password::foreign::{
        ForeignHash,
        tests::{PLAIN, UNICODE, assert_damaged, assert_matches, assert_out_of_bounds},
    };

    /// By argon2-cffi 25, as the next two.
    pub(crate) const ID: [(&str, &str); 2] = [
        (PLAIN, "$argon2id$v=19$m=64,t=1,p=1$c2FsdHlTQUxUMTIzNDU2Nw$QFMu2fSm19ETs2PsOf1CV76fqQVCTyU1eof0QUC3L8E"),
        (UNICODE, "$argon2id$v=19$m=256,t=2,p=4$c2FsdHlTQUxU$7Sd37/E8F7sJSFC0xWf7yP3K9Zt/DWiC"),
    ];
    pub(crate) const I: [(&str, &str); 2] = [
        (PLAIN, "$argon2i$v=19$m=64,t=3,p=1$c2FsdHlTQUxUMTIzNDU2Nw$mDXziR9aUBVXP7FEn/hbAgW0GDgUkdZdxAfFjkBPw58"),
        (PLAIN, "$argon2i$v=16$m=64,t=2,p=1$c2FsdHlTQUxUMTIzNDU2Nw$Ma+Os3Kf1H2DiHuh9see9hjBmCSDeJRVqn0v28UVsJY"),
    ];
    pub(crate) const D: [(&str, &str); 1] =
        [(PLAIN, "$argon2d$v=19$m=64,t=1,p=1$c2FsdHlTQUxUMTIzNDU2Nw$I9zGVFSqn4607b+Ygw+vykbBHGOEOPc3IdpzHQEZ+S0")];
    /// By Django 5.2.
    pub(crate) const DJANGO: [(&str, &str); 1] = [(
        UNICODE,
        "argon2$argon2id$v=19$m=64,t=1,p=2$c2FsdHlTQUxUMTIzNDU2Nzg5MGFiYw$tvoxY1ktU6OCDCYV+EaYayqv55S8l+Lzg1GFVEwHp5g",
    )];

    #[test]
    fn what_others_made_matches_its_password() {
        assert_matches(&ID, "argon2id", 1);
        assert_matches(&I, "argon2i", 1);
        assert_matches(&D, "argon2d", 1);
        assert_matches(&DJANGO, "argon2id", 1);
        let without_version = I[1].1.replace("v=16$", "");
        assert!(ForeignHash::parse(&without_version).unwrap().verify(PLAIN));
    }

    #[test]
    fn damaged_texts_are_refused() {
        let hash = ID[0].1;
        assert_damaged(&hash.replace("v=19", "v=18"), "version");
        assert_damaged(&hash.replace("v=19", "v=-19"), "form");
        assert_damaged(&hash.replace("m=64", "m=-64"), "m");
        assert_damaged(&hash.replace("t=1", "t=01"), "t");
        assert_damaged(&hash.replace("p=1", "p="), "p");
        assert_damaged(&hash.replace(",p=1", ""), "parameters");
        assert_damaged(&hash.replace("p=1", "p=1,p=1"), "parameters");
        assert_damaged(&hash.replace("p=1", "p=1,data=AAAA"), "parameters");
        assert_damaged(&hash.replace("c2FsdHlTQUxUMTIzNDU2Nw", ""), "salt");
        assert_damaged(&hash.replace("c2FsdHlTQUxUMTIzNDU2Nw", "c2FsdHlTQQ"), "salt");
        assert_damaged(&hash.replace("c2FsdHlTQUxUMTIzNDU2Nw", "c2FsdHlTQUxUMTIzNDU2N_"), "form");
        assert_damaged(&hash[..hash.rfind('$').unwrap()], "hash");
        assert_damaged(&hash[..hash.rfind('$').unwrap() + 1], "hash");
        assert_damaged(&format!("{hash}$"), "form");
        assert!(
            ForeignHash::parse("argon2$argon2x$v=19$m=64,t=1,p=1$c2FsdHlTQUxU$7Sd37/E8F7sJSFC0xWf7yP3K9Zt/DWiC")
                .is_err()
        );
    }

    #[test]
    fn what_asks_for_too_much_is_refused() {
        for (asked, parameter) in [
            ("m=1048577,t=1,p=1", "m"),
            ("m=4294967296,t=1,p=1", "m"),
            ("m=7,t=1,p=1", "m"),
            ("m=64,t=1,p=9", "m"),
            ("m=64,t=0,p=1", "t"),
            ("m=64,t=33,p=1", "t"),
            ("m=1048576,t=5,p=1", "m times t"),
            ("m=64,t=1,p=0", "p"),
            ("m=1024,t=1,p=17", "p"),
        ] {
            assert_out_of_bounds(&ID[0].1.replace("m=64,t=1,p=1", asked), parameter);
        }
    }

    #[test]
    fn memory_is_counted_in_whole_mebibytes() {
        let mebibytes = |asked| ForeignHash::parse(&ID[0].1.replace("m=64", asked)).unwrap().mebibytes();
        assert_eq!([mebibytes("m=64"), mebibytes("m=102400"), mebibytes("m=1048576")], [1, 100, 1_024]);
    }
}
