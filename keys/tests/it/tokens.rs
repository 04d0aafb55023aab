//! Tokens of ours, signed and verified.

use serde::{Deserialize, Serialize};
use serde_json::json;
use signet_keys::{Algorithm, PrivateKey, TokenError, UnverifiedToken};

use crate::support::{AnyClaims, key, verify};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
}

#[test]
fn what_is_signed_verifies_with_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let claims = Claims { sub: "ana \"ñ\" \u{1f511}".into(), exp: i64::MAX };
        let token = key.signer().unwrap().sign("at+jwt", &claims).unwrap();

        let parsed = UnverifiedToken::parse(&token).unwrap();
        assert_eq!(parsed.algorithm(), algorithm.name());
        assert_eq!(parsed.kid(), Some(key.kid().as_str()));
        assert_eq!(parsed.typ(), Some("at+jwt"));
        assert_eq!(parsed.verify::<Claims>(&key.public().verifier().unwrap()), Ok(claims));
    }
}

/// ECDSA signatures hold numbers of varying size, which the JWS form pads to 32 bytes (RFC 7518 §3.4): one in 128 has a
/// leading zero.
#[test]
fn es256_signatures_have_one_length() {
    let key = key(Algorithm::Es256);
    let signer = key.signer().unwrap();
    let verifier = key.public().verifier().unwrap();
    for sequence in 0..600 {
        let token = signer.sign("JWT", &json!({ "seq": sequence })).unwrap();
        assert_eq!(token.rsplit('.').next().unwrap().len(), 86);
        let claims: AnyClaims = UnverifiedToken::parse(&token).unwrap().verify(&verifier).unwrap();
        assert_eq!(claims["seq"], sequence);
    }
}

#[test]
fn a_signer_is_shared_between_threads() {
    let key = key(Algorithm::Es256);
    let signer = key.signer().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let signer = signer.clone();
            scope.spawn(move || {
                for _ in 0..50 {
                    let token = signer.sign("JWT", &json!({ "thread": thread })).unwrap();
                    assert_eq!(verify(&token, key).unwrap()["thread"], thread);
                }
            });
        }
    });
}

#[test]
fn another_key_is_the_wrong_key() {
    let token = key(Algorithm::Es256).signer().unwrap().sign("JWT", &json!({})).unwrap();
    let other = PrivateKey::generate(Algorithm::Es256).unwrap();
    assert_eq!(verify(&token, &other), Err(TokenError::WrongKey));
}

#[test]
fn claims_without_a_json_form_are_not_signed() {
    let nameless = std::collections::BTreeMap::from([((1, 2), 3)]);
    let refused = key(Algorithm::EdDsa).signer().unwrap().sign("JWT", &nameless);
    assert_eq!(refused.unwrap_err().to_string(), "the claims could not be written as JSON");
}

#[test]
fn an_unverified_token_is_not_printed() {
    let token = key(Algorithm::EdDsa).signer().unwrap().sign("JWT", &json!({})).unwrap();
    assert_eq!(format!("{:?}", UnverifiedToken::parse(&token).unwrap()), "UnverifiedToken(..)");
}
