//! The user behind a live session, read anew at each call of theirs.

use signet_shared::{SessionId, UserId};
use surrealdb::types::{RecordId, SurrealValue, Value};

use super::{Store, StoreError, connection::vars, json, time::instant};
use crate::model::user::User;

// The hottest read there is, and parsing is most of what a statement costs: one plain selection over two record ids, the
// user's and the session's, each with the other's fields absent.
const FIND_ACCOUNT: &str =
    "SELECT email, email_verified, pending_email, username, roles, profile, attributes, created_at, updated_at, revision,
        disabled, user, revoked_at FROM $rows";

#[derive(SurrealValue)]
struct AccountRow {
    email: String,
    email_verified: bool,
    pending_email: Option<String>,
    username: String,
    roles: Vec<String>,
    profile: Option<String>,
    attributes: Option<String>,
    created_at: i64,
    updated_at: Option<i64>,
    revision: i64,
    disabled: bool,
}

#[derive(SurrealValue)]
struct LivenessRow {
    user: String,
    revoked_at: Option<i64>,
}

impl AccountRow {
    fn into_user(self, id: UserId) -> Result<User, StoreError> {
        Ok(User {
            id,
            email: self.email,
            email_verified: self.email_verified,
            pending_email: self.pending_email,
            username: self.username,
            roles: self.roles,
            profile: json::read(self.profile)?,
            attributes: json::read(self.attributes)?,
            created_at: instant(self.created_at),
            updated_at: instant(self.updated_at.unwrap_or(self.created_at)),
            revision: self.revision,
        })
    }
}

impl Store {
    /// The user behind a live session.
    pub async fn find_account(&self, user: UserId, session: SessionId) -> Result<Option<User>, StoreError> {
        let rows = vec![RecordId::new("user", user.to_string()), RecordId::new("session", session.to_string())];
        let found: Vec<Value> = self.connection.call(FIND_ACCOUNT, vars! { rows: rows }).await?;
        let Ok([account, liveness]) = <[Value; 2]>::try_from(found) else { return Ok(None) };
        let unreadable = |error: surrealdb::Error| StoreError::Infrastructure(error.to_string());
        let account: AccountRow = account.into_t().map_err(unreadable)?;
        let liveness: LivenessRow = liveness.into_t().map_err(unreadable)?;
        let live = liveness.user == user.to_string() && liveness.revoked_at.is_none() && !account.disabled;
        live.then(|| account.into_user(user)).transpose()
    }
}
