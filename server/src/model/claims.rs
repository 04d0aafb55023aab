//! What an access token says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signet_shared::{GrantId, Scope, ScopeSet, SessionId, UserId};

/// The `typ` of an access token (RFC 9068 §2.1).
pub const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// What an access token says (RFC 9068 §2.2), and the two claims that the original services had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The issuer.
    pub iss: String,
    /// Whose token it is.
    pub sub: UserId,
    /// For whom: the issuer itself, where the built-in client is concerned.
    pub aud: String,
    /// When it is over, in seconds since the epoch.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// From when on it serves.
    pub nbf: i64,
    /// What it alone is called.
    pub jti: String,
    /// Who asked for it.
    pub client_id: String,
    /// What it may be used for.
    pub scope: ScopeSet,
    /// The session it was issued in.
    pub sid: SessionId,
    /// When its owner last showed a password.
    pub auth_time: i64,
    /// What its owner is to the operator.
    pub roles: Vec<String>,
    /// `sub`, as the original services called it.
    pub user_id: UserId,
    /// The display name, as the original services had it.
    pub username: String,
}

impl AccessClaims {
    /// Whether its owner may do everything with their account; one that came with a temporary password may not.
    pub fn is_unrestricted(&self) -> bool {
        self.scope.contains(Scope::ACCOUNT)
    }
}

/// What an access token says that was issued to a client for a user, or for itself (RFC 9068 §2.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClientAccessClaims {
    /// The issuer.
    pub iss: String,
    /// Whose token it is: the user, as this client knows them, or the client itself.
    pub sub: String,
    /// For whom.
    pub aud: Audience,
    /// When it is over, in seconds since the epoch.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// From when on it serves.
    pub nbf: i64,
    /// What it alone is called; before the first dot stands its grant.
    pub jti: String,
    /// Who asked for it.
    pub client_id: String,
    /// What it may be used for.
    pub scope: ScopeSet,
    /// The session in which it was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// When its owner last showed a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// What its owner is to the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// What the operator has them say besides.
    #[serde(flatten)]
    pub custom: Map<String, Value>,
}

impl ClientAccessClaims {
    /// The grant that it was issued from; `None` for one that a client got for itself.
    pub fn grant(&self) -> Option<GrantId> {
        self.jti.split_once('.')?.0.parse().ok()
    }
}

/// One audience, or several (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Audience {
    /// These, or else that one.
    pub fn of(several: &[String], otherwise: &str) -> Self {
        match several {
            [] => Self::One(otherwise.to_owned()),
            [one] => Self::One(one.clone()),
            several => Self::Several(several.to_vec()),
        }
    }

    /// Whether this is one of them.
    pub fn contains(&self, one: &str) -> bool {
        match self {
            Self::One(only) => only == one,
            Self::Several(several) => several.iter().any(|other| other == one),
        }
    }
}
