//! The database, behind one type. This folder alone names SurrealDB.
//!
//! Invariants of single use and of revocation live here and not at an endpoint:
//! each is one statement block, which is one transaction, whose conditional
//! writes decide. Rows are private; what leaves is the model. Absence is `Option`;
//! [`StoreError`] says conflict, unavailable or infrastructure, and nothing else.

mod accounts;
mod api_keys;
mod attempts;
mod audit;
mod audit_log;
mod authorizations;
mod browser_sessions;
mod bulk;
mod clients;
mod codes;
mod connection;
mod consents;
mod counts;
mod creation;
mod devices;
mod error;
mod interactions;
mod json;
mod keys;
mod leases;
mod logouts;
mod mail_queue;
mod mails;
mod migrations;
mod operator_sessions;
mod operator_users;
mod people;
mod refresh_tokens;
mod revisions;
mod secrets;
mod sessions;
mod settings;
mod statements;
mod sweep;
mod time;
mod transfer;
mod user_listing;
mod users;

use std::sync::Arc;

use prometheus_client::metrics::histogram::Histogram;
use signet_keys::Entropy;

pub use api_keys::Removed;
pub use attempts::{Attempt, AttemptLimit, Candidate};
pub use audit_log::{AuditPosition, AuditQuery};
pub use authorizations::Redeemed;
pub use bulk::SpentFamily;
pub use clients::{ClientQuery, ClientWrite, ClientsAt};
pub use codes::CodeKind;
pub use connection::{DatabaseConfig, DatabaseCredentials};
pub use creation::Creation;
pub use error::StoreError;
pub use keys::{AlgorithmPlan, Along, KeyRing, RingChange, RingSaved, StoredKey};
pub use mail_queue::{MailKey, MailPosition};
pub use mails::Recipient;
pub use operator_sessions::{SessionPosition, SessionQuery};
pub use operator_users::{Created as CreatedUser, Managed, UserChange};
pub use revisions::Revisions;
pub use settings::{SettingsRevision, SettingsWrite};
pub use transfer::ExportedUser;
pub use user_listing::{UserPosition, UserQuery, UserSort};
pub use users::{Created, PasswordChange, ProfileChange, ProfileEdit, StoredAdministrator, StoredCredential, Updated};

use connection::Connection;

/// The database's own chatter is not for our log: its failures reach us as errors, and of a clean shutdown it says that the
/// datastore is shutting down.
pub const LOG_FILTER: &str = "surrealdb=warn,surrealdb::core::kvs::ds=off,surrealkv=error";

/// Everything that is kept.
pub struct Store {
    connection: Arc<Connection>,
    turns: attempts::Turns,
}

impl Store {
    /// Connects, and brings the schema up to date.
    pub async fn open(
        config: &DatabaseConfig,
        entropy: Arc<dyn Entropy>,
        now: jiff::Timestamp,
    ) -> Result<Self, StoreError> {
        let store = Self::connect(config, entropy).await?;
        store.migrate(now).await?;
        Ok(store)
    }

    /// Connects, and changes nothing.
    pub async fn connect(config: &DatabaseConfig, entropy: Arc<dyn Entropy>) -> Result<Self, StoreError> {
        let turns = attempts::Turns::new(entropy.as_ref());
        Ok(Self { connection: Arc::new(Connection::open(config, entropy).await?), turns })
    }

    /// Whether nothing was ever written.
    pub async fn is_new(&self) -> Result<bool, StoreError> {
        migrations::none_taken(&self.connection).await
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self, now: jiff::Timestamp) -> Result<(), StoreError> {
        migrations::apply(&self.connection, now).await
    }

    /// How long its calls take, in seconds.
    pub fn latency(&self) -> Histogram {
        self.connection.latency.clone()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.connection.call::<bool>("RETURN true", connection::vars! {}).await.map(drop)
    }

    /// Whether other processes may share this database, so that their changes have to be looked for.
    pub fn is_shared(&self) -> bool {
        self.connection.is_shared()
    }

    /// Until the disk has failed under an embedded database. It has to be opened anew then: only a process that starts
    /// reads its log to the end.
    pub async fn broken(&self) {
        self.connection.broken().await;
    }

    /// Flushes and closes an embedded database.
    pub async fn close(&self) {
        self.connection.close().await;
    }
}
