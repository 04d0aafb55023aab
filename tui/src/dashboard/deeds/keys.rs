//! Moving signing keys.

use serde_json::Value;
use signet_shared::admin::KeyView;

use super::{ANY, Change, First, fill};
use crate::{
    actions::{Action, KeyAction},
    dashboard::{
        binding::Verb,
        check::Check,
        list::List,
        overlay::{Choice, Field, Intent, Pick},
    },
};

/// What the server signs with, if it is told to.
const ALGORITHMS: [&str; 4] = ["ES256", "RS256", "PS256", "EdDSA"];

/// What a form changes about keys.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyChange {
    /// When the keys of an algorithm rotate.
    Schedule(String),
}

pub(super) fn begin(verb: Verb, list: &List<KeyView>) -> First {
    if verb == Verb::Add {
        return add(list);
    }
    let Some(key) = list.focused() else { return First::Nothing("there is no key here") };
    let algorithm = key.algorithm.clone();
    match verb {
        Verb::Rotate => {
            let lines = vec![
                format!("the next {algorithm} key signs from now on"),
                "the key of before stays published as long as its tokens live".to_owned(),
            ];
            First::Ask(Intent::one("Rotate now", lines, rotate(algorithm, false), None))
        }
        Verb::Force => {
            let lines = vec![
                format!("the next {algorithm} key signs from now on, however young it is"),
                "caches that do not have it yet refuse its tokens until they look again".to_owned(),
            ];
            let intent = Intent::one("Rotate at any price", lines, rotate(algorithm.clone(), true), None);
            First::Ask(intent.with_word(algorithm))
        }
        Verb::Schedule => fill(
            "Plan a rotation",
            Change::Key(KeyChange::Schedule(algorithm)),
            vec![Field::of("at", "", "2026-12-01T03:00:00Z; empty takes a plan back", Check::Instant)],
        ),
        Verb::Revoke => First::Review(Action::Keys(KeyAction::Revoke { kid: key.kid.clone(), dry_run: false })),
        Verb::Drop => {
            let lines = vec![format!("nothing is signed with {algorithm} any more")];
            let action = KeyAction::Drop { algorithm, if_match: ANY.to_owned() };
            First::Ask(Intent::one("Drop an algorithm", lines, Action::Keys(action), None))
        }
        _ => First::Nothing("keys cannot be changed that way"),
    }
}

fn rotate(algorithm: String, force: bool) -> Action {
    Action::Keys(KeyAction::Rotate { algorithm, force })
}

/// Those that nothing is signed with yet.
fn add(list: &List<KeyView>) -> First {
    let signs = |algorithm: &str| list.items.iter().any(|key| key.algorithm == algorithm && key.state != "gone");
    let choice = |algorithm: &str| {
        let action = KeyAction::Add { algorithm: algorithm.to_owned() };
        (algorithm.to_owned(), Choice::Do(Box::new(Action::Keys(action))))
    };
    let choices: Vec<_> = ALGORITHMS.into_iter().filter(|algorithm| !signs(algorithm)).map(choice).collect();
    if choices.is_empty() {
        return First::Nothing("every algorithm is in use already");
    }
    First::Pick(Pick { title: "Sign with another algorithm, too".to_owned(), choices, selected: 0 })
}

pub(super) fn finish(change: &KeyChange, at: String) -> First {
    let KeyChange::Schedule(algorithm) = change;
    let plan = |at: Option<String>| Action::Keys(KeyAction::Schedule { algorithm: algorithm.clone(), at });
    let at = super::some(at);
    let line = at.as_ref().map_or("an earlier plan is taken back".to_owned(), |at| format!("{algorithm} at {at}"));
    // The plan of before is not known, so nothing here would bring it back.
    First::Ask(Intent::one("Plan a rotation", vec![line], plan(at), None))
}

pub(super) fn revocation(kid: String, action: Action, answer: &Value) -> Intent {
    let broken = answer["broken_tokens"].as_i64();
    let broken = broken.map_or("nobody knows how many".to_owned(), |count| count.to_string());
    let word: String = kid.chars().take(8).collect();
    let lines = vec![kid, format!("{broken} live tokens stop verifying")];
    Intent::one("Revoke for good", lines, action, None).with_word(word)
}
