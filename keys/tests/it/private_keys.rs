//! Private keys and their sealed form.

use signet_keys::{Algorithm, KeyError, MasterKey, OsEntropy, PrivateKey, SealedKey};

use crate::support::{key, kid, master_key, verify};

#[test]
fn a_sealed_key_opens_and_signs_as_before() {
    for algorithm in Algorithm::ALL {
        let original = key(algorithm);
        let json = serde_json::to_string(&original.seal(&master_key(), &OsEntropy)).unwrap();
        let sealed: SealedKey = serde_json::from_str(&json).unwrap();

        let opened = PrivateKey::open(&sealed, original.kid(), algorithm, &master_key()).unwrap();
        assert_eq!(opened.public(), original.public());
        let token = opened.signer().unwrap().sign("JWT", &serde_json::json!({})).unwrap();
        assert_eq!(verify(&token, original), Ok(Default::default()));
    }
}

#[test]
fn a_sealed_key_opens_neither_elsewhere_nor_under_another_master_key() {
    let original = key(Algorithm::Rs256);
    let sealed = original.seal(&master_key(), &OsEntropy);
    let other_master = MasterKey::parse(&"5c".repeat(32)).unwrap();

    let attempts = [
        PrivateKey::open(&sealed, original.kid(), Algorithm::Rs256, &other_master),
        PrivateKey::open(&sealed, &kid(1), Algorithm::Rs256, &master_key()),
        PrivateKey::open(&sealed, original.kid(), Algorithm::Ps256, &master_key()),
    ];
    for attempt in attempts {
        assert!(matches!(attempt, Err(KeyError::Sealed(_))));
    }
}

#[test]
fn every_key_is_new() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let other = PrivateKey::generate(algorithm).unwrap();
        assert_ne!(other.kid(), key(algorithm).kid());
        assert_eq!(other.algorithm(), algorithm);
    }
}

#[test]
fn private_keys_are_not_printed() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let expected = format!("PrivateKey {{ kid: KeyId({}), algorithm: {algorithm:?}, .. }}", key.kid());
        assert_eq!(format!("{key:?}"), expected);
        let signer = format!("Signer {{ kid: KeyId({}), .. }}", key.kid());
        assert_eq!(format!("{:?}", key.signer().unwrap()), signer);
        assert_eq!(format!("{:?}", key.seal(&master_key(), &OsEntropy)), "SealedKey(..)");
    }
}
