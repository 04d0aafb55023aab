//! A dashboard at which a test sits.

use std::time::Duration;

use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};
use serde_json::Value;
use signet_tui::{
    api::{Answer, ApiError},
    dashboard::{
        key::Key,
        message::{Effect, Msg},
        model::{Known, Model, Screen, Who},
        theme::{Palette, Theme},
        update::update,
        view::view,
    },
    exit::Exit,
};

use crate::company::{self, answer};

/// A model, and a server that answers at once.
pub(crate) struct Desk {
    pub(crate) model: Model,
    pub(crate) now: Duration,
    /// What was asked for that changes something.
    pub(crate) changes: Vec<String>,
    pub(crate) copied: Vec<String>,
    /// What the server refuses the next change with.
    pub(crate) refusal: Option<ApiError>,
    /// What was to be done beside requests.
    pub(crate) other: Vec<String>,
}

pub(crate) fn done() -> Answer {
    Answer { etag: None, json: Value::Null }
}

pub(crate) fn error(exit: Exit, code: &str, message: &str) -> ApiError {
    ApiError { exit, code: code.into(), message: message.into(), current: None }
}

/// An administrator of the example company.
pub(crate) fn root() -> Who {
    Who {
        server: "https://id.example.com/".into(),
        caller: Known::As("root@example.com".into()),
        read_only: false,
        profiles: vec!["main".into(), "spare".into()],
    }
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::of(root())
    }

    pub(crate) fn of(who: Who) -> Self {
        Self {
            model: Model::new(who, company::CLOCK),
            now: Duration::ZERO,
            changes: Vec::new(),
            copied: Vec::new(),
            refusal: None,
            other: Vec::new(),
        }
    }

    pub(crate) fn tell(&mut self, msg: Msg) {
        self.now += Duration::from_millis(400);
        let effects = update(&mut self.model, msg, self.now);
        self.carry_out(effects);
    }

    pub(crate) fn carry_out(&mut self, mut effects: Vec<Effect>) {
        while let Some(effect) = effects.pop() {
            let (ticket, answer) = match effect {
                Effect::Send(ticket, call) => {
                    let is_dry = call.query.iter().any(|(name, _)| *name == "dry_run");
                    let changes = call.method != reqwest::Method::GET && !is_dry;
                    if changes {
                        self.changes.push(format!("{} {}", call.method, call.path));
                    }
                    let refusal = if changes { self.refusal.take() } else { None };
                    let answer = || Answer { etag: Some("\"7\"".into()), json: answer(&call.path) };
                    (ticket, refusal.map_or_else(|| Ok(answer()), Err))
                }
                Effect::Unlock(ticket, password) => {
                    let right = password.0.as_str() == "password";
                    (ticket, if right { Ok(done()) } else { Err(error(Exit::NotAllowed, "", "wrong")) })
                }
                Effect::SignIn(ticket, _) | Effect::SignOut(ticket) | Effect::Export(ticket, ..) => {
                    (ticket, Ok(done()))
                }
                Effect::Copy(text) => {
                    self.copied.push(text);
                    continue;
                }
                other => {
                    self.other.push(format!("{other:?}"));
                    continue;
                }
            };
            effects.extend(update(&mut self.model, Msg::Answered(ticket, answer), self.now));
        }
    }

    pub(crate) fn press(&mut self, keys: &[Key]) {
        keys.iter().for_each(|key| self.tell(Msg::Key(*key)));
    }

    pub(crate) fn type_text(&mut self, text: &str) {
        text.chars().for_each(|character| self.tell(Msg::Key(Key::Char(character))));
    }

    pub(crate) fn unlock(&mut self) {
        self.press(&[Key::Char('W')]);
        self.type_text("password");
        self.press(&[Key::Enter]);
        assert!(self.model.is_unlocked());
    }

    /// Shows a screen, from the beginning.
    pub(crate) fn show(&mut self, screen: Screen) {
        let effects = signet_tui::dashboard::update::begin(&mut self.model);
        self.carry_out(effects);
        let number = Screen::ALL.iter().position(|other| *other == screen).unwrap() as u32 + 1;
        self.press(&[Key::Char(char::from_digit(number, 10).unwrap())]);
    }

    pub(crate) fn buffer(&self, width: u16, height: u16, theme: Theme) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view(&self.model, theme, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    pub(crate) fn drawn(&self, width: u16, height: u16) -> String {
        text(&self.buffer(width, height, Theme::new(Palette::Dark)))
    }
}

/// The characters of a buffer, line by line.
pub(crate) fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let rows = (0..area.height).map(|y| (0..area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>());
    rows.map(|row| row.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// What was asked for and not answered yet.
pub(crate) fn asked(effects: Vec<Effect>) -> Vec<Effect> {
    effects.into_iter().filter(|effect| matches!(effect, Effect::Send(..))).collect()
}
