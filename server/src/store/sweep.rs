//! Removal of what has expired: by index, in bounded batches, so that it never
//! holds the database up however much there is.

use jiff::Timestamp;

use super::{Store, StoreError, connection::vars, time::millis};

/// Rows removed in one transaction.
const BATCH: i64 = 500;

/// One statement a table; each answers with how many rows it removed.
const SWEEPS: [&str; 15] = [
    "RETURN { LET $over = (SELECT VALUE id FROM refresh_token WHERE sweep_at <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM one_time_code WHERE expires_at <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM attempt WHERE window_ends_at <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM familiar WHERE until <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM idempotency WHERE expires_at <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM audit WHERE time <= $audit_before LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM browser_session WHERE expires_at <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM interaction WHERE expires_at <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM pushed_request WHERE expires_at <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM authorization_code WHERE sweep_at <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM spent WHERE expires_at <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM device_code WHERE expires_at <= $idle_before LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    "RETURN { LET $over = (SELECT VALUE id FROM user_code WHERE expires_at <= $now LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    // Grants of the account APIs have no details, and go with their session.
    "RETURN { LET $over = (SELECT VALUE id FROM grant WHERE expires_at <= $idle_before AND details IS NOT NONE LIMIT $batch); DELETE $over RETURN NONE; array::len($over) }",
    // A session ends with the last of its grants; one whose grants live on is looked at again when they end.
    "RETURN {
        LET $over = (SELECT VALUE id FROM session WHERE expires_at <= $idle_before LIMIT $batch);
        FOR $row IN $over {
            LET $sid = record::id($row);
            -- On a browser it is the other way round: what was granted ends with the session.
            LET $live = IF (SELECT VALUE kept_by FROM ONLY $row) = 'browser' { NONE } ELSE {
                (SELECT VALUE expires_at FROM grant WHERE session = $sid AND revoked_at IS NONE AND expires_at > $now LIMIT 1)[0]
            };
            IF $live IS NONE {
                LET $grants = (SELECT VALUE id FROM grant WHERE session = $sid);
                DELETE $grants RETURN NONE;
                DELETE $row RETURN NONE;
            } ELSE { UPDATE $row SET expires_at = $live RETURN NONE };
        };
        array::len($over)
    }",
];

impl Store {
    /// Removes one batch of everything that is over; true when there may be more. Sessions that expired after
    /// `idle_before` stay a little longer, for access tokens may still name them.
    pub async fn sweep(
        &self,
        idle_before: Timestamp,
        audit_before: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut more = false;
        for sweep in SWEEPS {
            let vars = vars! {
                now: millis(now),
                idle_before: millis(idle_before),
                audit_before: millis(audit_before),
                batch: BATCH,
            };
            let removed: i64 = self.connection.commit(sweep, vars).await?;
            more |= removed >= BATCH;
        }
        Ok(more)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;
    use signet_keys::OsEntropy;

    use super::*;
    use crate::{
        model::audit::{Event, EventType},
        store::{AuditQuery, DatabaseConfig},
    };

    #[tokio::test]
    async fn audit_events_are_kept_as_long_as_they_are_to_be_and_swept_in_batches() {
        let config =
            DatabaseConfig { url: "mem://".into(), namespace: "test".into(), name: "test".into(), credentials: None };
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let store = Store::open(&config, Arc::new(OsEntropy), now).await.unwrap();
        let event = |kind| Event { kind, actor: None, subject: None, ip: None, before: None, after: None };
        let old = now - SignedDuration::from_hours(25);
        for _ in 0..BATCH + 1 {
            store.record(&event(EventType::LoginFail), old).await.unwrap();
        }
        store.record(&event(EventType::UserDelete), now - SignedDuration::from_hours(23)).await.unwrap();
        let yesterday = now - SignedDuration::from_hours(24);
        assert_eq!(store.count_audit_events(yesterday).await.unwrap(), BATCH + 1);
        assert!(store.sweep(now, yesterday, now).await.unwrap(), "there is one more");
        assert!(!store.sweep(now, yesterday, now).await.unwrap());
        let kept = store.list_events(&AuditQuery::default(), None, 10).await.unwrap();
        assert_eq!(kept.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["user.delete"]);
    }
}
