//! Logins on browsers: each is a session that a cookie names. Whoever shows their password again stays in their session, with
//! another cookie, so that a cookie of before opens nothing.

use jiff::Timestamp;
use signet_shared::SessionId;
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    connection::vars,
    people::{PersonRow, person},
    sessions::{MOST_SESSIONS, login_succeeded},
    statements::{audit, end_session},
    time::{instant, millis},
};
use crate::model::{
    authorization::BrowserSession,
    secret::SecretHash,
    session::{NewSession, Origin},
};

#[derive(SurrealValue)]
struct BrowserSessionRow {
    session: String,
    authenticated_at: i64,
    restricted: bool,
    person: PersonRow,
    consented: Option<String>,
}

impl TryFrom<BrowserSessionRow> for BrowserSession {
    type Error = StoreError;

    fn try_from(row: BrowserSessionRow) -> Result<Self, StoreError> {
        let broken = |what: &str| StoreError::Infrastructure(format!("a browser session's {what} cannot be read"));
        Ok(Self {
            id: row.session.parse().map_err(|_| broken("id"))?,
            person: row.person.try_into()?,
            authenticated_at: instant(row.authenticated_at),
            restricted: row.restricted,
            consented: row.consented.map(|scope| scope.parse()).transpose().map_err(|_| broken("consent"))?,
        })
    }
}

// The user's row is locked as by any other login, so that it and a change of password, role or state see each other.
const OPEN: &str = concat!(
    "RETURN {
        LET $u = (SELECT disabled, password_hash FROM ONLY type::record('user', $user) FOR UPDATE);
        IF $u IS NONE OR $u.disabled OR $u.password_hash != $verified { NONE }
        ELSE {
            UPDATE type::record('user', $user) SET last_login_at = $now, password_hash = $hash RETURN NONE;
            LET $before = IF $cookie_before IS NONE { NONE } ELSE { (SELECT VALUE session FROM ONLY type::record('browser_session', $cookie_before)) };
            LET $b = IF $before IS NONE { NONE } ELSE { (SELECT user, restricted, expires_at FROM ONLY type::record('session', $before) WHERE revoked_at IS NONE) };
            LET $stays = $b IS NOT NONE AND $b.user = $user AND !$b.restricted AND !$restricted AND $b.expires_at > $now;
            LET $kept = IF $stays { $before } ELSE { $sid };
            IF $stays {
                UPDATE type::record('session', $before) SET authenticated_at = $now, last_seen_at = $now, expires_at = $expires_at RETURN NONE;
            } ELSE {
                IF $b IS NOT NONE {",
    end_session!("$before"),
    "           };
                CREATE type::record('session', $sid) SET user = $user, kept_by = 'browser', restricted = $restricted, clients = [],
                    created_at = $now, authenticated_at = $now, last_seen_at = $now, expires_at = $expires_at, address = $ip,
                    user_agent = $user_agent RETURN NONE;
            };
            IF $cookie_before IS NOT NONE { DELETE type::record('browser_session', $cookie_before) RETURN NONE };
            CREATE type::record('browser_session', $cookie) SET session = $kept, expires_at = $expires_at RETURN NONE;",
    login_succeeded!(),
    "       $kept
        }
    }"
);

const FIND: &str = concat!(
    "RETURN {
        LET $sid = (SELECT VALUE session FROM ONLY type::record('browser_session', $cookie));
        LET $s = IF $sid IS NONE { NONE } ELSE { (SELECT user, authenticated_at, created_at, restricted, expires_at FROM ONLY type::record('session', $sid) WHERE revoked_at IS NONE) };
        LET $u = IF $s IS NONE { NONE } ELSE { ",
    person!("$s.user"),
    " };
        IF $u IS NONE OR $u.disabled OR $s.expires_at <= $now { NONE } ELSE {
            { session: $sid, authenticated_at: $s.authenticated_at ?? $s.created_at, restricted: $s.restricted, person: $u,
                consented: (SELECT VALUE scope FROM ONLY type::record('consent', [$s.user, $client])) }
        }
    }"
);

impl Store {
    /// Opens a session on a browser for a user whose password was verified, in place of the one that its cookie of before
    /// names; none when that password no longer stands, or its owner is disabled.
    pub async fn open_browser_session(
        &self,
        new: &NewSession,
        cookie: &SecretHash,
        cookie_before: Option<&SecretHash>,
        familiar_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<SessionId>, StoreError> {
        let vars = vars! {
            user: new.user.to_string(),
            sid: new.id.to_string(),
            verified: new.verified_hash.as_phc().to_owned(),
            hash: new.rehashed.as_ref().unwrap_or(&new.verified_hash).as_phc().to_owned(),
            restricted: new.restricted,
            expires_at: millis(new.expires_at),
            cookie: cookie.as_str().to_owned(),
            cookie_before: cookie_before.map(|hash| hash.as_str().to_owned()),
            familiar_until: millis(familiar_until),
            lane: new.origin.neighbourhood().to_string(),
            most: MOST_SESSIONS,
            ip: new.origin.address.to_string(),
            user_agent: new.origin.user_agent.clone(),
            now: millis(now),
        };
        let opened: Option<String> = self.connection.commit(OPEN, vars).await?;
        let broken = |_| StoreError::Infrastructure("a session's id is no UUID".into());
        opened.map(|id| id.parse().map_err(broken)).transpose()
    }

    /// The live session that a cookie names, with what its user agreed to for a client.
    pub async fn find_browser_session(
        &self,
        cookie: &SecretHash,
        client: &str,
        now: Timestamp,
    ) -> Result<Option<BrowserSession>, StoreError> {
        let vars = vars! { cookie: cookie.as_str().to_owned(), client: client.to_owned(), now: millis(now) };
        let row: Option<BrowserSessionRow> = self.connection.call(FIND, vars).await?;
        row.map(BrowserSession::try_from).transpose()
    }
}

const END: &str = concat!(
    "RETURN {
        LET $sid = (SELECT VALUE session FROM ONLY type::record('browser_session', $cookie));
        LET $s = IF $sid IS NONE { NONE } ELSE { (SELECT user, clients FROM ONLY type::record('session', $sid) WHERE revoked_at IS NONE) };
        IF $s IS NONE { [] } ELSE {",
    end_session!("$sid"),
    "       DELETE type::record('browser_session', $cookie) RETURN NONE;",
    audit!("session.end", "ok", by: "$s.user"),
    "       $s.clients
        }
    }"
);

impl Store {
    /// Ends the session that a cookie names. The clients that its user logged in to; none if it had ended.
    pub async fn end_browser_session(
        &self,
        cookie: &SecretHash,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let vars = vars! { cookie: cookie.as_str().to_owned(), ip: origin.address.to_string(), now: millis(now) };
        self.connection.commit(END, vars).await
    }
}
