//! Devices that are being connected (RFC 8628). The code that a device polls with is remembered as a hash; the one that its
//! user types is short-lived, and leads to it.

use jiff::Timestamp;
use signet_shared::{GrantId, ScopeSet, TERMINAL_CLIENT, UserId};
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    authorizations::GrantRow,
    connection::vars,
    people::{PersonRow, person},
    sessions::SubjectRow,
    statements::audit,
    time::millis,
};
use crate::model::{
    authorization::Spoken,
    device::{DeviceRequest, NewDevice, NewTerminalSession, Poll, Polled},
    session::Origin,
};

// Two devices never have one code: creating the row of a taken one fails, and another is drawn.
const CREATE: &str = "RETURN {
    IF record::exists(type::record('user_code', $user_code)) { false } ELSE {
        CREATE type::record('device_code', $code) SET client = $client, scope = $scope, resources = $resources,
            user_code = $user_code, denied = false, interval = $interval, expires_at = $expires_at RETURN NONE;
        CREATE type::record('user_code', $user_code) SET device_code = $code, expires_at = $expires_at RETURN NONE;
        true
    }
}";

const FIND: &str = "RETURN {
    LET $c = (SELECT VALUE device_code FROM ONLY type::record('user_code', $user_code) WHERE expires_at > $now);
    IF $c IS NONE { NONE } ELSE {
        (SELECT client, scope, resources FROM ONLY type::record('device_code', $c) WHERE grant IS NONE AND !denied AND expires_at > $now)
    }
}";

// A code is answered once: with that it leads nowhere any more.
const DECIDE: &str = concat!(
    "RETURN {
        LET $c = (SELECT VALUE device_code FROM ONLY type::record('user_code', $user_code) WHERE expires_at > $now);
        LET $d = IF $c IS NONE { NONE } ELSE {
            (SELECT VALUE id FROM ONLY type::record('device_code', $c) WHERE grant IS NONE AND !denied AND expires_at > $now)
        };
        IF $d IS NONE { false } ELSE {
            UPDATE $d SET grant = $grant, denied = $grant IS NONE RETURN NONE;
            DELETE type::record('user_code', $user_code) RETURN NONE;
            IF $grant IS NONE {",
    audit!("device.deny", "ok", by: "$user"),
    "       } ELSE {",
    audit!("device.allow", "ok", by: "$user"),
    "       };
            true
        }
    }"
);

const POLL: &str = concat!(
    "RETURN {
        LET $row = type::record('device_code', $code);
        LET $d = (SELECT client, user_code, grant, denied, polled_at, interval, expires_at FROM ONLY $row);
        IF $d IS NONE OR $d.client != $client { { outcome: 'unknown' } }
        ELSE IF $d.expires_at <= $now { { outcome: 'expired' } }
        ELSE IF $d.denied { DELETE $row RETURN NONE; { outcome: 'denied' } }
        ELSE IF $d.grant IS NONE {
            -- One that asks too often is told to wait longer (RFC 8628 §3.5).
            LET $hasty = $d.polled_at IS NOT NONE AND $now - $d.polled_at < $d.interval - $tolerance;
            UPDATE $row SET polled_at = $now, interval = IF $hasty { $d.interval + $step } ELSE { $d.interval } RETURN NONE;
            { outcome: IF $hasty { 'slow_down' } ELSE { 'pending' } }
        } ELSE {
            DELETE $row RETURN NONE;
            LET $g = (SELECT record::id(id) AS key, user, session, client, scope, details FROM ONLY type::record('grant', $d.grant) WHERE revoked_at IS NONE);
            LET $u = IF $g IS NONE { NONE } ELSE { ",
    person!("$g.user"),
    " };
            IF $u IS NONE OR $u.disabled { { outcome: 'denied' } } ELSE {
                UPDATE type::record('grant', $d.grant) SET last_used_at = $now, expires_at = $grant_expires_at RETURN NONE;
                IF $refresh IS NOT NONE {
                    CREATE type::record('refresh_token', $refresh) SET grant = $d.grant, issued_at = $now,
                        expires_at = $grant_expires_at, sweep_at = $grant_expires_at RETURN NONE;
                };
                -- What the account APIs are granted has no details, and their tokens say nothing more.
                IF $g.details IS NOT NONE { { outcome: 'granted', grant: $g, person: $u } } ELSE {
                    LET $s = (SELECT authenticated_at, created_at FROM ONLY type::record('session', $g.session));
                    { outcome: 'signed_in', subject: { user: $g.user, username: $u.username, roles: $u.roles,
                        session: $g.session, authenticated_at: $s.authenticated_at ?? $s.created_at, restricted: false } }
                }
            }
        }
    }"
);

// The terminal program gets a session of its own, as if its user had logged in there. It lives by its grant, and that as long
// as the device may take to fetch its tokens.
const OPEN_TERMINAL: &str = concat!(
    "RETURN {
        LET $b = (SELECT user, authenticated_at, created_at, expires_at FROM ONLY type::record('session', $browser)
            WHERE revoked_at IS NONE AND !restricted FOR UPDATE);
        LET $u = (SELECT disabled FROM ONLY type::record('user', $user));
        IF $b IS NONE OR $b.user != $user OR $b.expires_at <= $now OR $u IS NONE OR $u.disabled { false } ELSE {
            CREATE type::record('session', $sid) SET user = $user, kept_by = 'refresh_tokens', restricted = false,
                clients = ['signet'], created_at = $now, authenticated_at = $b.authenticated_at ?? $b.created_at,
                last_seen_at = $now, expires_at = $expires_at, address = $ip, user_agent = $user_agent RETURN NONE;
            CREATE type::record('grant', $grant) SET user = $user, session = $sid, client = 'signet', created_at = $now,
                last_used_at = $now, expires_at = $expires_at RETURN NONE;",
    audit!("login.ok", "ok", by: "$user"),
    "       true
        }
    }"
);

#[derive(SurrealValue)]
struct RequestRow {
    client: String,
    scope: String,
    resources: Vec<String>,
}

#[derive(SurrealValue)]
struct PolledRow {
    outcome: String,
    grant: Option<GrantRow>,
    person: Option<PersonRow>,
    subject: Option<SubjectRow>,
}

impl Store {
    /// Keeps the request of a device; false when another has this user code.
    pub async fn create_device(&self, new: &NewDevice) -> Result<bool, StoreError> {
        let vars = vars! {
            code: new.code.as_str().to_owned(),
            user_code: new.user_code.clone(),
            client: new.request.client.clone(),
            scope: new.request.scope.to_string(),
            resources: new.request.resources.clone(),
            interval: new.interval * 1_000,
            expires_at: millis(new.expires_at),
        };
        self.connection.commit(CREATE, vars).await
    }

    /// What the device asks for that shows this code, as long as nobody has answered it.
    pub async fn find_device(&self, user_code: &str, now: Timestamp) -> Result<Option<DeviceRequest>, StoreError> {
        let vars = vars! { user_code: user_code.to_owned(), now: millis(now) };
        let row: Option<RequestRow> = self.connection.call(FIND, vars).await?;
        let read = |row: RequestRow| {
            let scope: Result<ScopeSet, _> = row.scope.parse();
            let scope = scope.map_err(|_| StoreError::Infrastructure("a device's scope cannot be read".into()))?;
            Ok(DeviceRequest { client: row.client, scope, resources: row.resources })
        };
        row.map(read).transpose()
    }

    /// Opens a session for the terminal program, with a grant that it has yet to fetch; false when the session that allows it
    /// has ended.
    pub async fn open_terminal_session(&self, new: &NewTerminalSession, now: Timestamp) -> Result<bool, StoreError> {
        let vars = vars! {
            browser: new.allowed_in.to_string(),
            user: new.user.to_string(),
            sid: new.session.to_string(),
            grant: new.grant.to_string(),
            expires_at: millis(new.expires_at),
            ip: new.origin.address.to_string(),
            user_agent: TERMINAL_CLIENT.to_owned(),
            now: millis(now),
        };
        self.connection.commit(OPEN_TERMINAL, vars).await
    }

    /// Gives a device what its user granted, or refuses it where that is nothing; false when it was answered before.
    pub async fn answer_device(
        &self,
        user_code: &str,
        user: UserId,
        grant: Option<GrantId>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let vars = vars! {
            user_code: user_code.to_owned(),
            user: user.to_string(),
            grant: grant.map(|grant| grant.to_string()),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        self.connection.commit(DECIDE, vars).await
    }

    /// What became of the device that has this code; what was granted is given once.
    pub async fn poll_device(&self, poll: &Poll, now: Timestamp) -> Result<Polled, StoreError> {
        let vars = vars! {
            code: poll.code.as_str().to_owned(),
            client: poll.client.clone(),
            refresh: poll.refresh.as_ref().map(|(hash, _)| hash.as_str().to_owned()),
            grant_expires_at: millis(poll.refresh.as_ref().map_or(poll.expires_at, |(_, until)| *until)),
            tolerance: Poll::TOLERANCE,
            step: Poll::STEP,
            now: millis(now),
        };
        let row: PolledRow = self.connection.commit(POLL, vars).await?;
        if let Some(subject) = row.subject {
            return Ok(Polled::SignedIn(subject.try_into()?));
        }
        Ok(match (row.outcome.as_str(), row.grant, row.person) {
            ("granted", Some(grant), Some(person)) => {
                Polled::Granted(Box::new(Spoken { grant: grant.try_into()?, person: person.try_into()? }))
            }
            ("pending", ..) => Polled::Pending,
            ("slow_down", ..) => Polled::SlowDown,
            ("denied", ..) => Polled::Denied,
            ("expired", ..) => Polled::Expired,
            _ => Polled::Unknown,
        })
    }
}
