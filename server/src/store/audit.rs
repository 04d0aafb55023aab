//! The audit log: events that stand alone. Those that tell of a change are
//! written by the change's own transaction.

use jiff::Timestamp;
use signet_shared::UserId;

use super::{Store, StoreError, connection::vars, time::millis};
use crate::model::{audit::AuditType, session::Origin};

const RECORD: &str = "RETURN {
    CREATE audit:uuid() SET time = $now, type = $type, result = $result, subject = $subject, ip = $ip RETURN NONE;
    true
}";

impl Store {
    /// Notes an event about somebody, or about nobody who exists.
    pub async fn record(
        &self,
        event: AuditType,
        subject: Option<UserId>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut vars = vars! {
            result: event.result().to_owned(),
            subject: subject.map(|user| user.to_string()),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        vars.insert("type", event.name().to_owned());
        self.connection.commit::<bool>(RECORD, vars).await.map(drop)
    }
}
