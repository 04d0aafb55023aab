//! What comes in, and what has to be done: data on both sides of a pure `update`.

use std::time::Duration;

use crate::{
    actions::Action,
    api::{Answer, ApiError},
    call::Call,
};

use super::{key::Key, model::Screen};

/// Time since the program began; the runtime's clock.
pub type Now = Duration;

/// What comes in.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// The terminal has another size.
    Resize,
    /// Some time went by.
    Tick,
    /// A request was answered.
    Answered(Ticket, Result<Answer, ApiError>),
    /// A stream told something.
    Streamed(Stream, serde_json::Value),
    /// A stream broke off, and is taken up again; or it is back.
    StreamState(Stream, Result<(), String>),
}

/// What is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Counts and rates.
    Stats,
    /// The audit log.
    Audit,
}

/// What an answer is for. One whose generation is over is dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// When it was asked for, among all that was.
    pub generation: u64,
    /// For what.
    pub purpose: Purpose,
}

/// What an answer is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// The first page of a screen, or its only one.
    Load(Screen),
    /// The next page.
    More(Screen),
    /// Something was done.
    Did(Box<Done>),
    /// What a change would do.
    Review(Box<Action>),
    /// A password was right.
    Unlock,
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// What.
    pub action: Action,
    /// What takes it back, where anything does.
    pub undo: Option<Action>,
    /// What to tell.
    pub told: String,
}

/// What has to be done.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Send a request.
    Send(Ticket, Call),
    /// Show a password again: what cannot be undone takes a recent login.
    Unlock(Ticket, Secret),
    /// Copy to the terminal's clipboard (OSC 52).
    Copy(String),
    /// Stop, as a shell's job.
    Suspend,
    /// End.
    Quit,
}

/// A secret that was typed.
#[derive(Clone, PartialEq)]
pub struct Secret(pub zeroize::Zeroizing<String>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}
