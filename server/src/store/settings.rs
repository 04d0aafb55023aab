//! Settings as rows: what was set is kept, as JSON; what never was has its default.

use std::collections::BTreeMap;

use serde_json::Value;
use surrealdb::types::SurrealValue;

use super::{Store, StoreError, connection::vars};

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

const SEED: &str = "RETURN {
    IF record::exists(revision:settings) { false }
    ELSE {
        FOR $setting IN $values { UPSERT type::record('setting', $setting.key) SET value = $setting.value RETURN NONE };
        CREATE revision:settings SET number = 1 RETURN NONE;
        true
    }
}";

impl Store {
    /// Reads all settings.
    pub async fn load_settings(&self) -> Result<StoredSettings, StoreError> {
        let row: SettingsRow = self.connection.call(LOAD, vars! {}).await?;
        let parse = |setting: SettingRow| {
            serde_json::from_str(&setting.value)
                .map(|value| (setting.key.clone(), value))
                .map_err(|_| StoreError::Infrastructure(format!("setting {} is no JSON", setting.key)))
        };
        let values = row.values.into_iter().map(parse).collect::<Result<_, _>>()?;
        Ok(StoredSettings { revision: row.revision, values })
    }

    /// The revision alone.
    pub async fn settings_revision(&self) -> Result<i64, StoreError> {
        const READ: &str = "RETURN (SELECT VALUE number FROM ONLY revision:settings) ?? 0";
        self.connection.call(READ, vars! {}).await
    }

    /// Writes the first values, once in the life of a database; false when it has some.
    pub async fn seed_settings(&self, values: &BTreeMap<String, Value>) -> Result<bool, StoreError> {
        let values: Vec<_> =
            values.iter().map(|(key, value)| SettingRow { key: key.clone(), value: value.to_string() }).collect();
        self.connection.commit(SEED, vars! { values: values }).await
    }
}
