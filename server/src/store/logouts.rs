//! Clients that have yet to be told that a session ended. Who they are is written by the statement that ends it, so that no
//! crash leaves one out.

use jiff::Timestamp;
use surrealdb::types::SurrealValue;

use super::{Store, StoreError, connection::vars, time::millis};
use crate::model::logout::DueLogout;

/// Asked for each second: where nothing is due nothing is written.
const HAS_DUE: &str =
    "RETURN array::len((SELECT VALUE id FROM logout WITH INDEX logout_due_at WHERE due_at <= $now LIMIT 1)) > 0";

const CLAIM: &str = "RETURN {
    LET $due = (SELECT VALUE id FROM logout WITH INDEX logout_due_at WHERE due_at <= $now LIMIT $limit);
    UPDATE $due SET due_at = $until, attempts += 1 RETURN <string> record::id(id) AS key, client, user, session, attempts
}";

const POSTPONE: &str =
    "RETURN { UPDATE type::record('logout', <uuid> $id) SET due_at = $until, attempts = $attempts RETURN NONE; true }";

const REMOVE: &str = "RETURN { DELETE type::record('logout', <uuid> $id) RETURN NONE; true }";

#[derive(SurrealValue)]
struct LogoutRow {
    key: String,
    client: String,
    user: String,
    session: String,
    attempts: i64,
}

impl TryFrom<LogoutRow> for DueLogout {
    type Error = StoreError;

    fn try_from(row: LogoutRow) -> Result<Self, StoreError> {
        let broken = |_| StoreError::Infrastructure("an id is no UUID".into());
        Ok(Self {
            id: row.key,
            client: row.client,
            user: row.user.parse().map_err(broken)?,
            session: row.session.parse().map_err(broken)?,
            attempts: row.attempts,
        })
    }
}

impl Store {
    /// Takes clients that have to be told, for whoever asks alone, until an instant.
    pub async fn claim_logouts(
        &self,
        limit: i64,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<DueLogout>, StoreError> {
        if !self.connection.call::<bool>(HAS_DUE, vars! { now: millis(now) }).await? {
            return Ok(Vec::new());
        }
        let vars = vars! { limit: limit, until: millis(until), now: millis(now) };
        let rows: Vec<LogoutRow> = self.connection.commit(CLAIM, vars).await?;
        rows.into_iter().map(DueLogout::try_from).collect()
    }

    /// Lets one be told later, after so many tries.
    pub async fn postpone_logout(&self, id: &str, attempts: i64, until: Timestamp) -> Result<(), StoreError> {
        let vars = vars! { id: id.to_owned(), attempts: attempts, until: millis(until) };
        self.connection.commit::<bool>(POSTPONE, vars).await.map(drop)
    }

    /// It was told, or never will be.
    pub async fn remove_logout(&self, id: &str) -> Result<(), StoreError> {
        self.connection.commit::<bool>(REMOVE, vars! { id: id.to_owned() }).await.map(drop)
    }
}
