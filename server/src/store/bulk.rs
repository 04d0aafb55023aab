//! Laying down rows by the thousand, for databases to be measured on. What the
//! invariants of registering and of refreshing would say is the caller's word
//! here: nothing is looked up, mailed or audited, and a row that is there
//! already fails its whole batch.

use jiff::Timestamp;
use signet_shared::{BUILT_IN_CLIENT, GrantId, SessionId, UserId};
use surrealdb::types::SurrealValue;

use super::{Store, StoreError, connection::vars, time::millis};
use crate::model::{secret::SecretHash, user::NewUser};

/// Rows written in one transaction, about.
const BATCH: usize = 1_000;

/// A session that was refreshed again and again, and the tokens that were spent on it.
#[derive(Clone, Debug)]
pub struct SpentFamily {
    /// Whose session.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The family.
    pub grant: GrantId,
    /// Its tokens, the oldest first; each was spent for the next.
    pub tokens: Vec<SecretHash>,
    /// When the session and its tokens expire.
    pub expires_at: Timestamp,
    /// Until when the spent tokens are remembered.
    pub remembered_until: Timestamp,
}

#[derive(SurrealValue)]
struct UserRow {
    id: String,
    email: String,
    email_key: String,
    email_verified: bool,
    username: String,
    username_key: Option<String>,
    password_hash: String,
    temporary_until: Option<i64>,
    password_changed_at: i64,
    disabled: bool,
    roles: Vec<String>,
    created_at: i64,
}

/// A row of `user_email` or `user_name`.
#[derive(SurrealValue)]
struct KeyRow {
    id: String,
    user: String,
}

#[derive(SurrealValue)]
struct SessionRow {
    id: String,
    user: String,
    kept_by: String,
    restricted: bool,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    address: String,
    user_agent: String,
}

#[derive(SurrealValue)]
struct GrantRow {
    id: String,
    user: String,
    session: String,
    client: String,
    created_at: i64,
    last_used_at: i64,
    expires_at: i64,
}

#[derive(SurrealValue)]
struct TokenRow {
    id: String,
    grant: String,
    issued_at: i64,
    expires_at: i64,
    used_at: i64,
    successor: Option<String>,
    sweep_at: i64,
}

const INSERT_USERS: &str = "RETURN {
    INSERT INTO user $users RETURN NONE;
    INSERT INTO user_email $emails RETURN NONE;
    INSERT INTO user_name $names RETURN NONE;
    true
}";

const INSERT_SPENT: &str = "RETURN {
    INSERT INTO session $sessions RETURN NONE;
    INSERT INTO grant $grants RETURN NONE;
    INSERT INTO refresh_token $tokens RETURN NONE;
    true
}";

impl Store {
    /// Lays down users, a batch at a time; what was written before a batch failed stays.
    pub async fn bulk_users(&self, users: &[NewUser], now: Timestamp) -> Result<(), StoreError> {
        // A user is two rows, three with a name.
        for batch in users.chunks(BATCH / 2) {
            let named = |user: &NewUser| Some(KeyRow::new(user.username.as_ref()?.key(), user));
            let vars = vars! {
                users: batch.iter().map(|user| UserRow::new(user, now)).collect::<Vec<_>>(),
                emails: batch.iter().map(|user| KeyRow::new(user.email.key(), user)).collect::<Vec<_>>(),
                names: batch.iter().filter_map(named).collect::<Vec<_>>(),
            };
            self.connection.commit::<bool>(INSERT_USERS, vars).await?;
        }
        Ok(())
    }

    /// Lays down families of spent refresh tokens, a batch at a time; what was written before a batch failed stays.
    pub async fn bulk_spent(&self, families: &[SpentFamily], now: Timestamp) -> Result<(), StoreError> {
        let longest = families.iter().map(|family| family.tokens.len()).max().unwrap_or_default();
        for batch in families.chunks((BATCH / (longest + 2)).max(1)) {
            let vars = vars! {
                sessions: batch.iter().map(|family| SessionRow::new(family, now)).collect::<Vec<_>>(),
                grants: batch.iter().map(|family| GrantRow::new(family, now)).collect::<Vec<_>>(),
                tokens: batch.iter().flat_map(|family| token_rows(family, now)).collect::<Vec<_>>(),
            };
            self.connection.commit::<bool>(INSERT_SPENT, vars).await?;
        }
        Ok(())
    }
}

impl UserRow {
    fn new(user: &NewUser, now: Timestamp) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.as_str().to_owned(),
            email_key: user.email.key().to_owned(),
            email_verified: user.email_verified,
            username: user.username.as_ref().map_or(String::new(), |name| name.as_str().to_owned()),
            username_key: user.username.as_ref().map(|name| name.key().to_owned()),
            password_hash: user.credential.hash.as_phc().to_owned(),
            temporary_until: user.credential.temporary_until.map(millis),
            password_changed_at: millis(now),
            disabled: false,
            roles: user.roles.clone(),
            created_at: millis(now),
        }
    }
}

impl KeyRow {
    fn new(key: &str, user: &NewUser) -> Self {
        Self { id: key.to_owned(), user: user.id.to_string() }
    }
}

impl SessionRow {
    fn new(family: &SpentFamily, now: Timestamp) -> Self {
        Self {
            id: family.session.to_string(),
            user: family.user.to_string(),
            kept_by: "refresh_tokens".to_owned(),
            restricted: false,
            created_at: millis(now),
            last_seen_at: millis(now),
            expires_at: millis(family.expires_at),
            address: String::new(),
            user_agent: String::new(),
        }
    }
}

impl GrantRow {
    fn new(family: &SpentFamily, now: Timestamp) -> Self {
        Self {
            id: family.grant.to_string(),
            user: family.user.to_string(),
            session: family.session.to_string(),
            client: BUILT_IN_CLIENT.to_owned(),
            created_at: millis(now),
            last_used_at: millis(now),
            expires_at: millis(family.expires_at),
        }
    }
}

fn token_rows(family: &SpentFamily, now: Timestamp) -> impl Iterator<Item = TokenRow> {
    let successors = family.tokens.iter().skip(1).map(Some).chain([None]);
    family.tokens.iter().zip(successors).map(move |(token, successor)| TokenRow {
        id: token.as_str().to_owned(),
        grant: family.grant.to_string(),
        issued_at: millis(now),
        expires_at: millis(family.expires_at),
        used_at: millis(now),
        successor: successor.map(|successor| successor.as_str().to_owned()),
        sweep_at: millis(family.remembered_until),
    })
}
