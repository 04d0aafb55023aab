//! The outbox as operators see it.

use jiff::Timestamp;
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    audit::EventRow,
    connection::vars,
    statements::record_event,
    time::{instant, millis},
};
use crate::model::{
    audit::Event,
    mail::{MailKind, QueuedMail},
};

/// What makes a mail one: kind, folded address, and the user's id or nothing.
pub type MailKey = [String; 3];

/// A place in the list: when asked for, in milliseconds, and key.
pub type MailPosition = (i64, MailKey);

#[derive(SurrealValue)]
struct QueuedRow {
    kind: String,
    email_key: String,
    user: Option<String>,
    attempts: i64,
    created_at: i64,
    due_at: i64,
    claim: String,
    last_error: Option<String>,
}

impl From<QueuedRow> for Option<QueuedMail> {
    fn from(row: QueuedRow) -> Self {
        Some(QueuedMail {
            kind: MailKind::from_name(&row.kind)?,
            email_key: row.email_key,
            user: row.user.and_then(|user| user.parse().ok()),
            attempts: row.attempts,
            created_at: instant(row.created_at),
            due_at: instant(row.due_at),
            under_way: !row.claim.is_empty(),
            last_error: row.last_error,
        })
    }
}

/// All that wait, or one; those under way are left to whoever has them.
const RETRY: &str = concat!(
    "RETURN {
        LET $rows = IF $key IS NONE { (SELECT VALUE id FROM mail WHERE due_at > $now AND claim = '') }
            ELSE { (SELECT VALUE id FROM type::record('mail', $key) WHERE claim = '') };
        -- The try is given back: what an operator asks for does not use a mail's tries up.
        UPDATE $rows SET due_at = $now, attempts = math::max([attempts - 1, 1]) RETURN NONE;",
    record_event!(),
    "   array::len($rows)
    }"
);

impl Store {
    /// A page of the outbox, the earliest first.
    pub async fn list_mails(&self, after: Option<&MailPosition>, limit: i64) -> Result<Vec<QueuedMail>, StoreError> {
        const LIST: &str = "SELECT id, kind, email_key, user, attempts, created_at, due_at, claim, last_error
            FROM mail WITH INDEX mail_created_at
            WHERE created_at >= $at AND (created_at > $at OR record::id(id) > $key)
            ORDER BY created_at ASC, id ASC LIMIT $limit";
        let (at, key) = after.cloned().unwrap_or((-1, MailKey::default()));
        let vars = vars! { at: at, key: key.to_vec(), limit: limit };
        let rows: Vec<QueuedRow> = self.connection.call(LIST, vars).await?;
        Ok(rows.into_iter().filter_map(Option::from).collect())
    }

    /// Makes a mail due, or every mail that was put off; says how many.
    pub async fn retry_mails(&self, key: Option<&MailKey>, event: &Event, now: Timestamp) -> Result<i64, StoreError> {
        let vars = vars! {
            key: key.map(|key| key.to_vec()),
            event: Some(EventRow::from(event)),
            now: millis(now),
        };
        self.connection.commit(RETRY, vars).await
    }

    /// Whether a mail is in the outbox.
    pub async fn has_mail(&self, key: &MailKey) -> Result<bool, StoreError> {
        const FIND: &str = "RETURN record::exists(type::record('mail', $key))";
        self.connection.call(FIND, vars! { key: key.to_vec() }).await
    }
}
