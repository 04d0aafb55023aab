//! How many there are. Counts go over indexes where there are any; those of grants by use go over all grants, for an index
//! that every refresh has to move would cost more than the rare question.

use jiff::Timestamp;

use super::{Store, StoreError, connection::vars, time::millis};

impl Store {
    /// Live sessions that are kept in one way. One that is kept by refresh tokens is one family of them, too.
    pub async fn count_sessions(&self, kept_by: &str, now: Timestamp) -> Result<i64, StoreError> {
        const COUNT: &str = "RETURN (SELECT count() FROM session WHERE kept_by = $kept_by AND expires_at > $now GROUP ALL)[0].count ?? 0";
        self.connection.call(COUNT, vars! { kept_by: kept_by.to_owned(), now: millis(now) }).await
    }

    /// Live grants that were last used before an instant.
    pub async fn count_idle_grants(&self, before: Timestamp, now: Timestamp) -> Result<i64, StoreError> {
        const COUNT: &str = "RETURN (SELECT count() FROM grant
            WHERE last_used_at < $before AND expires_at > $now AND revoked_at IS NONE GROUP ALL)[0].count ?? 0";
        self.connection.call(COUNT, vars! { before: millis(before), now: millis(now) }).await
    }

    /// Grants whose client got a token since an instant.
    pub async fn count_refreshed_grants(&self, since: Timestamp) -> Result<i64, StoreError> {
        const COUNT: &str = "RETURN (SELECT count() FROM grant WHERE last_used_at >= $since GROUP ALL)[0].count ?? 0";
        self.connection.call(COUNT, vars! { since: millis(since) }).await
    }

    /// Live cookie sessions that got a token since an instant.
    pub async fn count_renewed_sessions(&self, since: Timestamp, now: Timestamp) -> Result<i64, StoreError> {
        const COUNT: &str = "RETURN (SELECT count() FROM session
            WHERE kept_by = 'cookie' AND expires_at > $now AND last_seen_at >= $since GROUP ALL)[0].count ?? 0";
        self.connection.call(COUNT, vars! { since: millis(since), now: millis(now) }).await
    }

    /// Audit events from before an instant.
    pub async fn count_audit_events(&self, before: Timestamp) -> Result<i64, StoreError> {
        const COUNT: &str = "RETURN (SELECT count() FROM audit WHERE time <= $before GROUP ALL)[0].count ?? 0";
        self.connection.call(COUNT, vars! { before: millis(before) }).await
    }

    /// Users, disabled ones included.
    pub async fn count_users(&self) -> Result<i64, StoreError> {
        const COUNT: &str = "RETURN (SELECT count() FROM user GROUP ALL)[0].count ?? 0";
        self.connection.call(COUNT, vars! {}).await
    }

    /// Users whose address is not confirmed.
    pub async fn count_unverified_users(&self) -> Result<i64, StoreError> {
        const COUNT: &str = "RETURN (SELECT count() FROM user WHERE email_verified = false GROUP ALL)[0].count ?? 0";
        self.connection.call(COUNT, vars! {}).await
    }
}
