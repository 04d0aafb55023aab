//! How far the snapshots' originals have moved, all in one look.

use surrealdb::types::SurrealValue;

use super::{Store, StoreError, connection::vars};

/// The revision of what every node keeps a snapshot of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
pub struct Revisions {
    /// Of the settings.
    pub settings: i64,
    /// Of the key ring.
    pub keys: i64,
    /// Of the clients.
    pub clients: i64,
}

impl Store {
    /// Reads all of them.
    pub async fn revisions(&self) -> Result<Revisions, StoreError> {
        const READ: &str = "RETURN {
            settings: (SELECT VALUE number FROM ONLY revision:settings) ?? 0,
            keys: (SELECT VALUE number FROM ONLY revision:keys) ?? 0,
            clients: (SELECT VALUE number FROM ONLY revision:clients) ?? 0
        }";
        self.connection.call(READ, vars! {}).await
    }
}
