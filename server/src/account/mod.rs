//! Accounts: the domain steps, once, and the two façades that offer them.
//!
//! [`api`] is the token API under `/api`, [`cookie`] the cookie API at the root.
//! Both work on one user table, one session table and one key ring; they differ
//! in shapes and in how a session is kept alive, and in nothing else.

pub mod api;
pub mod cookie;
pub mod login;
pub mod person;
mod profile;
pub mod refresh;
pub mod register;
pub mod reset;

use crate::{app::App, error::Refusal, model::session::Origin, store::AttemptLimit};

/// How long an address from which an owner came stays familiar, in seconds.
const FAMILIAR_FOR: i64 = 30 * 86_400;

/// The per-address throttle on what anyone may ask.
fn admit(app: &App, origin: &Origin) -> Result<(), Refusal> {
    app.addresses.admit(origin.address, app.settings.get().address_requests_per_minute)
}

/// The per-account budget of tries.
fn attempt_limit(app: &App, now: jiff::Timestamp) -> AttemptLimit {
    AttemptLimit::from_settings(&app.settings.get(), now)
}

fn throttled(until: jiff::Timestamp, now: jiff::Timestamp) -> Refusal {
    Refusal::Throttled(until.duration_since(now).try_into().unwrap_or_default())
}
