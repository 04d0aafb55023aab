//! Carrying the rotation plan out: read the ring, plan, make what keys it asks for,
//! write all of it if nobody else did meanwhile, and put the new ring in force.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use signet_keys::{
    Algorithm, Entropy, KeyId, KeyRecord, KeyState, MasterKey, PrivateKey, RotationPolicy, Step, apply, plan,
};

use crate::{
    clock::Clock,
    keyring::Keyring,
    model::setting::Settings,
    store::{KeyRing, RingChanges, Store, StoreError, StoredKey},
};

/// The leeway we suppose verifiers to grant an expired token, in seconds.
const VERIFIER_SKEW: i64 = 60;
/// How old a node's snapshot may be, in seconds. Alone on its database a node is never behind itself; others look every
/// second, with up to four queries of two seconds each, and their clocks may differ a little.
const OWN_LAG: i64 = 1;
const SHARED_LAG: i64 = 15;

/// Gone keys that are kept for each algorithm: for a hint in a token of old, and to tell a revoked key from one that never was.
const GONE_KEPT: usize = 32;

/// What rotation needs of the server.
pub struct Rotator<'a> {
    store: &'a Store,
    master_key: &'a MasterKey,
    entropy: &'a Arc<dyn Entropy>,
    clock: &'a dyn Clock,
}

/// What the plan goes by.
pub fn policy(settings: &Settings, shared: bool) -> RotationPolicy {
    RotationPolicy {
        rotation_period: settings.key_rotation_period,
        prepublication: settings.key_prepublication,
        jwks_max_age: settings.jwks_max_age,
        longest_token: settings.longest_token_lifetime(),
        skew: VERIFIER_SKEW,
        poll_lag: if shared { SHARED_LAG } else { OWN_LAG },
    }
}

/// The algorithms to have keys for: the one we sign with, and the one that every OpenID client knows (Core §15.1).
pub fn algorithms(settings: &Settings) -> Vec<Algorithm> {
    let mut algorithms = vec![settings.default_signing_algorithm, Algorithm::Rs256];
    algorithms.dedup();
    algorithms
}

/// Whether the ring in force has anything due, without asking the database.
pub fn is_due(keyring: &Keyring, settings: &Settings, shared: bool, now: Timestamp) -> bool {
    !plan(keyring.records(), &algorithms(settings), &policy(settings, shared), now).is_empty()
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
    pub async fn rotate(&self, settings: &Settings) -> anyhow::Result<KeyRing> {
        let policy = policy(settings, self.store.is_shared());
        let mut fresh = Vec::new();
        for _ in 0..10 {
            let ring = self.store.load_keys().await?;
            let records: Vec<KeyRecord> = ring.keys.iter().map(|key| key.record.clone()).collect();
            // The time is taken when the keys are there: one that says it was published earlier would sign too early.
            let now = self.clock.now();
            let steps = plan(&records, &algorithms(settings), &policy, now);
            if steps.is_empty() {
                return Ok(ring);
            }
            let missing = missing(&steps, &fresh);
            if !missing.is_empty() {
                fresh.extend(generate(missing).await?);
                continue;
            }
            let changes = self.changes(&ring, records, &steps, &mut fresh, &policy, now);
            let fingerprint = self.master_key.fingerprint();
            if self.store.save_keys(ring.revision, &changes, &fingerprint, &fingerprint).await? {
                for key in &changes.written {
                    tracing::info!(kid = %key.record.kid, algorithm = %key.record.algorithm, state = ?key.record.state, "a signing key moved on");
                }
                return Ok(self.store.load_keys().await?);
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn changes(
        &self,
        ring: &KeyRing,
        before: Vec<KeyRecord>,
        steps: &[Step],
        fresh: &mut Vec<PrivateKey>,
        policy: &RotationPolicy,
        now: Timestamp,
    ) -> RingChanges {
        let mut made = HashMap::new();
        let take = |algorithm| {
            let index = fresh.iter().position(|key| key.algorithm() == algorithm);
            // One was made for each step that publishes one.
            let key = fresh.swap_remove(index.expect("a key for each publication"));
            let kid = key.kid().clone();
            made.insert(kid.clone(), key);
            kid
        };
        let after = apply(before, steps, take, policy, now);
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
        RingChanges { written: written.collect(), forgotten }
    }

    /// Puts a ring in force.
    pub fn install(&self, ring: &KeyRing, keyring: &ArcSwap<Keyring>) -> anyhow::Result<()> {
        keyring.store(Arc::new(Keyring::build(ring, self.master_key)?));
        Ok(())
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
