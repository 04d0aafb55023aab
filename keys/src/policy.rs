//! The durations that decide how long a key waits and stays.

use jiff::{SignedDuration, Timestamp};

/// What rotation has to reckon with, in seconds. None is negative; `rotation_period`, `longest_token` and `poll_lag`
/// are at least one.
///
/// `poll_lag` and `skew` describe the world and are upper bounds. The others are settings and may change at any time,
/// provided that [`plan`](crate::plan()) is applied in the very transaction that changes them: keys remember the
/// largest values they have seen, and a lifetime raised and lowered again between two plans would go unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationPolicy {
    /// How long a key signs.
    pub rotation_period: i64,
    /// How long a key is published before its turn, at least.
    pub prepublication: i64,
    /// The largest JWKS max-age in force.
    pub jwks_max_age: i64,
    /// The longest token lifetime in force, those of single clients included.
    pub longest_token: i64,
    /// The leeway verifiers grant an expired token.
    pub skew: i64,
    /// How old a node's snapshot of keys and settings may be.
    pub poll_lag: i64,
}

impl RotationPolicy {
    /// Whether every node has seen by `now` what happened at `event`.
    pub(crate) fn is_known_everywhere(&self, event: Timestamp, now: Timestamp) -> bool {
        now >= after(event, self.poll_lag)
    }

    /// When no cache can lack a key published at `published_at`: one filled by the last node to hear of it, just before
    /// it did, holds the older set for `max_age`.
    pub(crate) fn ready_at(&self, published_at: Timestamp, max_age: i64) -> Timestamp {
        after(published_at, self.poll_lag.saturating_add(max_age))
    }

    /// When no verifier can accept a token of a key retired at `retired_at` any more: the last node to hear of it may
    /// still sign with the key just before it does.
    pub(crate) fn leaves_at(&self, retired_at: Timestamp, longest_token: i64) -> Timestamp {
        let validity = longest_token.saturating_add(self.skew);
        after(retired_at, self.poll_lag.saturating_add(validity))
    }
}

/// Stops at the end of time instead of panicking: a duration may be any number an operator can write.
pub(crate) fn after(instant: Timestamp, seconds: i64) -> Timestamp {
    instant.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
