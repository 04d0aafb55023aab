//! What is published of a key.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use signet_keys::{Algorithm, Jwks, PublicKey};

use crate::support::key;

fn all() -> impl DoubleEndedIterator<Item = PublicKey> {
    Algorithm::ALL.into_iter().map(|algorithm| key(algorithm).public().clone())
}

fn keys(jwks: &Jwks) -> Vec<Value> {
    let json: Value = serde_json::from_slice(&jwks.to_json()).unwrap();
    json["keys"].as_array().unwrap().clone()
}

#[test]
fn only_public_members_are_published() {
    for jwk in keys(&Jwks::new(all())) {
        let members: BTreeSet<&str> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
        let expected: &[&str] = match jwk["kty"].as_str() {
            Some("EC") => &["alg", "crv", "kid", "kty", "use", "x", "y"],
            Some("RSA") => &["alg", "e", "kid", "kty", "n", "use"],
            Some("OKP") => &["alg", "crv", "kid", "kty", "use", "x"],
            _ => panic!("unexpected key type"),
        };
        assert!(members.iter().eq(expected));
        assert_eq!(jwk["use"], "sig");
    }
}

#[test]
fn every_key_is_published_once_and_in_the_same_order() {
    let jwks = Jwks::new(all());
    assert_eq!(jwks, Jwks::new(all().rev().chain(all())));
    let kids: BTreeSet<String> = keys(&jwks).iter().map(|jwk| jwk["kid"].to_string()).collect();
    assert_eq!(kids.len(), Algorithm::ALL.len());
}

#[test]
fn an_empty_set_is_still_a_set() {
    assert_eq!(Jwks::new([]).to_json(), br#"{"keys":[]}"#);
}

#[test]
fn a_public_key_survives_storage() {
    for public in all() {
        let json = serde_json::to_string(&public).unwrap();
        assert_eq!(serde_json::from_str::<PublicKey>(&json).unwrap(), public);
    }
}

#[test]
fn a_public_key_with_a_private_member_loses_it() {
    let mut jwk = serde_json::to_value(key(Algorithm::Es256).public()).unwrap();
    let original = jwk.clone();
    jwk["d"] = "AAAA".into();
    let read: PublicKey = serde_json::from_value(jwk).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), original);
}

#[test]
fn a_malformed_public_key_is_refused() {
    let ec = serde_json::to_value(key(Algorithm::Es256).public()).unwrap();
    let rsa = serde_json::to_value(key(Algorithm::Rs256).public()).unwrap();
    let with = |jwk: &Value, name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        jwk
    };
    let bad = [
        with(&ec, "alg", json!("RS256")),
        with(&ec, "alg", json!("none")),
        with(&ec, "use", json!("enc")),
        with(&ec, "crv", json!("P-384")),
        with(&ec, "kty", json!("oct")),
        with(&ec, "x", json!("AAAA")),
        with(&ec, "x", json!(format!("{}=", ec["x"].as_str().unwrap()))),
        with(&ec, "y", Value::Null),
        with(&rsa, "e", json!("")),
        with(&rsa, "e", json!("AAEAAQ")),
        with(&rsa, "n", json!(7)),
        json!({}),
        json!([]),
    ];
    for jwk in bad {
        assert!(serde_json::from_value::<PublicKey>(jwk.clone()).is_err(), "{jwk}");
    }
}

#[test]
fn a_point_off_the_curve_is_no_key() {
    let off = json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "WBwz_eydGaUUNqZ9g8aU_R0f3gjSe6XiRpfwTtZPk44",
        "x": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE", "y": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",
    });
    let key: PublicKey = serde_json::from_value(off).unwrap();
    assert!(key.verifier().is_err());
    assert!(key.to_pem().is_err());
}
