//! Comparing a password with a hash on record: one of ours, or one that came with its owner from another system.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use scrypt::{
    Scrypt,
    password_hash::{PasswordVerifier, phc::PasswordHash},
};

use super::{
    cost::{Cost, hash},
    foreign::ForeignHash,
};
use crate::model::password::{HashedPassword, PlainPassword};

/// What looking at a password came to.
#[derive(Debug)]
pub struct Verdict {
    /// Whether it is the right one.
    pub matches: bool,
    /// The same password under the current policy, where it was hashed under another.
    pub rehashed: Option<HashedPassword>,
}

/// A hash on record, read.
pub(super) enum StoredHash {
    /// One that we made.
    Own(PasswordHash, Cost),
    /// One that was imported.
    Foreign(ForeignHash),
}

impl StoredHash {
    pub(super) fn read(stored: &HashedPassword) -> anyhow::Result<Self> {
        if let Ok(parsed) = PasswordHash::new(stored.as_phc())
            && parsed.algorithm.as_str() == "scrypt"
        {
            let cost = Cost::of(&parsed);
            let cost = cost.ok_or_else(|| anyhow::anyhow!("a stored hash has parameters out of bounds"))?;
            return Ok(Self::Own(parsed, cost));
        }
        let foreign = ForeignHash::parse(stored.as_phc());
        Ok(Self::Foreign(foreign.map_err(|error| anyhow::anyhow!("a stored hash: {error}"))?))
    }

    pub(super) fn mebibytes(&self) -> u32 {
        match self {
            Self::Own(_, cost) => cost.mebibytes(),
            Self::Foreign(hash) => hash.mebibytes(),
        }
    }

    /// A wrong password takes the time of a hash under the policy, which is also what nobody's takes: else a cheaper hash
    /// of old would show who exists. (One that takes longer than that shows, until its owner logs in.)
    pub(super) fn verify(
        &self,
        password: &PlainPassword,
        salt: &[u8],
        policy: Cost,
        pace: &Pace,
    ) -> anyhow::Result<Verdict> {
        let begun = Instant::now();
        let matches = self.matches(password);
        let (done, renews) = match self {
            Self::Own(_, cost) => (cost.work() * password.ways(), *cost != policy),
            Self::Foreign(hash) => (pace.work_in(begun.elapsed()), hash.tells_all_of(password.as_typed())),
        };
        if !matches {
            spend((policy.work() * password.ways()).saturating_sub(done), policy, password, salt)?;
        }
        let renews = matches && renews;
        Ok(Verdict { matches, rehashed: renews.then(|| hash(password, salt, policy)).transpose()? })
    }

    /// Other systems hash what was typed, byte by byte; we and some hash its normal form. One of ours may have come from
    /// elsewhere, too. Both are looked at, whichever matches, so that the time is the same.
    fn matches(&self, password: &PlainPassword) -> bool {
        let is = |text: &str| match self {
            Self::Own(parsed, _) => Scrypt::default().verify_password(text.as_bytes(), parsed).is_ok(),
            Self::Foreign(hash) => hash.verify(text),
        };
        let normal = is(password.expose());
        let typed = password.ways() > 1 && is(password.as_typed());
        normal || typed
    }
}

/// How quick hashes of ours are here, as the last one was: to tell what a hash of another kind has taken of the time.
#[derive(Debug, Default)]
pub(super) struct Pace(AtomicU64);

impl Pace {
    /// Does work of ours, and notes how long it takes.
    pub(super) fn timed<T>(&self, cost: Cost, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = work();
        let per_second = cost.work() as f64 / begun.elapsed().as_secs_f64().max(1e-9);
        self.0.store(per_second as u64, Ordering::Relaxed);
        done
    }

    /// The work of ours that fits into a time; none while it is not known how quick that is.
    fn work_in(&self, time: Duration) -> u64 {
        (self.0.load(Ordering::Relaxed) as f64 * time.as_secs_f64()) as u64
    }
}

/// Works for nothing: hashes of falling cost that add up to so much work.
fn spend(mut work: u64, policy: Cost, password: &PlainPassword, salt: &[u8]) -> anyhow::Result<()> {
    for log_n in (1..=policy.log_n).rev() {
        let step = Cost { log_n, r: policy.r, p: 1 };
        while step.work() <= work {
            hash(password, salt, step)?;
            work -= step.work();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cheaper_hash_lacks_is_made_up_by_hashes_that_add_up_to_it() {
        let (policy, cheaper) = (Cost { log_n: 17, r: 8, p: 1 }, Cost { log_n: 14, r: 8, p: 1 });
        let steps: u64 = (14..17).map(|log_n| Cost { log_n, ..policy }.work()).sum();
        assert_eq!(policy.work() - cheaper.work(), steps);
    }

    #[test]
    fn the_time_of_another_kind_of_hash_counts_as_the_work_that_fits_into_it() {
        let pace = Pace::default();
        assert_eq!(pace.work_in(Duration::from_secs(1)), 0, "nothing is known yet");
        let cost = Cost { log_n: 10, r: 8, p: 1 };
        let begun = Instant::now();
        pace.timed(cost, || while begun.elapsed() < Duration::from_millis(5) {});
        let work = pace.work_in(Duration::from_millis(5));
        assert!(work <= cost.work() && work > 0, "{work}");
    }

    #[test]
    fn a_hash_from_elsewhere_matches_as_typed_or_in_normal_form_and_is_made_anew_under_the_policy() {
        let policy = Cost { log_n: 10, r: 8, p: 1 };
        let (decomposed, composed) = ("Cafe\u{301} noir", "Caf\u{e9} noir");
        let hashes = [
            ("pbkdf2_sha256$1000$saltsalt$FEZFY6IPyPQ8c+OJdou2iI0MBLfhLaXkwB0bwkg1mz8=", [decomposed, decomposed]),
            ("pbkdf2_sha256$1000$saltsalt$F0qyoLsfSCxVijcWgH33gq4S92FoPmzw2FP2ccKIaHw=", [decomposed, composed]),
        ];
        for (text, typed) in hashes {
            let stored = StoredHash::read(&HashedPassword::from_phc(text.to_owned())).unwrap();
            assert!(matches!(stored, StoredHash::Foreign(_)));
            let verdict =
                |typed| stored.verify(&PlainPassword::new(typed), b"saltsalt", policy, &Pace::default()).unwrap();
            for typed in typed {
                let right = verdict(typed);
                assert!(right.matches && right.rehashed.unwrap().as_phc().starts_with("$scrypt$ln=10"), "{typed}");
            }
            let wrong = verdict("wrong");
            assert!(!wrong.matches && wrong.rehashed.is_none());
        }
    }
}
