//! Users on their way in or out: one JSON object a line.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Profile;

/// A user as a line of an import or export (NDJSON). What is absent or `null` has its default.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct UserLine {
    /// The subject of their tokens, a UUID; a new one unless told.
    #[serde(default)]
    pub id: Option<String>,
    /// The address they log in with.
    pub email: String,
    /// Their name.
    #[serde(default)]
    pub username: Option<String>,
    /// Whether the address counts as confirmed.
    #[serde(default)]
    pub email_verified: bool,
    /// Whether they can do nothing.
    #[serde(default)]
    pub disabled: bool,
    /// Roles that their tokens carry.
    #[serde(default)]
    pub roles: Vec<String>,
    /// What is known of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// What operators note about them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", salvo(schema(value_type = Option<Object>)))]
    pub attributes: Option<Map<String, Value>>,
    /// When they registered, RFC 3339; now unless told.
    #[serde(default)]
    pub created_at: Option<String>,
    /// When they last logged in.
    #[serde(default)]
    pub last_login_at: Option<String>,
    /// Their password's hash: scrypt, argon2, bcrypt or PBKDF2-SHA-256 as a PHC string or as Django writes it. Without one they
    /// log in once they were invited, or have reset it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
}

/// What came of an import, or, as a dry run, would.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct ImportReport {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// Lines that held something.
    pub lines: u64,
    /// Users who are there now.
    pub imported: u64,
    /// Lines that were refused.
    pub refused: u64,
    /// Why, line by line; of the first hundred thousand.
    pub refusals: Vec<LineRefusal>,
    /// Why it ended before the last line, where it did. What was imported stays, and the same lines may be sent again.
    pub stopped: Option<String>,
}

/// Why a line was refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct LineRefusal {
    /// Which, from 1.
    pub line: u64,
    /// The member; empty for the line as a whole.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}
