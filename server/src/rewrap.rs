//! Changing the master key: every sealed key is opened with the old one and sealed
//! with the new one, in one transaction.

use std::{path::Path, sync::Arc};

use signet_keys::{Entropy, MasterKey, MasterKeyError, OsEntropy, PrivateKey};

use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    start::{master_key, open_store},
    store::{RingChange, RingSaved, StoredKey},
};

/// Seals all keys with the master key in `new_file`, which is made if it is not there. Returns how many were sealed anew.
/// The configuration names the old one until the operator changes it.
pub async fn rewrap(config: &Config, new_file: &Path) -> anyhow::Result<usize> {
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let store = open_store(config, &entropy, SystemClock.now()).await?;
    let old = master_key(&config.master_key, &store, entropy.as_ref()).await?;
    let new = match MasterKey::read(new_file) {
        Err(MasterKeyError::Missing(_)) => MasterKey::create(new_file, entropy.as_ref())?,
        other => other?,
    };
    let ring = store.load_keys().await?;
    let mut sealed = Vec::new();
    for key in &ring.keys {
        let Some(old_seal) = &key.sealed else { continue };
        let private = PrivateKey::open(old_seal, &key.record.kid, key.record.algorithm, &old)?;
        sealed.push(StoredKey { sealed: Some(private.seal(&new, entropy.as_ref())), ..key.clone() });
    }
    let count = sealed.len();
    let change = RingChange { written: sealed, ..RingChange::default() };
    let (from, to) = (old.fingerprint(), new.fingerprint());
    if store.save_keys(ring.revision, &change, &from, &to, SystemClock.now()).await? != RingSaved::Saved {
        anyhow::bail!("the keys changed meanwhile; run this again");
    }
    store.close().await;
    Ok(count)
}
