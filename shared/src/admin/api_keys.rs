//! Keys to the admin API, as an operator makes and sees them.

use serde::{Deserialize, Serialize};

/// One key.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct ApiKeyView {
    /// A UUID; not the key.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do: `users:read`, `keys:write`, `*:read` and the like.
    pub permissions: Vec<String>,
    /// Who made it.
    pub created_by: String,
    /// When, RFC 3339.
    pub created_at: String,
    /// Until when it serves; `null` for ever.
    pub expires_at: Option<String>,
    /// The key itself, once: in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
}

/// A key to make.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct NewApiKeyRequest {
    /// What it is for.
    pub name: String,
    /// What it may do; no more than whoever makes it.
    pub permissions: Vec<String>,
    /// Until when it serves, RFC 3339.
    #[serde(default)]
    pub expires_at: Option<String>,
}
