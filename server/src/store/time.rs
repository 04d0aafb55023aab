//! Instants as rows keep them: milliseconds since the epoch.

use jiff::Timestamp;

pub(super) fn millis(instant: Timestamp) -> i64 {
    instant.as_millisecond()
}

/// What we stored we can read; what somebody else put there is clamped.
pub(super) fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
