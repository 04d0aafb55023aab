//! The dashboard's pure parts: any key at any time, at any size, and what comes of it.

// A test that finds nothing where it expects something shall panic right there.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use proptest::prelude::*;
use ratatui::{Terminal, backend::TestBackend};
use serde_json::{Value, json};
use signet_tui::{
    actions::Tier,
    api::{Answer, ApiError},
    dashboard::{
        key::Key,
        message::{Effect, Msg, Purpose, Stream},
        model::{Connection, Model, Screen, Who},
        overlay::Overlay,
        theme::Theme,
        update::update,
        view::view,
    },
    exit::Exit,
};

/// A model, and a server that answers at once.
struct Desk {
    model: Model,
    now: Duration,
    /// What was asked for that changes something.
    changes: Vec<String>,
    copied: Vec<String>,
}

impl Desk {
    fn new() -> Self {
        let who =
            Who { server: "https://id.example.com/".into(), email: Some("root@example.com".into()), read_only: false };
        Self { model: Model::new(who), now: Duration::ZERO, changes: Vec::new(), copied: Vec::new() }
    }

    fn tell(&mut self, msg: Msg) {
        self.now += Duration::from_millis(400);
        let mut effects = update(&mut self.model, msg, self.now);
        while let Some(effect) = effects.pop() {
            match effect {
                Effect::Send(ticket, call) => {
                    let is_dry = call.query.iter().any(|(name, _)| *name == "dry_run");
                    if call.method != reqwest::Method::GET && !is_dry {
                        self.changes.push(format!("{} {}", call.method, call.path));
                    }
                    let answer = Answer { etag: Some("\"7\"".into()), json: answer(&call.path) };
                    effects.extend(update(&mut self.model, Msg::Answered(ticket, Ok(answer)), self.now));
                }
                Effect::Unlock(ticket, password) => {
                    let right = password.0.as_str() == "password";
                    let refused = ApiError {
                        exit: Exit::NotAllowed,
                        code: String::new(),
                        message: "wrong".into(),
                        current: None,
                    };
                    let answer = if right { Ok(Answer { etag: None, json: Value::Null }) } else { Err(refused) };
                    effects.extend(update(&mut self.model, Msg::Answered(ticket, answer), self.now));
                }
                Effect::Copy(text) => self.copied.push(text),
                Effect::Suspend | Effect::Quit => {}
            }
        }
    }

    fn press(&mut self, keys: &[Key]) {
        keys.iter().for_each(|key| self.tell(Msg::Key(*key)));
    }

    fn type_text(&mut self, text: &str) {
        text.chars().for_each(|character| self.tell(Msg::Key(Key::Char(character))));
    }

    fn unlock(&mut self) {
        self.press(&[Key::Char('W')]);
        self.type_text("password");
        self.press(&[Key::Enter]);
        assert!(self.model.is_unlocked());
    }

    fn drawn(&self, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view(&self.model, Theme::new(true), frame)).unwrap();
        let buffer = terminal.backend().buffer().clone();
        let rows = (0..height).map(|y| (0..width).map(|x| buffer[(x, y)].symbol().to_owned()).collect::<String>());
        rows.map(|row| row.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

/// What the server says, by path.
fn answer(path: &str) -> Value {
    let user = |id: &str, name: &str, disabled: bool| {
        json!({"id": id, "email": format!("{id}@example.com"), "username": name, "email_verified": true, "pending_email": null,
            "disabled": disabled, "roles": ["editor"], "password": "proper", "created_at": "2026-11-24T10:00:00Z",
            "last_login_at": null})
    };
    match path {
        "users" => json!({"items": [user("ann", "Ann", false), user("eve", "x\u{1b}[31m\u{202e}evil 你好", true)],
            "next_cursor": null}),
        "keys" => json!({"items": [{"kid": "abcdefghijkl", "algorithm": "ES256", "state": "active",
            "created_at": "2026-11-24T10:00:00Z", "activated_at": null, "retired_at": null, "gone_at": null, "revoked": false,
            "ready_at": null, "rotates_at": "2027-01-01T00:00:00Z", "leaves_at": null}], "next_cursor": null}),
        "settings" => json!({"revision": 7, "dry_run": true, "settings": [{"key": "access_token_lifetime",
            "type": "duration", "value": 30, "default": 30, "min": 1, "max": 86_400, "choices": null, "unit": "seconds",
            "effect": "how long an access token serves"}], "impact": [],
            "changes": [{"key": "access_token_lifetime", "before": 30, "after": 600}]}),
        "keys/abcdefghijkl/revoke" => json!({"dry_run": true, "broken_tokens": 12, "keys": []}),
        _ => json!({"items": [], "next_cursor": null}),
    }
}

#[test]
fn nothing_is_changed_while_writes_are_locked() {
    let mut desk = Desk::new();
    desk.press(&[Key::Char('2'), Key::Char('D')]);
    assert!(desk.drawn(100, 20).contains("press W"));
    desk.press(&[Key::Char('y')]);
    assert!(desk.changes.is_empty());
    desk.press(&[Key::Char('W')]);
    desk.type_text("wrong");
    assert!(!desk.drawn(100, 20).contains("wrong"), "what is typed there is not shown");
    desk.press(&[Key::Enter]);
    assert!(!desk.model.is_unlocked());
}

#[test]
fn a_user_is_disabled_after_a_question_and_that_is_taken_back() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('2'), Key::Char('D')]);
    desk.press(&[Key::Enter]);
    assert!(desk.changes.is_empty(), "the focus is on Cancel");
    desk.press(&[Key::Char('D'), Key::Char('y')]);
    assert_eq!(desk.changes, ["PATCH users/ann"]);
    assert!(desk.drawn(100, 20).contains("u takes it back"));
    desk.press(&[Key::Char('u')]);
    assert_eq!(desk.changes.len(), 2);
    desk.press(&[Key::Char('u')]);
    assert_eq!(desk.changes.len(), 2, "once");
}

#[test]
fn a_question_is_deaf_at_first_and_closes_with_the_lock() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('2'), Key::Char('D')]);
    let opened = desk.now;
    update(&mut desk.model, Msg::Key(Key::Char('y')), opened + Duration::from_millis(100));
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Confirm(_))));
    desk.now += Duration::from_secs(901);
    desk.press(&[Key::Char('y')]);
    assert!(desk.changes.is_empty() && desk.drawn(100, 20).contains("locked again"));
}

#[test]
fn what_is_for_good_takes_the_name_and_never_a_single_key() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('2'), Key::Char('Z'), Key::Enter, Key::Char('y'), Key::Enter]);
    assert!(desk.changes.is_empty());
    desk.press(&[Key::Esc, Key::Char('Z')]);
    desk.type_text("ann@example.com");
    desk.press(&[Key::Enter]);
    assert_eq!(desk.changes, ["DELETE users/ann"]);

    desk.press(&[Key::Char('2'), Key::Char(' '), Key::Char(' '), Key::Char('Z')]);
    desk.type_text("2");
    desk.press(&[Key::Enter]);
    assert_eq!(desk.changes.len(), 3, "of several the number");
    desk.press(&[Key::Char('5'), Key::Char('K')]);
    assert!(desk.drawn(100, 20).contains("12 live tokens stop verifying"));
    desk.type_text("abcdefgh");
    desk.press(&[Key::Enter]);
    assert_eq!(desk.changes.last().unwrap(), "POST keys/abcdefghijkl/revoke");
}

#[test]
fn a_setting_is_reviewed_before_it_is_set_on_the_tag_that_was_seen() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('6'), Key::Char('E'), Key::Ctrl('u')]);
    desk.type_text("10m");
    desk.press(&[Key::Enter]);
    assert!(desk.changes.is_empty() && desk.drawn(100, 20).contains("access_token_lifetime: 30 → 600"));
    let Some(Overlay::Confirm(confirm)) = desk.model.overlays.last() else { panic!("a question") };
    let [(action, Some(undo))] = confirm.intent.actions.as_slice() else { panic!("one change that can be taken back") };
    assert_eq!(action.call(None).if_match.as_deref(), Some("\"7\""));
    assert_eq!(undo.call(None).if_match.as_deref(), Some("\"8\""));
    desk.press(&[Key::Char('y')]);
    assert_eq!(desk.changes, ["PATCH settings"]);
}

#[test]
fn text_from_outside_moves_nothing_and_a_state_is_a_word() {
    let mut desk = Desk::new();
    desk.press(&[Key::Char('2')]);
    let drawn = desk.drawn(100, 20);
    assert!(drawn.contains("x[31mevil") && !drawn.contains('\u{1b}') && !drawn.contains('\u{202e}'), "{drawn}");
    assert!(drawn.contains("✗ disabled") && drawn.contains("✓ verified"));
    desk.press(&[Key::Char('G'), Key::Char('y'), Key::Char('Y')]);
    assert_eq!(desk.copied, ["eve", "signetctl users list --limit=100"]);
}

#[test]
fn a_server_that_is_gone_is_told_and_what_was_there_stays() {
    let mut desk = Desk::new();
    desk.press(&[Key::Char('2')]);
    desk.tell(Msg::StreamState(Stream::Stats, Err("connection refused".into())));
    let drawn = desk.drawn(100, 20);
    assert!(drawn.contains("✗ stale") && drawn.contains("connection refused") && drawn.contains("ann@example.com"));
    desk.tell(Msg::StreamState(Stream::Stats, Ok(())));
    assert_eq!(desk.model.connection, Connection::Live);
}

#[test]
fn an_answer_that_comes_too_late_is_dropped() {
    let mut desk = Desk::new();
    let old = update(&mut desk.model, Msg::Key(Key::Char('2')), desk.now);
    let Some(Effect::Send(late, _)) = old.into_iter().next() else { panic!("a request") };
    assert_eq!(late.purpose, Purpose::Load(Screen::Users));
    desk.press(&[Key::Char('r')]);
    assert_eq!(desk.model.users.items.len(), 2);
    let empty = Answer { etag: None, json: json!({"items": [], "next_cursor": null}) };
    desk.tell(Msg::Answered(late, Ok(empty)));
    assert_eq!(desk.model.users.items.len(), 2);
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        6 => prop::sample::select("0123456789CERDVMPXAZSK/s jkgGyYWurp:?[]qabcn".chars().collect::<Vec<_>>()).prop_map(Key::Char),
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
            // What was done a moment ago may be taken back without a question: it only puts back what was there.
            let undoes = key == Key::Char('u') || matches!(desk.model.overlays.last(), Some(Overlay::Palette(_)));
            let before = desk.changes.len();
            desk.press(&[key]);
            prop_assert!(desk.changes.len() == before || asked || undoes, "{key:?}: {:?}", desk.changes);
            desk.drawn(width, height);
        }
    }
}

#[test]
fn every_screen_is_of_use_at_eighty_by_twenty_four_and_survives_one_by_one() {
    for screen in Screen::ALL {
        let mut desk = Desk::new();
        let number = Screen::ALL.iter().position(|other| *other == screen).unwrap() + 1;
        desk.press(&[Key::Char(char::from_digit(number as u32, 10).unwrap()), Key::Enter]);
        for (width, height) in [(1, 1), (2, 3), (40, 10), (80, 24), (100, 30), (200, 50)] {
            let drawn = desk.drawn(width, height);
            if width >= 80 {
                assert!(
                    drawn.contains(screen.title()) && drawn.contains("q quit"),
                    "{screen:?} {width}×{height}: {drawn}"
                );
            }
        }
    }
}
