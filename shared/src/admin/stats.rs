//! How much of everything there is, and how fast it comes.

use serde::{Deserialize, Serialize};

/// What a dashboard shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct StatsView {
    /// When it was so, RFC 3339.
    pub time: String,
    /// Since when this node serves.
    pub started_at: String,
    /// How its parts are.
    pub health: HealthView,
    /// How many there are.
    pub totals: TotalsView,
    /// How long each of the rates covers, in seconds.
    pub interval: u64,
    /// What this node did, the earliest first: a quarter of an hour in the first answer, in a stream what came since.
    pub rates: Vec<RateView>,
}

/// How the parts of a node are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct HealthView {
    /// Whether the database answers.
    pub database: bool,
    /// Whether a key can sign.
    pub signing_key: bool,
    /// Whether the outbox has room.
    pub mail: bool,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct TotalsView {
    /// Users.
    pub users: i64,
    /// Live sessions kept by refresh tokens.
    pub refresh_sessions: i64,
    /// Live sessions kept by a cookie.
    pub cookie_sessions: i64,
    /// Mails in the outbox.
    pub mail_waiting: i64,
    /// Published signing keys.
    pub published_keys: i64,
}

/// What happened in one interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct RateView {
    /// When the interval ended, RFC 3339.
    pub time: String,
    /// Requests answered.
    pub requests: u64,
    /// Answered with a status of 400 to 499 other than 429.
    pub client_errors: u64,
    /// Answered with 429.
    pub throttled: u64,
    /// Answered with a status from 500 on.
    pub server_errors: u64,
    /// Logins that opened a session.
    pub logins_ok: u64,
    /// Logins that did not.
    pub logins_failed: u64,
    /// Refresh tokens spent.
    pub refreshes: u64,
    /// Spent ones shown again.
    pub refresh_reuse: u64,
}
