//! What can go wrong below the domain.

use surrealdb::types::QueryError;

/// A store operation that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Others changed the same rows, again and again.
    #[error("too many concurrent changes to the same records")]
    Conflict,
    /// The database does not answer.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// Something that should not happen.
    #[error("the database refused: {0}")]
    Infrastructure(String),
}

/// What the driver said, sorted into what can be done about it.
pub(super) enum Fault {
    /// Try the whole block again.
    Retry,
    /// Give up.
    Final(StoreError),
}

impl From<surrealdb::Error> for Fault {
    fn from(error: surrealdb::Error) -> Self {
        // A record that appeared between our look and our write is a lost race like any other: the next try sees it.
        if matches!(error.query_details(), Some(QueryError::TransactionConflict)) || error.is_already_exists() {
            return Self::Retry;
        }
        if error.is_connection() || matches!(error.query_details(), Some(QueryError::TimedOut { .. })) {
            return Self::Final(StoreError::Unavailable(error.to_string()));
        }
        Self::Final(StoreError::Infrastructure(error.to_string()))
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Retry => Self::Conflict,
            Fault::Final(error) => error,
        }
    }
}

impl From<surrealdb::Error> for StoreError {
    fn from(error: surrealdb::Error) -> Self {
        Fault::from(error).into()
    }
}
