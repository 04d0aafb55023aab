//! Authorization codes and the grants behind them. A code is spent once: the whole decision is one block, whose write to the
//! code's row makes every rival of it conflict. A code that comes a second time takes back what the first use gave.

use jiff::Timestamp;
use signet_shared::GrantId;
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    connection::vars,
    json,
    people::{PersonRow, person},
    statements::audit,
    time::{instant, millis},
};
use crate::model::{
    authorization::{Grant, NewGrant, Redemption, Spoken},
    secret::SecretHash,
    session::Origin,
};

/// A grant as it is stored.
#[derive(SurrealValue)]
pub(super) struct GrantRow {
    key: String,
    client: String,
    scope: Option<String>,
    details: Option<String>,
}

impl TryFrom<GrantRow> for Grant {
    type Error = StoreError;

    fn try_from(row: GrantRow) -> Result<Self, StoreError> {
        let broken = |what: &str| StoreError::Infrastructure(format!("a grant's {what} cannot be read"));
        Ok(Self {
            id: row.key.parse().map_err(|_| broken("id"))?,
            client: row.client,
            scope: row.scope.unwrap_or_default().parse().map_err(|_| broken("scope"))?,
            details: json::parse(&row.details.ok_or_else(|| broken("details"))?)?,
        })
    }
}

#[derive(SurrealValue)]
struct SpokenRow {
    outcome: String,
    grant: Option<GrantRow>,
    person: Option<PersonRow>,
}

/// What became of a code that was shown.
#[derive(Debug)]
pub enum Redeemed {
    /// It is spent now; here is whom it speaks for.
    Granted(Box<Spoken>),
    /// It was spent before; what it gave then is taken back.
    Replayed,
    /// Unknown, expired, another's, or what came with it does not fit.
    Refused,
}

const GRANT: &str = concat!(
    "RETURN {
        LET $s = (SELECT user, clients, expires_at FROM ONLY type::record('session', $sid) WHERE revoked_at IS NONE FOR UPDATE);
        LET $u = (SELECT disabled FROM ONLY type::record('user', $user));
        IF $s IS NONE OR $s.user != $user OR $s.expires_at <= $now OR $u IS NONE OR $u.disabled { false } ELSE {
            UPDATE type::record('session', $sid) SET clients = array::union(clients, [$client]), last_seen_at = $now RETURN NONE;
            CREATE type::record('grant', $grant) SET user = $user, session = IF $offline { NONE } ELSE { $sid },
                client = $client, scope = $scope, details = $details, created_at = $now, last_used_at = $now,
                expires_at = $expires_at RETURN NONE;
            IF $code IS NOT NONE {
                CREATE type::record('authorization_code', $code) SET grant = $grant, client = $client,
                    redirect_uri = $redirect_uri, challenge = $challenge, expires_at = $code_expires_at,
                    sweep_at = $remembered_until RETURN NONE;
            };",
    audit!("authorization.grant", "ok", by: "$user"),
    "       true
        }
    }"
);

const REDEEM: &str = concat!(
    "RETURN {
        LET $row = type::record('authorization_code', $code);
        LET $c = (SELECT grant, client, redirect_uri, challenge, expires_at, used_at FROM ONLY $row);
        LET $g = IF $c IS NONE { NONE } ELSE { (SELECT record::id(id) AS key, user, session, client, scope, details, revoked_at FROM ONLY type::record('grant', $c.grant)) };
        LET $u = IF $g IS NONE { NONE } ELSE { ",
    person!("$g.user"),
    " };
        IF $u IS NONE OR $u.disabled OR $c.client != $client { { outcome: 'refused' } }
        ELSE IF $c.used_at IS NOT NONE {
            UPDATE type::record('grant', $c.grant) SET revoked_at = $now, reused = true WHERE revoked_at IS NONE RETURN NONE;",
    audit!("code.reuse", "fail", about: "$g.user"),
    "       { outcome: 'replayed' }
        }
        ELSE IF $g.revoked_at IS NOT NONE OR $c.expires_at <= $now
            OR ($c.redirect_uri IS NOT NONE AND $c.redirect_uri != $redirect_uri) OR $c.challenge != $challenge { { outcome: 'refused' } }
        ELSE {
            UPDATE $row SET used_at = $now RETURN NONE;
            UPDATE type::record('grant', $c.grant) SET last_used_at = $now, expires_at = $grant_expires_at RETURN NONE;
            IF $refresh IS NOT NONE {
                CREATE type::record('refresh_token', $refresh) SET grant = $c.grant, issued_at = $now,
                    expires_at = $grant_expires_at, sweep_at = $grant_expires_at RETURN NONE;
            };
            { outcome: 'granted', grant: $g, person: $u }
        }
    }"
);

impl Store {
    /// Makes a grant, and the code that stands for it; false when its session has ended meanwhile.
    pub async fn create_grant(&self, new: &NewGrant, origin: &Origin, now: Timestamp) -> Result<bool, StoreError> {
        let code = new.code.as_ref();
        let vars = vars! {
            sid: new.grant.details.sid.to_string(),
            user: new.user.to_string(),
            client: new.grant.client.clone(),
            grant: new.grant.id.to_string(),
            offline: new.offline,
            scope: new.grant.scope.to_string(),
            details: json::write(&new.grant.details)?,
            expires_at: millis(new.expires_at),
            code: code.map(|code| code.hash.as_str().to_owned()),
            redirect_uri: code.and_then(|code| code.redirect_uri.clone()),
            challenge: code.and_then(|code| code.challenge.clone()),
            code_expires_at: code.map(|code| millis(code.expires_at)),
            remembered_until: code.map(|code| millis(code.remembered_until)),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        self.connection.commit(GRANT, vars).await
    }

    /// Spends a code.
    pub async fn redeem_code(
        &self,
        redemption: &Redemption,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        let refresh = redemption.refresh.as_ref();
        let vars = vars! {
            code: redemption.code.as_str().to_owned(),
            client: redemption.client.clone(),
            redirect_uri: redemption.redirect_uri.clone(),
            challenge: redemption.challenge.clone(),
            refresh: refresh.map(|(hash, _)| hash.as_str().to_owned()),
            grant_expires_at: millis(refresh.map_or(redemption.expires_at, |(_, until)| *until)),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        let row: SpokenRow = self.connection.commit(REDEEM, vars).await?;
        match (row.outcome.as_str(), row.grant, row.person) {
            ("granted", Some(grant), Some(person)) => {
                Ok(Redeemed::Granted(Box::new(Spoken { grant: grant.try_into()?, person: person.try_into()? })))
            }
            ("replayed", ..) => Ok(Redeemed::Replayed),
            _ => Ok(Redeemed::Refused),
        }
    }
}

const FIND_LIVE: &str = concat!(
    "RETURN {
        LET $g = (SELECT record::id(id) AS key, user, session, client, scope, details FROM ONLY type::record('grant', $grant) WHERE revoked_at IS NONE);
        LET $u = IF $g IS NONE { NONE } ELSE { ",
    person!("$g.user"),
    " };
        LET $spent = record::exists(type::record('spent', ['token', '', $jti]));
        IF $u IS NONE OR $u.disabled OR $spent { { outcome: 'refused' } } ELSE { { outcome: 'granted', grant: $g, person: $u } }
    }"
);

const SPEND: &str = "RETURN {
    LET $row = type::record('spent', [$kind, $who, $what]);
    IF record::exists($row) { false } ELSE { CREATE $row SET expires_at = $until RETURN NONE; true }
}";

impl Store {
    /// Whom an access token speaks for, as long as its grant lives, its user may do anything and it was not taken back.
    pub async fn find_spoken(&self, grant: GrantId, jti: &str) -> Result<Option<Spoken>, StoreError> {
        let vars = vars! { grant: grant.to_string(), jti: jti.to_owned() };
        let row: SpokenRow = self.connection.call(FIND_LIVE, vars).await?;
        match (row.grant, row.person) {
            (Some(grant), Some(person)) => Ok(Some(Spoken { grant: grant.try_into()?, person: person.try_into()? })),
            _ => Ok(None),
        }
    }

    /// Notes that something counts no more, until it would have expired; false if it was noted before.
    pub async fn spend(&self, kind: &str, who: &str, what: &str, until: Timestamp) -> Result<bool, StoreError> {
        let vars = vars! {
            kind: kind.to_owned(),
            who: who.to_owned(),
            what: what.to_owned(),
            until: millis(until),
        };
        self.connection.commit(SPEND, vars).await
    }
}

const FIND_REFRESH: &str = "RETURN {
    LET $t = (SELECT grant, expires_at FROM ONLY type::record('refresh_token', $presented) WHERE used_at IS NONE AND expires_at > $now);
    LET $g = IF $t IS NONE { NONE } ELSE { (SELECT scope, user FROM ONLY type::record('grant', $t.grant) WHERE client = $client AND revoked_at IS NONE) };
    LET $u = IF $g IS NONE { NONE } ELSE { (SELECT disabled FROM ONLY type::record('user', $g.user)) };
    IF $u IS NONE OR $u.disabled { NONE } ELSE { { scope: $g.scope ?? '', expires_at: $t.expires_at } }
}";

const REVOKE_REFRESH: &str = concat!(
    "RETURN {
        LET $t = (SELECT grant FROM ONLY type::record('refresh_token', $presented));
        LET $g = IF $t IS NONE { NONE } ELSE { (SELECT user FROM ONLY type::record('grant', $t.grant) WHERE client = $client AND revoked_at IS NONE) };
        IF $g IS NONE { false } ELSE {
            UPDATE type::record('grant', $t.grant) SET revoked_at = $now RETURN NONE;",
    audit!("authorization.revoke", "ok", about: "$g.user"),
    "       true
        }
    }"
);

/// A refresh token that serves.
#[derive(Debug)]
pub struct LiveRefreshToken {
    /// Of its grant.
    pub scope: String,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl Store {
    /// A client's refresh token, if it serves now.
    pub async fn find_refresh_token(
        &self,
        token: &SecretHash,
        client: &str,
        now: Timestamp,
    ) -> Result<Option<LiveRefreshToken>, StoreError> {
        #[derive(SurrealValue)]
        struct Row {
            scope: String,
            expires_at: i64,
        }
        let vars = vars! { presented: token.as_str().to_owned(), client: client.to_owned(), now: millis(now) };
        let row: Option<Row> = self.connection.call(FIND_REFRESH, vars).await?;
        Ok(row.map(|row| LiveRefreshToken { scope: row.scope, expires_at: instant(row.expires_at) }))
    }

    /// Revokes the grant of a client's refresh token, and so every token of it.
    pub async fn revoke_refresh_token(
        &self,
        token: &SecretHash,
        client: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let vars = vars! {
            presented: token.as_str().to_owned(),
            client: client.to_owned(),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        self.connection.commit::<bool>(REVOKE_REFRESH, vars).await.map(drop)
    }

    /// Whether something was noted to count no more.
    pub async fn is_spent(&self, kind: &str, who: &str, what: &str) -> Result<bool, StoreError> {
        let vars = vars! { kind: kind.to_owned(), who: who.to_owned(), what: what.to_owned() };
        self.connection.call("RETURN record::exists(type::record('spent', [$kind, $who, $what]))", vars).await
    }
}
