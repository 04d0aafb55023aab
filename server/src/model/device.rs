//! Devices without a keyboard or browser, and what their users are asked for elsewhere (RFC 8628).

use std::fmt;

use jiff::Timestamp;
use signet_keys::Entropy;
use signet_shared::{GrantId, ScopeSet, SessionId, UserId};

use super::{
    authorization::Spoken,
    secret::SecretHash,
    session::{Origin, Subject},
};

/// Letters that are hard to mistake for each other and make no words (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;

/// The code that a device shows and its user types: eight letters, 34 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// A fresh one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut letters = String::with_capacity(LENGTH);
        while letters.len() < LENGTH {
            let mut byte = [0];
            entropy.fill(&mut byte);
            // 240 is the greatest multiple of 20 in a byte: beyond it some letters would come more often than others.
            if byte[0] < 240 {
                letters.push(char::from(LETTERS[usize::from(byte[0]) % LETTERS.len()]));
            }
        }
        Self(letters)
    }

    /// Reads one as people type it: in any case, with whatever between the letters.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: String = text.chars().filter(char::is_ascii_alphanumeric).take(LENGTH + 1).collect();
        let letters = letters.to_ascii_uppercase();
        (letters.len() == LENGTH && letters.bytes().all(|letter| LETTERS.contains(&letter))).then_some(Self(letters))
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

/// What a device asks for.
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// Which program is on it.
    pub client: String,
    /// For what.
    pub scope: ScopeSet,
    /// What access tokens are for (RFC 8707).
    pub resources: Vec<String>,
}

/// A device that is about to wait for its user.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Of the code that it polls with.
    pub code: SecretHash,
    /// The code that its user types.
    pub user_code: String,
    /// What it asks for.
    pub request: DeviceRequest,
    /// Between two polls, in seconds.
    pub interval: i64,
    /// When both codes expire.
    pub expires_at: Timestamp,
}

/// A session that the terminal program is about to get.
#[derive(Clone, Debug)]
pub struct NewTerminalSession {
    /// Its id.
    pub session: SessionId,
    /// Its grant.
    pub grant: GrantId,
    /// Whose.
    pub user: UserId,
    /// The session, on a browser, in which they allowed it.
    pub allowed_in: SessionId,
    /// When it ends unless its tokens are fetched.
    pub expires_at: Timestamp,
    /// Where from.
    pub origin: Origin,
}

/// A device that asks whether its user has answered.
#[derive(Clone, Debug)]
pub struct Poll {
    /// Of the code that it shows.
    pub code: SecretHash,
    /// Which program it says it is.
    pub client: String,
    /// The first refresh token of the grant, where the client gets one, and its end.
    pub refresh: Option<(SecretHash, Timestamp)>,
    /// When the grant ends where it gets none: with its access tokens.
    pub expires_at: Timestamp,
}

impl Poll {
    /// How much longer the interval gets with each hasty poll, in milliseconds (RFC 8628 §3.5).
    pub const STEP: i64 = 5_000;
    /// How much early no clock is too exact for, in milliseconds.
    pub const TOLERANCE: i64 = 500;
}

/// What a device is told.
#[derive(Clone, Debug)]
pub enum Polled {
    /// Whom it may speak for.
    Granted(Box<Spoken>),
    /// Whose account it may look after: it is the terminal program.
    SignedIn(Subject),
    /// Nobody has answered yet.
    Pending,
    /// And it asks too often.
    SlowDown,
    /// The user said no.
    Denied,
    /// Nobody answered in time.
    Expired,
    /// No such code.
    Unknown,
}

#[cfg(test)]
mod tests {
    use signet_keys::OsEntropy;

    use super::*;

    #[test]
    fn codes_are_read_however_people_type_them() {
        let code = UserCode::generate(&OsEntropy);
        for typed in
            [code.to_string(), code.as_str().to_lowercase(), format!(" {} ", code.to_string().replace('-', " – "))]
        {
            assert_eq!(UserCode::parse(&typed), Some(code.clone()), "{typed}");
        }
        for typed in ["", "BCDF", "BCDFGHJKL", "AEIOUAEI", "BCDF-GHJ1"] {
            assert_eq!(UserCode::parse(typed), None, "{typed}");
        }
    }
}
