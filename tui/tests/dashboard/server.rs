//! What the server tells: answers, late ones among them, streams, and that a session is over.

use std::time::Duration;

use serde_json::json;
use signet_tui::{
    api::{Answer, NOT_SIGNED_IN},
    dashboard::{
        key::Key,
        message::{Effect, Msg, Purpose, Stream},
        model::{Connection, Known, Screen},
        overlay::Overlay,
        update::{begin, update},
    },
    exit::Exit,
};

use crate::desk::{Desk, asked, error};

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
