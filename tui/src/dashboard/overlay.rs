//! What lies over a screen and has the keys.

use std::time::Duration;

use super::{input::Input, message::Now};
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
    /// Values are typed.
    Form(Form),
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

/// Fields to be filled.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// What it is for.
    pub title: String,
    /// The fields.
    pub fields: Vec<Field>,
    /// Which has the keys.
    pub focus: usize,
    /// What is wrong with them.
    pub error: Option<String>,
    /// What comes of them.
    pub deed: Deed,
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
    /// Whether it is not shown.
    pub secret: bool,
}

impl Field {
    /// One that is shown.
    pub fn of(label: &'static str, text: &str, hint: impl Into<String>) -> Self {
        Self { label, input: Input::of(text), hint: hint.into(), secret: false }
    }
}

/// What a form is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Unlock writes.
    Unlock,
    /// Make a user.
    CreateUser,
    /// Give a user other roles.
    EditRoles {
        /// Whom.
        id: String,
        /// The roles of before.
        before: String,
    },
    /// Give a user another address or name.
    EditUser {
        /// Whom.
        id: String,
        /// Address and name of before.
        before: [String; 2],
    },
    /// Register a client.
    CreateClient,
    /// Change a client.
    EditClient {
        /// Which.
        id: String,
    },
    /// Give a client another secret.
    RotateSecret {
        /// Which.
        id: String,
    },
    /// Plan a rotation.
    Schedule {
        /// Of which algorithm.
        algorithm: String,
    },
    /// Set a setting.
    EditSetting {
        /// Which.
        key: String,
        /// The settings' tag.
        etag: Option<String>,
        /// The value of before.
        before: String,
    },
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
    opened: Now,
}

impl Confirm {
    /// A question that comes up now.
    pub fn new(intent: Intent, now: Now) -> Self {
        Self { intent, typed: Input::default(), opened: now }
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
