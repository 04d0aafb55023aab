//! Sessions as an operator sees and ends them.

use serde::{Deserialize, Serialize};

/// One session: a user on one browser or device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct SessionView {
    /// A UUID: the `sid` of its tokens.
    pub id: String,
    /// Whose.
    pub user: String,
    /// The address they log in with.
    pub email: String,
    /// `cookie` or `refresh_tokens`.
    pub kept_by: String,
    /// Whether it may only set a password.
    pub restricted: bool,
    /// When it was opened, RFC 3339.
    pub created_at: String,
    /// When it was last renewed or refreshed.
    pub last_seen_at: String,
    /// When it ends unless that happens again.
    pub expires_at: String,
    /// When it was ended by decision.
    pub revoked_at: Option<String>,
    /// From which address.
    pub ip: String,
    /// What the browser or device calls itself.
    pub user_agent: String,
    /// The families of refresh tokens on it, one for each client.
    pub families: Vec<FamilyView>,
}

/// A grant's refresh tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct FamilyView {
    /// The grant's UUID.
    pub id: String,
    /// Which client.
    pub client: String,
    /// How often it was refreshed.
    pub generation: i64,
    /// Whether a spent token was shown again and the family revoked for it.
    pub reused: bool,
    /// When the grant was made.
    pub created_at: String,
    /// When it was last refreshed.
    pub last_used_at: String,
    /// When its live token expires.
    pub expires_at: String,
    /// When it was revoked.
    pub revoked_at: Option<String>,
}

/// Which sessions to end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct RevokeSessionsRequest {
    /// As when listing; `*` for every session there is.
    pub filter: String,
}

/// How many were, or, as a dry run, would be ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct RevokedSessions {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// How many.
    pub sessions: i64,
}
