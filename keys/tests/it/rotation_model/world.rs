//! The truth in the database, and those who change it.

use proptest::prelude::*;
use proptest::sample::Index;
use signet_keys::{Algorithm, KeyRecord, KeyState, RotationPolicy, Step, apply, plan, rotate_now};

use super::history::{History, Moment};
use crate::support::{at, kid};

pub(super) const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa];

/// What never changes while a world lasts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lags {
    pub(super) poll_lag: usize,
    pub(super) skew: usize,
}

/// What an operator may change at any time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) rotation_period: i64,
    pub(super) prepublication: i64,
    pub(super) jwks_max_age: i64,
    pub(super) longest_token: i64,
}

#[derive(Clone, Debug)]
pub(super) enum Event {
    /// The rotator wakes up.
    Tick,
    Settings(Settings),
    Algorithms(Vec<Algorithm>),
    RotateNow(Algorithm),
    /// A key that never signed is taken away: no token suffers.
    RevokeNext(Algorithm),
    Revoke(Index),
}

/// A way to plan wrongly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Flaw {
    None,
    IgnoresPollLag,
    IgnoresSkew,
    IgnoresMaxAge,
    IgnoresLifetimes,
    /// Settings change without a plan in the same transaction.
    ChangesSettingsUnplanned,
    /// The operator always forces.
    Forces,
}

impl Flaw {
    pub(super) const ALL: [Self; 6] = [
        Self::IgnoresPollLag,
        Self::IgnoresSkew,
        Self::IgnoresMaxAge,
        Self::IgnoresLifetimes,
        Self::ChangesSettingsUnplanned,
        Self::Forces,
    ];
}

pub(super) struct World {
    lags: Lags,
    settings: Settings,
    algorithms: Vec<Algorithm>,
    flaw: Flaw,
    keys: Vec<KeyRecord>,
    pub(super) history: History,
}

impl World {
    /// A fresh installation, after its first plan.
    pub(super) fn new(lags: Lags, settings: Settings, algorithms: Vec<Algorithm>, flaw: Flaw) -> Self {
        let mut world = Self { lags, settings, algorithms, flaw, keys: Vec::new(), history: History::default() };
        let steps = plan(&world.keys, &world.algorithms, &world.policy(), at(0));
        world.apply(&steps, 0);
        world.history.0.push(world.moment());
        world
    }

    /// Lets time pass while nothing happens.
    pub(super) fn wait(&mut self, seconds: usize) {
        let moment = self.moment();
        self.history.0.extend(std::iter::repeat_n(moment, seconds));
    }

    /// Something happens in the present second; what it brings about is the truth at that second.
    pub(super) fn happen(&mut self, event: Event) -> Result<(), TestCaseError> {
        let now = self.history.now();
        let planned = match event {
            Event::RotateNow(_) => false,
            Event::Settings(_) => self.flaw != Flaw::ChangesSettingsUnplanned,
            Event::Tick | Event::Algorithms(_) | Event::RevokeNext(_) | Event::Revoke(_) => true,
        };
        match event {
            Event::Tick => {}
            Event::Settings(settings) => self.settings = settings,
            Event::Algorithms(algorithms) => self.algorithms = algorithms,
            Event::RotateNow(algorithm) => self.rotate_now(algorithm, now),
            Event::RevokeNext(algorithm) => self.revoke_next(algorithm, now),
            Event::Revoke(victim) => self.revoke(victim.index(self.keys.len()), now),
        }
        if planned {
            self.plan(now)?;
        }
        *self.history.present() = self.moment();
        Ok(())
    }

    fn plan(&mut self, now: usize) -> Result<(), TestCaseError> {
        let again = |world: &Self| plan(&world.keys, &world.algorithms, &world.policy(), second(now));
        let steps = again(self);
        self.apply(&steps, now);
        prop_assert_eq!(again(self), []);
        self.check_size(now)
    }

    fn rotate_now(&mut self, algorithm: Algorithm, now: usize) {
        let force = self.flaw == Flaw::Forces;
        if self.algorithms.contains(&algorithm)
            && let Ok(steps) = rotate_now(&self.keys, algorithm, &self.policy(), second(now), force)
        {
            self.apply(&steps, now);
        }
    }

    fn revoke_next(&mut self, algorithm: Algorithm, now: usize) {
        let is_next = |key: &KeyRecord| key.algorithm == algorithm && matches!(key.state, KeyState::Next { .. });
        if let Some(number) = self.keys.iter().position(is_next) {
            self.revoke(number, now);
        }
    }

    fn revoke(&mut self, number: usize, now: usize) {
        if let Some(revoked) = self.keys[number].clone().revoke(second(now)) {
            self.keys[number] = revoked;
        }
    }

    fn apply(&mut self, steps: &[Step], now: usize) {
        let mut count = self.keys.len();
        let new_key = |_| {
            count += 1;
            kid(count - 1)
        };
        let policy = self.policy();
        self.keys = apply(std::mem::take(&mut self.keys), steps, new_key, &policy, second(now));
    }

    /// Right after a plan no key stays longer than it must, and there is one next key at most.
    fn check_size(&self, now: usize) -> Result<(), TestCaseError> {
        for algorithm in ALGORITHMS {
            let states = || self.keys.iter().filter(move |key| key.algorithm == algorithm).map(|key| &key.state);
            let in_use = self.algorithms.contains(&algorithm);
            let next = states().filter(|state| matches!(state, KeyState::Next { .. })).count();
            prop_assert_eq!(next, usize::from(in_use));
            for state in states() {
                if let KeyState::Retired { leaves_at, retired_at, .. } = state {
                    prop_assert!(*leaves_at > second(now));
                    let longest_stay = self.lags.poll_lag + self.lags.skew + 20;
                    prop_assert!(leaves_at.as_second() - retired_at.as_second() <= longest_stay as i64);
                }
            }
        }
        Ok(())
    }

    fn policy(&self) -> RotationPolicy {
        let unless = |flaw, value| if self.flaw == flaw { 0 } else { value };
        RotationPolicy {
            rotation_period: self.settings.rotation_period,
            prepublication: self.settings.prepublication,
            jwks_max_age: unless(Flaw::IgnoresMaxAge, self.settings.jwks_max_age),
            longest_token: unless(Flaw::IgnoresLifetimes, self.settings.longest_token),
            skew: unless(Flaw::IgnoresSkew, self.lags.skew as i64),
            poll_lag: unless(Flaw::IgnoresPollLag, self.lags.poll_lag as i64),
        }
    }

    fn moment(&self) -> Moment {
        let numbers = |wanted: fn(&KeyRecord) -> bool| {
            let numbered = self.keys.iter().enumerate().filter(move |(_, key)| wanted(key));
            numbered.map(|(number, key)| (number, key.algorithm)).collect()
        };
        Moment {
            published: numbers(KeyRecord::is_published),
            signing: numbers(KeyRecord::can_sign),
            in_use: self.algorithms.clone(),
            longest_token: self.settings.longest_token as usize,
            jwks_max_age: self.settings.jwks_max_age as usize,
        }
    }
}

fn second(number: usize) -> jiff::Timestamp {
    at(number as i64)
}
