//! The life of a key: next → active → retired → gone. Transitions consume the record and give `None` where there is no
//! such way.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::algorithm::Algorithm;
use crate::key_id::KeyId;
use crate::policy::RotationPolicy;

/// Where a key stands, with what matters there.
///
/// `longest_token` and `jwks_max_age` are the largest values, in seconds, that were in force since the key was
/// published. Lowering a setting does not lower them, for what was issued under the old one is still about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum KeyState {
    /// Published, not signing yet.
    Next {
        /// When it entered the JWKS.
        published_at: Timestamp,
        /// From when on no cache can lack it.
        ready_at: Timestamp,
        /// The longest token lifetime since publication.
        longest_token: i64,
        /// The largest JWKS max-age since publication.
        jwks_max_age: i64,
    },
    /// Signing.
    Active {
        /// When it entered the JWKS.
        published_at: Timestamp,
        /// When it began to sign.
        activated_at: Timestamp,
        /// The longest lifetime of any token it may have signed.
        longest_token: i64,
        /// The largest JWKS max-age since publication.
        jwks_max_age: i64,
    },
    /// Only verifying what it signed.
    Retired {
        /// When it entered the JWKS.
        published_at: Timestamp,
        /// When it began to sign.
        activated_at: Timestamp,
        /// When it was told to stop.
        retired_at: Timestamp,
        /// From when on nothing it signed is acceptable to anyone.
        leaves_at: Timestamp,
    },
    /// No longer published.
    Gone {
        /// When it entered the JWKS.
        published_at: Timestamp,
        /// When it began to sign, if it ever did.
        activated_at: Option<Timestamp>,
        /// When it left the JWKS.
        gone_at: Timestamp,
        /// Whether it was taken away by decision. Nothing it signed is to be believed, not even as a hint.
        revoked: bool,
    },
}

impl KeyState {
    /// When the key entered the JWKS.
    pub fn published_at(&self) -> Timestamp {
        match *self {
            Self::Next { published_at, .. }
            | Self::Active { published_at, .. }
            | Self::Retired { published_at, .. }
            | Self::Gone { published_at, .. } => published_at,
        }
    }

    /// When the key began to sign, if it ever did.
    pub fn activated_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Next { .. } => None,
            Self::Active { activated_at, .. } | Self::Retired { activated_at, .. } => Some(activated_at),
            Self::Gone { activated_at, .. } => activated_at,
        }
    }

    /// The largest JWKS max-age that was in force since publication, as long as that matters.
    pub(crate) fn jwks_max_age(&self) -> Option<i64> {
        match *self {
            Self::Next { jwks_max_age, .. } | Self::Active { jwks_max_age, .. } => Some(jwks_max_age),
            Self::Retired { .. } | Self::Gone { .. } => None,
        }
    }
}

/// A key as the plan sees it: everything but the material.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The key.
    pub kid: KeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Where it stands.
    pub state: KeyState,
}

impl KeyRecord {
    /// Whether the key belongs in the JWKS.
    pub fn is_published(&self) -> bool {
        !matches!(self.state, KeyState::Gone { .. })
    }

    /// Whether tokens may be signed with the key.
    pub fn can_sign(&self) -> bool {
        matches!(self.state, KeyState::Active { .. })
    }

    /// next → active. `longest_token` is the longest lifetime in force.
    pub fn activate(self, now: Timestamp, longest_token: i64) -> Option<Self> {
        match self.state {
            KeyState::Next { published_at, longest_token: seen, jwks_max_age, .. } => {
                Some(self.with(KeyState::Active {
                    published_at,
                    activated_at: now,
                    longest_token: seen.max(longest_token),
                    jwks_max_age,
                }))
            }
            _ => None,
        }
    }

    /// active → retired, staying until the last token it signed has expired everywhere.
    pub fn retire(self, now: Timestamp, policy: &RotationPolicy) -> Option<Self> {
        match self.state {
            KeyState::Active { published_at, activated_at, longest_token, .. } => Some(self.with(KeyState::Retired {
                published_at,
                activated_at,
                retired_at: now,
                leaves_at: policy.leaves_at(now, longest_token.max(policy.longest_token)),
            })),
            _ => None,
        }
    }

    /// next → gone for a key that is not needed after all, retired → gone for one whose time has come.
    pub fn remove(self, now: Timestamp) -> Option<Self> {
        match self.state {
            KeyState::Next { .. } | KeyState::Retired { .. } => Some(self.leave(now, false)),
            KeyState::Active { .. } | KeyState::Gone { .. } => None,
        }
    }

    /// Anything → gone at once and for a reason. Tokens it signed stop verifying as caches expire.
    pub fn revoke(self, now: Timestamp) -> Option<Self> {
        match self.state {
            KeyState::Gone { revoked: true, .. } => None,
            KeyState::Gone { gone_at, .. } => Some(self.leave(gone_at, true)),
            _ => Some(self.leave(now, true)),
        }
    }

    /// Makes the key remember larger values of the policy; `None` when it has seen such before.
    ///
    /// A wait already begun grows only while some node may not have heard of its beginning: after that, nobody acts on
    /// the new value and the old keys together.
    pub fn extend(self, now: Timestamp, policy: &RotationPolicy) -> Option<Self> {
        let mut state = self.state.clone();
        match &mut state {
            KeyState::Next { published_at, ready_at, longest_token, jwks_max_age } => {
                if !policy.is_known_everywhere(*published_at, now) {
                    *ready_at = policy.ready_at(*published_at, policy.jwks_max_age).max(*ready_at);
                }
                *longest_token = policy.longest_token.max(*longest_token);
                *jwks_max_age = policy.jwks_max_age.max(*jwks_max_age);
            }
            KeyState::Active { longest_token, jwks_max_age, .. } => {
                *longest_token = policy.longest_token.max(*longest_token);
                *jwks_max_age = policy.jwks_max_age.max(*jwks_max_age);
            }
            KeyState::Retired { retired_at, leaves_at, .. } => {
                if !policy.is_known_everywhere(*retired_at, now) {
                    *leaves_at = policy.leaves_at(*retired_at, policy.longest_token).max(*leaves_at);
                }
            }
            KeyState::Gone { .. } => {}
        }
        (state != self.state).then(|| self.with(state))
    }

    fn leave(self, gone_at: Timestamp, revoked: bool) -> Self {
        let published_at = self.state.published_at();
        let activated_at = self.state.activated_at();
        self.with(KeyState::Gone { published_at, activated_at, gone_at, revoked })
    }

    fn with(self, state: KeyState) -> Self {
        Self { state, ..self }
    }
}
