//! Sessions as operators see and end them.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use signet_shared::{SessionId, UserId};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use super::{
    Store, StoreError,
    api_keys::Removed,
    audit::EventRow,
    connection::vars,
    statements::{end_session, record_event, where_all},
    time::{instant, millis},
};
use crate::model::{
    audit::Event,
    session::{Family, ManagedSession},
};

/// Which sessions.
#[derive(Clone, Debug, Default)]
pub struct SessionQuery {
    /// Whose.
    pub user: Option<UserId>,
    /// With a grant for this client.
    pub client: Option<String>,
    /// Kept by `cookie` or `refresh_tokens`.
    pub kept_by: Option<String>,
    /// Opened from this address.
    pub ip: Option<String>,
    /// Live ones, or the others.
    pub live: Option<bool>,
    /// Opened then or later.
    pub since: Option<Timestamp>,
    /// Opened before.
    pub until: Option<Timestamp>,
}

/// A place in the list: when opened, in milliseconds, and id.
pub type SessionPosition = (i64, String);

#[derive(SurrealValue)]
struct SessionRow {
    key: String,
    user: String,
    kept_by: String,
    restricted: bool,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
    address: String,
    user_agent: String,
}

/// What belongs to sessions, read apart: a selection within a selection reads the whole table for each row.
#[derive(SurrealValue)]
struct BelongingRows {
    families: Vec<FamilyRow>,
    owners: Vec<OwnerRow>,
}

#[derive(SurrealValue)]
struct OwnerRow {
    key: String,
    email: String,
}

#[derive(SurrealValue)]
struct FamilyRow {
    key: String,
    session: Option<String>,
    client: String,
    generation: i64,
    reused: bool,
    created_at: i64,
    last_used_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
}

const FIELDS: &str =
    "id, record::id(id) AS key, user, kept_by, restricted, created_at, last_seen_at, expires_at, revoked_at,
    address, user_agent";

const FIND_BELONGINGS: &str = "RETURN {
    families: (SELECT record::id(id) AS key, session, client, generation, reused, created_at, last_used_at, expires_at, revoked_at
        FROM grant WHERE session IN $sids),
    owners: (SELECT record::id(id) AS key, email FROM $users)
}";

impl SessionRow {
    fn read(self, email: Option<&String>, families: Vec<Family>) -> Result<ManagedSession, StoreError> {
        let broken = |_| StoreError::Infrastructure("an id is no UUID".into());
        // What a session lives by is its grants, where it has any; the row keeps the date of the login. On a browser it is
        // the other way round.
        let keep = |family: &&Family| family.revoked_at.is_none() && self.kept_by != "browser";
        let kept_until = families.iter().filter(keep).map(|family| family.expires_at).max();
        let used_at = families.iter().map(|family| family.last_used_at).max();
        let (last_seen_at, expires_at) = (instant(self.last_seen_at), instant(self.expires_at));
        Ok(ManagedSession {
            id: self.key.parse().map_err(broken)?,
            user: self.user.parse().map_err(broken)?,
            email: email.cloned().unwrap_or_default(),
            kept_by: self.kept_by,
            restricted: self.restricted,
            created_at: instant(self.created_at),
            last_seen_at: used_at.map_or(last_seen_at, |at| at.max(last_seen_at)),
            expires_at: kept_until.unwrap_or(expires_at),
            revoked_at: self.revoked_at.map(instant),
            address: self.address,
            user_agent: self.user_agent,
            families,
        })
    }
}

impl From<FamilyRow> for Family {
    fn from(row: FamilyRow) -> Self {
        Self {
            id: row.key,
            client: row.client,
            generation: row.generation,
            reused: row.reused,
            created_at: instant(row.created_at),
            last_used_at: instant(row.last_used_at),
            expires_at: instant(row.expires_at),
            revoked_at: row.revoked_at.map(instant),
        }
    }
}

const END: &str = concat!(
    "RETURN {
        LET $s = (SELECT user, revoked_at FROM ONLY type::record('session', $sid));
        LET $guarded = IF $s IS NONE { false } ELSE { (SELECT VALUE has_roles FROM ONLY type::record('user', $s.user)) ?? false };
        IF $s IS NONE { 'missing' }
        ELSE IF $guarded AND !$privileged { 'protected' }
        ELSE IF $s.revoked_at IS NOT NONE { 'stale' }
        ELSE {",
    end_session!("$sid"),
    record_event!(),
    "       'done'
        }
    }"
);

const END_MANY: &str = concat!(
    "RETURN {
        LET $guarded = IF $privileged { [] } ELSE { (SELECT VALUE record::id(id) FROM user WITH INDEX user_has_roles WHERE has_roles = true) };
        FOR $sid IN $sids {
            LET $of = (SELECT VALUE user FROM ONLY type::record('session', $sid));
            IF $of NOT IN $guarded {",
    end_session!("$sid"),
    "       };
        };",
    record_event!(),
    "   true
    }"
);

impl Store {
    /// A page of sessions, the latest first, and one more if there is another page.
    pub async fn list_sessions(
        &self,
        query: &SessionQuery,
        before: Option<&SessionPosition>,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<ManagedSession>, StoreError> {
        let (mut conditions, mut vars) = conditions(query, now);
        vars.insert("limit", limit);
        if let Some((at, id)) = before {
            vars.insert("at", *at);
            vars.insert("id", id.clone());
            conditions.push("created_at <= $at AND (created_at < $at OR record::id(id) < $id)");
        }
        let text = format!(
            "SELECT {FIELDS} FROM session {} {} ORDER BY created_at DESC, id DESC LIMIT $limit",
            index(query),
            where_all(&conditions)
        );
        let rows: Vec<SessionRow> = self.connection.select(text, vars).await?;
        self.complete(rows).await
    }

    async fn complete(&self, rows: Vec<SessionRow>) -> Result<Vec<ManagedSession>, StoreError> {
        let owners: BTreeSet<&String> = rows.iter().map(|row| &row.user).collect();
        let vars = vars! {
            sids: rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>(),
            users: owners.into_iter().map(|user| RecordId::new("user", user.clone())).collect::<Vec<_>>(),
        };
        let belonging: BelongingRows = self.connection.call(FIND_BELONGINGS, vars).await?;
        let emails: HashMap<_, _> = belonging.owners.into_iter().map(|owner| (owner.key, owner.email)).collect();
        let mut families: HashMap<String, Vec<Family>> = HashMap::new();
        for family in belonging.families {
            families.entry(family.session.clone().unwrap_or_default()).or_default().push(family.into());
        }
        let complete = |row: SessionRow| {
            let (email, families) = (emails.get(&row.user), families.remove(&row.key).unwrap_or_default());
            row.read(email, families)
        };
        rows.into_iter().map(complete).collect()
    }

    /// One session.
    pub async fn find_session(&self, session: SessionId) -> Result<Option<ManagedSession>, StoreError> {
        let text = format!("SELECT {FIELDS} FROM ONLY type::record('session', $sid)");
        let row: Option<SessionRow> = self.connection.select(text, vars! { sid: session.to_string() }).await?;
        Ok(self.complete(row.into_iter().collect()).await?.pop())
    }

    /// Sessions that match and were not ended, at most so many.
    pub async fn find_sessions_to_end(
        &self,
        query: &SessionQuery,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        #[derive(SurrealValue)]
        struct Row {
            key: String,
            created_at: i64,
        }
        let (mut conditions, mut vars) = conditions(query, now);
        conditions.push("revoked_at IS NONE");
        vars.insert("limit", limit);
        let text = format!(
            "SELECT record::id(id) AS key, created_at FROM session {} {} ORDER BY created_at DESC LIMIT $limit",
            index(query),
            where_all(&conditions)
        );
        let rows: Vec<Row> = self.connection.select(text, vars).await?;
        Ok(rows.into_iter().map(|row| (row.key, instant(row.created_at))).collect())
    }

    /// How many sessions match and were not ended; `guarded` counts those of users with a role alone.
    pub async fn count_sessions_to_end(
        &self,
        query: &SessionQuery,
        guarded: bool,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let (mut conditions, vars) = conditions(query, now);
        conditions.push("revoked_at IS NONE");
        if guarded {
            conditions.push("user IN $guarded");
        }
        let text = format!(
            "RETURN {{
                LET $guarded = (SELECT VALUE record::id(id) FROM user WITH INDEX user_has_roles WHERE has_roles = true);
                (SELECT count() FROM session {} {} GROUP ALL)[0].count ?? 0
            }}",
            index(query),
            where_all(&conditions)
        );
        self.connection.select(text, vars).await
    }

    /// Ends one session at an operator's wish. `Stale` where it has ended already; `None` where the caller may not.
    pub async fn end_managed_session(
        &self,
        session: SessionId,
        privileged: bool,
        event: &Event,
        now: Timestamp,
    ) -> Result<Option<Removed>, StoreError> {
        let vars = vars! {
            sid: session.to_string(),
            privileged: privileged,
            event: Some(EventRow::from(event)),
            now: millis(now),
        };
        let outcome: Value = self.connection.commit(END, vars).await?;
        Ok(match outcome {
            Value::String(outcome) if outcome == "done" => Some(Removed::Done),
            Value::String(outcome) if outcome == "missing" => Some(Removed::Missing),
            Value::String(outcome) if outcome == "stale" => Some(Removed::Stale),
            _ => None,
        })
    }

    /// Ends these sessions, in one transaction; those of users with a role only for a privileged caller.
    pub async fn end_sessions(
        &self,
        sessions: Vec<String>,
        privileged: bool,
        event: &Event,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let vars =
            vars! { sids: sessions, privileged: privileged, event: Some(EventRow::from(event)), now: millis(now) };
        self.connection.commit::<bool>(END_MANY, vars).await.map(drop)
    }
}

fn index(query: &SessionQuery) -> &'static str {
    if query.user.is_some() { "WITH INDEX session_user" } else { "WITH INDEX session_created_at" }
}

fn conditions(query: &SessionQuery, now: Timestamp) -> (Vec<&'static str>, Variables) {
    let (mut conditions, mut vars) = (Vec::new(), vars! { now: millis(now) });
    let texts = [
        ("user", query.user.map(|user| user.to_string()), "user = $user"),
        ("kept_by", query.kept_by.clone(), "kept_by = $kept_by"),
        ("ip", query.ip.clone(), "address = $ip"),
        ("client", query.client.clone(), "$client IN clients"),
    ];
    for (name, value, text) in texts {
        if let Some(value) = value {
            vars.insert(name, value);
            conditions.push(text);
        }
    }
    for (name, value, text) in
        [("since", query.since, "created_at >= $since"), ("until", query.until, "created_at < $until")]
    {
        if let Some(value) = value {
            vars.insert(name, millis(value));
            conditions.push(text);
        }
    }
    match query.live {
        Some(true) => conditions.push("revoked_at IS NONE AND (expires_at > $now OR kept_by = 'refresh_tokens')"),
        Some(false) => conditions.push("(revoked_at IS NOT NONE OR (expires_at <= $now AND kept_by = 'cookie'))"),
        None => {}
    }
    (conditions, vars)
}
