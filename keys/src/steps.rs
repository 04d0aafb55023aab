//! What a plan consists of, and what carrying it out means.

use jiff::Timestamp;

use crate::algorithm::Algorithm;
use crate::key_id::KeyId;
use crate::lifecycle::{KeyRecord, KeyState};
use crate::policy::RotationPolicy;

/// One change to the keys. The steps of a plan belong into one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make a key and publish it.
    Publish {
        /// What the key signs with.
        algorithm: Algorithm,
        /// Where its life begins: next, or active when waiting would leave nobody to sign.
        state: KeyState,
    },
    /// Hand the signing over. One step, so that there is never a moment with no active key or with two.
    Rotate {
        /// The active key.
        retire: KeyId,
        /// The next key.
        activate: KeyId,
    },
    /// Let a next key sign where no key does.
    Activate {
        /// The next key.
        kid: KeyId,
    },
    /// Let an active key stop signing without a successor.
    Retire {
        /// The active key.
        kid: KeyId,
    },
    /// Remember that a larger lifetime or max-age came into force.
    Extend {
        /// The key.
        kid: KeyId,
    },
    /// Take a key out of the JWKS.
    Remove {
        /// The key.
        kid: KeyId,
    },
    /// Take a key out of the JWKS because it is not to be trusted any more.
    Revoke {
        /// The key.
        kid: KeyId,
    },
}

/// Carries out steps that were planned for these very keys with this policy at this instant. `new_key` makes a key and
/// names it.
pub fn apply(
    mut keys: Vec<KeyRecord>,
    steps: &[Step],
    mut new_key: impl FnMut(Algorithm) -> KeyId,
    policy: &RotationPolicy,
    now: Timestamp,
) -> Vec<KeyRecord> {
    for step in steps {
        match step {
            Step::Publish { algorithm, state } => {
                keys.push(KeyRecord { kid: new_key(*algorithm), algorithm: *algorithm, state: state.clone() })
            }
            Step::Rotate { retire, activate } => {
                change(&mut keys, retire, |key| key.retire(now, policy));
                change(&mut keys, activate, |key| key.activate(now, policy.longest_token));
            }
            Step::Activate { kid } => change(&mut keys, kid, |key| key.activate(now, policy.longest_token)),
            Step::Retire { kid } => change(&mut keys, kid, |key| key.retire(now, policy)),
            Step::Extend { kid } => change(&mut keys, kid, |key| key.extend(now, policy)),
            Step::Remove { kid } => change(&mut keys, kid, |key| key.remove(now)),
            Step::Revoke { kid } => change(&mut keys, kid, |key| key.revoke(now)),
        }
    }
    keys
}

/// A key that has no such transition stays as it is.
fn change(keys: &mut [KeyRecord], kid: &KeyId, transition: impl FnOnce(KeyRecord) -> Option<KeyRecord>) {
    if let Some(key) = keys.iter_mut().find(|key| key.kid == *kid)
        && let Some(changed) = transition(key.clone())
    {
        *key = changed;
    }
}
