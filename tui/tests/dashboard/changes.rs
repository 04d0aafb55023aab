//! What keys come to: questions, requests, and what takes them back.

use std::time::Duration;

use serde_json::json;
use signet_tui::{
    dashboard::{
        key::{Key, Mouse},
        message::{Effect, Msg},
        model::Screen,
        overlay::Overlay,
        update::update,
    },
    exit::Exit,
};

use crate::desk::{Desk, asked, error};

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
    assert!(desk.changes.is_empty() && desk.drawn(100, 20).contains("access_token_lifetime: 30s → 10m"));
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
    assert_eq!(desk.copied, ["bob", "signetctl users list --limit=100"]);
}

#[test]
fn several_new_values_are_set_together_and_esc_forgets_them() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('6'), Key::Char('E'), Key::Ctrl('u')]);
    desk.type_text("10m");
    desk.press(&[Key::Enter, Key::Esc, Key::Char('j'), Key::Char('E'), Key::Ctrl('u')]);
    desk.type_text("16");
    desk.press(&[Key::Enter]);
    let Some(Overlay::Confirm(confirm)) = desk.model.overlays.last() else { panic!("a question") };
    let sent = confirm.intent.actions[0].0.call(None);
    let signet_tui::call::Body::Json(body) = &sent.body else { panic!("a body") };
    assert_eq!(*body, json!({"access_token_lifetime": "10m", "min_password_length": "16"}));
    desk.press(&[Key::Esc]);
    assert!(desk.drawn(100, 20).contains("10m") && desk.changes.is_empty());
    desk.press(&[Key::Esc]);
    assert!(desk.model.staged.is_empty());
    desk.press(&[Key::Char('A')]);
    assert!(desk.drawn(100, 20).contains("no new value was noted"));
}

#[test]
fn who_was_slower_decides_anew_between_three_values() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('6'), Key::Char('E'), Key::Ctrl('u')]);
    desk.type_text("10m");
    desk.press(&[Key::Enter]);
    let current = json!({"revision": 9, "settings": crate::company::settings(120)});
    desk.refusal =
        Some(signet_tui::api::ApiError { current: Some(Box::new(current)), ..error(Exit::Conflict, "stale", "") });
    desk.press(&[Key::Char('y')]);
    let drawn = desk.drawn(100, 20);
    assert!(drawn.contains("access_token_lifetime: you saw 30s, it is 2m, you want 10m"), "{drawn}");
    let Some(Overlay::Confirm(confirm)) = desk.model.overlays.last() else { panic!("a question") };
    let (action, undo) = &confirm.intent.actions[0];
    assert_eq!(action.call(None).if_match.as_deref(), Some("\"9\""));
    assert_eq!(undo.as_ref().unwrap().call(None).if_match.as_deref(), Some("\"10\""));
    desk.press(&[Key::Char('y')]);
    assert_eq!(desk.changes, ["PATCH settings", "PATCH settings"]);
}

#[test]
fn earlier_settings_are_put_back_after_a_review() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('6'), Key::Char('h')]);
    assert!(desk.drawn(100, 20).contains("access_token_lifetime 1m → 30s"));
    desk.press(&[Key::Enter]);
    assert!(desk.changes.is_empty() && desk.drawn(100, 20).contains("access_token_lifetime: 30s → 1m"));
    desk.press(&[Key::Char('y')]);
    assert_eq!(desk.changes, ["POST settings/revisions/7/restore"]);
}

#[test]
fn what_is_wrong_in_a_form_is_said_while_it_is_typed_and_never_sent() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('4'), Key::Char('C')]);
    desk.type_text("Shop");
    desk.press(&[Key::Tab]);
    desk.type_text("http://shop.example/cb");
    assert!(desk.drawn(100, 24).contains("✗ http://shop.example/cb: this must be https"));
    desk.press(&[Key::Tab, Key::Tab, Key::Tab, Key::Enter]);
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Form(form)) if form.focus == 1));
    desk.press(&[Key::Ctrl('u')]);
    desk.type_text("com.example.shop:/cb");
    desk.press(&[Key::Tab, Key::Tab, Key::Tab, Key::Enter]);
    assert!(desk.drawn(100, 24).contains("is for application_type native"), "a web client has no scheme of its own");
    desk.press(&[Key::BackTab, Key::BackTab, Key::BackTab, Key::Ctrl('u')]);
    desk.type_text("https://shop.example/cb");
    desk.press(&[Key::Tab, Key::Tab, Key::Tab, Key::Enter, Key::Char('Y'), Key::Char('y')]);
    assert_eq!(desk.changes, ["POST clients"]);
    let command =
        "signetctl clients create --name=Shop --redirect-uri=https://shop.example/cb --auth-method=client_secret_basic";
    assert_eq!(desk.copied, [command]);
}

#[test]
fn a_secret_is_shown_once_and_gone_with_esc() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('4'), Key::Char('R'), Key::Enter, Key::Char('y')]);
    assert!(desk.drawn(100, 24).contains("signet_secret_shown_once"));
    desk.press(&[Key::Esc]);
    assert!(!desk.drawn(100, 24).contains("signet_secret"));
    assert!(!format!("{:?}", desk.model.notice).contains("signet_secret"));
}

#[test]
fn the_log_is_exported_and_another_profile_is_chosen() {
    let mut desk = Desk::new();
    desk.show(Screen::Audit);
    desk.press(&[Key::Char('e'), Key::Enter]);
    assert!(desk.drawn(100, 24).contains("events are in audit.ndjson"));
    desk.press(&[Key::Char('m'), Key::Char('@'), Key::Char('j'), Key::Enter]);
    assert_eq!(desk.other[1..], ["Mouse(true)", "Switch(\"spare\")"]);
}

#[test]
fn a_mouse_that_is_used_while_something_is_asked_changes_nothing() {
    let mut desk = Desk::new();
    desk.show(Screen::Users);
    desk.unlock();
    desk.press(&[Key::Char('D')]);
    desk.tell(Msg::Mouse(Mouse::Click(3, 3)));
    assert!(desk.changes.is_empty() && matches!(desk.model.overlays.last(), Some(Overlay::Confirm(_))));
}

#[test]
fn keys_that_are_meant_for_something_else_never_answer_a_question_that_comes_late() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.show(Screen::Sessions);
    let late = asked(update(&mut desk.model, Msg::Key(Key::Char('A')), desk.now));
    assert!(desk.drawn(100, 24).contains("asking the server"));
    desk.press(&[Key::Esc, Key::Char('/')]);
    desk.type_text("user:");
    desk.carry_out(late);
    desk.type_text("yan");
    assert!(desk.changes.is_empty() && matches!(desk.model.overlays.as_slice(), [Overlay::Filter(_)]));
    let twice = asked(update(&mut desk.model, Msg::Key(Key::Esc), desk.now));
    assert!(twice.is_empty());
    let waiting = asked(update(&mut desk.model, Msg::Key(Key::Char('A')), desk.now));
    desk.press(&[Key::Char('A'), Key::Char('y')]);
    desk.carry_out(waiting);
    assert!(
        matches!(desk.model.overlays.as_slice(), [Overlay::Confirm(_)]),
        "one question, however often it is asked for"
    );
}

#[test]
fn several_are_done_told_and_taken_back_together_and_who_was_so_before_stays_so() {
    let mut desk = Desk::new();
    desk.unlock();
    // Ann and Bob are enabled, Eve between them is not.
    desk.press(&[Key::Char('2'), Key::Char(' '), Key::Char(' '), Key::Char(' '), Key::Char('D'), Key::Char('y')]);
    assert_eq!(desk.changes.len(), 2);
    assert!(!desk.changes.contains(&"PATCH users/eve".to_owned()));
    desk.press(&[Key::Char('y'), Key::Char('u')]);
    assert!(desk.changes.len() == 4, "a notice in between takes nothing away: {:?}", desk.changes);
    desk.refusal = Some(error(Exit::Refused, "rule", "somebody has to administer"));
    desk.press(&[Key::Char('D'), Key::Char('y')]);
    let drawn = desk.drawn(120, 24);
    assert!(drawn.contains("1 done, 1 refused: somebody has to administer"), "{drawn}");
    desk.press(&[Key::Char('u')]);
    assert_eq!(desk.changes.len(), 7, "only what was done is taken back");
}

#[test]
fn what_disturbs_somebody_is_taken_back_after_a_question_and_never_while_locked() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('6'), Key::Char('E'), Key::Ctrl('u')]);
    desk.type_text("10m");
    desk.press(&[Key::Enter, Key::Char('y'), Key::Char('u')]);
    assert_eq!(desk.changes, ["PATCH settings"]);
    assert!(desk.drawn(100, 24).contains("Take back: Change settings"));
    desk.press(&[Key::Char('y')]);
    assert_eq!(desk.changes.len(), 2);
    desk.press(&[Key::Char('2'), Key::Char('D'), Key::Char('y'), Key::Char('W'), Key::Char('u')]);
    assert!(desk.changes.len() == 3 && desk.drawn(100, 24).contains("press W"));
}

#[test]
fn a_race_that_is_lost_before_the_question_is_shown_as_well() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.press(&[Key::Char('6'), Key::Char('E'), Key::Ctrl('u')]);
    desk.type_text("10m");
    let review = asked(update(&mut desk.model, Msg::Key(Key::Enter), desk.now));
    let Some(Effect::Send(ticket, _)) = review.into_iter().next() else { panic!("a review") };
    let current = json!({"revision": 9, "settings": crate::company::settings(120)});
    let stale = signet_tui::api::ApiError { current: Some(Box::new(current)), ..error(Exit::Conflict, "stale", "") };
    desk.tell(Msg::Answered(ticket, Err(stale)));
    assert!(desk.drawn(100, 24).contains("you saw 30s, it is 2m, you want 10m"));
}

#[test]
fn a_question_is_read_to_its_end_before_it_is_agreed_to() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.tell(Msg::Resize(80, 10));
    desk.press(&[Key::Char('2'), Key::Char(' '), Key::Char(' '), Key::Char(' '), Key::Char('X')]);
    desk.tell(Msg::Resize(40, 6));
    desk.press(&[Key::Char('y')]);
    assert!(desk.changes.is_empty() && desk.drawn(40, 6).contains("there is more"));
    desk.press(&[Key::Down, Key::Down, Key::Down, Key::Char('y')]);
    assert_eq!(desk.changes.len(), 3);
}
