//! The keys of one algorithm, and when one hands over to the next.

use jiff::Timestamp;

use crate::algorithm::Algorithm;
use crate::key_id::KeyId;
use crate::lifecycle::{KeyRecord, KeyState};
use crate::policy::{RotationPolicy, after};
use crate::steps::Step;

pub(super) struct Ring<'a> {
    /// The keys of all algorithms, for they share one JWKS.
    keys: &'a [KeyRecord],
    algorithm: Algorithm,
    policy: &'a RotationPolicy,
    now: Timestamp,
    active: Option<Active<'a>>,
    next: Option<Next<'a>>,
}

struct Active<'a> {
    kid: &'a KeyId,
    activated_at: Timestamp,
}

struct Next<'a> {
    kid: &'a KeyId,
    published_at: Timestamp,
    ready_at: Timestamp,
}

impl<'a> Ring<'a> {
    pub(super) fn new(keys: &'a [KeyRecord], algorithm: Algorithm, policy: &'a RotationPolicy, now: Timestamp) -> Self {
        let own = || keys.iter().filter(move |key| key.algorithm == algorithm);
        let active = own().find_map(|KeyRecord { kid, state, .. }| match *state {
            KeyState::Active { activated_at, .. } => Some(Active { kid, activated_at }),
            _ => None,
        });
        let next = own().find_map(|KeyRecord { kid, state, .. }| match *state {
            KeyState::Next { published_at, ready_at, .. } => Some(Next { kid, published_at, ready_at }),
            _ => None,
        });
        Self { keys, algorithm, policy, now, active, next }
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What keeps this algorithm signing: an active key that is not too old, and behind it a next one.
    pub(super) fn steps(&self) -> Vec<Step> {
        match self.next {
            _ if self.is_due() => self.succession(),
            None => vec![self.publish_next()],
            Some(_) => Vec::new(),
        }
    }

    /// Whether there is an active key once the steps are done.
    pub(super) fn will_sign(&self) -> bool {
        self.active.is_some() || self.is_due()
    }

    /// When the next key may sign, or could if it were published now.
    pub(super) fn ready_at(&self) -> Timestamp {
        self.next.as_ref().map_or_else(|| self.ready_if_published_now(), |next| next.ready_at)
    }

    /// A new key signs at once, behind it a newer one is published.
    pub(super) fn succession(&self) -> Vec<Step> {
        let mut steps = match (&self.active, &self.next) {
            (Some(active), Some(next)) => vec![Step::Rotate { retire: active.kid.clone(), activate: next.kid.clone() }],
            (Some(active), None) => vec![Step::Retire { kid: active.kid.clone() }, self.publish_active()],
            (None, Some(next)) => vec![Step::Activate { kid: next.kid.clone() }],
            (None, None) => vec![self.publish_active()],
        };
        steps.push(self.publish_next());
        steps
    }

    fn is_due(&self) -> bool {
        let announced = |next: &Next<'_>| {
            self.now >= next.ready_at && self.now >= after(next.published_at, self.policy.prepublication)
        };
        match (&self.active, &self.next) {
            (Some(active), Some(next)) => {
                self.now >= after(active.activated_at, self.policy.rotation_period) && announced(next)
            }
            (Some(_), None) => false,
            (None, next) => self.cannot_wait() || next.as_ref().is_some_and(announced),
        }
    }

    /// Signing must go on: where nobody can sign at all (a fresh installation is one such place), or where a revoked
    /// key has left a gap, a key that some caches lack is better than none. An algorithm merely added waits like any
    /// other key, since the caches that hold the others' keys do not have its first.
    fn cannot_wait(&self) -> bool {
        !self.keys.iter().any(KeyRecord::can_sign) || self.has_lost_its_signer()
    }

    fn has_lost_its_signer(&self) -> bool {
        self.keys
            .iter()
            .filter(|key| key.algorithm == self.algorithm)
            .filter_map(|key| Some((key.state.activated_at()?, &key.state)))
            .max_by_key(|(activated_at, _)| *activated_at)
            .is_some_and(|(_, last)| matches!(last, KeyState::Gone { revoked: true, .. }))
    }

    fn publish_active(&self) -> Step {
        self.publish(KeyState::Active {
            published_at: self.now,
            activated_at: self.now,
            longest_token: self.policy.longest_token,
            jwks_max_age: self.policy.jwks_max_age,
        })
    }

    fn publish_next(&self) -> Step {
        self.publish(KeyState::Next {
            published_at: self.now,
            ready_at: self.ready_if_published_now(),
            longest_token: self.policy.longest_token,
            jwks_max_age: self.policy.jwks_max_age,
        })
    }

    fn publish(&self, state: KeyState) -> Step {
        Step::Publish { algorithm: self.algorithm, state }
    }

    /// Caches may have been filled under a max-age that was lowered since; the keys of the time remember it.
    fn ready_if_published_now(&self) -> Timestamp {
        let max_age =
            self.keys.iter().filter_map(|key| key.state.jwks_max_age()).fold(self.policy.jwks_max_age, i64::max);
        self.policy.ready_at(self.now, max_age)
    }
}
