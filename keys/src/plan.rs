//! The rotation plan: which keys there are and what time it is → what to do. Pure, so that any node can make it and a
//! test can live years.
//!
//! What it promises: every token verifies, until it expires, against every JWKS that some cache may hold.

mod ring;

use jiff::Timestamp;

use self::ring::Ring;
use crate::algorithm::Algorithm;
use crate::key_id::KeyId;
use crate::lifecycle::{KeyRecord, KeyState};
use crate::policy::RotationPolicy;
use crate::steps::Step;

/// What is to be done now. Right after [`apply`](crate::apply) there is nothing left to do at the same instant.
///
/// `keys` are all there ever were, the gone ones included. `algorithms` are those in use.
pub fn plan(keys: &[KeyRecord], algorithms: &[Algorithm], policy: &RotationPolicy, now: Timestamp) -> Vec<Step> {
    let rings: Vec<Ring<'_>> = Algorithm::ALL
        .into_iter()
        .filter(|algorithm| algorithms.contains(algorithm))
        .map(|algorithm| Ring::new(keys, algorithm, policy, now))
        .collect();
    let mut steps = extensions(keys, policy, now);
    steps.extend(rings.iter().flat_map(Ring::steps));
    steps.extend(departures(keys, &rings, now));
    steps
}

/// The operator asks for a rotation before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("caches may lack the next key until {ready_at}")]
pub struct TooYoung {
    /// When the next key may sign.
    pub ready_at: Timestamp,
}

/// Hands over to the next key of `algorithm` at the operator's request. `force` skips the wait: tokens then fail
/// wherever a cache does not have the key yet.
pub fn rotate_now(
    keys: &[KeyRecord],
    algorithm: Algorithm,
    policy: &RotationPolicy,
    now: Timestamp,
    force: bool,
) -> Result<Vec<Step>, TooYoung> {
    let ring = Ring::new(keys, algorithm, policy, now);
    let ready_at = ring.ready_at();
    if force || now >= ready_at { Ok(ring.succession()) } else { Err(TooYoung { ready_at }) }
}

/// Takes a key away at once at the operator's request, and does what signing needs to go on. Nothing to do for a key that is
/// revoked already, or that never was.
pub fn revoke_now(
    keys: &[KeyRecord],
    kid: &KeyId,
    algorithms: &[Algorithm],
    policy: &RotationPolicy,
    now: Timestamp,
) -> Vec<Step> {
    let mut after = keys.to_vec();
    let revoked = after.iter_mut().find(|key| key.kid == *kid).and_then(|key| {
        *key = key.clone().revoke(now)?;
        Some(Step::Revoke { kid: kid.clone() })
    });
    let Some(revoke) = revoked else { return Vec::new() };
    std::iter::once(revoke).chain(plan(&after, algorithms, policy, now)).collect()
}

/// Keys that have not seen values as large as those now in force.
fn extensions(keys: &[KeyRecord], policy: &RotationPolicy, now: Timestamp) -> Vec<Step> {
    keys.iter()
        .filter(|key| (*key).clone().extend(now, policy).is_some())
        .map(|key| Step::Extend { kid: key.kid.clone() })
        .collect()
}

/// Keys whose time is over, and those of algorithms no longer in use.
fn departures(keys: &[KeyRecord], in_use: &[Ring<'_>], now: Timestamp) -> Vec<Step> {
    // An abandoned algorithm signs on until every other can, so that changing from one to another never leaves nobody
    // to sign.
    let replaced = in_use.iter().all(Ring::will_sign);
    keys.iter()
        .filter_map(|key| {
            let kid = key.kid.clone();
            let abandoned = in_use.iter().all(|ring| ring.algorithm() != key.algorithm);
            match key.state {
                KeyState::Retired { leaves_at, .. } if now >= leaves_at => Some(Step::Remove { kid }),
                KeyState::Next { .. } if abandoned => Some(Step::Remove { kid }),
                KeyState::Active { .. } if abandoned && replaced => Some(Step::Retire { kid }),
                _ => None,
            }
        })
        .collect()
}
