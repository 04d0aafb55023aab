//! Compact JWS as strangers send them: nothing is believed before the signature is.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::encoding::from_base64url;
use crate::verifier::Verifier;

/// No token that we take comes near this; a longer one is refused before any work is done for it.
const MAX_LENGTH: usize = 8192;

/// Extensions that change what the signature covers or means, and that we do not know:
/// RFC 7515 §4.1.11 (`crit`), RFC 7797 (`b64`), RFC 7516 §4.1.3 (`zip`).
const UNSUPPORTED: [&str; 3] = ["crit", "b64", "zip"];

/// Why a token was refused. Says nothing of what was in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a compact JWS with a well-formed header.
    #[error("the token is malformed")]
    Malformed,
    /// The header demands an extension we do not support.
    #[error("the token header is not supported")]
    UnsupportedHeader,
    /// The token names another key or algorithm than the one it is checked with.
    #[error("the token was not signed with this key")]
    WrongKey,
    /// The signature does not match.
    #[error("the token signature is wrong")]
    BadSignature,
    /// Signed with this key, but the claims are not the expected ones.
    #[error("the token claims are not valid")]
    BadClaims,
}

/// A parsed compact JWS. Nothing in it is to be believed: its `kid` and `alg` serve to choose a key, never to trust
/// one.
///
/// Keys a header brings along (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
pub struct UnverifiedToken<'a> {
    signing_input: &'a str,
    algorithm: String,
    kid: Option<String>,
    typ: Option<String>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> UnverifiedToken<'a> {
    /// Takes a token apart, strictly: what is not exactly a compact JWS is refused here.
    pub fn parse(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::Malformed);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        // A fourth segment would leave a dot inside the payload, which is no base64url.
        let (header, payload) = signing_input.split_once('.').ok_or(TokenError::Malformed)?;
        let DistinctMembers(mut header) =
            serde_json::from_slice(&segment(header)?).map_err(|_| TokenError::Malformed)?;
        if UNSUPPORTED.iter().any(|name| header.contains_key(*name)) {
            return Err(TokenError::UnsupportedHeader);
        }
        Ok(Self {
            signing_input,
            algorithm: text(&mut header, "alg")?.ok_or(TokenError::Malformed)?,
            kid: text(&mut header, "kid")?,
            typ: text(&mut header, "typ")?,
            payload: segment(payload)?,
            signature: segment(signature)?,
        })
    }

    /// The key the token claims to be signed with.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm the token claims to be signed with.
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The kind of token it claims to be.
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Whom the token claims to be from: to choose whose keys it is checked with.
    pub fn claimed_issuer(&self) -> Option<String> {
        let DistinctMembers(mut claims) = serde_json::from_slice(&self.payload).ok()?;
        text(&mut claims, "iss").ok()?
    }

    /// Checks the token against one key and only then reads its claims. Their meaning (`iss`, `aud`, `exp`) is for the
    /// caller to check.
    pub fn verify<C: DeserializeOwned>(&self, verifier: &Verifier) -> Result<C, TokenError> {
        let names_another_key = self.kid().is_some_and(|kid| kid != verifier.kid().as_str());
        if names_another_key || self.algorithm != verifier.algorithm().name() {
            return Err(TokenError::WrongKey);
        }
        self.claims_if(|message, signature| verifier.accepts(message, signature))
    }

    /// Reads the claims of a token whose signature somebody vouches for, who is shown what was signed and the signature.
    pub(crate) fn claims_if<C: DeserializeOwned>(
        &self,
        is_signed: impl FnOnce(&[u8], &[u8]) -> bool,
    ) -> Result<C, TokenError> {
        if !is_signed(self.signing_input.as_bytes(), &self.signature) {
            return Err(TokenError::BadSignature);
        }
        claims(&self.payload).map_err(|_| TokenError::BadClaims)
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedToken(..)")
    }
}

fn segment(text: &str) -> Result<Vec<u8>, TokenError> {
    match from_base64url(text) {
        Ok(bytes) if !bytes.is_empty() => Ok(bytes),
        _ => Err(TokenError::Malformed),
    }
}

/// A member that is absent or a string; any other type, null included, is refused.
fn text(header: &mut Map<String, Value>, name: &str) -> Result<Option<String>, TokenError> {
    match header.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(TokenError::Malformed),
    }
}

fn claims<C: DeserializeOwned>(payload: &[u8]) -> Result<C, serde_json::Error> {
    let DistinctMembers(members) = serde_json::from_slice(payload)?;
    serde_json::from_value(Value::Object(members))
}

/// A JSON object none of whose members is repeated. Parsers disagree about which one counts (RFC 8259 §4),
/// so we take the strict choice of RFC 7515 §4 and RFC 7519 §4.
struct DistinctMembers(Map<String, Value>);

impl<'de> Deserialize<'de> for DistinctMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DistinctMembersVisitor)
    }
}

struct DistinctMembersVisitor;

impl<'de> Visitor<'de> for DistinctMembersVisitor {
    type Value = DistinctMembers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object without repeated members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<DistinctMembers, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = access.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("repeated member"));
            }
        }
        Ok(DistinctMembers(members))
    }
}
