//! What it looks like: every screen in every state at four sizes, kept as text under `snapshots`.

use serde_json::Value;
use signet_tui::{
    api::Answer,
    dashboard::{
        key::{Key, Mouse},
        message::{Msg, Stream},
        model::{Known, Screen, Who},
        theme::{Palette, Theme},
        update::update,
    },
    exit::Exit,
};

use crate::desk::{Desk, error, root, text};

const SIZES: [(u16, u16); 4] = [(40, 10), (80, 24), (100, 30), (200, 50)];

/// Looks at all screens at all sizes, one snapshot a size.
fn look(state: &str, desk: impl Fn(Screen) -> Desk) {
    for (width, height) in SIZES {
        let shown = Screen::ALL.map(|screen| {
            let rule = "═".repeat(usize::from(width));
            format!("{rule}\n{}", desk(screen).drawn(width, height))
        });
        insta::assert_snapshot!(format!("{state}_{width}x{height}"), shown.join("\n"));
    }
}

fn at(screen: Screen) -> Desk {
    let mut desk = Desk::new();
    desk.show(screen);
    desk
}

#[test]
fn screens_with_something_on_them() {
    look("filled", at);
}

#[test]
fn screens_with_the_detail_of_what_is_in_focus() {
    look("detail", |screen| {
        let mut desk = at(screen);
        desk.press(&[Key::Enter]);
        desk
    });
}

#[test]
fn screens_before_the_server_has_answered() {
    look("loading", |screen| {
        let mut desk = Desk::new();
        desk.model.screen = screen;
        desk.model.load(screen);
        desk
    });
}

#[test]
fn screens_with_nothing_on_them() {
    look("empty", |screen| {
        let mut desk = Desk::new();
        desk.model.screen = screen;
        for effect in desk.model.load(screen) {
            if let signet_tui::dashboard::message::Effect::Send(ticket, _) = effect {
                let json = serde_json::json!({"items": [], "settings": [], "next_cursor": null});
                update(&mut desk.model, Msg::Answered(ticket, Ok(Answer { etag: None, json })), desk.now);
            }
        }
        desk
    });
}

#[test]
fn screens_that_the_server_refuses() {
    look("error", |screen| {
        let mut desk = Desk::new();
        desk.model.screen = screen;
        for effect in desk.model.load(screen) {
            if let signet_tui::dashboard::message::Effect::Send(ticket, _) = effect {
                let refused = error(Exit::NotAllowed, "forbidden", "this key lacks the permission for that");
                update(&mut desk.model, Msg::Answered(ticket, Err(refused)), desk.now);
            }
        }
        desk
    });
}

#[test]
fn screens_of_a_server_that_is_gone() {
    look("stale", |screen| {
        let mut desk = at(screen);
        desk.tell(Msg::StreamState(Stream::Stats, Err(error(Exit::Network, "network", "connection refused"))));
        desk
    });
}

#[test]
fn screens_of_a_profile_that_changes_nothing() {
    look("read_only", |screen| {
        let mut desk = Desk::of(Who { read_only: true, ..root() });
        desk.show(screen);
        desk.press(&[Key::Char('E')]);
        desk
    });
}

#[test]
fn what_lies_over_a_screen() {
    let over = |keys: &[Key], typed: &str, screen| {
        let mut desk = at(screen);
        desk.unlock();
        desk.press(keys);
        desk.type_text(typed);
        desk.drawn(80, 24)
    };
    insta::assert_snapshot!("over_palette", over(&[Key::Char(':')], "s", Screen::Users));
    insta::assert_snapshot!("over_help", over(&[Key::Char('?')], "", Screen::Keys));
    insta::assert_snapshot!("over_filter", over(&[Key::Char('/')], "role:admin", Screen::Users));
    insta::assert_snapshot!(
        "over_client_form",
        over(&[Key::Char('C'), Key::Tab], "http://a.example/", Screen::Clients)
    );
    insta::assert_snapshot!(
        "over_review",
        over(&[Key::Char('E'), Key::Ctrl('u'), Key::Char('9'), Key::Char('m'), Key::Enter], "", Screen::Settings)
    );
    insta::assert_snapshot!("over_history", over(&[Key::Char('h')], "", Screen::Settings));
    insta::assert_snapshot!("over_revocation", over(&[Key::Char('K')], "abc", Screen::Keys));
    let mut desk = Desk::of(Who { caller: Known::SignedOut, ..root() });
    let effects = signet_tui::dashboard::update::begin(&mut desk.model);
    desk.carry_out(effects);
    insta::assert_snapshot!("over_sign_in", desk.drawn(80, 24));
}

#[test]
fn a_colour_says_nothing_that_a_word_does_not() {
    for palette in [Palette::Dark, Palette::Light, Palette::None] {
        let buffer = at(Screen::Sessions).buffer(80, 6, Theme::new(palette));
        insta::assert_snapshot!(format!("styles_{palette:?}").to_lowercase(), format!("{buffer:?}"));
        assert_eq!(text(&buffer), at(Screen::Sessions).drawn(80, 6));
    }
}

#[test]
fn with_ascii_alone_nothing_else_is_drawn() {
    for screen in Screen::ALL {
        let mut desk = at(screen);
        desk.unlock();
        desk.press(&[Key::Char(':')]);
        let drawn = text(&desk.buffer(100, 30, Theme::new(Palette::None).in_ascii(true)));
        assert!(drawn.is_ascii(), "{drawn}");
    }
    insta::assert_snapshot!(
        "ascii_keys",
        text(&at(Screen::Keys).buffer(80, 16, Theme::new(Palette::None).in_ascii(true)))
    );
}

#[test]
fn the_mouse_finds_what_is_drawn_under_it() {
    let mut desk = at(Screen::Users);
    desk.tell(Msg::Resize(100, 30));
    let drawn = desk.drawn(100, 30);
    let place = |word: &str| {
        let (row, line) = drawn.lines().enumerate().find(|(_, line)| line.contains(word)).unwrap();
        let before = &line[..line.find(word).unwrap()];
        (before.chars().count() as u16, row as u16)
    };
    let (column, row) = place("bob@example.com");
    desk.tell(Msg::Mouse(Mouse::Click(column, row)));
    assert_eq!(desk.model.users.focused().unwrap().email, "bob@example.com");
    desk.tell(Msg::Mouse(Mouse::Click(column, row)));
    assert!(desk.model.detail, "what is in focus already is opened");
    let (column, row) = place("5 Keys");
    desk.tell(Msg::Mouse(Mouse::Click(column, row)));
    assert_eq!(desk.model.screen, Screen::Keys);
    desk.tell(Msg::Mouse(Mouse::Wheel(3)));
    assert_eq!(desk.model.keys.selected, 2);
    desk.tell(Msg::Mouse(Mouse::Click(999, 999)));
}

#[test]
fn every_screen_is_of_use_at_eighty_by_twenty_four_and_survives_one_by_one() {
    for screen in Screen::ALL {
        let mut desk = at(screen);
        desk.press(&[Key::Enter]);
        for (width, height) in [(1, 1), (2, 3), (40, 10), (80, 24), (100, 30), (200, 50)] {
            let drawn = desk.drawn(width, height);
            let named = drawn.contains(screen.title()) && drawn.contains("q quit");
            assert!(named || width < 80, "{screen:?} {width}×{height}: {drawn}");
        }
    }
}

#[test]
fn ten_thousand_events_are_held_and_no_more() {
    let mut desk = at(Screen::Audit);
    for number in 0..10_100 {
        let event: Value = crate::company::event(&format!("n{number}"), "login.ok", "ok");
        update(&mut desk.model, Msg::Streamed(Stream::Audit, event), desk.now);
    }
    assert_eq!((desk.model.audit.items.len(), desk.model.events.len()), (10_000, 50));
    assert_eq!(desk.model.audit.items[0].id, "n10099");
}
