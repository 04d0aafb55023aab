//! Secrets at rest.

use proptest::prelude::*;
use signet_keys::{OsEntropy, SealError, SealingKey};

use crate::support::Counter;

fn key() -> SealingKey {
    SealingKey::new([7; 32])
}

/// draft-irtf-cfrg-xchacha-03 appendix A.3.1.
#[test]
fn xchacha20_poly1305_example_of_the_draft() {
    struct Nonce;
    impl signet_keys::Entropy for Nonce {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().zip(0x40..).for_each(|(byte, value)| *byte = value);
        }
    }
    let key = SealingKey::new(std::array::from_fn(|index| 0x80 + index as u8));
    let plaintext =
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen \
                      would be it.";
    let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
    let sealed = key.seal(plaintext, &aad, &Nonce);
    assert_eq!(sealed[..24], std::array::from_fn::<u8, 24, _>(|index| 0x40 + index as u8));
    assert_eq!(sealed[24..32], [0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b]);
    assert_eq!(
        sealed[sealed.len() - 16..],
        [0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49]
    );
}

#[test]
fn the_same_secret_never_looks_the_same() {
    assert_ne!(key().seal(b"secret", b"", &OsEntropy), key().seal(b"secret", b"", &OsEntropy));
}

#[test]
fn a_secret_opens_under_its_own_key_only() {
    let sealed = key().seal(b"secret", b"row", &Counter::default());
    assert_eq!(SealingKey::new([8; 32]).open(&sealed, b"row"), Err(SealError));
}

#[test]
fn the_key_is_not_printed() {
    assert_eq!(format!("{:?}", key()), "SealingKey(..)");
}

proptest! {
    #[test]
    fn a_secret_opens_in_its_own_place_only(secret: Vec<u8>, place: Vec<u8>, other: Vec<u8>) {
        let sealed = key().seal(&secret, &place, &Counter::default());
        prop_assert_eq!(&*key().open(&sealed, &place).unwrap(), &secret);
        if place != other {
            prop_assert_eq!(key().open(&sealed, &other), Err(SealError));
        }
    }

    #[test]
    fn a_damaged_secret_does_not_open(secret: Vec<u8>, at: prop::sample::Index, bit in 0..8) {
        let mut sealed = key().seal(&secret, b"", &Counter::default());
        let at = at.index(sealed.len());
        prop_assert_eq!(key().open(&sealed[..at], b""), Err(SealError));
        sealed[at] ^= 1_u8 << bit;
        prop_assert_eq!(key().open(&sealed, b""), Err(SealError));
    }

    #[test]
    fn noise_does_not_open(noise: Vec<u8>) {
        prop_assert_eq!(key().open(&noise, b""), Err(SealError));
    }
}
