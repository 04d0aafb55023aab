//! Password hashing, the one thing here that is meant to be slow.
//!
//! At most as many hashes run as there are cores and as fit a memory budget; a
//! bounded number wait; the rest are turned away at once. So a flood of logins
//! costs bounded memory, and everything else stays quick.

mod cost;
mod foreign;
mod policy;
mod stored;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use signet_keys::Entropy;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use cost::Cost;
pub use foreign::ForeignHash;
pub use policy::NewPassword;
pub use stored::Verdict;

use crate::{
    error::Refusal,
    model::password::{HashedPassword, PlainPassword},
};
use cost::hash;
use stored::{Pace, StoredHash};

/// Memory that all running hashes may take together, in MiB. One hash always may, however large.
const MEMORY_BUDGET: u32 = 1_024;
/// Callers who may have a hash running or waiting.
const PLACES: usize = 64;

/// The bounded pool that hashes run on.
pub struct PasswordPool {
    cores: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    taken: AtomicUsize,
    pace: Arc<Pace>,
    entropy: Arc<dyn Entropy>,
}

impl PasswordPool {
    /// A pool as wide as the machine.
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            memory: Arc::new(Semaphore::new(MEMORY_BUDGET as usize)),
            taken: AtomicUsize::new(0),
            pace: Arc::default(),
            entropy,
        }
    }

    /// Takes a place, or turns the caller away at once. Do it before anything that costs the caller: a try at a password
    /// that nobody had the time to look at must not count.
    pub fn enter(&self) -> Result<Place<'_>, Refusal> {
        let place = Place(self);
        // On refusal the place is dropped, which gives it back.
        let free = self.taken.fetch_add(1, Ordering::Relaxed) < PLACES;
        if free { Ok(place) } else { Err(Refusal::Overloaded(Duration::from_secs(2))) }
    }

    /// How many places are taken.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

/// A place in the pool, given back when it is dropped.
pub struct Place<'a>(&'a PasswordPool);

impl Place<'_> {
    /// Hashes a password of our own making.
    pub async fn hash(&self, password: PlainPassword, cost: Cost) -> Result<HashedPassword, Refusal> {
        let (salt, pace) = (self.salt(), Arc::clone(&self.0.pace));
        self.run(cost.mebibytes(), move || Ok(pace.timed(cost, || hash(&password, &salt, cost))?)).await
    }

    /// Hashes a password that somebody wants to set, if it is not one that anybody would guess.
    pub async fn hash_new(&self, new: NewPassword) -> Result<HashedPassword, Refusal> {
        let (salt, cost) = (self.salt(), new.cost);
        let work = move || {
            new.check_guessability()?;
            Ok(hash(&new.password, &salt, cost)?)
        };
        self.run(cost.mebibytes(), work).await
    }

    /// Compares a password with a hash; with none, does the same work for nothing, so that time tells nobody who exists.
    pub async fn verify(
        &self,
        password: PlainPassword,
        stored: Option<HashedPassword>,
        policy: Cost,
    ) -> Result<Verdict, Refusal> {
        let Some(stored) = stored.filter(|stored| !stored.is_none()) else {
            for _ in 0..password.ways() {
                self.hash(password.clone(), policy).await?;
            }
            return Ok(Verdict { matches: false, rehashed: None });
        };
        let stored = StoredHash::read(&stored)?;
        let (salt, pace) = (self.salt(), Arc::clone(&self.0.pace));
        let mebibytes = stored.mebibytes().max(policy.mebibytes());
        self.run(mebibytes, move || Ok(stored.verify(&password, &salt, policy, &pace)?)).await
    }

    fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.0.entropy.fill(&mut salt);
        salt
    }

    async fn run<T: Send + 'static>(
        &self,
        mebibytes: u32,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let permits = self.admit(mebibytes).await?;
        // The work holds the permits, not the request: a caller who hangs up does not stop a hash that has begun.
        let admitted = move || {
            let _permits = permits;
            work()
        };
        tokio::task::spawn_blocking(admitted).await.map_err(anyhow::Error::from)?
    }

    async fn admit(&self, mebibytes: u32) -> anyhow::Result<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        let core = Arc::clone(&self.0.cores).acquire_owned().await?;
        let memory = mebibytes.min(MEMORY_BUDGET);
        Ok((core, Arc::clone(&self.0.memory).acquire_many_owned(memory).await?))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_keys::OsEntropy;

    const CHEAP: Cost = Cost::of_log_n(10);
    const DEARER: Cost = Cost::of_log_n(11);

    fn pool() -> PasswordPool {
        PasswordPool::new(Arc::new(OsEntropy))
    }

    async fn hashed(password: &str, cost: Cost) -> HashedPassword {
        pool().enter().unwrap().hash(PlainPassword::new(password), cost).await.unwrap()
    }

    async fn verdict(password: &str, stored: Option<HashedPassword>, policy: Cost) -> Verdict {
        pool().enter().unwrap().verify(PlainPassword::new(password), stored, policy).await.unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let stored = hashed("correct horse", CHEAP).await;
        let right = verdict("correct horse", Some(stored.clone()), CHEAP).await;
        let wrong = verdict("correct horsf", Some(stored), CHEAP).await;
        assert!(right.matches && right.rehashed.is_none() && !wrong.matches);
    }

    #[tokio::test]
    async fn a_hash_under_another_policy_is_made_anew_when_the_password_is_right() {
        for (cost, policy, expected) in [(CHEAP, DEARER, "ln=11"), (DEARER, CHEAP, "ln=10")] {
            let stored = hashed("correct horse", cost).await;
            let rehashed = verdict("correct horse", Some(stored.clone()), policy).await.rehashed.unwrap();
            assert!(rehashed.as_phc().contains(expected));
            assert!(verdict("correct horse", Some(rehashed), policy).await.matches);
            assert!(verdict("wrong", Some(stored), policy).await.rehashed.is_none());
        }
    }

    #[tokio::test]
    async fn nobodys_password_never_matches() {
        assert!(!verdict("", None, CHEAP).await.matches);
    }

    #[tokio::test]
    async fn a_planted_hash_with_huge_parameters_is_refused_before_any_work() {
        let planted = "$scrypt$ln=31,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E";
        let planted = HashedPassword::from_phc(planted.to_owned());
        let pool = pool();
        let refused = pool.enter().unwrap().verify(PlainPassword::new("x"), Some(planted), CHEAP).await;
        assert!(matches!(refused, Err(Refusal::Internal(_))));
    }

    #[test]
    fn when_every_place_is_taken_the_next_caller_is_turned_away_at_once() {
        let pool = pool();
        let places: Vec<_> = (0..PLACES).map(|_| pool.enter().unwrap()).collect();
        assert!(matches!(pool.enter(), Err(Refusal::Overloaded(_))));
        drop(places);
        assert!(pool.enter().is_ok(), "whoever goes away gives the place back");
        assert_eq!(pool.taken.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_hash_whose_caller_went_away_still_holds_its_permits() {
        let pool = pool();
        let place = pool.enter().unwrap();
        let cores = pool.cores.available_permits();
        let (begin, begun) = std::sync::mpsc::channel::<()>();
        let (finish, finished) = std::sync::mpsc::channel::<()>();
        let mut run = Box::pin(place.run(1, move || {
            let _ = begin.send(());
            let _ = finished.recv();
            Ok(())
        }));
        assert!(futures_util::poll!(&mut run).is_pending());
        begun.recv().unwrap();
        drop(run);
        assert_eq!(pool.cores.available_permits(), cores - 1);
        finish.send(()).unwrap();
        let _all = pool.cores.acquire_many(cores as u32).await.unwrap();
    }
}
