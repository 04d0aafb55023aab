//! Password hashing, the one thing here that is meant to be slow.
//!
//! At most as many hashes run as there are cores and as fit a memory budget; a
//! bounded number wait; the rest are turned away at once. So a flood of logins
//! costs bounded memory, and everything else stays quick.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use scrypt::{
    Params, Scrypt,
    password_hash::{CustomizedPasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use signet_keys::Entropy;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zxcvbn::Score;

use crate::{
    error::Refusal,
    model::{
        password::{HashedPassword, MAX_PASSWORD_LENGTH, PlainPassword},
        setting::Settings,
    },
};

/// Memory that all running hashes may take together, in MiB. One hash always may, however large.
const MEMORY_BUDGET: u32 = 1_024;
/// Hashes that may wait for their turn.
const QUEUE: usize = 64;
/// More than any policy asks for: a stored hash that claims more is damaged or planted.
const MAX_LOG_N: u8 = 20;
const MAX_R: u32 = 32;
const MAX_P: u32 = 16;

/// The cost of a hash, as the settings ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    log_n: u8,
    r: u32,
    p: u32,
}

impl Cost {
    /// What new passwords are hashed with.
    pub fn from_settings(settings: &Settings) -> Self {
        let small = |value: i64, max: u32| u32::try_from(value).unwrap_or(max).clamp(1, max);
        Self {
            log_n: settings.scrypt_log_n.clamp(10, i64::from(MAX_LOG_N)) as u8,
            r: small(settings.scrypt_r, MAX_R),
            p: small(settings.scrypt_p, MAX_P),
        }
    }

    fn of(hash: &PasswordHash) -> Option<Self> {
        let parameter = |name: &str| hash.params.get_decimal(name);
        let cost = Self { log_n: u8::try_from(parameter("ln")?).ok()?, r: parameter("r")?, p: parameter("p")? };
        (cost.log_n <= MAX_LOG_N && cost.r <= MAX_R && cost.p <= MAX_P).then_some(cost)
    }

    /// RFC 7914 §2: 128 · r · N bytes, in whole MiB.
    fn mebibytes(self) -> u32 {
        let bytes = (128 * u64::from(self.r)) << self.log_n;
        u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX).clamp(1, MEMORY_BUDGET)
    }

    fn is_below(self, policy: Self) -> bool {
        self.log_n < policy.log_n || self.r < policy.r || self.p < policy.p
    }

    fn params(self) -> anyhow::Result<Params> {
        Params::new(self.log_n, self.r, self.p).map_err(|_| anyhow::anyhow!("scrypt refuses the parameters {self:?}"))
    }
}

/// What looking at a password came to.
#[derive(Debug)]
pub struct Verdict {
    /// Whether it is the right one.
    pub matches: bool,
    /// The same password under the current policy, where it was hashed with less.
    pub rehashed: Option<HashedPassword>,
}

/// The bounded pool that hashes run on.
pub struct PasswordPool {
    cores: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    waiting: AtomicUsize,
    entropy: Arc<dyn Entropy>,
}

impl PasswordPool {
    /// A pool as wide as the machine.
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            memory: Arc::new(Semaphore::new(MEMORY_BUDGET as usize)),
            waiting: AtomicUsize::new(0),
            entropy,
        }
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: PlainPassword, cost: Cost) -> Result<HashedPassword, Refusal> {
        let salt = self.salt();
        self.run(cost, move || hash(&password, &salt, cost)).await
    }

    /// Compares a password with a hash; with none, does the same work for nothing, so that time tells nobody who exists.
    pub async fn verify(
        &self,
        password: PlainPassword,
        stored: Option<HashedPassword>,
        policy: Cost,
    ) -> Result<Verdict, Refusal> {
        let salt = self.salt();
        let Some(stored) = stored else {
            self.run(policy, move || hash(&password, &salt, policy)).await?;
            return Ok(Verdict { matches: false, rehashed: None });
        };
        let parsed = PasswordHash::new(stored.as_phc()).map_err(|error| anyhow::anyhow!("a stored hash: {error}"))?;
        let cost = Cost::of(&parsed).ok_or_else(|| anyhow::anyhow!("a stored hash has parameters out of bounds"))?;
        let work = move || {
            let matches = Scrypt::default().verify_password(password.expose().as_bytes(), &parsed).is_ok();
            // Done for a wrong password too: else a cheaper hash of old would show in the time that an unknown name takes.
            let rehashed = cost.is_below(policy).then(|| hash(&password, &salt, policy)).transpose()?;
            Ok(Verdict { matches, rehashed: rehashed.filter(|_| matches) })
        };
        let reserved = if cost.mebibytes() > policy.mebibytes() { cost } else { policy };
        self.run(reserved, work).await
    }

    fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        salt
    }

    async fn run<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let permits = self.admit(cost).await?;
        // The work holds the permits, not the request: a caller who hangs up does not stop a hash that has begun.
        let admitted = move || {
            let _permits = permits;
            work()
        };
        Ok(tokio::task::spawn_blocking(admitted).await.map_err(anyhow::Error::from)??)
    }

    async fn admit(&self, cost: Cost) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), Refusal> {
        let overloaded = || Refusal::Overloaded(Duration::from_secs(2));
        let _turn = Turn::take(&self.waiting).ok_or_else(overloaded)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| overloaded())?;
        let memory = Arc::clone(&self.memory).acquire_many_owned(cost.mebibytes()).await.map_err(|_| overloaded())?;
        Ok((core, memory))
    }
}

/// A place in the queue, given back however the wait ends.
struct Turn<'a>(&'a AtomicUsize);

impl<'a> Turn<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let turn = Self(waiting);
        // On refusal the turn is dropped, which takes its count back.
        (waiting.fetch_add(1, Ordering::Relaxed) < QUEUE).then_some(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hash(password: &PlainPassword, salt: &[u8], cost: Cost) -> anyhow::Result<HashedPassword> {
    let hash: PasswordHash = Scrypt::default()
        .hash_password_with_params(password.expose().as_bytes(), salt, cost.params()?)
        .map_err(|error| anyhow::anyhow!("scrypt failed: {error}"))?;
    Ok(HashedPassword::from_phc(hash.to_string()))
}

/// Whether a new password may be used (NIST SP 800-63B-4 §3.1.1.2: length, a blocklist, nothing about composition).
/// `personal` are the owner's address and name, which make poor passwords.
pub async fn check_policy(password: &PlainPassword, settings: &Settings, personal: Vec<String>) -> Result<(), Refusal> {
    let refuse = |message: String| Err(Refusal::field("password", message));
    let length = password.expose().chars().count();
    if (length as i64) < settings.min_password_length {
        return refuse(format!("a password has at least {} characters", settings.min_password_length));
    }
    if length > MAX_PASSWORD_LENGTH {
        return refuse(format!("a password has at most {MAX_PASSWORD_LENGTH} characters"));
    }
    if password.expose().contains('\0') {
        return refuse("a password holds no NUL character".into());
    }
    let folded = password.expose().to_lowercase();
    if personal.iter().any(|known| !known.is_empty() && folded == *known) {
        return refuse("a password is not one's own address or name".into());
    }
    if settings.refuse_common_passwords && is_easily_guessed(password.clone(), personal).await? {
        return refuse(
            "this password is among the first that anybody would guess; choose a longer or less common one".into(),
        );
    }
    Ok(())
}

/// Fewer than a million guesses by zxcvbn's word lists: within reach even of throttled guessing.
async fn is_easily_guessed(password: PlainPassword, personal: Vec<String>) -> Result<bool, Refusal> {
    let work = move || {
        let personal: Vec<&str> = personal.iter().map(String::as_str).collect();
        zxcvbn::zxcvbn(password.expose(), &personal).score() < Score::Two
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_keys::OsEntropy;

    const CHEAP: Cost = Cost { log_n: 10, r: 8, p: 1 };
    const DEARER: Cost = Cost { log_n: 11, r: 8, p: 1 };

    fn pool() -> PasswordPool {
        PasswordPool::new(Arc::new(OsEntropy))
    }

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let stored = pool().hash(PlainPassword::new("correct horse"), CHEAP).await.unwrap();
        let right = pool().verify(PlainPassword::new("correct horse"), Some(stored.clone()), CHEAP).await.unwrap();
        let wrong = pool().verify(PlainPassword::new("correct horsf"), Some(stored), CHEAP).await.unwrap();
        assert!(right.matches && right.rehashed.is_none() && !wrong.matches);
    }

    #[tokio::test]
    async fn a_hash_below_policy_is_made_anew_when_the_password_is_right() {
        let stored = pool().hash(PlainPassword::new("correct horse"), CHEAP).await.unwrap();
        let verdict = pool().verify(PlainPassword::new("correct horse"), Some(stored.clone()), DEARER).await.unwrap();
        let rehashed = verdict.rehashed.unwrap();
        assert!(rehashed.as_phc().contains("ln=11"));
        assert!(pool().verify(PlainPassword::new("correct horse"), Some(rehashed), DEARER).await.unwrap().matches);
        let wrong = pool().verify(PlainPassword::new("wrong"), Some(stored), DEARER).await.unwrap();
        assert!(wrong.rehashed.is_none());
    }

    #[tokio::test]
    async fn nobodys_password_never_matches() {
        let verdict = pool().verify(PlainPassword::new(""), None, CHEAP).await.unwrap();
        assert!(!verdict.matches);
    }

    #[tokio::test]
    async fn a_planted_hash_with_huge_parameters_is_refused_before_any_work() {
        let planted = "$scrypt$ln=31,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E";
        let planted = HashedPassword::from_phc(planted.to_owned());
        assert!(matches!(
            pool().verify(PlainPassword::new("x"), Some(planted), CHEAP).await,
            Err(Refusal::Internal(_))
        ));
    }

    #[tokio::test]
    async fn beyond_the_queue_the_pool_turns_work_away_at_once() {
        let pool = Arc::new(pool());
        let cores = pool.cores.available_permits() as u32;
        let _busy = pool.cores.acquire_many(cores).await.unwrap();
        let mut waiting: Vec<_> = (0..QUEUE).map(|_| Box::pin(pool.hash(PlainPassword::new("x"), CHEAP))).collect();
        for hash in &mut waiting {
            assert!(futures_util::poll!(hash).is_pending());
        }
        let refused = pool.hash(PlainPassword::new("x"), CHEAP).await;
        assert!(matches!(refused, Err(Refusal::Overloaded(_))));
        drop(waiting);
        assert_eq!(pool.waiting.load(Ordering::Relaxed), 0, "whoever goes away gives the place back");
    }

    #[tokio::test]
    async fn a_hash_whose_caller_went_away_still_holds_its_permits() {
        let pool = pool();
        let cores = pool.cores.available_permits();
        let (begin, begun) = std::sync::mpsc::channel::<()>();
        let (finish, finished) = std::sync::mpsc::channel::<()>();
        let mut run = Box::pin(pool.run(CHEAP, move || {
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

    #[test]
    fn memory_is_counted_as_the_rfc_does() {
        assert_eq!(Cost { log_n: 17, r: 8, p: 1 }.mebibytes(), 128);
        assert_eq!(Cost { log_n: 10, r: 8, p: 1 }.mebibytes(), 1);
        assert_eq!(Cost { log_n: 20, r: 32, p: 1 }.mebibytes(), MEMORY_BUDGET, "one hash always fits");
    }

    async fn judge(password: &str, common_refused: bool) -> Result<(), Refusal> {
        let mut settings = Settings::defaults(common_refused);
        settings.refuse_common_passwords = common_refused;
        let personal = vec!["ann@example.com".to_owned(), "ann".to_owned()];
        check_policy(&PlainPassword::new(password), &settings, personal).await
    }

    #[tokio::test]
    async fn length_counts_and_composition_does_not() {
        assert!(judge("seven77", false).await.is_err());
        assert!(judge("password", false).await.is_ok());
        assert!(judge(&"x".repeat(257), false).await.is_err());
        assert!(judge(&"\u{1f980}".repeat(8), false).await.is_ok());
    }

    #[tokio::test]
    async fn common_passwords_and_ones_own_address_are_refused() {
        for poor in ["password", "12345678", "qwertyuiop", "iloveyou1"] {
            assert!(judge(poor, true).await.is_err(), "{poor}");
        }
        assert!(judge("Ann@Example.com", false).await.is_err());
        assert!(judge("tangled-harbour-violin", true).await.is_ok());
    }
}
