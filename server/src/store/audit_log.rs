//! The audit log, read: a list that is filtered and read page by page, and a tail that is followed.

use jiff::Timestamp;
use surrealdb::types::{SurrealValue, Variables};

use super::{
    Store, StoreError,
    connection::vars,
    statements::where_all,
    time::{instant, millis},
};
use crate::model::audit::StoredEvent;

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// The type, or how it begins where it ends with `*`.
    pub kind: Option<String>,
    /// `ok` or `fail`.
    pub result: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// Whom it concerns.
    pub subject: Option<String>,
    /// From where.
    pub ip: Option<String>,
    /// Then or later.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// A place in the log: instant in milliseconds, and id.
pub type AuditPosition = (i64, String);

#[derive(SurrealValue)]
struct StoredEventRow {
    key: String,
    time: i64,
    #[surreal(rename = "type")]
    kind: String,
    result: String,
    actor: Option<String>,
    subject: Option<String>,
    ip: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

const FIELDS: &str = "id, <string>record::id(id) AS key, time, type, result, actor, subject, ip, before, after";

impl TryFrom<StoredEventRow> for StoredEvent {
    type Error = StoreError;

    fn try_from(row: StoredEventRow) -> Result<Self, StoreError> {
        let parse = |text: Option<String>| text.map(|text| serde_json::from_str(&text)).transpose();
        let unreadable = |_| StoreError::Infrastructure("an audit event is no JSON".into());
        Ok(Self {
            id: row.key,
            time: instant(row.time),
            kind: row.kind,
            result: row.result,
            actor: row.actor,
            subject: row.subject,
            ip: row.ip,
            before: parse(row.before).map_err(unreadable)?,
            after: parse(row.after).map_err(unreadable)?,
        })
    }
}

impl Store {
    /// Events that match, the latest first, from before a place.
    pub async fn list_events(
        &self,
        query: &AuditQuery,
        before: Option<&AuditPosition>,
        limit: i64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let (mut conditions, mut vars) = conditions(query);
        vars.insert("limit", limit);
        if let Some((time, id)) = before {
            vars.insert("at", *time);
            vars.insert("id", id.clone());
            conditions.push("time <= $at AND (time < $at OR record::id(id) < <uuid>$id)");
        }
        let index = match query {
            AuditQuery { subject: Some(_), .. } => "audit_subject",
            AuditQuery { actor: Some(_), .. } => "audit_actor",
            AuditQuery { kind: Some(kind), .. } if !kind.ends_with('*') => "audit_type",
            _ => "audit_time",
        };
        let text = format!(
            "SELECT {FIELDS} FROM audit WITH INDEX {index} {} ORDER BY time DESC, id DESC LIMIT $limit",
            where_all(&conditions)
        );
        self.events(text, vars).await
    }

    /// Events that match, the earliest first, from an instant on.
    pub async fn tail_events(&self, query: &AuditQuery, from: i64, limit: i64) -> Result<Vec<StoredEvent>, StoreError> {
        let (mut conditions, mut vars) = conditions(query);
        vars.insert("limit", limit);
        vars.insert("from", from);
        conditions.push("time >= $from");
        let text = format!(
            "SELECT {FIELDS} FROM audit WITH INDEX audit_time {} ORDER BY time ASC, id ASC LIMIT $limit",
            where_all(&conditions)
        );
        self.events(text, vars).await
    }

    /// When an event happened, in milliseconds.
    pub async fn find_event_time(&self, id: uuid::Uuid) -> Result<Option<i64>, StoreError> {
        const FIND: &str = "SELECT VALUE time FROM ONLY type::record('audit', <uuid>$id)";
        self.connection.call(FIND, vars! { id: id.to_string() }).await
    }

    async fn events(&self, text: String, vars: Variables) -> Result<Vec<StoredEvent>, StoreError> {
        let rows: Vec<StoredEventRow> = self.connection.select(text, vars).await?;
        rows.into_iter().map(StoredEvent::try_from).collect()
    }
}

fn conditions(query: &AuditQuery) -> (Vec<&'static str>, Variables) {
    let (mut conditions, mut vars) = (Vec::new(), Variables::new());
    if let Some(kind) = &query.kind {
        vars.insert("type", kind.trim_end_matches('*').to_owned());
        conditions.push(if kind.ends_with('*') { "string::starts_with(type, $type)" } else { "type = $type" });
    }
    let equal = [
        ("result", &query.result, "result = $result"),
        ("actor", &query.actor, "actor = $actor"),
        ("subject", &query.subject, "subject = $subject"),
        ("ip", &query.ip, "ip = $ip"),
    ];
    for (name, value, text) in equal {
        if let Some(value) = value {
            vars.insert(name, value.clone());
            conditions.push(text);
        }
    }
    for (name, value, text) in [("since", query.since, "time >= $since"), ("until", query.until, "time < $until")] {
        if let Some(value) = value {
            vars.insert(name, millis(value));
            conditions.push(text);
        }
    }
    (conditions, vars)
}
