//! Users as an operator sees and changes them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Profile;

/// One user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct UserView {
    /// A UUID: the subject of their tokens.
    pub id: String,
    /// The address.
    pub email: String,
    /// The display name; empty until set.
    pub username: String,
    /// Whether the owner of the address has confirmed it.
    pub email_verified: bool,
    /// An address that takes the other's place once confirmed.
    pub pending_email: Option<String>,
    /// Disabled users cannot do anything.
    pub disabled: bool,
    /// Roles that tokens carry; `admin` and `auditor` open the admin API.
    pub roles: Vec<String>,
    /// What is known of the person.
    #[serde(default)]
    pub profile: Profile,
    /// What operators note about them.
    #[serde(default)]
    #[cfg_attr(feature = "schema", salvo(schema(value_type = Object)))]
    pub attributes: Map<String, Value>,
    /// `proper`, `temporary` or `none`.
    pub password: String,
    /// When they registered, RFC 3339.
    pub created_at: String,
    /// When their profile, address or name last changed.
    #[serde(default)]
    pub updated_at: String,
    /// When they last logged in.
    pub last_login_at: Option<String>,
}

/// A user to create. Not printed: it may hold a password.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct NewUserRequest {
    /// The address.
    pub email: String,
    /// The display name.
    #[serde(default)]
    pub username: Option<String>,
    /// The first password. Without one the user cannot log in until they were invited or reset it.
    #[serde(default)]
    pub password: Option<String>,
    /// Roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether the address counts as confirmed.
    #[serde(default)]
    pub email_verified: bool,
    /// What is known of the person.
    #[serde(default)]
    pub profile: Option<Profile>,
    /// What operators note about them: up to 64 members with names of letters, digits, dots, dashes and underscores.
    #[serde(default)]
    #[cfg_attr(feature = "schema", salvo(schema(value_type = Option<Object>)))]
    pub attributes: Option<Map<String, Value>>,
    /// Whether to mail them a link to set a password with.
    #[serde(default)]
    pub invite: bool,
}

/// What shall change; everything else stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct UserPatch {
    /// Another address; it counts at once.
    pub email: Option<String>,
    /// Another display name; empty takes it away.
    pub username: Option<String>,
    /// Whether the address counts as confirmed.
    pub email_verified: Option<bool>,
    /// Disabling ends every session.
    pub disabled: Option<bool>,
    /// All the roles they shall have.
    pub roles: Option<Vec<String>>,
    /// Members of their profile; `null` takes one away, and what is absent stays.
    #[cfg_attr(feature = "schema", salvo(schema(value_type = Option<Profile>)))]
    pub profile: Option<Map<String, Value>>,
    /// Attributes, likewise.
    #[cfg_attr(feature = "schema", salvo(schema(value_type = Option<Object>)))]
    pub attributes: Option<Map<String, Value>>,
}

/// A password that an operator gives.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct PasswordRequest {
    /// The password; without it a temporary one is made and told once.
    pub password: Option<String>,
}

/// What became of a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct PasswordAnswer {
    /// Told once. A login with it may only set a proper one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporary_password: Option<String>,
    /// Until when it serves, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}
