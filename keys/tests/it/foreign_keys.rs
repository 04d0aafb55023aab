//! What others sign, checked with the keys that they publish. Keys and tokens were made with another implementation,
//! pyca/cryptography, the forged ones included.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use signet_keys::{Algorithm, ForeignKeys, InvalidJwks, TokenError, UnverifiedToken};

use crate::support::AnyClaims;

static VECTORS: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("vectors/foreign.json")).unwrap());

fn jwk(name: &str) -> Value {
    assert!(VECTORS["keys"][name].is_object(), "{name}");
    VECTORS["keys"][name].clone()
}

/// A key with other members.
fn with(name: &str, members: Value) -> Value {
    let mut jwk = jwk(name);
    jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    jwk
}

fn without_kid(name: &str) -> Value {
    let mut jwk = jwk(name);
    jwk.as_object_mut().unwrap().remove("kid");
    jwk
}

fn set(keys: impl IntoIterator<Item = Value>) -> ForeignKeys {
    ForeignKeys::parse(&json!({"keys": keys.into_iter().collect::<Vec<_>>()})).unwrap()
}

fn refusal(keys: impl IntoIterator<Item = Value>) -> InvalidJwks {
    ForeignKeys::parse(&json!({"keys": keys.into_iter().collect::<Vec<_>>()})).unwrap_err()
}

fn check(keys: &ForeignKeys, token: &str, allowed: &[Algorithm]) -> Result<AnyClaims, TokenError> {
    keys.verify(&UnverifiedToken::parse(VECTORS["tokens"][token].as_str().unwrap())?, allowed)
}

fn verdict(keys: &ForeignKeys, token: &str) -> Result<AnyClaims, TokenError> {
    check(keys, token, &Algorithm::ALL)
}

#[track_caller]
fn assert_verifies(keys: &ForeignKeys, token: &str) {
    assert_eq!(verdict(keys, token).unwrap()["sub"], "client", "{token}");
}

#[test]
fn what_others_sign_verifies_with_the_key_that_is_named() {
    let keys = set(["rsa", "ec", "ed"].map(jwk));
    for token in ["rs256", "ps256", "es256", "eddsa"] {
        assert_verifies(&keys, token);
    }
    assert!(keys.has(Some("rsa")) && keys.has(None) && !keys.is_empty());
    assert!(!keys.has(Some("other")) && !keys.has(Some("")));
}

#[test]
fn rfc_examples_verify() {
    let keys = set([
        json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
               "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
    ]);
    let verdict = |token| {
        keys.verify::<AnyClaims>(&UnverifiedToken::parse(token).unwrap(), &[Algorithm::Es256, Algorithm::EdDsa])
    };
    let rfc7515_a3 = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc\
                      19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert_eq!(verdict(rfc7515_a3).unwrap()["iss"], "joe");
    // What RFC 8037 signs is no JSON: the signature passes, and the claims do not.
    let rfc8037_a4 = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6\
                      dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(verdict(rfc8037_a4), Err(TokenError::BadClaims));
}

#[test]
fn a_token_that_names_no_key_is_tried_with_those_that_fit_and_not_with_many() {
    assert_verifies(&set(["ed", "ec", "rsa"].map(jwk)), "rs256_without_kid");
    assert_verifies(&set(["ed", "ec", "rsa"].map(without_kid)), "es256_without_kid");
    let another = |kid: usize| with("rsa", json!({"kid": kid.to_string(), "e": "AQAD"}));
    assert_verifies(&set((0..3).map(another).chain([jwk("rsa")])), "rs256_without_kid");
    let many = set((0..4).map(another).chain([jwk("rsa")]));
    assert_eq!(verdict(&many, "rs256_without_kid"), Err(TokenError::BadSignature));
    assert_verifies(&many, "rs256");
}

#[test]
fn keys_of_one_name_stand_in_for_each_other() {
    let keys = set([with("ec", json!({"kid": "rsa"})), with("rsa", json!({"e": "AQAD"})), jwk("rsa")]);
    assert_verifies(&keys, "rs256");
}

#[test]
fn a_token_that_names_another_key_is_refused_though_one_would_verify_it() {
    let other = || set([with("rsa", json!({"kid": "other"})), jwk("ec")]);
    assert_eq!(verdict(&other(), "rs256"), Err(TokenError::WrongKey));
    assert_eq!(verdict(&set([without_kid("rsa")]), "rs256"), Err(TokenError::WrongKey));
    assert_eq!(verdict(&set([with("ec", json!({"kid": "rsa"}))]), "rs256"), Err(TokenError::WrongKey));
    assert_eq!(verdict(&set([]), "rs256_without_kid"), Err(TokenError::WrongKey));
}

#[test]
fn an_algorithm_has_to_be_allowed_here_and_be_the_keys_own() {
    let keys = set(["rsa", "ec", "ed"].map(jwk));
    assert!(check(&keys, "rs256", &[Algorithm::Rs256]).is_ok());
    let others = [Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];
    assert_eq!(check(&keys, "rs256", &others), Err(TokenError::WrongKey));
    assert_eq!(check(&keys, "rs256", &[]), Err(TokenError::WrongKey));

    let bound = set([with("rsa", json!({"alg": "PS256"}))]);
    assert_verifies(&bound, "ps256");
    assert_eq!(verdict(&bound, "rs256"), Err(TokenError::WrongKey));
    for token in ["rs256_as_ps256", "ps256_as_rs256", "es256_in_der"] {
        assert_eq!(verdict(&keys, token), Err(TokenError::BadSignature), "{token}");
    }
}

#[test]
fn neither_a_public_key_as_a_secret_nor_no_signature_passes() {
    let keys = set(["rsa", "ec", "ed"].map(jwk));
    for token in ["hs256_with_the_public_key", "none"] {
        assert_eq!(verdict(&keys, token), Err(TokenError::WrongKey), "{token}");
    }
    for token in ["hs256_as_rs256", "own_key_in_the_header"] {
        assert_eq!(verdict(&keys, token), Err(TokenError::BadSignature), "{token}");
    }
}

#[test]
fn keys_of_no_use_are_passed_over() {
    let zeros = "A".repeat(43);
    let of_no_use = [
        json!({}),
        json!({"kty": "future", "kid": "rsa"}),
        json!({"kty": "RSA"}),
        json!({"kty": ["RSA"], "n": 1}),
        jwk("weak"),
        jwk("odd"),
        jwk("p384"),
        jwk("one"),
        with("rsa", json!({"use": "enc"})),
        with("rsa", json!({"use": 7})),
        with("rsa", json!({"alg": "RS512"})),
        with("rsa", json!({"alg": "RSA-OAEP"})),
        with("rsa", json!({"alg": "none"})),
        with("rsa", json!({"alg": "HS256"})),
        with("rsa", json!({"alg": "ES256"})),
        with("rsa", json!({"kid": 7})),
        with("rsa", json!({"key_ops": ["encrypt"]})),
        with("rsa", json!({"key_ops": []})),
        with("rsa", json!({"key_ops": "verify"})),
        with("rsa", json!({"e": "AA"})),
        with("rsa", json!({"e": ""})),
        with("rsa", json!({"e": "Ag"})),
        with("rsa", json!({"e": "AQAA"})),
        with("rsa", json!({"e": "_".repeat(12)})),
        with("rsa", json!({"n": "_".repeat(4_000)})),
        with("rsa", json!({"n": "_".repeat(1 << 20)})),
        with("rsa", json!({"n": format!("AA{}", "_".repeat(342))})),
        with("rsa", json!({"n": format!("{}A", "_".repeat(341))})),
        with("ec", json!({"x": zeros, "y": zeros})),
        with("ec", json!({"y": jwk("ec")["x"]})),
        with("ec", json!({"crv": "secp256k1"})),
        with("ec", json!({"x": "AAAA"})),
        with("ed", json!({"crv": "X25519"})),
        with("ed", json!({"crv": "Ed448"})),
        with("ed", json!({"x": "AAAA"})),
    ];
    for key in of_no_use {
        let keys = set([key.clone()]);
        assert!(keys.is_empty() && !keys.has(None) && !keys.has(Some("rsa")), "{key}");
        assert_verifies(&set([key, jwk("ed")]), "eddsa");
    }
    // Genuine signatures of weak keys, and one that takes no key at all.
    let weak = set(["weak", "odd", "p384", "one", "identity"].map(jwk));
    for token in ["weak", "odd", "p384", "signed_with_exponent_one", "signed_for_the_identity_point"] {
        assert_eq!(verdict(&weak, token), Err(TokenError::WrongKey), "{token}");
    }
    for x in VECTORS["small_order"].as_array().unwrap() {
        assert!(set([with("ed", json!({ "x": x }))]).is_empty(), "{x}");
    }
    let more =
        json!({"use": "sig", "alg": "RS256", "key_ops": ["verify"], "x5c": ["AAAA"], "x5u": "https://x.example"});
    assert_verifies(&set([with("rsa", more)]), "rs256");
    assert!(set([with("rsa", json!({"e": format!("{}8", "_".repeat(10))}))]).has(Some("rsa")), "64 bits");
}

#[test]
fn secrets_refuse_the_whole_set() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        for value in [json!("AAAA"), json!(null)] {
            assert_eq!(refusal([jwk("ec"), with("rsa", json!({ member: value }))]), InvalidJwks::Private, "{member}");
        }
    }
    assert_eq!(refusal([json!({"kty": "future", "d": "x"})]), InvalidJwks::Private);
    assert_eq!(refusal([jwk("ec"), json!({"kty": "oct", "k": "c2VjcmV0", "kid": "rsa"})]), InvalidJwks::Symmetric);
    assert!(!refusal([json!({"kty": "oct", "k": "c2VjcmV0"})]).to_string().contains("c2VjcmV0"));
}

#[test]
fn what_is_no_set_is_refused() {
    for not_a_set in
        [json!(null), json!([]), json!("x"), json!({}), jwk("rsa"), json!({"keys": {}}), json!({"keys": 1})]
    {
        assert_eq!(ForeignKeys::parse(&not_a_set).unwrap_err(), InvalidJwks::NotASet, "{not_a_set}");
    }
    for not_a_key in [json!(null), json!("x"), json!([]), json!(1)] {
        assert_eq!(refusal([jwk("rsa"), not_a_key]), InvalidJwks::NotASet);
    }
    assert!(set([]).is_empty());
}

#[test]
fn a_set_has_32_keys_at_most() {
    let sized = |size: usize| (0..size).map(|kid| with("ed", json!({"kid": kid.to_string()})));
    assert!(set(sized(32)).has(Some("31")));
    assert_eq!(refusal(sized(33)), InvalidJwks::TooMany);
    assert_eq!(refusal((0..33).map(|_| json!({}))), InvalidJwks::TooMany);
}

#[test]
fn a_set_is_not_printed() {
    let printed = format!("{:?}", set(["rsa", "ed"].map(jwk)));
    assert_eq!(printed, "ForeignKeys { usable: 3, .. }");
}

/// JSON that looks like a key, more or less.
fn key_like() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        "[A-Za-z0-9_-]{0,60}".prop_map(Value::from),
        proptest::collection::vec(any::<u8>(), 30..34).prop_map(|bytes| {
            use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
            BASE64_URL_SAFE_NO_PAD.encode(bytes).into()
        }),
        proptest::sample::select(vec!["RSA", "EC", "OKP", "P-256", "Ed25519", "sig", "ES256", "AQAB"])
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
    ];
    let name = proptest::sample::select(vec!["kty", "crv", "n", "e", "x", "y", "use", "alg", "kid", "key_ops"]);
    let whole = proptest::collection::hash_map(name, value, 0..10);
    whole.prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

proptest! {
    #[test]
    fn noise_is_refused_or_passed_over(keys in proptest::collection::vec(key_like(), 0..4)) {
        let keys = set(keys);
        for token in ["rs256", "ps256_as_rs256", "es256", "es256_without_kid", "eddsa", "own_key_in_the_header"] {
            prop_assert!(verdict(&keys, token).is_err());
        }
    }

    #[test]
    fn points_of_noise_are_no_keys_or_verify_nothing(x: [u8; 32], y: [u8; 32]) {
        use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
        let [x, y] = [x, y].map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes));
        let keys = set([with("ec", json!({"x": x, "y": y})), with("ed", json!({ "x": x }))]);
        prop_assert!(!keys.has(Some("ec")) && verdict(&keys, "eddsa").is_err());
    }

    #[test]
    fn a_modulus_of_noise_verifies_nothing(n in proptest::collection::vec(any::<u8>(), 255..260)) {
        use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
        let keys = set([with("rsa", json!({"n": BASE64_URL_SAFE_NO_PAD.encode(n)}))]);
        for token in ["rs256", "ps256"] {
            prop_assert!(verdict(&keys, token).is_err());
        }
    }
}
