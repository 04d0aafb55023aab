//! Keys to the admin API. The secret's hash is a row of its own, so that finding a key is a point read and its id tells
//! nothing.

use jiff::Timestamp;
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    audit::EventRow,
    connection::vars,
    creation::{CreatedOnce, Creation},
    statements::{create_once, record_event},
    time::{instant, millis},
};
use crate::model::{api_key::ApiKey, audit::Event, idempotency::Idempotency, secret::SecretHash};

#[derive(SurrealValue)]
struct ApiKeyRow {
    key: String,
    name: String,
    permissions: Vec<String>,
    created_by: String,
    created_at: i64,
    expires_at: Option<i64>,
    revision: i64,
}

impl TryFrom<ApiKeyRow> for ApiKey {
    type Error = StoreError;

    fn try_from(row: ApiKeyRow) -> Result<Self, StoreError> {
        let permissions = row.permissions.iter().map(|text| text.parse()).collect::<Result<_, _>>();
        Ok(Self {
            id: row.key,
            name: row.name,
            permissions: permissions
                .map_err(|_| StoreError::Infrastructure("an API key's permission is unknown".into()))?,
            created_by: row.created_by,
            created_at: instant(row.created_at),
            expires_at: row.expires_at.map(instant),
            revision: row.revision,
        })
    }
}

/// What came of removing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "snake_case")]
pub enum Removed {
    /// Done.
    Done,
    /// There is none.
    Missing,
    /// Somebody changed it first.
    Stale,
}

const CREATE: &str = concat!(
    "RETURN {",
    create_once!(
        "CREATE type::record('api_key', $id) SET name = $name, permissions = $permissions, created_by = $created_by,
             created_at = $now, expires_at = $expires_at, secret = $secret, revision = 1 RETURN NONE;
         CREATE type::record('api_key_secret', $secret) SET key = $id RETURN NONE;",
        record_event!(),
        "'created'"
    ),
    "}"
);

const DELETE: &str = concat!(
    "RETURN {
        LET $k = (SELECT secret, revision FROM ONLY type::record('api_key', $id));
        IF $k IS NONE { 'missing' }
        ELSE IF $seen IS NOT NONE AND $seen != $k.revision { 'stale' }
        ELSE {
            DELETE type::record('api_key_secret', $k.secret) RETURN NONE;
            DELETE type::record('api_key', $id) RETURN NONE;",
    record_event!(),
    "       'done'
        }
    }"
);

impl Store {
    /// The key with this secret.
    pub async fn find_api_key(&self, secret: &SecretHash) -> Result<Option<ApiKey>, StoreError> {
        const FIND: &str = "RETURN {
            LET $id = (SELECT VALUE key FROM ONLY type::record('api_key_secret', $secret));
            IF $id IS NONE { NONE } ELSE {
                (SELECT id, record::id(id) AS key, name, permissions, created_by, created_at, expires_at, revision
                    FROM ONLY type::record('api_key', $id))
            }
        }";
        let row: Option<ApiKeyRow> = self.connection.call(FIND, vars! { secret: secret.as_str().to_owned() }).await?;
        row.map(ApiKey::try_from).transpose()
    }

    /// The key with this id.
    pub async fn find_api_key_by_id(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        const FIND: &str =
            "SELECT id, record::id(id) AS key, name, permissions, created_by, created_at, expires_at, revision
            FROM ONLY type::record('api_key', $id)";
        let row: Option<ApiKeyRow> = self.connection.call(FIND, vars! { id: id.to_owned() }).await?;
        row.map(ApiKey::try_from).transpose()
    }

    /// All keys, by when they were made, from behind a place; there are few.
    pub async fn list_api_keys(&self, after: Option<(i64, String)>, limit: i64) -> Result<Vec<ApiKey>, StoreError> {
        const LIST: &str =
            "SELECT id, record::id(id) AS key, name, permissions, created_by, created_at, expires_at, revision
            FROM api_key WHERE created_at > $at OR (created_at = $at AND record::id(id) > $id)
            ORDER BY created_at ASC, id ASC LIMIT $limit";
        let (at, id) = after.unwrap_or((-1, String::new()));
        let rows: Vec<ApiKeyRow> = self.connection.call(LIST, vars! { at: at, id: id, limit: limit }).await?;
        rows.into_iter().map(ApiKey::try_from).collect()
    }

    /// Creates a key; `answer` is what a repetition of the request is told, without the secret.
    pub async fn create_api_key(
        &self,
        key: &ApiKey,
        secret: &SecretHash,
        idempotency: &Idempotency,
        answer: &str,
        event: &Event,
    ) -> Result<Creation, StoreError> {
        let mut vars = vars! {
            id: key.id.clone(),
            name: key.name.clone(),
            permissions: key.permissions.iter().map(ToString::to_string).collect::<Vec<_>>(),
            created_by: key.created_by.clone(),
            expires_at: key.expires_at.map(millis),
            secret: secret.as_str().to_owned(),
            event: Some(EventRow::from(event)),
            now: millis(key.created_at),
        };
        idempotency.bind(answer, &mut vars);
        self.connection.commit::<CreatedOnce>(CREATE, vars).await?.read()
    }

    /// Removes a key: it opens nothing from now on.
    pub async fn delete_api_key(
        &self,
        id: &str,
        seen: Option<i64>,
        event: &Event,
        now: Timestamp,
    ) -> Result<Removed, StoreError> {
        let vars = vars! { id: id.to_owned(), seen: seen, event: Some(EventRow::from(event)), now: millis(now) };
        self.connection.commit(DELETE, vars).await
    }
}
