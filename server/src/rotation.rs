//! Carrying the rotation plan out: read the ring, plan, make what keys it asks for,
//! write all of it if nobody else did meanwhile, and put the new ring in force.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use jiff::Timestamp;
use signet_keys::{
    Algorithm, Entropy, KeyId, KeyRecord, KeyState, MasterKey, PrivateKey, RotationPolicy, Step, apply, plan,
    rotate_now,
};

use crate::{
    clock::Clock,
    model::{audit::Event, setting::Settings},
    store::{AlgorithmPlan, Along, Creation, KeyRing, RingChange, RingSaved, Store, StoreError, StoredKey},
};

/// The leeway we suppose verifiers to grant an expired token, in seconds.
const VERIFIER_SKEW: i64 = 60;
/// How old a node's snapshot may be, in seconds. Alone on its database a node is never behind itself; others look every
/// second, with up to four queries of two seconds each, and their clocks may differ a little.
const OWN_LAG: i64 = 1;
const SHARED_LAG: i64 = 15;

/// Gone keys that are kept for each algorithm: for a hint in a token of old, and to tell a revoked key from one that never was.
const GONE_KEPT: usize = 32;
/// How often a change is tried on a ring that others change, too.
const MAX_TRIES: usize = 10;

/// What rotation needs of the server.
pub struct Rotator<'a> {
    store: &'a Store,
    master_key: &'a MasterKey,
    entropy: &'a Arc<dyn Entropy>,
    clock: &'a dyn Clock,
}

/// What somebody wants done with the ring as it is.
#[derive(Debug, Default)]
pub struct Decision {
    /// The steps.
    pub steps: Vec<Step>,
    /// Plans to write.
    pub plans: Vec<AlgorithmPlan>,
    /// What to write along with them.
    pub along: Along,
    /// For the audit log.
    pub event: Option<Event>,
}

impl Decision {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.plans.is_empty() && matches!(self.along, Along::Nothing)
    }
}

/// Why a change of the ring did not come about.
#[derive(Debug)]
pub enum RingError<E> {
    /// Whoever decided does not want it on the ring as it is.
    Declined(E),
    /// What was decided with is not what there is any more.
    Outdated,
    /// What was to go along cannot be, or was there before.
    Refused(Creation),
    /// Something failed.
    Failed(anyhow::Error),
}

impl<E> From<anyhow::Error> for RingError<E> {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl<E> From<StoreError> for RingError<E> {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What the plan goes by. `longest_of_clients` is the longest life that a client gives its tokens.
pub fn policy(settings: &Settings, longest_of_clients: i64, shared: bool) -> RotationPolicy {
    RotationPolicy {
        rotation_period: settings.key_rotation_period,
        prepublication: settings.key_prepublication,
        jwks_max_age: settings.jwks_max_age,
        longest_token: settings.longest_token_lifetime().max(longest_of_clients),
        skew: VERIFIER_SKEW,
        poll_lag: if shared { SHARED_LAG } else { OWN_LAG },
    }
}

/// The algorithms to have keys for: the one we sign with, the one that every OpenID client knows (Core §15.1), and those that
/// an operator added.
pub fn algorithms(settings: &Settings, plans: &[AlgorithmPlan]) -> Vec<Algorithm> {
    let added = plans.iter().filter(|plan| plan.added).map(|plan| plan.algorithm);
    let mut algorithms: Vec<_> =
        [settings.default_signing_algorithm, Algorithm::Rs256].into_iter().chain(added).collect();
    algorithms.sort();
    algorithms.dedup();
    algorithms
}

/// What is due by itself.
pub fn due(
    records: &[KeyRecord],
    plans: &[AlgorithmPlan],
    settings: &Settings,
    policy: &RotationPolicy,
    now: Timestamp,
) -> Decision {
    let algorithms = algorithms(settings, plans);
    let steps = plan(records, &algorithms, policy, now);
    if !steps.is_empty() {
        return Decision { steps, ..Decision::default() };
    }
    // One that an operator planned waits until the next key is ready, like one that they ask for now.
    let planned = plans.iter().filter(|plan| plan.rotates_at.is_some_and(|at| now >= at));
    let planned = planned.filter(|plan| algorithms.contains(&plan.algorithm)).find_map(|plan| {
        let steps = rotate_now(records, plan.algorithm, policy, now, false).ok()?;
        Some(Decision { steps, plans: vec![AlgorithmPlan { rotates_at: None, ..*plan }], ..Decision::default() })
    });
    planned.unwrap_or_default()
}

impl<'a> Rotator<'a> {
    /// Works on a store's ring.
    pub fn new(
        store: &'a Store,
        master_key: &'a MasterKey,
        entropy: &'a Arc<dyn Entropy>,
        clock: &'a dyn Clock,
    ) -> Self {
        Self { store, master_key, entropy, clock }
    }

    /// Does what is due, and returns the ring as it then is. Losing a race to another rotator is no failure: the ring is
    /// read again, and there is nothing left to do.
    pub async fn rotate(&self, settings: &Settings, policy: &RotationPolicy) -> anyhow::Result<KeyRing> {
        let decide = |records: &[KeyRecord], plans: &[AlgorithmPlan], now| {
            Ok::<_, Infallible>(due(records, plans, settings, policy, now))
        };
        self.change(policy, decide).await.map_err(|error| match error {
            RingError::Failed(error) => error,
            RingError::Declined(never) => match never {},
            RingError::Outdated | RingError::Refused(_) => StoreError::Conflict.into(),
        })
    }

    /// Carries out what is decided on the ring as it is, and returns it as it then is. The decision may be asked for more
    /// than once: keys are made in between, and others may change the ring.
    pub async fn change<E>(
        &self,
        policy: &RotationPolicy,
        decide: impl Fn(&[KeyRecord], &[AlgorithmPlan], Timestamp) -> Result<Decision, E>,
    ) -> Result<KeyRing, RingError<E>> {
        let mut fresh = Vec::new();
        for _ in 0..MAX_TRIES {
            let ring = self.store.load_keys().await?;
            let records: Vec<KeyRecord> = ring.keys.iter().map(|key| key.record.clone()).collect();
            // The time is taken when the keys are there: one that says it was published earlier would sign too early.
            let now = self.clock.now();
            let decision = decide(&records, &ring.plans, now).map_err(RingError::Declined)?;
            if decision.is_empty() {
                return Ok(ring);
            }
            let missing = missing(&decision.steps, &fresh);
            if !missing.is_empty() {
                fresh.extend(generate(missing).await?);
                continue;
            }
            let change = self.prepare(&ring, records, decision, &mut fresh, policy, now);
            let fingerprint = self.master_key.fingerprint();
            match self.store.save_keys(ring.revision, &change, &fingerprint, &fingerprint, now).await? {
                RingSaved::Refused(reason) => return Err(RingError::Refused(reason)),
                RingSaved::Outdated => return Err(RingError::Outdated),
                RingSaved::RingMoved => {}
                RingSaved::Saved => {
                    for key in &change.written {
                        tracing::info!(kid = %key.record.kid, algorithm = %key.record.algorithm, state = ?key.record.state, "a signing key moved on");
                    }
                    return Ok(self.store.load_keys().await?);
                }
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn prepare(
        &self,
        ring: &KeyRing,
        before: Vec<KeyRecord>,
        decision: Decision,
        fresh: &mut Vec<PrivateKey>,
        policy: &RotationPolicy,
        now: Timestamp,
    ) -> RingChange {
        let mut made = HashMap::new();
        let take = |algorithm| {
            let index = fresh.iter().position(|key| key.algorithm() == algorithm);
            // One was made for each step that publishes one.
            let key = fresh.swap_remove(index.expect("a key for each publication"));
            let kid = key.kid().clone();
            made.insert(kid.clone(), key);
            kid
        };
        let after = apply(before, &decision.steps, take, policy, now);
        let forgotten = forgotten(&after);
        let known: HashMap<KeyId, &StoredKey> = ring.keys.iter().map(|key| (key.record.kid.clone(), key)).collect();
        let written = after.into_iter().filter(|record| !forgotten.contains(&record.kid));
        let written = written.filter_map(|record| match known.get(&record.kid) {
            Some(stored) if stored.record == record => None,
            Some(stored) => Some(moved_on(stored, record)),
            None => made.remove(&record.kid).map(|private| StoredKey {
                public: private.public().clone(),
                sealed: Some(private.seal(self.master_key, self.entropy.as_ref())),
                record,
            }),
        });
        let Decision { plans, along, event, .. } = decision;
        RingChange { written: written.collect(), forgotten, plans, along, event }
    }
}

/// The algorithms of the keys that steps ask for and that were not made yet.
fn missing(steps: &[Step], fresh: &[PrivateKey]) -> Vec<Algorithm> {
    let mut at_hand: Vec<Algorithm> = fresh.iter().map(PrivateKey::algorithm).collect();
    let wanted = steps.iter().filter_map(|step| match step {
        Step::Publish { algorithm, .. } => Some(*algorithm),
        _ => None,
    });
    wanted
        .filter(|algorithm| match at_hand.iter().position(|other| other == algorithm) {
            Some(index) => {
                at_hand.swap_remove(index);
                false
            }
            None => true,
        })
        .collect()
}

/// Making an RSA key takes long enough to hold up an async worker.
async fn generate(algorithms: Vec<Algorithm>) -> anyhow::Result<Vec<PrivateKey>> {
    let work = move || algorithms.into_iter().map(PrivateKey::generate).collect::<Result<Vec<_>, _>>();
    Ok(tokio::task::spawn_blocking(work).await??)
}

/// Keys that left so long ago, with so many after them, that nobody asks for them.
fn forgotten(records: &[KeyRecord]) -> Vec<KeyId> {
    let gone_at = |record: &KeyRecord| match record.state {
        KeyState::Gone { gone_at, .. } => Some(gone_at),
        _ => None,
    };
    let mut forgotten = Vec::new();
    for algorithm in Algorithm::ALL {
        let of_this = records.iter().filter(|record| record.algorithm == algorithm);
        let mut gone: Vec<_> = of_this.filter_map(|record| Some((gone_at(record)?, &record.kid))).collect();
        gone.sort_by_key(|(gone_at, _)| std::cmp::Reverse(*gone_at));
        forgotten.extend(gone.into_iter().skip(GONE_KEPT).map(|(_, kid)| kid.clone()));
    }
    forgotten
}

/// A key that signs no more needs no private half.
fn moved_on(stored: &StoredKey, record: KeyRecord) -> StoredKey {
    let keeps_secret = matches!(record.state, KeyState::Next { .. } | KeyState::Active { .. });
    StoredKey { sealed: stored.sealed.clone().filter(|_| keeps_secret), public: stored.public.clone(), record }
}
