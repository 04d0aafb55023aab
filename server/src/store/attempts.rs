//! Login attempts, reserved before any password is looked at, so that parallel
//! guesses cannot outrun the counter.
//!
//! Each account has lanes with a budget each: one for every address (or session)
//! from which its owner has come before, and one that all others share. A
//! stranger can only ever exhaust the shared lane.

use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use signet_keys::Entropy;
use signet_shared::{SessionId, UserId};
use surrealdb::types::SurrealValue;
use tokio::sync::{Mutex, MutexGuard};

use super::{
    Store, StoreError,
    connection::vars,
    time::{instant, millis},
};
use crate::{
    app::after,
    model::{
        password::HashedPassword,
        session::Origin,
        setting::Settings,
        user::{Credential, LoginName},
    },
};

/// Turns among this process's own racers for one account's row. The row's conflicts would decide as well, but with each
/// of many losers trying again and again.
pub(super) struct Turns {
    seed: [u8; 16],
    slots: Vec<Mutex<()>>,
}

/// More than ever race at once, so that few who do not want the same row share a slot.
const SLOTS: usize = 1_024;

impl Turns {
    /// Nobody outside knows the seed, so nobody can tell which accounts share a slot.
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        let mut seed = [0; 16];
        entropy.fill(&mut seed);
        Self { seed, slots: (0..SLOTS).map(|_| Mutex::default()).collect() }
    }

    async fn take(&self, account: &str, patience: Duration) -> Result<MutexGuard<'_, ()>, StoreError> {
        let digest = Sha256::new().chain_update(self.seed).chain_update(account).finalize();
        let slot = usize::from(u16::from_le_bytes([digest[0], digest[1]])) % SLOTS;
        let turn = tokio::time::timeout(patience, self.slots[slot].lock()).await;
        turn.map_err(|_| StoreError::Unavailable(format!("no turn at an account's attempts within {patience:?}")))
    }
}

/// A user who may be about to log in.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// What to compare with.
    pub credential: Credential,
    /// Disabled users fail like wrong passwords.
    pub disabled: bool,
    /// Whether the address is confirmed.
    pub email_verified: bool,
}

/// A try at a password.
#[derive(Clone, Debug)]
pub enum Attempt {
    /// No more for now.
    Throttled {
        /// When the window ends.
        until: Timestamp,
    },
    /// Counted. `None` when nobody has this name.
    Reserved(Option<Candidate>),
}

#[derive(SurrealValue)]
struct CandidateRow {
    id: String,
    password_hash: String,
    temporary_until: Option<i64>,
    disabled: bool,
    email_verified: bool,
}

#[derive(SurrealValue)]
struct AttemptRow {
    throttled_until: Option<i64>,
    candidate: Option<CandidateRow>,
}

// $table and $key find the user; $fallback names an account that does not exist, so that it is throttled alike.
const RESERVE: &str = "RETURN {
    LET $owner = IF $known_user IS NOT NONE { $known_user }
        ELSE IF $table = '' { NONE } ELSE { (SELECT VALUE user FROM ONLY type::record($table, $key)) };
    LET $subject = IF $owner IS NONE { $fallback } ELSE { $owner };
    LET $familiar = (SELECT VALUE until FROM ONLY type::record('familiar', [$subject, $address]));
    LET $lane = IF $own_lane IS NOT NONE { $own_lane }
        ELSE IF $familiar IS NOT NONE AND $familiar > $now { $address } ELSE { 'others' };
    LET $row = type::record('attempt', [$subject, $lane]);
    LET $seen = (SELECT count, window_ends_at FROM ONLY $row);
    LET $open = $seen IS NONE OR $seen.window_ends_at <= $now;
    IF !$open AND $seen.count >= $limit { { throttled_until: $seen.window_ends_at, candidate: NONE } }
    ELSE {
        UPSERT $row SET count = IF $open { 1 } ELSE { $seen.count + 1 },
            window_ends_at = IF $open { $window_ends_at } ELSE { $seen.window_ends_at } RETURN NONE;
        -- The same read for nobody, whose row is not there: time shall not tell.
        LET $found = (SELECT record::id(id) AS id, password_hash, temporary_until, disabled, email_verified
            FROM ONLY type::record('user', $subject));
        { throttled_until: NONE, candidate: IF $owner IS NONE { NONE } ELSE { $found } }
    }
}";

/// How many tries, and until when a window that opens now lasts.
#[derive(Clone, Copy, Debug)]
pub struct AttemptLimit {
    /// Tries per window.
    pub attempts: i64,
    /// The end of a window that opens now.
    pub window_ends_at: Timestamp,
}

impl AttemptLimit {
    /// What the settings allow for one account, counted from now.
    pub fn from_settings(settings: &Settings, now: Timestamp) -> Self {
        Self { attempts: settings.login_attempts, window_ends_at: after(now, settings.login_window) }
    }
}

impl Store {
    /// Reserves a try for whoever has this name.
    pub async fn reserve_login(
        &self,
        name: &LoginName,
        origin: &Origin,
        limit: AttemptLimit,
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let (table, key) = match name {
            LoginName::Email(email) => ("user_email", email.key()),
            LoginName::Username(username) => ("user_name", username.key()),
            LoginName::Impossible(text) => ("", text.as_str()),
        };
        let digest = Sha256::digest(key.as_bytes());
        let fallback: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let vars = vars! {
            known_user: None::<String>,
            own_lane: None::<String>,
            table: table.to_owned(),
            key: key.to_owned(),
            fallback: fallback,
            address: origin.neighbourhood().to_string(),
            limit: limit.attempts,
            window_ends_at: millis(limit.window_ends_at),
            now: millis(now),
        };
        self.reserve(key, vars).await
    }

    /// Reserves a try for a user who is logged in and shows their password again.
    pub async fn reserve_reauthentication(
        &self,
        user: UserId,
        session: SessionId,
        limit: AttemptLimit,
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let vars = vars! {
            known_user: user.to_string(),
            own_lane: session.to_string(),
            table: String::new(),
            key: String::new(),
            fallback: String::new(),
            address: String::new(),
            limit: limit.attempts,
            window_ends_at: millis(limit.window_ends_at),
            now: millis(now),
        };
        self.reserve(&user.to_string(), vars).await
    }

    async fn reserve(&self, account: &str, vars: surrealdb::types::Variables) -> Result<Attempt, StoreError> {
        let _turn = self.turns.take(account, self.connection.patience()).await?;
        let row: AttemptRow = self.connection.commit(RESERVE, vars).await?;
        if let Some(until) = row.throttled_until {
            return Ok(Attempt::Throttled { until: instant(until) });
        }
        row.candidate.map(Candidate::try_from).transpose().map(Attempt::Reserved)
    }

    /// Counts one more event against a subject that is no user's login, such as mails to one address; false when
    /// there were enough.
    pub async fn reserve_event(&self, subject: &str, limit: AttemptLimit, now: Timestamp) -> Result<bool, StoreError> {
        let vars = vars! {
            known_user: None::<String>,
            own_lane: None::<String>,
            table: String::new(),
            key: String::new(),
            fallback: subject.to_owned(),
            address: String::new(),
            limit: limit.attempts,
            window_ends_at: millis(limit.window_ends_at),
            now: millis(now),
        };
        Ok(matches!(self.reserve(subject, vars).await?, Attempt::Reserved(_)))
    }
}

impl TryFrom<CandidateRow> for Candidate {
    type Error = StoreError;

    fn try_from(row: CandidateRow) -> Result<Self, StoreError> {
        Ok(Self {
            user: row.id.parse().map_err(|_| StoreError::Infrastructure("a user's id is no UUID".into()))?,
            credential: Credential {
                hash: HashedPassword::from_phc(row.password_hash),
                temporary_until: row.temporary_until.map(instant),
            },
            disabled: row.disabled,
            email_verified: row.email_verified,
        })
    }
}
