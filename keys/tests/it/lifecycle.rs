//! next → active → retired → gone, and no other way.

use jiff::Timestamp;
use serde_json::json;
use signet_keys::{Algorithm, KeyRecord, KeyState, RotationPolicy};

use crate::support::{at, kid};

const POLICY: RotationPolicy = RotationPolicy {
    rotation_period: 1000,
    prepublication: 100,
    jwks_max_age: 60,
    longest_token: 300,
    skew: 30,
    poll_lag: 2,
};

fn record(state: KeyState) -> KeyRecord {
    KeyRecord { kid: kid(1), algorithm: Algorithm::Es256, state }
}

fn next() -> KeyRecord {
    record(KeyState::Next { published_at: at(0), ready_at: at(62), longest_token: 300, jwks_max_age: 60 })
}

fn active() -> KeyRecord {
    next().activate(at(100), 200).unwrap()
}

fn retired() -> KeyRecord {
    active().retire(at(1100), &POLICY).unwrap()
}

fn gone() -> KeyRecord {
    retired().remove(at(1500)).unwrap()
}

#[test]
fn a_key_lives_from_next_to_gone() {
    assert_eq!(
        active().state,
        KeyState::Active { published_at: at(0), activated_at: at(100), longest_token: 300, jwks_max_age: 60 }
    );
    let retired_state = KeyState::Retired {
        published_at: at(0),
        activated_at: at(100),
        retired_at: at(1100),
        leaves_at: at(1100 + 300 + 30 + 2),
    };
    assert_eq!(retired().state, retired_state);
    let gone_state =
        KeyState::Gone { published_at: at(0), activated_at: Some(at(100)), gone_at: at(1500), revoked: false };
    assert_eq!(gone().state, gone_state);
}

#[test]
fn only_active_keys_sign_and_gone_ones_are_not_published() {
    let life = [next(), active(), retired(), gone()];
    assert_eq!(life.each_ref().map(KeyRecord::can_sign), [false, true, false, false]);
    assert_eq!(life.each_ref().map(KeyRecord::is_published), [true, true, true, false]);
}

#[test]
fn there_is_no_way_back_and_no_short_cut() {
    let now = at(9999);
    let life = || [next(), active(), retired(), gone()];
    assert_eq!(life().map(|key| key.activate(now, 1).is_some()), [true, false, false, false]);
    assert_eq!(life().map(|key| key.retire(now, &POLICY).is_some()), [false, true, false, false]);
    assert_eq!(life().map(|key| key.remove(now).is_some()), [true, false, true, false]);
    assert_eq!(life().map(|key| key.revoke(now).is_some()), [true; 4]);
}

#[test]
fn a_revoked_key_is_gone_for_good() {
    for (key, activated_at, gone_at) in [
        (next(), None, at(2000)),
        (active(), Some(at(100)), at(2000)),
        (retired(), Some(at(100)), at(2000)),
        // A key that left in order can turn out to have been stolen. It does not leave a second time.
        (gone(), Some(at(100)), at(1500)),
    ] {
        let revoked = key.revoke(at(2000)).unwrap();
        let expected = KeyState::Gone { published_at: at(0), activated_at, gone_at, revoked: true };
        assert_eq!(revoked.state, expected);
        assert_eq!(revoked.revoke(at(3000)), None);
    }
}

#[test]
fn a_lower_lifetime_shortens_nothing() {
    let lower = RotationPolicy { longest_token: 1, jwks_max_age: 1, ..POLICY };
    for key in [next(), active(), retired(), gone()] {
        assert_eq!(key.extend(at(1101), &lower), None);
    }
    let KeyState::Retired { leaves_at, .. } = active().retire(at(1100), &lower).unwrap().state else {
        panic!("not retired");
    };
    assert_eq!(leaves_at, at(1100 + 300 + 30 + 2));
}

#[test]
fn larger_values_are_remembered_as_long_as_they_matter() {
    let raised = RotationPolicy { longest_token: 500, jwks_max_age: 90, ..POLICY };
    let next_at = |now| next().extend(at(now), &raised).unwrap().state;
    let expected = |ready_at| KeyState::Next { published_at: at(0), ready_at, longest_token: 500, jwks_max_age: 90 };
    assert_eq!(next_at(1), expected(at(92)));
    // By now every node serves the key, whatever max-age it states.
    assert_eq!(next_at(2), expected(at(62)));

    let active = active().extend(at(500), &raised).unwrap().state;
    assert!(matches!(active, KeyState::Active { longest_token: 500, jwks_max_age: 90, .. }));

    let retired_at = |now| retired().extend(at(now), &raised);
    assert!(matches!(retired_at(1101).unwrap().state, KeyState::Retired { leaves_at, .. } if leaves_at == at(1632)));
    // By now no node signs with the key any more.
    assert_eq!(retired_at(1102), None);
}

#[test]
fn time_ends_without_a_panic() {
    let endless = RotationPolicy { longest_token: i64::MAX, skew: i64::MAX, poll_lag: i64::MAX, ..POLICY };
    let retired = active().retire(at(0), &endless).unwrap();
    assert!(matches!(retired.state, KeyState::Retired { leaves_at, .. } if leaves_at == Timestamp::MAX));
}

#[test]
fn states_are_stored_under_their_names() {
    assert_eq!(
        serde_json::to_value(active()).unwrap(),
        json!({
            "kid": kid(1),
            "algorithm": "ES256",
            "state": {
                "state": "active",
                "published_at": "1970-01-01T00:00:00Z",
                "activated_at": "1970-01-01T00:01:40Z",
                "longest_token": 300,
                "jwks_max_age": 60,
            },
        })
    );
    for key in [next(), active(), retired(), gone()] {
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<KeyRecord>(&json).unwrap(), key);
    }
}
