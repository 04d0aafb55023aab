//! What lies over a screen and has the keys.

use std::time::Duration;

use super::{check::Check, deeds::Change, input::Input, message::Now};
use crate::actions::{Action, Tier};

/// A question that has just come up takes no key for so long: it may have been meant for what was there before.
const DEAF: Duration = Duration::from_millis(300);

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// A filter is typed.
    Filter(Input),
    /// A command is looked for.
    Palette(Search),
    /// Keys are looked up.
    Help(Search),
    /// One of several is chosen.
    Pick(Pick),
    /// Values are typed.
    Form(Form),
    /// The server is asked, and what follows waits for its answer: to this question, and to no other.
    Asking(u64, &'static str),
    /// Something is asked.
    Confirm(Confirm),
    /// Something is told that has to be read; a secret is gone when it is closed.
    Told(Told),
}

/// A search, and what is in focus of what it found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    /// What is looked for.
    pub query: Input,
    /// Which of those found.
    pub selected: usize,
}

/// Things to choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    /// What they are.
    pub title: String,
    /// What each is called, and what comes of it.
    pub choices: Vec<(String, Choice)>,
    /// Which is in focus.
    pub selected: usize,
}

/// What comes of a choice.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Another profile.
    Profile(String),
    /// An action, with the question that goes before it.
    Do(Box<Action>),
}

/// Fields to be filled.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// What it is for.
    pub title: String,
    /// The fields.
    pub fields: Vec<Field>,
    /// Which has the keys.
    pub focus: usize,
    /// What is wrong with them together.
    pub error: Option<String>,
    /// What comes of them.
    pub deed: Deed,
}

impl Form {
    /// One with the focus on its first empty field, else on its first.
    pub fn new(title: impl Into<String>, deed: Deed, fields: Vec<Field>) -> Self {
        let focus = fields.iter().position(|field| field.input.text().is_empty()).unwrap_or(0);
        Self { title: title.into(), fields, focus, error: None, deed }
    }

    /// What was typed into each field.
    pub fn texts(&self) -> Vec<String> {
        self.fields.iter().map(|field| field.input.text().trim().to_owned()).collect()
    }

    /// The first field that is not as it has to be.
    pub fn wrong(&self) -> Option<usize> {
        self.fields.iter().position(|field| field.check.judge(field.input.text().trim()).is_err())
    }
}

/// A field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub label: &'static str,
    /// What is typed.
    pub input: Input,
    /// What it takes.
    pub hint: String,
    /// What it has to be, looked at while it is typed.
    pub check: Check,
    /// Whether it is not shown.
    pub secret: bool,
}

impl Field {
    /// One that is shown.
    pub fn of(label: &'static str, text: &str, hint: impl Into<String>, check: Check) -> Self {
        Self { label, input: Input::of(text), hint: hint.into(), check, secret: false }
    }

    /// One that is not.
    pub fn secret(label: &'static str, hint: &str) -> Self {
        Self { secret: true, ..Self::of(label, "", hint, Check::Needed) }
    }
}

/// What a form is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Unlock writes.
    Unlock,
    /// Sign in.
    SignIn,
    /// Write the log to a file.
    Export,
    /// Change something on the server.
    Change(Change),
}

/// Something that is wanted, before it is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// In a line.
    pub title: String,
    /// What there is to know.
    pub lines: Vec<String>,
    /// What is done, and what takes each back.
    pub actions: Vec<(Action, Option<Action>)>,
    /// What has to be typed where it is for good.
    pub word: String,
}

impl Intent {
    /// One action.
    pub fn one(title: &str, lines: Vec<String>, action: Action, undo: Option<Action>) -> Self {
        Self { title: title.to_owned(), lines, actions: vec![(action, undo)], word: String::new() }
    }

    /// With a word that has to be typed where it is for good.
    pub fn with_word(self, word: impl Into<String>) -> Self {
        Self { word: word.into(), ..self }
    }

    /// How dangerous it is.
    pub fn tier(&self) -> Tier {
        self.actions.iter().map(|(action, _)| action.tier()).max().unwrap_or(Tier::Read)
    }
}

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirm {
    /// What is wanted.
    pub intent: Intent,
    /// What was typed.
    pub typed: Input,
    /// Lines that were read and are above what is shown.
    pub scroll: usize,
    opened: Now,
}

impl Confirm {
    /// A question that comes up now.
    pub fn new(intent: Intent, now: Now) -> Self {
        Self { intent, typed: Input::default(), scroll: 0, opened: now }
    }

    /// Whether it takes keys already.
    pub fn hears(&self, now: Now) -> bool {
        now >= self.opened + DEAF
    }
}

/// What has to be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What it is.
    pub title: String,
    /// Names and values.
    pub lines: Vec<(String, String)>,
}

/// Its values may be secrets.
impl Drop for Told {
    fn drop(&mut self) {
        for (_, value) in &mut self.lines {
            zeroize::Zeroize::zeroize(value);
        }
    }
}
