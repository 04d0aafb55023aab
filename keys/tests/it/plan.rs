//! The rotation plan, case by case. What holds in all cases is in `rotation_model`.

use signet_keys::{
    Algorithm, KeyRecord, KeyState, RotationPolicy, Step, TooYoung, apply, plan, revoke_now, rotate_now,
};

use crate::support::{at, kid};

const POLICY: RotationPolicy = RotationPolicy {
    rotation_period: 1000,
    prepublication: 100,
    jwks_max_age: 60,
    longest_token: 300,
    skew: 30,
    poll_lag: 2,
};

const ES: [Algorithm; 1] = [Algorithm::Es256];
const RS: [Algorithm; 1] = [Algorithm::Rs256];
const BOTH: [Algorithm; 2] = [Algorithm::Es256, Algorithm::Rs256];

/// Keys are numbered as they are made: after the first plan for one algorithm, 0 is active and 1 is next.
fn carry_out(keys: Vec<KeyRecord>, steps: &[Step], policy: &RotationPolicy, now: i64) -> Vec<KeyRecord> {
    let mut count = keys.len();
    let new_key = |_| {
        count += 1;
        kid(count - 1)
    };
    apply(keys, steps, new_key, policy, at(now))
}

fn tick(keys: Vec<KeyRecord>, algorithms: &[Algorithm], now: i64) -> Vec<KeyRecord> {
    let steps = plan(&keys, algorithms, &POLICY, at(now));
    let keys = carry_out(keys, &steps, &POLICY, now);
    assert_eq!(plan(&keys, algorithms, &POLICY, at(now)), []);
    keys
}

fn fresh() -> Vec<KeyRecord> {
    tick(Vec::new(), &ES, 0)
}

fn revoke(mut keys: Vec<KeyRecord>, number: usize, now: i64) -> Vec<KeyRecord> {
    keys[number] = keys[number].clone().revoke(at(now)).unwrap();
    keys
}

/// One letter per key, in the order they were made.
fn states(keys: &[KeyRecord]) -> String {
    let letter = |key: &KeyRecord| match key.state {
        KeyState::Next { .. } => 'n',
        KeyState::Active { .. } => 'A',
        KeyState::Retired { .. } => 'r',
        KeyState::Gone { .. } => '-',
    };
    keys.iter().map(letter).collect()
}

fn next_published_at(now: i64, ready_at: i64) -> Step {
    Step::Publish {
        algorithm: Algorithm::Es256,
        state: KeyState::Next {
            published_at: at(now),
            ready_at: at(ready_at),
            longest_token: POLICY.longest_token,
            jwks_max_age: POLICY.jwks_max_age,
        },
    }
}

#[test]
fn a_fresh_installation_signs_at_once() {
    let steps = plan(&[], &BOTH, &POLICY, at(0));
    let published: Vec<(Algorithm, bool)> = steps
        .iter()
        .map(|step| match step {
            Step::Publish { algorithm, state } => (*algorithm, matches!(state, KeyState::Active { .. })),
            other => panic!("{other:?}"),
        })
        .collect();
    let [es, rs] = BOTH;
    assert_eq!(published, [(es, true), (es, false), (rs, true), (rs, false)]);
    assert_eq!(states(&tick(Vec::new(), &BOTH, 0)), "AnAn");
}

#[test]
fn an_algorithm_named_twice_is_one_algorithm() {
    assert_eq!(states(&tick(Vec::new(), &[Algorithm::Es256; 2], 0)), "An");
}

#[test]
fn rotation_waits_for_the_period() {
    let keys = fresh();
    assert_eq!(plan(&keys, &ES, &POLICY, at(999)), []);
    let rotate = Step::Rotate { retire: kid(0), activate: kid(1) };
    assert_eq!(plan(&keys, &ES, &POLICY, at(1000)), [rotate, next_published_at(1000, 1062)]);
    assert_eq!(states(&tick(keys, &ES, 1000)), "rAn");
}

#[test]
fn rotation_waits_for_caches_and_for_prepublication() {
    let hasty = RotationPolicy { rotation_period: 1, prepublication: 0, ..POLICY };
    let keys = fresh();
    assert_eq!(plan(&keys, &ES, &hasty, at(61)), []);
    assert_eq!(plan(&keys, &ES, &hasty, at(62)).len(), 2);
    let patient = RotationPolicy { rotation_period: 1, ..POLICY };
    assert_eq!(plan(&keys, &ES, &patient, at(99)), []);
    assert_eq!(plan(&keys, &ES, &patient, at(100)).len(), 2);
}

#[test]
fn a_retired_key_leaves_when_its_last_token_has_expired() {
    let keys = tick(fresh(), &ES, 1000);
    assert_eq!(plan(&keys, &ES, &POLICY, at(1331)), []);
    assert_eq!(plan(&keys, &ES, &POLICY, at(1332)), [Step::Remove { kid: kid(0) }]);
}

#[test]
fn an_outage_is_made_up_for_in_one_plan() {
    let keys = tick(fresh(), &ES, 1_000_000);
    assert_eq!(states(&keys), "rAn");
    assert_eq!(states(&tick(keys, &ES, 2_000_000)), "-rAn");
}

#[test]
fn a_raised_lifetime_is_remembered_and_a_lowered_one_forgets_nothing() {
    let raised = RotationPolicy { longest_token: 5000, ..POLICY };
    let keys = fresh();
    let steps = plan(&keys, &ES, &raised, at(10));
    assert_eq!(steps, [kid(0), kid(1)].map(|kid| Step::Extend { kid }));
    let keys = carry_out(keys, &steps, &raised, 10);
    let keys = tick(keys, &ES, 1000);
    assert!(matches!(keys[0].state, KeyState::Retired { leaves_at, .. } if leaves_at == at(1000 + 5000 + 30 + 2)));
}

#[test]
fn caches_filled_under_a_larger_max_age_are_waited_for() {
    let raised = RotationPolicy { jwks_max_age: 600, ..POLICY };
    let keys = fresh();
    let keys = carry_out(keys.clone(), &plan(&keys, &ES, &raised, at(10)), &raised, 10);
    // It is 60 again when the third key is published.
    assert_eq!(plan(&keys, &ES, &POLICY, at(1000)).last(), Some(&next_published_at(1000, 1000 + 2 + 600)));
}

#[test]
fn an_added_algorithm_waits_for_caches_that_hold_the_others_keys() {
    let keys = tick(fresh(), &BOTH, 10);
    assert_eq!(states(&keys), "Ann");
    let hasty = RotationPolicy { prepublication: 0, ..POLICY };
    assert_eq!(plan(&keys, &BOTH, &hasty, at(71)), []);
    assert_eq!(states(&carry_out(keys.clone(), &plan(&keys, &BOTH, &hasty, at(72)), &hasty, 72)), "AnAn");
    // Prepublication is for it as for every other key.
    assert_eq!(plan(&keys, &BOTH, &POLICY, at(109)), []);
    assert_eq!(states(&tick(keys, &BOTH, 110)), "AnAn");
}

#[test]
fn an_algorithm_is_abandoned_once_the_others_can_sign() {
    let keys = tick(fresh(), &RS, 10);
    assert_eq!(states(&keys), "A-n");
    assert_eq!(states(&tick(keys.clone(), &RS, 109)), "A-n");
    assert_eq!(states(&tick(keys, &RS, 110)), "r-An");

    let keys = tick(tick(Vec::new(), &BOTH, 0), &RS, 10);
    assert_eq!(states(&keys), "r-An");
    // Taken up again, it starts like a new one.
    assert_eq!(states(&tick(keys, &BOTH, 20)), "r-Ann");
}

#[test]
fn after_a_revocation_signing_goes_on_at_once() {
    // The next key takes over, ready or not.
    assert_eq!(states(&tick(revoke(fresh(), 0, 10), &ES, 10)), "-An");
    // With both gone, a new one does.
    assert_eq!(states(&tick(revoke(revoke(fresh(), 0, 10), 1, 10), &ES, 10)), "--An");
    // Another algorithm that can sign is no consolation.
    assert_eq!(states(&tick(revoke(tick(Vec::new(), &BOTH, 0), 0, 10), &BOTH, 10)), "-AAnn");
    // A revoked next key leaves no gap, and its successor waits.
    assert_eq!(states(&tick(revoke(fresh(), 1, 10), &ES, 10)), "A-n");
}

#[test]
fn the_operator_may_rotate_as_soon_as_no_cache_lacks_the_next_key() {
    let keys = fresh();
    let request = |now, force| rotate_now(&keys, Algorithm::Es256, &POLICY, at(now), force);
    let rotate = |now| vec![Step::Rotate { retire: kid(0), activate: kid(1) }, next_published_at(now, now + 62)];
    assert_eq!(request(61, false), Err(TooYoung { ready_at: at(62) }));
    assert_eq!(request(62, false), Ok(rotate(62)));
    assert_eq!(request(61, true), Ok(rotate(61)));
}

#[test]
fn the_operator_may_force_what_has_no_next_key() {
    let carry_out_forced = |keys: Vec<KeyRecord>, algorithm| {
        let refused = rotate_now(&keys, algorithm, &POLICY, at(10), false);
        assert_eq!(refused, Err(TooYoung { ready_at: at(72) }));
        let steps = rotate_now(&keys, algorithm, &POLICY, at(10), true).unwrap();
        states(&carry_out(keys, &steps, &POLICY, 10))
    };
    assert_eq!(carry_out_forced(revoke(fresh(), 1, 5), Algorithm::Es256), "r-An");
    assert_eq!(carry_out_forced(fresh(), Algorithm::Rs256), "AnAn");
    // An added algorithm that is still waiting.
    assert_eq!(carry_out_forced(tick(fresh(), &BOTH, 10), Algorithm::Rs256), "AnAn");
}

#[test]
fn a_key_revoked_by_decision_is_succeeded_in_the_same_plan() {
    let keys = tick(Vec::new(), &BOTH, 0);
    assert_eq!(states(&keys), "AnAn");
    let revoked = |number| {
        let steps = revoke_now(&keys, &kid(number), &BOTH, &POLICY, at(10));
        let after = carry_out(keys.clone(), &steps, &POLICY, 10);
        assert_eq!(plan(&after, &BOTH, &POLICY, at(10)), []);
        states(&after)
    };
    assert_eq!(revoked(0), "-AAnn");
    assert_eq!(revoked(1), "A-Ann");
    assert_eq!(revoke_now(&keys, &kid(9), &BOTH, &POLICY, at(10)), [], "there is no such key");
    let gone = carry_out(keys.clone(), &revoke_now(&keys, &kid(0), &BOTH, &POLICY, at(10)), &POLICY, 10);
    assert_eq!(revoke_now(&gone, &kid(0), &BOTH, &POLICY, at(11)), [], "once");
}
