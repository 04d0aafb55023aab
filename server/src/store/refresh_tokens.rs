//! Refresh tokens: each is spent once. The whole decision is one block, so one
//! round trip, and the writes to the token's and the grant's rows make every
//! rival of it conflict: of any number of racers exactly one spends the token,
//! and a family revoked meanwhile yields nothing.

use jiff::Timestamp;
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    authorizations::GrantRow,
    connection::vars,
    people::{PersonRow, person},
    sessions::SubjectRow,
    statements::{audit, end_session},
    time::millis,
};
use crate::model::{
    authorization::Spoken,
    secret::SecretHash,
    session::{Bearer, Origin, Rotated, Rotation},
};

#[derive(SurrealValue)]
struct RotatedRow {
    outcome: String,
    subject: Option<SubjectRow>,
    sealed_successor: Option<String>,
    grant: Option<GrantRow>,
    person: Option<PersonRow>,
}

const ROTATE: &str = concat!(
    "RETURN {
        LET $row = type::record('refresh_token', $presented);
        LET $t = (SELECT grant, issued_at, expires_at, used_at, successor, sealed_successor FROM ONLY $row);
        LET $g = IF $t IS NONE { NONE } ELSE { (SELECT record::id(id) AS key, user, session, client, scope, details, created_at, revoked_at FROM ONLY type::record('grant', $t.grant)) };
        LET $u = IF $g IS NONE { NONE } ELSE { ",
    person!("$g.user"),
    " };
        LET $s = IF $g IS NONE OR $g.session IS NONE { NONE } ELSE { (SELECT restricted, created_at, authenticated_at, expires_at FROM ONLY type::record('session', $g.session)) };
        LET $subject = IF $u IS NONE { NONE } ELSE { { user: $g.user, username: $u.username, roles: $u.roles, session: $g.session ?? $t.grant,
            authenticated_at: $s.authenticated_at ?? $s.created_at ?? $g.created_at, restricted: $s.restricted ?? false } };
        -- What the account APIs are granted has no details, and their tokens say nothing more.
        LET $spoken = IF $client = 'signet' { NONE } ELSE { { grant: $g, person: $u } };
        IF $u IS NONE OR $u.disabled OR $g.revoked_at IS NOT NONE OR $g.client != $client
            OR ($t.used_at IS NOT NONE AND $t.used_at <= $memory_since)
            -- What was granted in a browser's session ends with it, unless it was granted to outlive it.
            OR ($client != 'signet' AND $g.session IS NOT NONE AND ($s IS NONE OR $s.expires_at <= $now)) { { outcome: 'refused' } }
        ELSE IF $t.used_at IS NONE AND ($t.expires_at <= $now OR $t.issued_at < $idle_since) { { outcome: 'refused' } }
        ELSE IF $t.used_at IS NONE {
            -- A session that may only set a password does not outlive the temporary one it was opened with.
            LET $ends_at = IF $s.restricted ?? false { $t.expires_at } ELSE { $successor_expires_at };
            UPDATE $row SET used_at = $now, successor = $successor, sealed_successor = $sealed, sweep_at = $remembered_until RETURN NONE;
            CREATE type::record('refresh_token', $successor) SET grant = $t.grant, issued_at = $now,
                expires_at = $ends_at, sweep_at = $ends_at RETURN NONE;
            UPDATE type::record('grant', $t.grant) SET last_used_at = $now, expires_at = $ends_at, generation += 1 RETURN NONE;
            { outcome: 'fresh', subject: $subject, grant: $spoken.grant, person: $spoken.person }
        }
        ELSE {
            LET $next = (SELECT used_at, expires_at FROM ONLY type::record('refresh_token', $t.successor));
            IF $t.used_at > $grace_since AND $next IS NOT NONE AND $next.used_at IS NONE AND $next.expires_at > $now {
                { outcome: 'repeated', subject: $subject, sealed_successor: $t.sealed_successor, grant: $spoken.grant, person: $spoken.person }
            } ELSE {
                UPDATE type::record('grant', $t.grant) SET revoked_at = $now, reused = true RETURN NONE;
                IF $g.session IS NOT NONE AND $client = 'signet' {",
    end_session!("$g.session"),
    "           };",
    audit!("refresh.reuse", "fail", about: "$g.user"),
    "           { outcome: 'replayed' }
            }
        }
    }"
);

const END_BY_TOKEN: &str = concat!(
    "RETURN {
        LET $t = (SELECT grant, expires_at, used_at FROM ONLY type::record('refresh_token', $presented));
        LET $g = IF $t IS NONE { NONE } ELSE { (SELECT user, session, client, revoked_at FROM ONLY type::record('grant', $t.grant)) };
        IF $g IS NONE OR $g.revoked_at IS NOT NONE OR $g.client != $client
            OR ($t.used_at IS NOT NONE AND $t.used_at <= $memory_since) { false }
        ELSE {
            UPDATE type::record('grant', $t.grant) SET revoked_at = $now RETURN NONE;
            IF $g.session IS NOT NONE {",
    end_session!("$g.session"),
    "       };",
    audit!("session.end", "ok", by: "$g.user"),
    "       ($t.used_at IS NONE AND $t.expires_at > $now) OR ($t.used_at IS NOT NONE AND $t.used_at > $grace_since)
        }
    }"
);

impl Store {
    /// Exchanges a refresh token for its successor.
    pub async fn rotate(&self, rotation: &Rotation, now: Timestamp) -> Result<Rotated, StoreError> {
        let vars = vars! {
            presented: rotation.presented.as_str().to_owned(),
            client: rotation.client.clone(),
            successor: rotation.successor.as_str().to_owned(),
            sealed: rotation.sealed_successor.clone(),
            successor_expires_at: millis(rotation.successor_expires_at),
            idle_since: millis(rotation.idle_since),
            grace_since: millis(rotation.grace_since),
            memory_since: millis(rotation.memory_since),
            remembered_until: millis(rotation.remembered_until),
            ip: rotation.origin.address.to_string(),
            now: millis(now),
        };
        let row: RotatedRow = self.connection.commit(ROTATE, vars).await?;
        let spoken = match (row.grant, row.person) {
            (Some(grant), Some(person)) => {
                Some(Box::new(Spoken { grant: grant.try_into()?, person: person.try_into()? }))
            }
            _ => None,
        };
        match (row.outcome.as_str(), row.subject, row.sealed_successor) {
            ("fresh", Some(subject), _) => Ok(Rotated::Fresh(Bearer { subject: subject.try_into()?, spoken })),
            ("repeated", Some(subject), Some(sealed_successor)) => {
                Ok(Rotated::Repeated { bearer: Bearer { subject: subject.try_into()?, spoken }, sealed_successor })
            }
            ("replayed", ..) => Ok(Rotated::Replayed),
            _ => Ok(Rotated::Refused),
        }
    }

    /// Ends the session that a refresh token belongs to. A spent token ends it as well, for whoever shows it has or
    /// had the family; but only a live one, or one spent within the grace, is answered with `true`.
    pub async fn end_session_by_token(
        &self,
        presented: &SecretHash,
        client: &str,
        grace_since: Timestamp,
        memory_since: Timestamp,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let vars = vars! {
            presented: presented.as_str().to_owned(),
            client: client.to_owned(),
            grace_since: millis(grace_since),
            memory_since: millis(memory_since),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        self.connection.commit(END_BY_TOKEN, vars).await
    }
}
