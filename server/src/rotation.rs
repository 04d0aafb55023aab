//! Carrying the rotation plan out: read the ring, plan, make what keys it asks for,
//! write all of it if nobody else did meanwhile, and put the new ring in force.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use signet_keys::{Algorithm, Entropy, KeyId, KeyRecord, MasterKey, PrivateKey, RotationPolicy, apply, plan};

use crate::{
    keyring::Keyring,
    model::setting::Settings,
    store::{KeyRing, Store, StoreError, StoredKey},
};

/// The leeway we suppose verifiers to grant an expired token, in seconds.
const VERIFIER_SKEW: i64 = 60;
/// How old a node's snapshot may be, in seconds. Alone on its database a node is never behind itself; others look every
/// second, with up to four queries of two seconds each, and their clocks may differ a little.
const OWN_LAG: i64 = 1;
const SHARED_LAG: i64 = 15;

/// What rotation needs of the server.
pub struct Rotator<'a> {
    /// Where keys are kept.
    pub store: &'a Store,
    /// What seals them.
    pub master_key: &'a MasterKey,
    /// For nonces.
    pub entropy: &'a Arc<dyn Entropy>,
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

impl Rotator<'_> {
    /// Does what is due, and returns the ring as it then is. Losing a race to another rotator is no failure: the ring is
    /// read again, and there is nothing left to do.
    pub async fn rotate(&self, settings: &Settings, now: Timestamp) -> anyhow::Result<KeyRing> {
        for _ in 0..10 {
            let ring = self.store.load_keys().await?;
            let Some(changed) = self.changes(&ring, settings, now).await? else { return Ok(ring) };
            let fingerprint = self.master_key.fingerprint();
            if self.store.save_keys(ring.revision, &changed, &fingerprint, &fingerprint).await? {
                for key in &changed {
                    tracing::info!(kid = %key.record.kid, algorithm = %key.record.algorithm, state = ?key.record.state, "a signing key moved on");
                }
                return Ok(self.store.load_keys().await?);
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn changes(
        &self,
        ring: &KeyRing,
        settings: &Settings,
        now: Timestamp,
    ) -> anyhow::Result<Option<Vec<StoredKey>>> {
        let before: Vec<KeyRecord> = ring.keys.iter().map(|key| key.record.clone()).collect();
        let policy = policy(settings, self.store.is_shared());
        let steps = plan(&before, &algorithms(settings), &policy, now);
        if steps.is_empty() {
            return Ok(None);
        }
        // Making an RSA key takes long enough to hold up an async worker.
        let (after, mut made) = tokio::task::spawn_blocking(move || make(before, &steps, &policy, now)).await??;
        let known: HashMap<KeyId, &StoredKey> = ring.keys.iter().map(|key| (key.record.kid.clone(), key)).collect();
        let changed = after.into_iter().filter_map(|record| match known.get(&record.kid) {
            Some(stored) if stored.record == record => None,
            Some(stored) => Some(moved_on(stored, record)),
            None => made.remove(&record.kid).map(|private| StoredKey {
                public: private.public().clone(),
                sealed: Some(private.seal(self.master_key, self.entropy.as_ref())),
                record,
            }),
        });
        Ok(Some(changed.collect()))
    }

    /// Puts a ring in force.
    pub fn install(&self, ring: &KeyRing, keyring: &ArcSwap<Keyring>) -> anyhow::Result<()> {
        keyring.store(Arc::new(Keyring::build(ring, self.master_key)?));
        Ok(())
    }
}

type Made = (Vec<KeyRecord>, HashMap<KeyId, PrivateKey>);

fn make(
    before: Vec<KeyRecord>,
    steps: &[signet_keys::Step],
    policy: &RotationPolicy,
    now: Timestamp,
) -> anyhow::Result<Made> {
    let mut made = HashMap::new();
    let wanted = steps.iter().filter_map(|step| match step {
        signet_keys::Step::Publish { algorithm, .. } => Some(*algorithm),
        _ => None,
    });
    let mut fresh = wanted.map(PrivateKey::generate).collect::<Result<Vec<_>, _>>()?.into_iter();
    let after = apply(
        before,
        steps,
        |_| {
            // One key was made for each step that publishes one, in their order.
            let private = fresh.next().expect("a key for each publication");
            let kid = private.kid().clone();
            made.insert(kid.clone(), private);
            kid
        },
        policy,
        now,
    );
    Ok((after, made))
}

/// A key that signs no more needs no private half.
fn moved_on(stored: &StoredKey, record: KeyRecord) -> StoredKey {
    let keeps_secret =
        matches!(record.state, signet_keys::KeyState::Next { .. } | signet_keys::KeyState::Active { .. });
    StoredKey { sealed: stored.sealed.clone().filter(|_| keeps_secret), public: stored.public.clone(), record }
}
