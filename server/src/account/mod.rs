//! Accounts: the domain steps, once, and the two façades that offer them.
//!
//! [`api`] is the token API under `/api`, [`cookie`] the cookie API at the root.
//! Both work on one user table, one session table and one key ring; they differ
//! in shapes and in how a session is kept alive, and in nothing else.

pub mod api;
pub mod cookie;
pub mod login;
pub mod person;
pub mod profile;
pub mod refresh;
pub mod register;
pub mod reset;

use signet_shared::{Scope, SessionId, UserId};

use crate::{
    app::App,
    error::Refusal,
    model::{authorization::BrowserSession, claims::AccessClaims, session::Origin},
    store::AttemptLimit,
};

/// Whoever works on their own account, by a token or in a browser.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    /// Who.
    pub user: UserId,
    /// In which session; it has to be live, and outlasts what they do to the others.
    pub session: SessionId,
    /// When they last showed a password, in seconds since the epoch.
    pub auth_time: i64,
    /// Whether they may set a password and nothing else.
    pub restricted: bool,
}

impl From<&AccessClaims> for Owner {
    fn from(claims: &AccessClaims) -> Self {
        let AccessClaims { sub, sid, auth_time, .. } = *claims;
        Self { user: sub, session: sid, auth_time, restricted: claims.scope.contains(Scope::PASSWORD_CHANGE) }
    }
}

impl From<&BrowserSession> for Owner {
    fn from(session: &BrowserSession) -> Self {
        let auth_time = session.authenticated_at.as_second();
        Self { user: session.person.id, session: session.id, auth_time, restricted: session.restricted }
    }
}

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
