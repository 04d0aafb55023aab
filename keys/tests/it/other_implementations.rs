//! What we make is read by somebody else's code.

use jsonwebtoken::{DecodingKey, Validation, decode};
use serde_json::json;
use signet_keys::Algorithm;

use crate::support::{AnyClaims, key};

fn read(token: &str, algorithm: Algorithm, key: &DecodingKey) -> AnyClaims {
    let mut validation = Validation::new(algorithm.name().parse().unwrap());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    decode(token, key, &validation).unwrap().claims
}

#[test]
fn jsonwebtoken_verifies_our_tokens_with_our_jwk_and_our_pem() {
    for algorithm in Algorithm::ALL {
        let ours = key(algorithm);
        let token = ours.signer().unwrap().sign("JWT", &json!({"sub": "ana"})).unwrap();

        let jwk = serde_json::to_value(ours.public()).unwrap();
        let from_jwk = DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();
        assert_eq!(read(&token, algorithm, &from_jwk)["sub"], "ana");

        let pem = ours.public().to_pem().unwrap();
        let from_pem = match algorithm {
            Algorithm::Es256 => DecodingKey::from_ec_pem(pem.as_bytes()),
            Algorithm::Rs256 | Algorithm::Ps256 => DecodingKey::from_rsa_pem(pem.as_bytes()),
            Algorithm::EdDsa => DecodingKey::from_ed_pem(pem.as_bytes()),
        };
        assert_eq!(read(&token, algorithm, &from_pem.unwrap())["sub"], "ana");
    }
}

#[test]
fn pem_has_the_shape_of_rfc7468() {
    for algorithm in Algorithm::ALL {
        let pem = key(algorithm).public().to_pem().unwrap();
        let lines: Vec<&str> = pem.lines().collect();
        let (["-----BEGIN PUBLIC KEY-----", body @ .., last], "-----END PUBLIC KEY-----") =
            (&lines[..lines.len() - 1], lines[lines.len() - 1])
        else {
            panic!("{pem}");
        };
        assert!(body.iter().all(|line| line.len() == 64));
        assert!((1..=64).contains(&last.len()));
        assert!(pem.ends_with("-\n"));
    }
}
