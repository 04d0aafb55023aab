//! Tokens somebody made to harm us: each is refused with the right error, none with a panic.

use std::sync::LazyLock;

use jsonwebtoken::EncodingKey;
use proptest::prelude::*;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use signet_keys::{Algorithm, TokenError, UnverifiedToken};

use crate::support::{AnyClaims, key, verify};

fn base64url(text: impl AsRef<[u8]>) -> String {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

/// A token with any header at all and a signature nobody made.
fn with_header(header: &str) -> String {
    format!("{}.{}.{}", base64url(header), base64url("{}"), base64url([0; 64]))
}

fn refusal(token: &str) -> TokenError {
    verify(token, key(Algorithm::Es256)).unwrap_err()
}

static GOOD: LazyLock<String> = LazyLock::new(|| {
    let signer = key(Algorithm::Es256).signer().unwrap();
    signer.sign("at+jwt", &json!({"sub": "ana", "exp": 1})).unwrap()
});

#[test]
fn what_is_not_three_segments_is_malformed() {
    let [header, payload, signature]: [&str; 3] = GOOD.split('.').collect::<Vec<_>>().try_into().unwrap();
    let bad = [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        header.into(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{header}.{payload}.{signature}."),
        format!("{header}.{payload}.{payload}.{signature}"),
        format!("{header}.{payload}.{payload}.{payload}.{signature}"),
        format!(" {header}.{payload}.{signature}"),
        format!("{header}.{payload}.{signature}\n"),
        format!("{header}.{payload}.{signature}=="),
        format!("{header}.{payload}.{signature}\0"),
        format!("Bearer {header}.{payload}.{signature}"),
        format!("{header}.{payload}.+/{}", &signature[2..]),
        "é.é.é".into(),
    ];
    for token in bad {
        assert_eq!(UnverifiedToken::parse(&token).unwrap_err(), TokenError::Malformed, "{token}");
    }
}

#[test]
fn a_token_has_one_spelling() {
    // 64 bytes leave four unused bits in the last character: setting one would spell the same signature differently.
    let last = GOOD.chars().next_back().unwrap();
    let twin = char::from_u32(u32::from(last) + 1).unwrap();
    let token = format!("{}{twin}", &GOOD[..GOOD.len() - 1]);
    assert_eq!(refusal(&token), TokenError::Malformed);
}

#[test]
fn too_long_a_token_is_malformed() {
    assert_eq!(refusal(&".".repeat(1 << 20)), TokenError::Malformed);
    assert_eq!(refusal(&".".repeat(8000)), TokenError::Malformed);
    let kid = "k".repeat(4 << 20);
    assert_eq!(refusal(&with_header(&json!({"alg": "ES256", "kid": kid}).to_string())), TokenError::Malformed);

    let signer = key(Algorithm::Es256).signer().unwrap();
    let sized = |length: usize| signer.sign("JWT", &json!({"pad": "x".repeat(length)})).unwrap();
    let longest = (5900..6100).map(sized).take_while(|token| token.len() <= 8192).last().unwrap();
    assert!(verify(&longest, key(Algorithm::Es256)).is_ok());
    assert_eq!(refusal(&sized(6100)), TokenError::Malformed);
}

#[test]
fn a_header_that_is_no_proper_object_is_malformed() {
    let bad = [
        "",
        "null",
        "[]",
        r#"["ES256"]"#,
        r#""ES256""#,
        "{}",
        r#"{"alg":null}"#,
        r#"{"alg":7}"#,
        r#"{"alg":["ES256"]}"#,
        r#"{"alg":"ES256","kid":null}"#,
        r#"{"alg":"ES256","kid":7}"#,
        r#"{"alg":"ES256","kid":{"$ne":""}}"#,
        r#"{"alg":"ES256","typ":["JWT"]}"#,
        r#"{"alg":"ES256","alg":"ES256"}"#,
        r#"{"alg":"ES256","alg":"none"}"#,
        r#"{"alg":"ES256","\u0061lg":"none"}"#,
        r#"{"alg":"ES256","x":1,"x":2}"#,
        r#"{"alg":"ES256"}{}"#,
        r#"{"alg":"ES256""#,
        "{\"alg\":\"ES256\0\"}",
        "\u{feff}{\"alg\":\"ES256\"}",
    ];
    for header in bad {
        assert_eq!(refusal(&with_header(header)), TokenError::Malformed, "{header}");
    }
    let deep = format!(r#"{{"alg":"ES256","x":{}{}}}"#, "[".repeat(2000), "]".repeat(2000));
    assert_eq!(refusal(&with_header(&deep)), TokenError::Malformed);
    let not_utf8 = format!("{}.e30.AAAA", base64url(b"{\"alg\":\"\xff\"}"));
    assert_eq!(refusal(&not_utf8), TokenError::Malformed);
}

#[test]
fn extensions_that_change_the_meaning_are_not_supported() {
    for extension in [r#""crit":["exp"]"#, r#""crit":[]"#, r#""crit":null"#, r#""b64":false"#, r#""zip":"DEF""#] {
        let token = with_header(&format!(r#"{{"alg":"ES256",{extension}}}"#));
        assert_eq!(refusal(&token), TokenError::UnsupportedHeader, "{extension}");
    }
}

#[test]
fn another_algorithm_is_the_wrong_key() {
    let kid = key(Algorithm::Es256).kid();
    for alg in ["none", "nOnE", "NONE", "", "es256", "ES256 ", "ES384", "HS256", "RS256", "EdDSA"] {
        let token = with_header(&json!({"alg": alg, "kid": kid}).to_string());
        assert_eq!(refusal(&token), TokenError::WrongKey, "{alg}");
        assert_eq!(refusal(&with_header(&json!({ "alg": alg }).to_string())), TokenError::WrongKey, "{alg}");
    }
}

#[test]
fn another_kid_is_the_wrong_key() {
    let kid = key(Algorithm::Es256).kid().to_string();
    for kid in ["", "../../etc/passwd", "' OR 1=1", "key:⟨x⟩; DELETE key", &kid.to_lowercase(), &"k".repeat(5000)] {
        let token = with_header(&json!({"alg": "ES256", "kid": kid}).to_string());
        assert_eq!(refusal(&token), TokenError::WrongKey, "{kid}");
    }
}

#[test]
fn a_public_key_is_not_a_shared_secret() {
    let rsa = key(Algorithm::Rs256);
    let pem = rsa.public().to_pem().unwrap();
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    header.kid = Some(rsa.kid().to_string());
    let forged = jsonwebtoken::encode(&header, &json!({}), &EncodingKey::from_secret(pem.as_bytes())).unwrap();
    assert_eq!(verify(&forged, rsa), Err(TokenError::WrongKey));

    // The same bytes under the name of the algorithm the key really has.
    let (_, rest) = forged.split_once('.').unwrap();
    let renamed = format!("{}.{rest}", base64url(json!({"alg": "RS256", "kid": rsa.kid()}).to_string()));
    assert_eq!(verify(&renamed, rsa), Err(TokenError::BadSignature));
}

#[test]
fn a_key_in_the_header_is_not_looked_at() {
    // RFC 8037 appendix A.1, as PKCS#8 (RFC 8410 §7).
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let pkcs8: Vec<u8> = format!("302e020100300506032b657004220420{seed}")
        .as_bytes()
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    for header in [
        json!({"alg": "EdDSA", "jwk": jwk}),
        json!({"alg": "EdDSA", "jwk": jwk, "kid": key(Algorithm::EdDsa).kid()}),
        json!({"alg": "EdDSA", "jku": "https://attacker.example/jwks", "x5u": "file:///", "x5c": ["AAAA"]}),
    ] {
        let input = format!("{}.{}", base64url(header.to_string()), base64url("{}"));
        let key_of_attacker = EncodingKey::from_ed_der(&pkcs8);
        let signature =
            jsonwebtoken::crypto::sign(input.as_bytes(), &key_of_attacker, jsonwebtoken::Algorithm::EdDSA).unwrap();
        let forged = format!("{input}.{signature}");
        assert_eq!(verify(&forged, key(Algorithm::EdDsa)), Err(TokenError::BadSignature));
    }
}

#[test]
fn a_degenerate_signature_is_wrong() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let token = key.signer().unwrap().sign("JWT", &json!({})).unwrap();
        let (input, _) = token.rsplit_once('.').unwrap();
        for length in [1, 32, 63, 64, 65, 70, 128, 256, 257] {
            for byte in [0x00, 0x01, 0x30, 0xff] {
                let forged = format!("{input}.{}", base64url(vec![byte; length]));
                assert_eq!(verify(&forged, key), Err(TokenError::BadSignature));
            }
        }
    }
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only whether it can be read matters")]
struct Claims {
    sub: String,
    exp: u32,
}

fn typed(claims: &impl Serialize) -> Result<Claims, TokenError> {
    let key = key(Algorithm::EdDsa);
    let token = key.signer().unwrap().sign("JWT", claims).unwrap();
    UnverifiedToken::parse(&token).unwrap().verify(&key.public().verifier().unwrap())
}

#[test]
fn claims_of_the_wrong_type_are_bad() {
    assert!(typed(&json!({"sub": "ana", "exp": 1, "extra": [1e300]})).is_ok());
    let numbers =
        [json!(1e300), json!(-1), json!(1.5), json!("1"), json!(null), json!(u64::MAX), json!([1]), json!({})];
    for exp in numbers {
        assert_eq!(typed(&json!({"sub": "ana", "exp": exp})).unwrap_err(), TokenError::BadClaims, "{exp}");
    }
    let whole =
        [json!({"sub": "ana"}), json!({"exp": 1}), json!({}), json!(["ana", 1]), json!("ana"), json!(1), Value::Null];
    for claims in whole {
        assert_eq!(typed(&claims).unwrap_err(), TokenError::BadClaims, "{claims}");
    }
}

#[test]
fn repeated_claims_are_bad() {
    struct Repeated(&'static str);
    impl Serialize for Repeated {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("sub", "ana")?;
            map.serialize_entry("exp", &1)?;
            map.serialize_entry(self.0, &2)?;
            map.end()
        }
    }
    assert!(typed(&Repeated("iat")).is_ok());
    assert_eq!(typed(&Repeated("exp")).unwrap_err(), TokenError::BadClaims);

    struct TwiceUnknown;
    impl Serialize for TwiceUnknown {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([("a", 1), ("a", 1)])
        }
    }
    let key = key(Algorithm::EdDsa);
    let token = key.signer().unwrap().sign("JWT", &TwiceUnknown).unwrap();
    assert_eq!(verify(&token, key), Err(TokenError::BadClaims));
}

#[test]
fn refusals_say_nothing_of_the_token() {
    let secret = "CANARY";
    let token = with_header(&json!({"alg": secret, "kid": secret, "crit": [secret]}).to_string());
    let error = refusal(&token);
    assert!(!format!("{error} {error:?}").contains(secret));
}

proptest! {
    #[test]
    fn noise_is_refused(noise: String) {
        prop_assert!(UnverifiedToken::parse(&noise).is_err());
    }

    #[test]
    fn segments_of_noise_are_refused(header: Vec<u8>, payload: Vec<u8>, signature: Vec<u8>) {
        let token = [header, payload, signature].map(base64url).join(".");
        prop_assert!(verify(&token, key(Algorithm::Es256)).is_err());
    }

    #[test]
    fn a_token_changed_anywhere_is_refused(at in 0..GOOD.len(), change in "[A-Za-z0-9_.=-]") {
        let mut token = GOOD.clone();
        token.replace_range(at..=at, &change);
        let verdict: Result<AnyClaims, _> = verify(&token, key(Algorithm::Es256));
        prop_assert_eq!(verdict.is_ok(), token == *GOOD);
    }
}
