//! The examples printed in the RFCs.

use serde_json::{Value, json};
use signet_keys::{PublicKey, TokenError, UnverifiedToken};

use crate::support::AnyClaims;

/// RFC 7638 §3.1.
const RFC7638_N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXj\
                         BZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqz\
                         s8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ\
                         -G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

/// RFC 7515 appendix A.2.
const RFC7515_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-y\
                         RT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-K\
                         XBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h\
                         9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

/// RFC 7515 appendices A.2 and A.3 sign the same payload.
const RFC7515_PAYLOAD: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// RFC 8037 appendix A.
const RFC8037_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn rsa(alg: &str, kid: &str, n: &str) -> Value {
    json!({"kty": "RSA", "use": "sig", "alg": alg, "kid": kid, "n": n, "e": "AQAB"})
}

fn public_key(jwk: Value) -> PublicKey {
    serde_json::from_value(jwk).unwrap()
}

#[test]
fn rfc7638_thumbprint_of_an_rsa_key() {
    let kid = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    assert_eq!(public_key(rsa("RS256", kid, RFC7638_N)).kid().as_str(), kid);
    // The algorithm is no part of it.
    assert_eq!(public_key(rsa("PS256", kid, RFC7638_N)).kid().as_str(), kid);
}

#[test]
fn rfc8037_thumbprint_of_an_ed25519_key() {
    let kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": RFC8037_X});
    assert_eq!(public_key(jwk).kid().as_str(), kid);
}

#[test]
fn a_kid_that_is_not_the_thumbprint_is_refused() {
    let jwk = rsa("RS256", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", RFC7638_N);
    assert!(serde_json::from_value::<PublicKey>(jwk).is_err());
}

#[test]
fn rfc7515_rs256_token_verifies() {
    let key = public_key(rsa("RS256", "IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8", RFC7515_N));
    let token = format!(
        "eyJhbGciOiJSUzI1NiJ9.{RFC7515_PAYLOAD}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh\
         -0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L\
         07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98r\
         qVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    assert_joes(&token, &key);
}

#[test]
fn rfc7515_es256_token_verifies() {
    let key = public_key(json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
        "kid": "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }));
    let token = format!(
        "eyJhbGciOiJFUzI1NiJ9.{RFC7515_PAYLOAD}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTU\
         JqPP3-Kg6NU1Q"
    );
    assert_joes(&token, &key);
}

#[test]
fn rfc8037_eddsa_signature_verifies() {
    let kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": RFC8037_X});
    let verifier = public_key(jwk).verifier().unwrap();
    let verdict = |signature: &str| {
        let token = format!("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.{signature}");
        UnverifiedToken::parse(&token).unwrap().verify::<AnyClaims>(&verifier)
    };
    let right = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let wrong = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAw";
    // The example signs plain text: the signature passes, and what it covers is no JSON.
    assert_eq!(verdict(right), Err(TokenError::BadClaims));
    assert_eq!(verdict(wrong), Err(TokenError::BadSignature));
}

fn assert_joes(token: &str, key: &PublicKey) {
    let token = UnverifiedToken::parse(token).unwrap();
    assert_eq!((token.kid(), token.typ()), (None, None));
    let claims: AnyClaims = token.verify(&key.verifier().unwrap()).unwrap();
    assert_eq!(claims["iss"], "joe");
    assert_eq!(claims["exp"], 1_300_819_380);
}
