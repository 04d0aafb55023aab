//! Signing keys as an operator sees and moves them.

use serde::{Deserialize, Serialize};

/// One key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct KeyView {
    /// Its RFC 7638 thumbprint, as in token headers.
    pub kid: String,
    /// What it signs with.
    pub algorithm: String,
    /// `next`, `active`, `retired` or `gone`.
    pub state: String,
    /// When it was made, which is when it was published; RFC 3339.
    pub created_at: String,
    /// When it began to sign.
    pub activated_at: Option<String>,
    /// When it stopped.
    pub retired_at: Option<String>,
    /// When it left the key set.
    pub gone_at: Option<String>,
    /// Whether it was taken away by decision.
    pub revoked: bool,
    /// Of a next key: from when on it may sign.
    pub ready_at: Option<String>,
    /// Of a next key: when it begins to sign. Of an active one: when it stops.
    pub rotates_at: Option<String>,
    /// Of a retired key: when it leaves the key set.
    pub leaves_at: Option<String>,
}

/// A wish to let the next key sign now.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct RotateRequest {
    /// Whose keys.
    pub algorithm: String,
    /// Even if caches may lack the next key: what it signs may then fail to verify for a while.
    #[serde(default)]
    pub force: bool,
}

/// A wish to rotate at an instant of the operator's choice.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct ScheduleRequest {
    /// Whose keys.
    pub algorithm: String,
    /// When, RFC 3339; `null` takes an earlier wish back.
    pub at: Option<String>,
}

/// What a revocation did, or, as a dry run, would do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct KeyRevocation {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// Live tokens that the key signed, at the most, one for each session: they stop verifying as caches expire. `null` where
    /// they could not be counted.
    pub broken_tokens: Option<i64>,
    /// All keys, as they are now.
    pub keys: Vec<KeyView>,
}
