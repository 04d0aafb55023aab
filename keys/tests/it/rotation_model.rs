//! The promise of the rotation plan, checked against a model of the world it lives in.
//!
//! Time passes in seconds. Nodes know keys and settings as they were up to `poll_lag` ago, each independently. A token
//! is signed with the active key a node knows and lives as long as the settings that node knows allow. A cache keeps a
//! JWKS for the max-age that came with it. The promise: a token verifies at every second of its life, and of the
//! verifier's leeway after it, against every JWKS that some cache may hold at that second.

mod history;
mod world;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use self::world::{Event, Flaw, Lags, Settings, World};
use signet_keys::Algorithm;

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

fn lags() -> impl Strategy<Value = Lags> {
    (1..5_usize, 0..4_usize).prop_map(|(poll_lag, skew)| Lags { poll_lag, skew })
}

fn settings() -> impl Strategy<Value = Settings> {
    (1..40_i64, 0..25_i64, 0..16_i64, 1..21_i64).prop_map(
        |(rotation_period, prepublication, jwks_max_age, longest_token)| Settings {
            rotation_period,
            prepublication,
            jwks_max_age,
            longest_token,
        },
    )
}

fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(world::ALGORITHMS.to_vec())
}

fn algorithms() -> impl Strategy<Value = Vec<Algorithm>> {
    prop::sample::subsequence(world::ALGORITHMS.to_vec(), 1..=world::ALGORITHMS.len())
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Tick),
        4 => settings().prop_map(Event::Settings),
        3 => algorithm().prop_map(Event::RotateNow),
        1 => algorithms().prop_map(Event::Algorithms),
        1 => algorithm().prop_map(Event::RevokeNext),
    ]
}

/// How many seconds pass until the next event: mostly few, sometimes an outage.
fn pause() -> impl Strategy<Value = usize> {
    prop_oneof![9 => 1..4_usize, 1 => 20..90_usize]
}

#[derive(Clone, Debug)]
struct Script {
    lags: Lags,
    settings: Settings,
    algorithms: Vec<Algorithm>,
    events: Vec<(usize, Event)>,
}

fn script() -> impl Strategy<Value = Script> {
    let events = prop::collection::vec((pause(), event()), 1..60);
    (lags(), settings(), algorithms(), events).prop_map(|(lags, settings, algorithms, events)| Script {
        lags,
        settings,
        algorithms,
        events,
    })
}

/// Plays a script and lets the last tokens expire under a plan each second.
fn play(script: Script, flaw: Flaw) -> Result<(), TestCaseError> {
    let mut world = World::new(script.lags, script.settings, script.algorithms, flaw);
    for (pause, event) in script.events {
        world.wait(pause);
        world.happen(event)?;
    }
    for _ in 0..60 {
        world.wait(1);
        world.happen(Event::Tick)?;
    }
    world.history.check_signing()?;
    world.history.check_tokens(script.lags)
}

#[test]
fn every_token_verifies_with_every_cache_until_it_expires() {
    let verdict = TestRunner::new(config(3000)).run(&script(), |script| play(script, Flaw::None));
    verdict.unwrap();
}

/// The model is worth something only if it notices a plan that is wrong.
#[test]
fn the_model_notices_every_flaw() {
    for flaw in Flaw::ALL {
        let config = Config { max_shrink_iters: 0, ..config(3000) };
        let verdict = TestRunner::new(config).run(&script(), |script| play(script, flaw));
        assert!(verdict.is_err(), "{flaw:?} goes unnoticed");
    }
}

proptest! {
    #![proptest_config(config(500))]

    /// Revocations break tokens, which is their purpose. They must not break the order of the keys.
    #[test]
    fn revocations_leave_one_key_signing(
        script in script(),
        revocations in prop::collection::vec((pause(), any::<prop::sample::Index>()), 1..20),
    ) {
        let mut world = World::new(script.lags, script.settings, script.algorithms, Flaw::None);
        for ((pause, event), (longer, victim)) in script.events.into_iter().zip(revocations.into_iter().cycle()) {
            world.wait(pause);
            world.happen(event)?;
            world.wait(longer);
            world.happen(Event::Revoke(victim))?;
        }
        world.history.check_signing()?;
    }
}
