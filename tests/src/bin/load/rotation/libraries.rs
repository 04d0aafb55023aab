//! Three JWT libraries that share no code with the server's, nor with each other:
//! each reads the published keys by itself and has its arithmetic from elsewhere,
//! from AWS-LC, from *ring* and from the pure Rust of RustCrypto.

use std::{collections::HashMap, fmt};

use biscuit::{
    ClaimPresenceOptions, Empty, JWT, Presence, ValidationOptions, errors, jwa::SignatureAlgorithm, jwk::JWKSet,
};
use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use jwt_compact::{Algorithm, AlgorithmExt, Claims, TimeOptions, UntrustedToken, alg::Es256, jwk::JsonWebKey};
use serde::Deserialize;

/// A verifier that knows nothing but a key set and whom to believe.
pub trait Library: Send {
    /// Which.
    fn name(&self) -> &'static str;

    /// Takes another key set instead of the one before.
    fn take(&mut self, jwks: &[u8]) -> anyhow::Result<()>;

    /// Looks at signature, end and issuer.
    fn verify(&self, token: &str) -> Result<(), Fault>;
}

/// Why a token was not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The set does not hold the key.
    UnknownKey,
    /// Anything else.
    Other(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey => out.write_str("the key set does not hold the key"),
            Self::Other(text) => out.write_str(text),
        }
    }
}

fn other(error: impl fmt::Display) -> Fault {
    Fault::Other(error.to_string())
}

/// One of each, with an empty set.
pub fn all(issuer: &str) -> Vec<Box<dyn Library>> {
    let issuer = || issuer.to_owned();
    vec![
        Box::new(JsonWebToken { issuer: issuer(), set: JwkSet { keys: Vec::new() } }),
        Box::new(Biscuit { issuer: issuer(), set: JWKSet { keys: Vec::new() } }),
        Box::new(JwtCompact { issuer: issuer(), keys: HashMap::new() }),
    ]
}

struct JsonWebToken {
    issuer: String,
    set: JwkSet,
}

impl Library for JsonWebToken {
    fn name(&self) -> &'static str {
        "jsonwebtoken"
    }

    fn take(&mut self, jwks: &[u8]) -> anyhow::Result<()> {
        self.set = serde_json::from_slice(jwks)?;
        Ok(())
    }

    fn verify(&self, token: &str) -> Result<(), Fault> {
        let header = jsonwebtoken::decode_header(token).map_err(other)?;
        let key = header.kid.and_then(|kid| self.set.find(&kid)).ok_or(Fault::UnknownKey)?;
        let key = DecodingKey::from_jwk(key).map_err(other)?;
        let mut validation = Validation::new(jsonwebtoken::Algorithm::ES256);
        validation.leeway = 0;
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.issuer]);
        jsonwebtoken::decode::<serde_json::Value>(token, &key, &validation).map(drop).map_err(other)
    }
}

struct Biscuit {
    issuer: String,
    set: JWKSet<Empty>,
}

impl Library for Biscuit {
    fn name(&self) -> &'static str {
        "biscuit"
    }

    fn take(&mut self, jwks: &[u8]) -> anyhow::Result<()> {
        self.set = serde_json::from_slice(jwks)?;
        Ok(())
    }

    fn verify(&self, token: &str) -> Result<(), Fault> {
        let token = JWT::<Empty, Empty>::new_encoded(token);
        let token =
            token.decode_with_jwks(&self.set, Some(SignatureAlgorithm::ES256)).map_err(|error| match error {
                errors::Error::ValidationError(errors::ValidationError::KeyNotFound) => Fault::UnknownKey,
                error => other(error),
            })?;
        let claim_presence_options =
            ClaimPresenceOptions { expiry: Presence::Required, issuer: Presence::Required, ..Default::default() };
        let issuer = biscuit::Validation::Validate(self.issuer.clone());
        token.validate(ValidationOptions { claim_presence_options, issuer, ..Default::default() }).map_err(other)
    }
}

struct JwtCompact {
    issuer: String,
    keys: HashMap<String, <Es256 as Algorithm>::VerifyingKey>,
}

impl Library for JwtCompact {
    fn name(&self) -> &'static str {
        "jwt-compact"
    }

    fn take(&mut self, jwks: &[u8]) -> anyhow::Result<()> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Published>,
        }
        #[derive(Deserialize)]
        struct Published {
            kid: String,
            alg: String,
            #[serde(flatten)]
            key: JsonWebKey<'static>,
        }
        let Set { keys } = serde_json::from_slice(jwks)?;
        let keys = keys.into_iter().filter(|published| published.alg == Es256.name());
        let keys = keys.map(|Published { kid, key, .. }| anyhow::Ok((kid, (&key).try_into()?)));
        self.keys = keys.collect::<anyhow::Result<_>>()?;
        Ok(())
    }

    fn verify(&self, token: &str) -> Result<(), Fault> {
        #[derive(Clone, Deserialize)]
        struct Issued {
            iss: String,
        }
        let token = UntrustedToken::new(token).map_err(other)?;
        let key = token.header().key_id.as_ref().and_then(|kid| self.keys.get(kid)).ok_or(Fault::UnknownKey)?;
        let token = Es256.validator(key).validate(&token).map_err(other)?;
        let claims: &Claims<Issued> = token.claims();
        claims.validate_expiration(&TimeOptions::from_leeway(Default::default())).map_err(other)?;
        if claims.custom.iss == self.issuer { Ok(()) } else { Err(other("another issuer")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::now;
    use jsonwebtoken::{EncodingKey, Header, jwk::Jwk};
    use serde_json::json;

    const ISSUER: &str = "http://127.0.0.1:12345";

    fn key() -> EncodingKey {
        EncodingKey::from_ec_pem(rcgen::KeyPair::generate().unwrap().serialize_pem().as_bytes()).unwrap()
    }

    fn token(key: &EncodingKey, kid: &str, issuer: &str, seconds: i64) -> String {
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(jsonwebtoken::Algorithm::ES256) };
        let claims = json!({ "iss": issuer, "aud": ISSUER, "exp": now().as_second() + seconds });
        jsonwebtoken::encode(&header, &claims, key).unwrap()
    }

    #[test]
    fn every_library_believes_what_is_right_and_nothing_else() {
        let key = key();
        let mut jwk = Jwk::from_encoding_key(&key, jsonwebtoken::Algorithm::ES256).unwrap();
        jwk.common.key_id = Some("a".to_owned());
        let set = serde_json::to_vec(&JwkSet { keys: vec![jwk] }).unwrap();
        let good = token(&key, "a", ISSUER, 60);
        for mut library in all(ISSUER) {
            let name = library.name();
            assert_eq!(library.verify(&good), Err(Fault::UnknownKey), "{name}");
            library.take(&set).unwrap();
            assert_eq!(library.verify(&good), Ok(()), "{name}");
            assert_eq!(library.verify(&token(&key, "b", ISSUER, 60)), Err(Fault::UnknownKey), "{name}");
            for bad in [
                token(&key, "a", "http://127.0.0.1:12346", 60),
                token(&key, "a", ISSUER, -2),
                token(&self::key(), "a", ISSUER, 60),
            ] {
                assert!(matches!(library.verify(&bad), Err(Fault::Other(_))), "{name}: {bad}");
            }
        }
    }
}
