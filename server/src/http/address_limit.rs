//! Throttling by address, for what anyone may ask without having proved anything:
//! registering, logging in, resetting. Kept in the process: it protects this one.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc};

use arc_swap::ArcSwap;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};

use crate::{error::Refusal, model::session::neighbourhood};

/// Addresses remembered before the quiet ones are forgotten.
const MAX_ADDRESSES: usize = 100_000;

/// A bucket per address that refills over a minute.
pub struct AddressLimit {
    // The limit it was made for goes along: settings change while we run.
    buckets: ArcSwap<(i64, DefaultKeyedRateLimiter<IpAddr>)>,
    clock: DefaultClock,
}

impl AddressLimit {
    /// With so many requests a minute.
    pub fn new(per_minute: i64) -> Self {
        Self { buckets: ArcSwap::from_pointee((per_minute, buckets(per_minute))), clock: DefaultClock::default() }
    }

    /// Takes one request from the caller's bucket, under the limit in force.
    pub fn admit(&self, address: IpAddr, per_minute: i64) -> Result<(), Refusal> {
        if self.buckets.load().0 != per_minute {
            self.buckets.store(Arc::new((per_minute, buckets(per_minute))));
        }
        let current = self.buckets.load();
        if current.1.len() > MAX_ADDRESSES {
            current.1.retain_recent();
        }
        current
            .1
            .check_key(&neighbourhood(address))
            .map_err(|not_until| Refusal::Throttled(not_until.wait_time_from(self.clock.now())))
    }
}

fn buckets(per_minute: i64) -> DefaultKeyedRateLimiter<IpAddr> {
    let burst = u32::try_from(per_minute).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    RateLimiter::keyed(Quota::per_minute(burst))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_address_has_a_bucket_and_each_ipv6_network() {
        let limit = AddressLimit::new(2);
        let [a, b]: [IpAddr; 2] = ["203.0.113.1", "203.0.113.2"].map(|address| address.parse().unwrap());
        assert!(limit.admit(a, 2).is_ok() && limit.admit(a, 2).is_ok());
        assert!(matches!(limit.admit(a, 2), Err(Refusal::Throttled(wait)) if wait <= Duration::from_secs(60)));
        assert!(limit.admit(b, 2).is_ok());
        let [c, d]: [IpAddr; 2] = ["2001:db8::1", "2001:db8::2"].map(|address| address.parse().unwrap());
        assert!(limit.admit(c, 2).is_ok() && limit.admit(d, 2).is_ok());
        assert!(limit.admit(c, 2).is_err());
    }

    #[test]
    fn a_changed_limit_counts_at_once() {
        let limit = AddressLimit::new(1);
        let address: IpAddr = "203.0.113.1".parse().unwrap();
        assert!(limit.admit(address, 1).is_ok() && limit.admit(address, 1).is_err());
        assert!(limit.admit(address, 5).is_ok());
    }
}
