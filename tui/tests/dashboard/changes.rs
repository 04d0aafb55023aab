//! What keys come to: questions, requests, and what takes them back.

use std::time::Duration;

use serde_json::json;
use signet_tui::{
    api::{Answer, NOT_SIGNED_IN},
    dashboard::{
        key::{Key, Mouse},
        message::{Effect, Msg, Purpose, Stream},
        model::{Connection, Known, Screen},
        overlay::Overlay,
        update::{begin, update},
    },
    exit::Exit,
};

use crate::desk::{Desk, error};

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
fn a_server_that_is_gone_is_told_and_what_was_there_stays() {
    let mut desk = Desk::new();
    desk.press(&[Key::Char('2')]);
    desk.tell(Msg::StreamState(Stream::Stats, Err(error(Exit::Network, "network", "connection refused"))));
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
    assert_eq!(desk.model.users.items.len(), 3);
    let empty = Answer { etag: None, json: json!({"items": [], "next_cursor": null}) };
    desk.tell(Msg::Answered(late, Ok(empty)));
    assert_eq!(desk.model.users.items.len(), 3);
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
fn who_is_not_known_signs_in_first_and_is_forgotten_with_everything_they_saw() {
    let mut desk = Desk::of(signet_tui::dashboard::model::Who { caller: Known::SignedOut, ..crate::desk::root() });
    let effects = begin(&mut desk.model);
    desk.carry_out(effects);
    desk.type_text("root@example.com");
    desk.press(&[Key::Tab]);
    desk.type_text("password");
    assert!(!desk.drawn(100, 24).contains("password1") && desk.drawn(100, 24).contains("••••••••"));
    desk.press(&[Key::Enter, Key::Enter]);
    assert_eq!(desk.model.who.caller, Known::As("root@example.com".into()));
    assert_eq!(desk.other, ["Follow"]);
    desk.unlock();
    desk.press(&[Key::Char('2'), Key::Ctrl('d')]);
    assert_eq!(desk.model.who.caller, Known::SignedOut);
    assert!(!desk.model.is_unlocked() && desk.model.users.items.is_empty() && desk.model.events.is_empty());
}

#[test]
fn whose_session_has_ended_signs_in_again() {
    let mut desk = Desk::new();
    desk.show(Screen::Users);
    desk.unlock();
    desk.press(&[Key::Char('D')]);
    desk.refusal = Some(error(Exit::NotAllowed, NOT_SIGNED_IN, "you are signed in no more"));
    desk.press(&[Key::Char('y')]);
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Form(_))));
    assert!(!desk.model.is_unlocked() && desk.drawn(100, 24).contains("you are signed in no more"));
}

#[test]
fn what_a_caller_may_not_follow_does_not_look_like_a_server_that_is_gone() {
    let mut desk = Desk::new();
    desk.show(Screen::Users);
    desk.tell(Msg::StreamState(Stream::Audit, Err(error(Exit::NotAllowed, "forbidden", "no permission"))));
    assert_eq!(desk.model.connection, Connection::Live);
}

#[test]
fn the_detail_of_a_user_tells_their_sessions_and_asks_once_however_fast_the_focus_moves() {
    let mut desk = Desk::new();
    desk.show(Screen::Users);
    let mut asked = Vec::new();
    for key in [Key::Enter, Key::Char('j'), Key::Char('j')] {
        for effect in update(&mut desk.model, Msg::Key(key), desk.now) {
            let Effect::Send(ticket, call) = effect else { panic!("{effect:?}") };
            asked.push((ticket, call));
        }
    }
    let about = |asked: &[(_, signet_tui::call::Call)], index: usize| asked[index].1.query[0].1.clone();
    assert_eq!(
        (asked.len(), about(&asked, 0)),
        (2, "user:ann live:true".to_owned()),
        "nobody waits for those in between"
    );
    for (ticket, call) in std::mem::take(&mut asked) {
        let answer = Answer { etag: None, json: crate::company::answer(&call.path) };
        for effect in update(&mut desk.model, Msg::Answered(ticket, Ok(answer)), desk.now) {
            let Effect::Send(ticket, call) = effect else { panic!("{effect:?}") };
            asked.push((ticket, call));
        }
    }
    assert_eq!((asked.len(), about(&asked, 0)), (2, "user:bob live:true".to_owned()));
    assert!(!desk.drawn(120, 30).contains("Firefox"), "these were another's");
    let effects = asked.into_iter().map(|(ticket, call)| Effect::Send(ticket, call)).collect();
    desk.carry_out(effects);
    assert!(desk.drawn(120, 30).contains("203.0.113.7") && desk.drawn(120, 30).contains("login.fail"));
}

#[test]
fn a_log_that_is_filtered_is_followed_and_one_that_is_paused_is_not() {
    let mut desk = Desk::new();
    desk.show(Screen::Audit);
    desk.press(&[Key::Char('/')]);
    desk.type_text("result:fail");
    desk.press(&[Key::Enter]);
    let event = || Msg::Streamed(Stream::Audit, crate::company::event("e3", "login.fail", "fail"));
    let asks = |desk: &mut Desk| update(&mut desk.model, Msg::Tick(0), desk.now).len();
    assert_eq!(asks(&mut desk), 0);
    desk.tell(event());
    assert_eq!(asks(&mut desk), 1);
    assert_eq!(asks(&mut desk), 0, "one answer at a time");
    desk.press(&[Key::Char('p')]);
    desk.tell(event());
    assert_eq!(asks(&mut desk), 0);
    desk.press(&[Key::Char('p')]);
    assert!(desk.drawn(100, 24).contains("filter result:fail"));
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
fn an_event_is_shown_once_however_often_it_is_told_and_none_is_lost_while_the_log_is_read() {
    let mut desk = Desk::new();
    desk.show(Screen::Audit);
    let told = |id: &str| Msg::Streamed(Stream::Audit, crate::company::event(id, "login.ok", "ok"));
    desk.tell(told("e3"));
    desk.tell(told("e3"));
    desk.tell(told("e2"));
    let ids = |desk: &Desk| desk.model.audit.items.iter().map(|event| event.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&desk), ["e3", "e2", "e1"]);
    let reading = update(&mut desk.model, Msg::Key(Key::Char('r')), desk.now);
    desk.tell(told("e4"));
    desk.carry_out(reading);
    assert_eq!(ids(&desk), ["e4", "e3", "e2", "e1"]);
    let reading = update(&mut desk.model, Msg::StreamState(Stream::Audit, Ok(())), desk.now);
    assert_eq!(reading.len(), 1, "of what was before it, a stream may know nothing");
}

/// What was asked for and not answered yet.
fn asked(effects: Vec<Effect>) -> Vec<Effect> {
    effects.into_iter().filter(|effect| matches!(effect, Effect::Send(..))).collect()
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
fn an_answer_for_whoever_has_left_is_nobodys() {
    let mut desk = Desk::new();
    desk.unlock();
    desk.show(Screen::Clients);
    desk.press(&[Key::Char('R'), Key::Enter]);
    let late = asked(update(&mut desk.model, Msg::Key(Key::Char('y')), desk.now + Duration::from_secs(1)));
    assert_eq!(late.len(), 1);
    desk.press(&[Key::Ctrl('d')]);
    desk.carry_out(late);
    desk.tell(Msg::Streamed(Stream::Audit, crate::company::event("e9", "login.ok", "ok")));
    assert!(!desk.drawn(100, 24).contains("signet_secret") && desk.model.events.is_empty());
    assert!(desk.other.contains(&"Leave".to_owned()));
}

#[test]
fn a_session_that_is_over_is_noticed_by_the_streams_too() {
    let mut desk = Desk::new();
    desk.show(Screen::Users);
    desk.unlock();
    desk.tell(Msg::StreamState(
        Stream::Stats,
        Err(error(Exit::NotAllowed, NOT_SIGNED_IN, "you are signed in no more")),
    ));
    let drawn = desk.drawn(100, 24);
    assert!(
        drawn.contains("signed out") && drawn.contains("root@example.com"),
        "their address is there again: {drawn}"
    );
    assert!(!desk.model.is_unlocked() && desk.model.users.items.is_empty());
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

#[test]
fn focus_and_marks_outlive_a_list_that_is_read_anew_beyond_its_first_page() {
    let mut desk = Desk::new();
    desk.model.screen = Screen::Users;
    let page = |from: usize| {
        let items: Vec<_> = (from..from + 100)
            .map(|number| {
                let mut user = crate::company::answer("users")["items"][0].clone();
                user["id"] = json!(format!("u{number}"));
                user
            })
            .collect();
        json!({"items": items, "next_cursor": (from < 200).then(|| (from + 100).to_string())})
    };
    let answer_all = |desk: &mut Desk, mut effects: Vec<Effect>| {
        while let Some(effect) = effects.pop() {
            let Effect::Send(ticket, call) = effect else { continue };
            let from = call.query.iter().find(|(name, _)| *name == "cursor").map_or(0, |(_, at)| at.parse().unwrap());
            let answer = Answer { etag: None, json: page(from) };
            effects.extend(update(&mut desk.model, Msg::Answered(ticket, Ok(answer)), desk.now));
        }
    };
    let first = desk.model.load(Screen::Users);
    answer_all(&mut desk, first);
    for _ in 0..2 {
        let more = update(&mut desk.model, Msg::Key(Key::Char('G')), desk.now);
        answer_all(&mut desk, more);
    }
    desk.press(&[Key::Char('k'), Key::Char(' ')]);
    let (focus, marks) = (desk.model.users.focused().unwrap().id.clone(), desk.model.users.marks.clone());
    let again = update(&mut desk.model, Msg::Key(Key::Char('r')), desk.now);
    answer_all(&mut desk, again);
    assert_eq!((desk.model.users.items.len(), &desk.model.users.focused().unwrap().id), (300, &focus));
    assert_eq!(desk.model.users.marks, marks);
}
