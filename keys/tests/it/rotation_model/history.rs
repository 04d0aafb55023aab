//! What was true at every second, and the promises checked against it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use proptest::prelude::*;
use signet_keys::Algorithm;

use super::world::{ALGORITHMS, Lags};

/// The truth in one second. Keys go by the number in which they were made.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) published: BTreeMap<usize, Algorithm>,
    pub(super) signing: BTreeMap<usize, Algorithm>,
    pub(super) in_use: Vec<Algorithm>,
    pub(super) longest_token: usize,
    pub(super) jwks_max_age: usize,
}

impl Moment {
    fn signers(&self, algorithm: Algorithm) -> usize {
        self.signing.values().filter(|other| **other == algorithm).count()
    }
}

#[derive(Default)]
pub(super) struct History(pub(super) Vec<Moment>);

impl History {
    pub(super) fn now(&self) -> usize {
        self.0.len() - 1
    }

    pub(super) fn present(&mut self) -> &mut Moment {
        self.0.last_mut().unwrap()
    }

    /// Never two keys of an algorithm sign. One in use that has begun to sign never stops, and somebody always can.
    pub(super) fn check_signing(&self) -> Result<(), TestCaseError> {
        for (second, pair) in self.0.windows(2).enumerate() {
            prop_assert!(!pair[1].signing.is_empty(), "nobody can sign at {}", second + 1);
            for algorithm in ALGORITHMS {
                let [before, after] = [&pair[0], &pair[1]].map(|moment| moment.signers(algorithm));
                prop_assert!(after <= 1, "two {algorithm} keys sign at {}", second + 1);
                let stopped = before == 1 && after == 0;
                prop_assert!(!(stopped && pair[1].in_use.contains(&algorithm)), "{algorithm} stops at {}", second + 1);
            }
        }
        Ok(())
    }

    /// Every token any node may issue at any second verifies with every JWKS any cache may hold while it lives.
    pub(super) fn check_tokens(&self, lags: Lags) -> Result<(), TestCaseError> {
        for issued in 0..=self.now() {
            let known = self.known_at(issued, lags);
            let lifetime = known.clone().map(|then| self.0[then].longest_token).max().unwrap();
            let last_use = (issued + lifetime + lags.skew).min(self.now());
            let oldest_jwks = self.oldest_jwks_in_use_at(issued, lags);
            for (key, _) in known.flat_map(|then| &self.0[then].signing) {
                // A key is published once and without a gap, so the oldest JWKS and the newest speak for all between.
                for jwks in [oldest_jwks, last_use] {
                    prop_assert!(
                        self.0[jwks].published.contains_key(key),
                        "key {key} signs at {issued}, is needed until {last_use}, and is missing in the JWKS of {jwks}"
                    );
                }
            }
        }
        Ok(())
    }

    /// The seconds whose truth some node may take for the present.
    fn known_at(&self, second: usize, lags: Lags) -> RangeInclusive<usize> {
        second.saturating_sub(lags.poll_lag)..=second
    }

    /// A cache filled at some second holds the keys that a node knew then, for as long as a node then said. A verifier
    /// may use the oldest that has not expired by `second`.
    fn oldest_jwks_in_use_at(&self, second: usize, lags: Lags) -> usize {
        let still_fresh = |filled: &usize| {
            let max_age = self.known_at(*filled, lags).map(|then| self.0[then].jwks_max_age).max();
            filled + max_age.unwrap() >= second
        };
        let filled = (0..=second).find(still_fresh).unwrap();
        *self.known_at(filled, lags).start()
    }
}
