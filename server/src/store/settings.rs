//! Settings as rows: what was set is kept, as JSON; what never was has its default.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    connection::vars,
    statements::write_settings,
    time::{instant, millis},
};

/// What was set, at one revision. Revision 0 is a database that never started.
#[derive(Clone, Debug, Default)]
pub struct StoredSettings {
    /// Moves with every change.
    pub revision: i64,
    /// By key.
    pub values: BTreeMap<String, Value>,
}

#[derive(SurrealValue)]
struct SettingsRow {
    revision: i64,
    values: Vec<SettingRow>,
}

#[derive(SurrealValue)]
struct SettingRow {
    key: String,
    value: String,
}

const LOAD: &str = "RETURN {
    revision: (SELECT VALUE number FROM ONLY revision:settings) ?? 0,
    values: (SELECT record::id(id) AS key, value FROM setting)
}";

const SEED: &str = concat!(
    "RETURN {
        LET $settings_revision = 0;
        IF record::exists(revision:settings) { false }
        ELSE {",
    write_settings!(),
    "       true
        }
    }"
);

const LIST_REVISIONS: &str = "RETURN {
    LET $last = (SELECT VALUE number FROM ONLY revision:settings) ?? 0;
    LET $below = $before ?? $last + 1;
    SELECT record::id(id) AS revision, time, actor, changes FROM settings_revision:1..
        WHERE record::id(id) < $below ORDER BY revision DESC LIMIT $limit
}";

/// A change of settings.
#[derive(Clone, Debug, Default)]
pub struct SettingsWrite {
    /// The revision it was made on.
    pub seen: i64,
    /// The values that change.
    pub values: BTreeMap<String, Value>,
    /// For the history: each change with its key, what was and what is.
    pub changes: Value,
    /// For the history: every setting's value after the change.
    pub effective: Value,
    /// Who makes it.
    pub actor: String,
}

#[derive(SurrealValue)]
pub(super) struct SettingsWriteRow {
    seen: i64,
    values: Vec<SettingRow>,
    changes: String,
    effective: String,
    actor: String,
}

impl From<&SettingsWrite> for SettingsWriteRow {
    fn from(write: &SettingsWrite) -> Self {
        let row = |(key, value): (&String, &Value)| SettingRow { key: key.clone(), value: value.to_string() };
        Self {
            seen: write.seen,
            values: write.values.iter().map(row).collect(),
            changes: write.changes.to_string(),
            effective: write.effective.to_string(),
            actor: write.actor.clone(),
        }
    }
}

/// A change in the history.
#[derive(Clone, Debug)]
pub struct SettingsRevision {
    /// Its number.
    pub revision: i64,
    /// When.
    pub time: Timestamp,
    /// Who.
    pub actor: String,
    /// What changed, as it was written.
    pub changes: Value,
}

#[derive(SurrealValue)]
struct RevisionRow {
    revision: i64,
    time: i64,
    actor: String,
    changes: String,
}

impl Store {
    /// Reads all settings.
    pub async fn load_settings(&self) -> Result<StoredSettings, StoreError> {
        let row: SettingsRow = self.connection.call(LOAD, vars! {}).await?;
        let values = row.values.into_iter().map(|setting| {
            let value = parse(&setting.value, &setting.key)?;
            Ok((setting.key, value))
        });
        Ok(StoredSettings { revision: row.revision, values: values.collect::<Result<_, StoreError>>()? })
    }

    /// Writes the first values, once in the life of a database; false when it has some.
    pub async fn seed_settings(&self, write: &SettingsWrite, now: Timestamp) -> Result<bool, StoreError> {
        let vars = vars! { settings: SettingsWriteRow::from(write), now: millis(now) };
        self.connection.commit(SEED, vars).await
    }

    /// The history, the latest first, from below a revision.
    pub async fn list_settings_revisions(
        &self,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<SettingsRevision>, StoreError> {
        let rows: Vec<RevisionRow> =
            self.connection.call(LIST_REVISIONS, vars! { before: before, limit: limit }).await?;
        let revision = |row: RevisionRow| {
            let changes = parse(&row.changes, "history")?;
            Ok(SettingsRevision { revision: row.revision, time: instant(row.time), actor: row.actor, changes })
        };
        rows.into_iter().map(revision).collect()
    }

    /// Every setting's value at a revision.
    pub async fn find_settings_revision(&self, revision: i64) -> Result<Option<BTreeMap<String, Value>>, StoreError> {
        const FIND: &str = "SELECT VALUE values FROM ONLY type::record('settings_revision', $revision)";
        let text: Option<String> = self.connection.call(FIND, vars! { revision: revision }).await?;
        text.map(|text| parse(&text, "history")).transpose()
    }
}

fn parse<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Infrastructure(format!("setting {what} is no JSON")))
}
