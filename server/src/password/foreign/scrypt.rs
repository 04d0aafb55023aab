//! scrypt (RFC 7914).

use base64::engine::general_purpose::STANDARD;
use scrypt::{Params, scrypt};

use super::{
    InvalidHash,
    text::{Phc, decode, fields, literal_salt, number, same, within},
};

pub(super) const NAME: &str = "scrypt";
const MAX_LOG_N: u32 = 20;
const MAX_R: u32 = 32;
const MAX_P: u32 = 16;
const MAX_MEBIBYTES: u32 = 1_024;
/// MiB that are filled one after the other, which is what time is proportional to: as many take some seconds.
const MAX_WORK: u32 = 4_096;
/// Of a hash in a PHC string, in bytes.
const LENGTHS: [usize; 2] = [32, 64];

/// A hash made with scrypt.
pub struct ScryptHash {
    params: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl ScryptHash {
    /// Django's `ScryptPasswordHasher`: `N$salt$r$p$hash`, the salt as text, the hash 64 bytes in base64.
    pub(super) fn parse_django(rest: &str) -> Result<Self, InvalidHash> {
        let [n, salt, r, p, hash] = fields(NAME, rest)?;
        let n = number(NAME, "N", n, 2..=1 << MAX_LOG_N)?;
        if !n.is_power_of_two() {
            return Err(InvalidHash::Damaged { format: NAME, part: "N" });
        }
        let (r, p) = (number(NAME, "r", r, 1..=MAX_R)?, number(NAME, "p", p, 1..=MAX_P)?);
        let hash = decode::<64>(NAME, "hash", hash, &STANDARD)?.to_vec();
        Ok(Self { params: params(n.ilog2(), r, p)?, salt: literal_salt(NAME, salt)?, hash })
    }

    /// `$scrypt$ln=…,r=…,p=…$salt$hash`, as passlib and we ourselves write it. A hash cut short would still match: so
    /// it must have one of the usual lengths.
    pub(super) fn parse_phc(text: &str) -> Result<Self, InvalidHash> {
        let phc = Phc::parse(NAME, text, &["ln", "r", "p"], &[])?.without_version()?;
        let log_n = phc.number("ln", 1..=MAX_LOG_N)?;
        let params = params(log_n, phc.number("r", 1..=MAX_R)?, phc.number("p", 1..=MAX_P)?)?;
        let damaged = InvalidHash::Damaged { format: NAME, part: "hash" };
        let usual = LENGTHS.contains(&phc.hash.len());
        if usual { Ok(Self { params, salt: phc.salt, hash: phc.hash }) } else { Err(damaged) }
    }

    pub(super) fn verify(&self, password: &str) -> bool {
        let mut hash = vec![0; self.hash.len()];
        scrypt(password.as_bytes(), &self.salt, &self.params, &mut hash).is_ok() && same(&hash, &self.hash)
    }

    pub(super) fn mebibytes(&self) -> u32 {
        mebibytes(u32::from(self.params.log_n()), self.params.r())
    }
}

/// RFC 7914 §2: 128 · r · N bytes, in whole MiB.
fn mebibytes(log_n: u32, r: u32) -> u32 {
    let bytes = (128 * u64::from(r)) << log_n;
    u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX)
}

/// Of parameters that are within bounds one by one.
fn params(log_n: u32, r: u32, p: u32) -> Result<Params, InvalidHash> {
    let damaged = InvalidHash::Damaged { format: NAME, part: "parameters" };
    let memory = within(NAME, "memory in MiB", mebibytes(log_n, r), 1..=MAX_MEBIBYTES)?;
    within(NAME, "memory in MiB times p", memory * p, 1..=MAX_WORK)?;
    Params::new(u8::try_from(log_n).map_err(|_| damaged)?, r, p).map_err(|_| damaged)
}

#[cfg(test)]
pub(super) mod tests {
    use crate::password::foreign::{
        ForeignHash,
        tests::{PLAIN, UNICODE, assert_damaged, assert_matches, assert_out_of_bounds},
    };

    /// By Django 5.2.
    pub(crate) const DJANGO: [(&str, &str); 2] = [
        (
            PLAIN,
            "scrypt$16$saltySALT1234567$8$1$tNj8z6KURwsbXrgueX2zbu0KKugGDLTCkGe9u6zuMBCCdIvDKdrgS1umGcb2Ekq5AwnRb9AgL4\
             2K0rDPZMRN3A==",
        ),
        (
            UNICODE,
            "scrypt$64$NaCl$4$5$yBsIhYowb7/Gwjc/MPkeDqBOA59aOerLWKNfsBC/XEKMrlwRfdMrHKxxt7t+WhAy8x377D+2UvOn2Ev/X\
             mYWlA==",
        ),
    ];
    /// By passlib 1.7.
    pub(crate) const PHC: [(&str, &str); 2] = [
        (PLAIN, "$scrypt$ln=4,r=8,p=2$c2FsdHlTQUxUMTIzNDU2Nw$OR57Okfe2RnvGLrYHDPeozSzqLtz6Jekam8q90QkxW4"),
        (UNICODE, "$scrypt$ln=5,r=4,p=1$c2FsdHlTQUxUMTIzNDU2Nw$vGcFYEI010s5GjukwKDlVU8HfDHonlo6nYA0Tyeteh0"),
    ];

    #[test]
    fn what_others_made_matches_its_password() {
        assert_matches(&DJANGO, "scrypt", 1);
        assert_matches(&PHC, "scrypt", 1);
    }

    #[test]
    fn damaged_texts_are_refused() {
        let [hash, phc] = [DJANGO[0].1, PHC[0].1];
        for number in ["-16", "016", "15", ""] {
            assert_damaged(&hash.replace("$16$", &format!("${number}$")), "N");
        }
        assert_damaged(&hash.replace("$8$1$", "$-8$1$"), "r");
        assert_damaged(&hash.replace("$8$1$", "$8$$"), "p");
        assert_damaged(&hash.replace("saltySALT1234567", ""), "salt");
        assert_damaged(&hash.replace("==", ""), "hash");
        assert_damaged(&hash.replace("tNj8", ""), "hash");
        assert_damaged(&phc.replace("ln=4,", ""), "parameters");
        assert_damaged(&phc.replace("ln=4", "ln=-4"), "ln");
        assert_damaged(&phc.replace("c2FsdHlTQUxUMTIzNDU2Nw", "c2FsdHk"), "salt");
        assert_damaged(&phc.replace("c2FsdHlTQUxUMTIzNDU2Nw", ""), "salt");
        assert_damaged(&phc.replace("OR57", ""), "hash");
        assert_damaged(&phc[..phc.rfind('$').unwrap()], "hash");
        assert_damaged(&phc.replace("ln=4", "v=1$ln=4"), "version");
    }

    #[test]
    fn what_asks_for_too_much_is_refused() {
        let [hash, phc] = [DJANGO[0].1, PHC[0].1];
        for (n, r, p, parameter) in [
            ("0", "8", "1", "N"),
            ("1", "8", "1", "N"),
            ("2097152", "8", "1", "N"),
            ("16", "0", "1", "r"),
            ("16", "33", "1", "r"),
            ("16", "8", "17", "p"),
            ("1048576", "9", "1", "memory in MiB"),
            ("1048576", "8", "5", "memory in MiB times p"),
        ] {
            assert_out_of_bounds(
                &hash.replace("$16$", &format!("${n}$")).replace("$8$1$", &format!("${r}${p}$")),
                parameter,
            );
        }
        for (asked, parameter) in [("ln=21,r=8,p=2", "ln"), ("ln=0,r=8,p=2", "ln"), ("ln=20,r=32,p=2", "memory in MiB")]
        {
            assert_out_of_bounds(&phc.replace("ln=4,r=8,p=2", asked), parameter);
        }
    }

    #[test]
    fn memory_is_counted_as_the_rfc_does() {
        let mebibytes = |asked| ForeignHash::parse(&PHC[0].1.replace("ln=4,r=8", asked)).unwrap().mebibytes();
        assert_eq!([mebibytes("ln=4,r=8"), mebibytes("ln=17,r=8"), mebibytes("ln=20,r=8")], [1, 128, 1_024]);
    }
}
