//! What a hash costs, and the hashing itself.

use scrypt::{
    Params, Scrypt,
    password_hash::{CustomizedPasswordHasher, phc::PasswordHash},
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
    pub(super) log_n: u8,
    pub(super) r: u32,
    pub(super) p: u32,
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

    pub(super) fn of(hash: &PasswordHash) -> Option<Self> {
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
    pub(super) fn work(self) -> u64 {
        (u64::from(self.r) * u64::from(self.p)) << self.log_n
    }

    fn params(self) -> anyhow::Result<Params> {
        Params::new(self.log_n, self.r, self.p).map_err(|_| anyhow::anyhow!("scrypt refuses the parameters {self:?}"))
    }
}

/// Hashes a password.
pub(super) fn hash(password: &PlainPassword, salt: &[u8], cost: Cost) -> anyhow::Result<HashedPassword> {
    let hash: PasswordHash = Scrypt::default()
        .hash_password_with_params(password.expose().as_bytes(), salt, cost.params()?)
        .map_err(|error| anyhow::anyhow!("scrypt failed: {error}"))?;
    Ok(HashedPassword::from_phc(hash.to_string()))
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
}
