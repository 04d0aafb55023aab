//! The audit log as an operator reads it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct AuditEvent {
    /// Unique, and later for later events.
    pub id: String,
    /// When, RFC 3339.
    pub time: String,
    /// What, such as `login.fail`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `ok` or `fail`.
    pub result: String,
    /// Who did it: `user:⟨id⟩` or `api_key:⟨id⟩`; `null` where nobody proved who they are.
    pub actor: Option<String>,
    /// Whom or what it concerns, such as a user's id.
    pub subject: Option<String>,
    /// From which address.
    pub ip: Option<String>,
    /// What was, where something changed; secrets are left out.
    pub before: Option<Value>,
    /// What is.
    pub after: Option<Value>,
}
