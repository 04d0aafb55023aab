//! Laying down spent tokens by the thousand, for databases to be measured on. What the
//! invariants of refreshing would say is the caller's word here: nothing is looked up,
//! and a row that is there already fails its whole batch.

use jiff::Timestamp;
use signet_shared::{BUILT_IN_CLIENT, GrantId, SessionId, UserId};
use surrealdb::types::SurrealValue;

use super::{Store, StoreError, connection::vars, time::millis};
use crate::model::secret::SecretHash;

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

const INSERT_SPENT: &str = "RETURN {
    INSERT INTO session $sessions RETURN NONE;
    INSERT INTO grant $grants RETURN NONE;
    INSERT INTO refresh_token $tokens RETURN NONE;
    true
}";

impl Store {
    /// Lays down families of spent refresh tokens, a batch at a time; what was written before a batch failed stays.
    pub async fn bulk_spent(&self, families: &[SpentFamily], now: Timestamp) -> Result<(), StoreError> {
        let longest = families.iter().map(|family| family.tokens.len()).max().unwrap_or_default();
        for batch in families.chunks((BATCH / (longest + 2)).max(1)) {
            let vars = vars! {
                sessions: batch.iter().map(|family| SessionRow::new(family, now)).collect::<Vec<_>>(),
                grants: batch.iter().map(|family| GrantRow::new(family, now)).collect::<Vec<_>>(),
                tokens: batch.iter().flat_map(|family| token_rows(family, now)).collect::<Vec<_>>(),
            };
            self.connection.commit_bulk::<bool>(INSERT_SPENT, vars).await?;
        }
        Ok(())
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
