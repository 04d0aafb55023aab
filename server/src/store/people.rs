//! Users as claims are made of them, read in the same block as what they are asked for.

use surrealdb::types::SurrealValue;

use super::{StoreError, json, time::instant};
use crate::model::authorization::Person;

/// The user `$owner` with everything that claims are made of, and whether they are disabled.
macro_rules! person {
    ($owner:literal) => {
        concat!(
            "(SELECT record::id(id) AS key, email, email_verified, username, roles, disabled, created_at, profile, attributes,
                updated_at FROM ONLY type::record('user', ",
            $owner,
            "))"
        )
    };
}
pub(super) use person;

#[derive(SurrealValue)]
pub(super) struct PersonRow {
    key: String,
    email: String,
    email_verified: bool,
    username: String,
    roles: Vec<String>,
    created_at: i64,
    profile: Option<String>,
    attributes: Option<String>,
    updated_at: Option<i64>,
}

impl TryFrom<PersonRow> for Person {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.key.parse().map_err(|_| StoreError::Infrastructure("an id is no UUID".into()))?,
            email: row.email,
            email_verified: row.email_verified,
            username: row.username,
            roles: row.roles,
            profile: json::read(row.profile)?,
            attributes: json::read(row.attributes)?,
            updated_at: instant(row.updated_at.unwrap_or(row.created_at)),
        })
    }
}
