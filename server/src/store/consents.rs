//! What users agreed to, once for each client.

use jiff::Timestamp;
use signet_shared::{ScopeSet, UserId};
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    connection::vars,
    statements::audit,
    time::{instant, millis},
};
use crate::model::{authorization::Consent, session::Origin};

const GIVE: &str = concat!(
    "RETURN {
        UPSERT type::record('consent', [$user, $client]) SET user = $user, client = $client, scope = $scope, given_at = $now RETURN NONE;",
    audit!("consent.give", "ok", by: "$user"),
    "   true
    }"
);

const LIST: &str = "SELECT client, scope, given_at FROM consent WHERE user = $user ORDER BY given_at DESC LIMIT 200";

// What was granted before ends with it, whatever session it was granted in.
const WITHDRAW: &str = concat!(
    "RETURN {
        DELETE type::record('consent', [$user, $client]) RETURN NONE;
        LET $rows = (SELECT VALUE id FROM grant WHERE client = $client AND user = $user AND revoked_at IS NONE); UPDATE $rows SET revoked_at = $now RETURN NONE;",
    audit!("consent.withdraw", "ok", by: "$user"),
    "   true
    }"
);

#[derive(SurrealValue)]
struct ConsentRow {
    client: String,
    scope: String,
    given_at: i64,
}

impl Store {
    /// Remembers what a user agreed to.
    pub async fn give_consent(
        &self,
        user: UserId,
        client: &str,
        scope: &ScopeSet,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let vars = vars! {
            user: user.to_string(),
            client: client.to_owned(),
            scope: scope.to_string(),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        self.connection.commit::<bool>(GIVE, vars).await.map(drop)
    }

    /// What a user agreed to, the latest first; 200 at most.
    pub async fn list_consents(&self, user: UserId) -> Result<Vec<Consent>, StoreError> {
        let rows: Vec<ConsentRow> = self.connection.call(LIST, vars! { user: user.to_string() }).await?;
        let read = |row: ConsentRow| {
            let scope = row.scope.parse();
            let scope = scope.map_err(|_| StoreError::Infrastructure("a consent's scope cannot be read".into()))?;
            Ok(Consent { client: row.client, scope, given_at: instant(row.given_at) })
        };
        rows.into_iter().map(read).collect()
    }

    /// Takes back what a user agreed to, and every grant that came of it.
    pub async fn withdraw_consent(
        &self,
        user: UserId,
        client: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let vars = vars! {
            user: user.to_string(),
            client: client.to_owned(),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        self.connection.commit::<bool>(WITHDRAW, vars).await.map(drop)
    }
}
