//! What a hash costs, and the hashing itself.

use scrypt::{
    Params, Scrypt,
    password_hash::{CustomizedPasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::model::{
    password::{HashedPassword, PlainPassword},
    setting::Settings,
};

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

    /// With `r` = 8 and `p` = 1, as nearly everybody has them.
    #[cfg(test)]
    pub(super) const fn of_log_n(log_n: u8) -> Self {
        Self { log_n, r: 8, p: 1 }
    }

    fn of(hash: &PasswordHash) -> Option<Self> {
        let parameter = |name: &str| hash.params.get_decimal(name);
        let cost = Self { log_n: u8::try_from(parameter("ln")?).ok()?, r: parameter("r")?, p: parameter("p")? };
        (cost.log_n <= MAX_LOG_N && cost.r <= MAX_R && cost.p <= MAX_P).then_some(cost)
    }

    /// RFC 7914 §2: 128 · r · N bytes, in whole MiB.
    pub(super) fn mebibytes(self) -> u32 {
        let bytes = (128 * u64::from(self.r)) << self.log_n;
        u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX).max(1)
    }

    /// Blocks that are mixed: what its time is proportional to.
    fn work(self) -> u64 {
        (u64::from(self.r) * u64::from(self.p)) << self.log_n
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
    /// The same password under the current policy, where it was hashed under another.
    pub rehashed: Option<HashedPassword>,
}

/// A hash on record, read.
pub(super) struct StoredHash {
    parsed: PasswordHash,
    pub(super) cost: Cost,
}

impl StoredHash {
    pub(super) fn read(stored: &HashedPassword) -> anyhow::Result<Self> {
        let parsed = PasswordHash::new(stored.as_phc()).map_err(|error| anyhow::anyhow!("a stored hash: {error}"))?;
        let cost = Cost::of(&parsed).ok_or_else(|| anyhow::anyhow!("a stored hash has parameters out of bounds"))?;
        Ok(Self { parsed, cost })
    }

    /// A wrong password takes the time of a hash under the policy, which is also what nobody's takes: else a cheaper hash
    /// of old would show who exists.
    pub(super) fn verify(&self, password: &PlainPassword, salt: &[u8], policy: Cost) -> anyhow::Result<Verdict> {
        let matches = Scrypt::default().verify_password(password.expose().as_bytes(), &self.parsed).is_ok();
        if !matches {
            spend(policy.work().saturating_sub(self.cost.work()), policy, password, salt)?;
        }
        let renews = matches && self.cost != policy;
        Ok(Verdict { matches, rehashed: renews.then(|| hash(password, salt, policy)).transpose()? })
    }
}

/// Hashes a password.
pub(super) fn hash(password: &PlainPassword, salt: &[u8], cost: Cost) -> anyhow::Result<HashedPassword> {
    let hash: PasswordHash = Scrypt::default()
        .hash_password_with_params(password.expose().as_bytes(), salt, cost.params()?)
        .map_err(|error| anyhow::anyhow!("scrypt failed: {error}"))?;
    Ok(HashedPassword::from_phc(hash.to_string()))
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
    fn memory_is_counted_as_the_rfc_does() {
        assert_eq!(Cost::of_log_n(17).mebibytes(), 128);
        assert_eq!(Cost::of_log_n(10).mebibytes(), 1);
        assert_eq!(Cost { log_n: 20, r: 32, p: 1 }.mebibytes(), 4_096);
    }

    #[test]
    fn what_a_cheaper_hash_lacks_is_made_up_by_hashes_that_add_up_to_it() {
        let (policy, cheaper) = (Cost { log_n: 17, r: 8, p: 1 }, Cost { log_n: 14, r: 8, p: 1 });
        let steps: u64 = (14..17).map(|log_n| Cost { log_n, ..policy }.work()).sum();
        assert_eq!(policy.work() - cheaper.work(), steps);
    }
}
