//! Creations that may be asked for twice: what the statement `create_once!` takes and answers.

use surrealdb::types::{SurrealValue, Variables};

use super::{StoreError, time::millis};
use crate::model::idempotency::Idempotency;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creation {
    /// It is there.
    Created,
    /// The same was asked for before; this was the answer.
    Repeated(String),
    /// The idempotency key came with another body.
    KeyReused,
    /// It cannot be, for this reason.
    Refused(String),
}

#[derive(SurrealValue)]
pub(super) struct CreatedOnce {
    outcome: String,
    answer: Option<String>,
}

impl CreatedOnce {
    pub(super) fn read(self) -> Result<Creation, StoreError> {
        Ok(match (self.outcome.as_str(), self.answer) {
            ("created", _) => Creation::Created,
            ("repeated", Some(answer)) => Creation::Repeated(answer),
            ("repeated", None) => return Err(StoreError::Infrastructure("an answer that was kept is gone".into())),
            ("key_reused", _) => Creation::KeyReused,
            (reason, _) => Creation::Refused(reason.to_owned()),
        })
    }
}

impl Idempotency {
    /// The statement's parameters; `answer` is what a repetition is told.
    pub(super) fn bind(&self, answer: &str, vars: &mut Variables) {
        vars.insert("key", self.row());
        vars.insert("fingerprint", self.fingerprint.clone());
        vars.insert("key_expires_at", millis(self.expires_at));
        vars.insert("answer", answer.to_owned());
    }
}
