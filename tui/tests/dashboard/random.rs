//! Any key at any time, at any size.

use proptest::prelude::*;
use signet_tui::{
    actions::Tier,
    dashboard::{key::Key, overlay::Overlay},
};

use crate::desk::Desk;

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        6 => prop::sample::select("0123456789CERDVMPXAZSKFIT/s jkgGyYWurpmeh@:?[]qabcn".chars().collect::<Vec<_>>()).prop_map(Key::Char),
        1 => any::<char>().prop_map(Key::Char),
        2 => prop::sample::select(vec![
            Key::Enter, Key::Esc, Key::Tab, Key::BackTab, Key::Backspace, Key::Up, Key::Down, Key::Left, Key::Right,
            Key::PageUp, Key::PageDown, Key::Home, Key::End, Key::Ctrl('u'), Key::Ctrl('c'), Key::Ctrl('z'),
        ]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_key_at_any_size_panics_or_changes_anything_that_was_not_confirmed(
        keys in prop::collection::vec(key(), 1..60),
        (width, height) in (1_u16..300, 1_u16..100),
        unlocked in any::<bool>(),
    ) {
        let mut desk = Desk::new();
        if unlocked {
            desk.unlock();
        }
        for key in keys {
            let asked = match desk.model.overlays.last() {
                Some(Overlay::Confirm(confirm)) => confirm.intent.tier() > Tier::Read,
                _ => false,
            };
            // What was done a moment ago, and disturbed nobody, may be taken back without a question.
            let undoes = desk.model.undo.is_some() && (key == Key::Char('u') || matches!(desk.model.overlays.last(), Some(Overlay::Palette(_))));
            let before = desk.changes.len();
            desk.press(&[key]);
            prop_assert!(desk.changes.len() == before || asked || undoes, "{key:?}: {:?}", desk.changes);
            desk.drawn(width, height);
        }
    }
}
