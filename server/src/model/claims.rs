//! What an access token says.

use serde::{Deserialize, Serialize};
use signet_shared::{Scope, ScopeSet, SessionId, UserId};

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
