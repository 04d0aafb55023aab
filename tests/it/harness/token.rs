//! An independent verifier: the `jsonwebtoken` crate, over another cryptographic library than the server's.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde::Deserialize;
use serde_json::Value;

use super::{Answer, Program};

/// The claims of RFC 9068, and the original services' two.
#[derive(Clone, Debug, Deserialize)]
#[allow(dead_code)] // each is demanded of every token; not every test looks at each
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: String,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) jti: String,
    pub(crate) client_id: String,
    pub(crate) scope: String,
    pub(crate) sid: String,
    pub(crate) auth_time: i64,
    pub(crate) roles: Vec<String>,
    pub(crate) user_id: String,
    pub(crate) username: String,
}

/// What a resource server does with a token and nothing but the JWKS.
pub(crate) async fn verify_with_jwks(program: &Program, token: &str) -> Claims {
    let jwks = program.get("/.well-known/jwks.json").await;
    assert_eq!(jwks.status, 200);
    let set: JwkSet = serde_json::from_str(&jwks.text).expect("a JWK set");
    let header = decode_header(token).expect("a header");
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    let jwk = set.find(header.kid.as_deref().expect("a kid")).expect("a published key");
    let key = DecodingKey::from_jwk(jwk).expect("a key");
    claims(program, token, &key, header.alg)
}

/// What a program does that reads no JWKS.
pub(crate) fn verify_with_pem(program: &Program, token: &str, cert: &Answer) -> Claims {
    let pem = cert.json["public_key"].as_str().expect("a PEM").as_bytes();
    let header = decode_header(token).expect("a header");
    assert_eq!(Value::from(header.kid.clone()), cert.json["kid"]);
    let key = match header.alg {
        Algorithm::ES256 => DecodingKey::from_ec_pem(pem),
        Algorithm::EdDSA => DecodingKey::from_ed_pem(pem),
        _ => DecodingKey::from_rsa_pem(pem),
    };
    claims(program, token, &key.expect("a key"), header.alg)
}

fn claims(program: &Program, token: &str, key: &DecodingKey, algorithm: Algorithm) -> Claims {
    let issuer = program.issuer();
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[&issuer]);
    validation.set_audience(&[&issuer]);
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp", "nbf"]);
    validation.validate_nbf = true;
    decode::<Claims>(token, key, &validation).expect("a valid token").claims
}
