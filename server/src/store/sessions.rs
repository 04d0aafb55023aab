//! Sessions: opened by a login, renewed by a cookie, ended by decision.

use std::collections::HashMap;

use jiff::Timestamp;
use signet_shared::{BUILT_IN_CLIENT, SessionId, UserId};
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    connection::vars,
    statements::{audit, end_all_but, end_session},
    time::{instant, millis},
};
use crate::model::session::{Device, Keeping, NewSession, Origin, Subject};

#[derive(SurrealValue)]
pub(super) struct SubjectRow {
    pub(super) user: String,
    pub(super) username: String,
    pub(super) roles: Vec<String>,
    pub(super) session: String,
    pub(super) authenticated_at: i64,
    pub(super) restricted: bool,
}

/// Live sessions a user may have; a login beyond that ends the oldest. So what ends them all is bounded, too.
pub(super) const MOST_SESSIONS: i64 = 200;

impl TryFrom<SubjectRow> for Subject {
    type Error = StoreError;

    fn try_from(row: SubjectRow) -> Result<Self, StoreError> {
        let broken = |_| StoreError::Infrastructure("an id is no UUID".into());
        Ok(Self {
            user: row.user.parse().map_err(broken)?,
            username: row.username,
            roles: row.roles,
            session: row.session.parse().map_err(broken)?,
            authenticated_at: instant(row.authenticated_at),
            restricted: row.restricted,
        })
    }
}

#[derive(SurrealValue)]
struct DeviceRows {
    sessions: Vec<DeviceRow>,
    grants: Vec<DeviceGrantRow>,
}

#[derive(SurrealValue)]
struct DeviceRow {
    key: String,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    address: String,
    user_agent: String,
}

#[derive(SurrealValue)]
struct DeviceGrantRow {
    session: Option<String>,
    last_used_at: i64,
    expires_at: i64,
}

impl DeviceRow {
    /// What keeps a session alive is its grant, where it has one; its own row keeps the date of the login.
    fn read(self, grants: &HashMap<String, DeviceGrantRow>) -> Result<Device, StoreError> {
        let grant = grants.get(&self.key);
        let used_at = grant.map_or(self.last_seen_at, |grant| grant.last_used_at.max(self.last_seen_at));
        Ok(Device {
            id: self.key.parse().map_err(|_| StoreError::Infrastructure("a session's id is no UUID".into()))?,
            created_at: instant(self.created_at),
            last_seen_at: instant(used_at),
            expires_at: instant(grant.map_or(self.expires_at, |grant| grant.expires_at)),
            address: self.address,
            user_agent: self.user_agent,
        })
    }
}

/// What every login that succeeds does, whatever it opens: tries are given back, the address is its owner's for a while, and
/// the oldest of too many sessions end.
macro_rules! login_succeeded {
    () => {
        concat!(
            "-- A right password gives its own try back. All of them only in the owner's lane: strangers shall not have theirs
             -- anew with each login of the owner.
             LET $known_until = (SELECT VALUE until FROM ONLY type::record('familiar', [$user, $lane]));
             IF $known_until IS NONE OR $known_until <= $now {
                 UPDATE type::record('attempt', [$user, 'others']) SET count -= 1 WHERE count > 0 RETURN NONE;
             };
             UPSERT type::record('familiar', [$user, $lane]) SET user = $user, until = $familiar_until RETURN NONE;
             DELETE type::record('attempt', [$user, $lane]) RETURN NONE;
             FOR $oldest IN (SELECT id, created_at FROM session WHERE user = $user AND revoked_at IS NONE
                 ORDER BY created_at DESC START $most LIMIT 100) {
                 LET $over = record::id($oldest.id);",
            end_session!("$over"),
            "};",
            audit!("login.ok", "ok", by: "$user"),
        )
    };
}
pub(super) use login_succeeded;

// Locking the user's row makes this login and any change of password, role or state conflict, so that one sees the other.
const OPEN: &str = concat!(
    "RETURN {
        LET $u = (SELECT username, roles, disabled, password_hash FROM ONLY type::record('user', $user) FOR UPDATE);
        IF $u IS NONE OR $u.disabled OR $u.password_hash != $verified { NONE }
        ELSE {
            UPDATE type::record('user', $user) SET last_login_at = $now, password_hash = $hash RETURN NONE;
            CREATE type::record('session', $sid) SET user = $user, kept_by = $kept_by, restricted = $restricted,
                clients = IF $grant IS NOT NONE { [$client] } ELSE { [] }, created_at = $now,
                last_seen_at = $now, expires_at = $expires_at, address = $ip, user_agent = $user_agent RETURN NONE;
            IF $grant IS NOT NONE {
                CREATE type::record('grant', $grant) SET user = $user, session = $sid, client = $client,
                    created_at = $now, last_used_at = $now, expires_at = $token_expires_at RETURN NONE;
                CREATE type::record('refresh_token', $first) SET grant = $grant, issued_at = $now,
                    expires_at = $token_expires_at, sweep_at = $token_expires_at RETURN NONE;
            };",
    login_succeeded!(),
    "       { user: $user, username: $u.username, roles: $u.roles, session: $sid, authenticated_at: $now, restricted: $restricted }
        }
    }"
);

// A session kept by refresh tokens is not renewed here: its short-lived tokens must not turn into long-lived ones.
const RENEW: &str = "RETURN {
    LET $s = (SELECT user, restricted, created_at, expires_at, revoked_at FROM ONLY type::record('session', $sid) WHERE kept_by = 'cookie');
    LET $u = IF $s IS NONE { NONE } ELSE { (SELECT username, roles, disabled FROM ONLY type::record('user', $s.user)) };
    IF $u IS NONE OR $u.disabled OR $s.revoked_at IS NOT NONE OR $s.expires_at <= $now { NONE }
    ELSE {
        UPDATE type::record('session', $sid) SET last_seen_at = $now RETURN NONE;
        { expires_at: $s.expires_at, subject: { user: $s.user, username: $u.username, roles: $u.roles, session: $sid,
            authenticated_at: $s.created_at, restricted: $s.restricted } }
    }
}";

const END: &str = concat!(
    "RETURN {
        LET $s = (SELECT user, revoked_at FROM ONLY type::record('session', $sid));
        IF $s IS NONE OR $s.user != $owner OR $s.revoked_at IS NOT NONE { false } ELSE {",
    end_session!("$sid"),
    audit!("session.end", "ok", by: "$owner"),
    "       true
        }
    }"
);

const END_ALL: &str = concat!("RETURN {", end_all_but!(), audit!("session.end_all", "ok", by: "$owner"), "true }");

// The grants apart: a selection within a selection reads the whole table for each row.
const LIST: &str = "RETURN {
    sessions: (SELECT record::id(id) AS key, created_at, last_seen_at, expires_at, address, user_agent
        FROM session WHERE user = $owner AND revoked_at IS NONE ORDER BY created_at DESC LIMIT 200),
    -- What was granted on a browser ends with its session, and not the other way round.
    grants: (SELECT session, last_used_at, expires_at FROM grant WHERE user = $owner AND revoked_at IS NONE AND details IS NONE)
}";

impl Store {
    /// Opens a session for a user whose password was verified; `None` when that password no longer stands, or its
    /// owner is disabled.
    pub async fn open_session(
        &self,
        new: &NewSession,
        familiar_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Subject>, StoreError> {
        let (grant, token, token_expires_at) = match &new.keeping {
            Keeping::Cookie => (None, None, None),
            Keeping::RefreshTokens { grant, first, expires_at } => {
                (Some(grant.to_string()), Some(first.hash().as_str().to_owned()), Some(millis(*expires_at)))
            }
        };
        let vars = vars! {
            user: new.user.to_string(),
            sid: new.id.to_string(),
            verified: new.verified_hash.as_phc().to_owned(),
            hash: new.rehashed.as_ref().unwrap_or(&new.verified_hash).as_phc().to_owned(),
            restricted: new.restricted,
            expires_at: millis(new.expires_at),
            kept_by: if grant.is_some() { "refresh_tokens" } else { "cookie" }.to_owned(),
            grant: grant,
            first: token,
            token_expires_at: token_expires_at,
            client: BUILT_IN_CLIENT.to_owned(),
            familiar_until: millis(familiar_until),
            lane: new.origin.neighbourhood().to_string(),
            most: MOST_SESSIONS,
            ip: new.origin.address.to_string(),
            user_agent: new.origin.user_agent.clone(),
            now: millis(now),
        };
        let row: Option<SubjectRow> = self.connection.commit(OPEN, vars).await?;
        row.map(Subject::try_from).transpose()
    }

    /// Keeps a cookie session alive; `None` when it has ended or is over age. Answers with the end of the session, too.
    pub async fn renew_session(
        &self,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<(Subject, Timestamp)>, StoreError> {
        #[derive(SurrealValue)]
        struct Renewed {
            expires_at: i64,
            subject: SubjectRow,
        }
        let vars = vars! { sid: session.to_string(), now: millis(now) };
        let row: Option<Renewed> = self.connection.commit(RENEW, vars).await?;
        row.map(|row| Ok((Subject::try_from(row.subject)?, instant(row.expires_at)))).transpose()
    }

    /// Ends one of a user's sessions; false when it is not theirs or has ended.
    pub async fn end_session(
        &self,
        owner: UserId,
        session: SessionId,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let vars = vars! {
            owner: owner.to_string(),
            sid: session.to_string(),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        self.connection.commit(END, vars).await
    }

    /// Ends all of a user's sessions and grants, but the one that is kept.
    pub async fn end_all_sessions(
        &self,
        owner: UserId,
        keep: Option<SessionId>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let vars = vars! {
            owner: owner.to_string(),
            keep: keep.map_or(String::new(), |session| session.to_string()),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        self.connection.commit::<bool>(END_ALL, vars).await.map(drop)
    }

    /// A user's live sessions, newest first; 200 at most.
    pub async fn list_devices(&self, owner: UserId, now: Timestamp) -> Result<Vec<Device>, StoreError> {
        let rows: DeviceRows = self.connection.call(LIST, vars! { owner: owner.to_string() }).await?;
        let grants = rows.grants.into_iter().filter_map(|grant| Some((grant.session.clone()?, grant))).collect();
        let devices = rows.sessions.into_iter().map(|row| row.read(&grants)).collect::<Result<Vec<_>, _>>()?;
        Ok(devices.into_iter().filter(|device| device.expires_at > now).collect())
    }
}
