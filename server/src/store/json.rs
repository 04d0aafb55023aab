//! Columns that hold JSON as text, so that what is in them can grow without a change of the schema.

use serde::{Serialize, de::DeserializeOwned};

use super::StoreError;

/// A value as its column holds it.
pub(super) fn write(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(broken)
}

/// What a column holds; without a value nothing was ever known.
pub(super) fn read<T: DeserializeOwned + Default>(text: Option<String>) -> Result<T, StoreError> {
    text.map_or_else(|| Ok(T::default()), |text| parse(&text))
}

/// What a column holds that always has a value.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(broken)
}

fn broken(error: serde_json::Error) -> StoreError {
    StoreError::Infrastructure(format!("a column of JSON cannot be read or written: {error}"))
}
