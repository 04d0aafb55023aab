//! The audit log. Events of a change are written by the change's own transaction.

use jiff::Timestamp;
use surrealdb::types::SurrealValue;

use super::{Store, StoreError, connection::vars, statements::record_event, time::millis};
use crate::model::audit::Event;

/// An event as a statement takes it.
#[derive(SurrealValue)]
pub(super) struct EventRow {
    #[surreal(rename = "type")]
    kind: String,
    result: String,
    actor: Option<String>,
    subject: Option<String>,
    ip: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl From<&Event> for EventRow {
    fn from(event: &Event) -> Self {
        Self {
            kind: event.kind.name().to_owned(),
            result: event.kind.result().to_owned(),
            actor: event.actor.clone(),
            subject: event.subject.clone(),
            ip: event.ip.map(|address| address.to_string()),
            before: event.before.as_ref().map(ToString::to_string),
            after: event.after.as_ref().map(ToString::to_string),
        }
    }
}

impl Store {
    /// Notes an event that stands alone.
    pub async fn record(&self, event: &Event, now: Timestamp) -> Result<(), StoreError> {
        const RECORD: &str = concat!("RETURN {", record_event!(), "true }");
        let vars = vars! { event: EventRow::from(event), now: millis(now) };
        self.connection.commit::<bool>(RECORD, vars).await.map(drop)
    }
}
