//! Settings as an operator sees and changes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// All settings at one revision.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct SettingsView {
    /// Moves with every change; the entity tag is this number in quotes.
    pub revision: i64,
    /// Every setting, described.
    pub settings: Vec<SettingView>,
}

/// One setting.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct SettingView {
    /// Its name.
    pub key: String,
    /// `duration`, `integer`, `boolean` or `choice`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What holds now. A duration is whole seconds; in a request it may also be written like `15m`.
    pub value: Value,
    /// What holds until somebody says otherwise.
    pub default: Value,
    /// Least, for durations and integers.
    pub min: Option<i64>,
    /// Most, for durations and integers.
    pub max: Option<i64>,
    /// The words a choice takes.
    pub choices: Option<Vec<String>>,
    /// `seconds` for a duration.
    pub unit: Option<String>,
    /// What it does.
    pub effect: String,
}

/// A value that was or would be replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct Change {
    /// The setting.
    pub key: String,
    /// What held before.
    pub before: Value,
    /// What holds after.
    pub after: Value,
}

/// What a change did, or, as a dry run, would do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct SettingsChange {
    /// The revision after it; a dry run shows the one it was computed on.
    pub revision: i64,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The values that differ.
    pub changes: Vec<Change>,
    /// Whom it concerns, for each changed setting.
    pub impact: Vec<Impact>,
}

/// Whom the change of one setting concerns, counted in the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct Impact {
    /// The setting.
    pub key: String,
    /// What happens to them, in a sentence.
    pub effect: String,
    /// How many there are of what: `sessions`, `refresh_tokens`, `refresh_tokens_ended`, `users`, `keys`.
    pub counts: BTreeMap<String, i64>,
}

/// A change in the history of the settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct Revision {
    /// Its number.
    pub revision: i64,
    /// When, RFC 3339.
    pub time: String,
    /// Who, such as `user:3f0e…`; `system` for the first start.
    pub actor: String,
    /// What changed.
    pub changes: Vec<Change>,
}
