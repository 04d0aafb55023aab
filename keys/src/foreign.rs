//! Keys of others: what clients publish so that their signatures can be checked. Nobody vouches for how a set is made.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::encoding::base64url;
use crate::jose::{self, JwsVerifier};
use crate::material::{Coordinate, Integer, Material};
use crate::public_key::Purpose;
use crate::spki;
use crate::token::{TokenError, UnverifiedToken};

/// The most keys of a set: more than anyone rotates.
const MAX_KEYS: usize = 32;
/// The most keys tried for a token that does not say which is its own.
const MAX_TRIES: usize = 4;
/// RFC 7518 §3.3 wants 2048 bits or more; beyond these, verifying costs too much.
const RSA_BITS: RangeInclusive<usize> = 2048..=8192;
/// The most bits of an RSA exponent, for the same reason.
const MAX_EXPONENT_BITS: usize = 64;
/// Members of a JWK that only its owner may know (RFC 7518 §6.2.2, §6.3.2 and §6.4.1), and that of the type AKP.
const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// The y coordinates of the points of small order on edwards25519, those that are written larger than the field included.
const SMALL_ORDER: [&str; 7] = [
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "7P_______________________________________38",
    "7f_______________________________________38",
    "7v_______________________________________38",
    "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
    "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
];

/// Why a set is refused as a whole. Says nothing of what was in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJwks {
    /// Not of the shape of RFC 7517 §5.
    #[error("a JWK set is an object with a list of keys named `keys`, each of them an object")]
    NotASet,
    /// More keys than anyone needs.
    #[error("a JWK set holds at most {MAX_KEYS} keys")]
    TooMany,
    /// Whoever has read the set can sign.
    #[error("the JWK set holds a private key, which only its owner may know; replace that key and publish public ones")]
    Private,
    /// Whoever has read the set can sign, and who verifies can as well.
    #[error("the JWK set holds a symmetric key (`kty` is `oct`); publish public keys")]
    Symmetric,
}

/// The public keys that somebody else signs with.
pub struct ForeignKeys(Vec<ForeignKey>);

/// One key with one algorithm: an RSA key that is bound to none is here with each that it fits.
struct ForeignKey {
    kid: Option<String>,
    algorithm: Algorithm,
    jws: Arc<dyn JwsVerifier>,
}

impl ForeignKeys {
    /// Reads a JWK set (RFC 7517 §5). Keys that we do not understand, that are for something else than signatures, or that
    /// are too weak or too large are passed over; a set that holds a secret is refused whole.
    pub fn parse(jwks: &Value) -> Result<Self, InvalidJwks> {
        let keys = jwks.get("keys").and_then(Value::as_array).ok_or(InvalidJwks::NotASet)?;
        if keys.len() > MAX_KEYS {
            return Err(InvalidJwks::TooMany);
        }
        keys.iter().try_for_each(|key| refuse_secrets(key.as_object().ok_or(InvalidJwks::NotASet)?))?;
        let usable = keys.iter().filter_map(|key| Jwk::deserialize(key).ok()).flat_map(Jwk::usable).collect();
        Ok(Self(usable))
    }

    /// Whether nothing can be verified with this set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a key has this name; any key will do for a token that names none.
    pub fn has(&self, kid: Option<&str>) -> bool {
        self.0.iter().any(|key| key.answers_to(kid))
    }

    /// Checks a token against the key that it names, or, where it names none, against those that fit its algorithm, and
    /// only then reads its claims. The algorithm has to be one of those `allowed` here, and the key's own: the token's
    /// header alone decides nothing (RFC 8725 §3.1). The claims' meaning (`iss`, `aud`, `exp`) is for the caller to check.
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &UnverifiedToken<'_>,
        allowed: &[Algorithm],
    ) -> Result<C, TokenError> {
        let named = Algorithm::of_others(token.algorithm()).ok();
        let algorithm = named.filter(|algorithm| allowed.contains(algorithm)).ok_or(TokenError::WrongKey)?;
        let fitting = self.0.iter().filter(|key| key.algorithm == algorithm && key.answers_to(token.kid()));
        let mut candidates = fitting.take(MAX_TRIES).peekable();
        if candidates.peek().is_none() {
            return Err(TokenError::WrongKey);
        }
        token.claims_if(|message, signature| candidates.any(|key| key.jws.verify(message, signature).is_ok()))
    }
}

impl fmt::Debug for ForeignKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForeignKeys").field("usable", &self.0.len()).finish_non_exhaustive()
    }
}

impl ForeignKey {
    fn answers_to(&self, kid: Option<&str>) -> bool {
        kid.is_none_or(|kid| self.kid.as_deref() == Some(kid))
    }
}

fn refuse_secrets(key: &Map<String, Value>) -> Result<(), InvalidJwks> {
    if key.get("kty").is_some_and(|kty| kty == "oct") {
        return Err(InvalidJwks::Symmetric);
    }
    if PRIVATE_MEMBERS.iter().any(|member| key.contains_key(*member)) { Err(InvalidJwks::Private) } else { Ok(()) }
}

/// A key as others write it (RFC 7517 §4): only its type and its public members have to be there.
#[derive(Deserialize)]
struct Jwk {
    kid: Option<String>,
    #[serde(default, deserialize_with = "of_others")]
    alg: Option<Algorithm>,
    #[serde(rename = "use")]
    purpose: Option<Purpose>,
    key_ops: Option<Vec<String>>,
    #[serde(flatten)]
    material: Material,
}

fn of_others<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Algorithm>, D::Error> {
    let name: Option<String> = Deserialize::deserialize(deserializer)?;
    name.map(|name| Algorithm::of_others(&name)).transpose().map_err(D::Error::custom)
}

impl Jwk {
    /// The key with each algorithm that it may be used with. One with another `use` was not even read.
    fn usable(self) -> Vec<ForeignKey> {
        let Self { kid, alg, purpose: None | Some(Purpose::Signature), key_ops, material } = self;
        let may_verify = key_ops.is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        if !may_verify || !is_sound(&material) {
            return Vec::new();
        }
        let der = spki::der(&material);
        let fits = |algorithm: &Algorithm| material.suits(*algorithm) && alg.is_none_or(|alg| alg == *algorithm);
        // OpenSSL refuses what is no key, such as a point off the curve.
        let key = |algorithm| {
            let jws = jose::verifier(algorithm, &der).ok()?;
            Some(ForeignKey { kid: kid.clone(), algorithm, jws })
        };
        Algorithm::ALL.into_iter().filter(fits).filter_map(key).collect()
    }
}

/// Whether its owner alone can sign with it, and we can afford to verify.
fn is_sound(material: &Material) -> bool {
    let is_odd = |number: &Integer| number.0.last().is_some_and(|byte| byte % 2 == 1);
    match material {
        Material::Ec { .. } => true,
        // With an exponent of 1 everybody could sign.
        Material::Rsa { n, e } => {
            RSA_BITS.contains(&n.bits()) && (2..=MAX_EXPONENT_BITS).contains(&e.bits()) && is_odd(n) && is_odd(e)
        }
        // With a point of small order as well.
        Material::Okp { x, .. } => !has_small_order(x),
    }
}

fn has_small_order(point: &Coordinate) -> bool {
    let mut y = point.0;
    // The top bit is the sign of x (RFC 8032 §5.1.2).
    y[31] &= 0x7f;
    SMALL_ORDER.contains(&base64url(y).as_str())
}
