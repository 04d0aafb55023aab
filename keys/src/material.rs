//! Public key material, typed so that a private member has no place to stand in.

use serde::{Deserialize, Serialize};

use crate::algorithm::Algorithm;
use crate::encoding::{base64url, from_base64url};
use crate::key_id::KeyId;

/// The public members of a JWK (RFC 7518 §6, RFC 8037 §2). Unknown ones are ignored, as RFC 7517 §4 demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub(crate) enum Material {
    #[serde(rename = "EC")]
    Ec { crv: EcCurve, x: Coordinate, y: Coordinate },
    #[serde(rename = "RSA")]
    Rsa { n: Integer, e: Integer },
    #[serde(rename = "OKP")]
    Okp { crv: OkpCurve, x: Coordinate },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EcCurve {
    #[serde(rename = "P-256")]
    P256,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OkpCurve {
    Ed25519,
}

impl Material {
    pub(crate) fn suits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Ec { .. } => algorithm == Algorithm::Es256,
            Self::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Self::Okp { .. } => algorithm == Algorithm::EdDsa,
        }
    }

    /// RFC 7638 §3.2: the required members only, in lexicographic order, without white space.
    pub(crate) fn thumbprint(&self) -> KeyId {
        KeyId::thumbprint(&match self {
            Self::Ec { x, y, .. } => {
                let (x, y) = (base64url(x.0), base64url(y.0));
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Rsa { n, e } => {
                let (n, e) = (base64url(&n.0), base64url(&e.0));
                format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
            }
            Self::Okp { x, .. } => {
                let x = base64url(x.0);
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)
            }
        })
    }
}

/// A coordinate of a 256-bit curve: always 32 bytes, leading zeros included (RFC 7518 §6.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Coordinate(pub(crate) [u8; 32]);

/// An unsigned big-endian number in as few bytes as it needs (RFC 7518 §2, Base64urlUInt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Integer(pub(crate) Vec<u8>);

impl Integer {
    /// How many bits it takes.
    pub(crate) fn bits(&self) -> usize {
        let unused = self.0.first().map_or(0, |byte| byte.leading_zeros());
        self.0.len() * 8 - unused as usize
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidMember {
    #[error("a key member is not base64url")]
    Encoding(#[from] base64::DecodeError),
    #[error("a coordinate is not 32 bytes long")]
    Coordinate,
    #[error("a number is empty or has leading zeros")]
    Integer,
}

impl TryFrom<String> for Coordinate {
    type Error = InvalidMember;

    fn try_from(text: String) -> Result<Self, InvalidMember> {
        let bytes = from_base64url(&text)?.try_into();
        bytes.map(Self).map_err(|_| InvalidMember::Coordinate)
    }
}

impl TryFrom<String> for Integer {
    type Error = InvalidMember;

    fn try_from(text: String) -> Result<Self, InvalidMember> {
        let bytes = from_base64url(&text)?;
        match bytes.first() {
            None | Some(0) => Err(InvalidMember::Integer),
            Some(_) => Ok(Self(bytes)),
        }
    }
}

impl From<Coordinate> for String {
    fn from(coordinate: Coordinate) -> Self {
        base64url(coordinate.0)
    }
}

impl From<Integer> for String {
    fn from(integer: Integer) -> Self {
        base64url(integer.0)
    }
}
