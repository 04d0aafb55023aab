//! What comes in, and what has to be done: data on both sides of a pure `update`.

use std::{path::PathBuf, time::Duration};

use super::{
    key::{Key, Mouse},
    model::Screen,
};
use crate::{
    actions::Action,
    api::{Answer, ApiError},
    call::Call,
    keep::Kind,
};

/// Time since the program began; the runtime's clock, which never goes back.
pub type Now = Duration;

/// What comes in.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// The mouse was used.
    Mouse(Mouse),
    /// The terminal has another size: columns and rows.
    Resize(u16, u16),
    /// Some time went by; it is so many seconds since 1970.
    Tick(i64),
    /// A request was answered.
    Answered(Ticket, Result<Answer, ApiError>),
    /// A stream told something.
    Streamed(Stream, serde_json::Value),
    /// There is no shell that the program could be given back to.
    NoShell,
    /// A stream broke off, and is taken up again; or it is back.
    StreamState(Stream, Result<(), ApiError>),
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
    /// The live sessions of a user in focus.
    Sessions(String),
    /// What happened lately to a user in focus.
    Events(String),
    /// Earlier values of the settings.
    History,
    /// The latest events, whatever the log's own screen is filtered by.
    Latest,
    /// One of several things that are done together was done; they go by this number.
    Did(u64, Box<Done>),
    /// What a change would do.
    Review(Box<Action>),
    /// A password was right.
    Unlock,
    /// Somebody signed in, whose login is kept there.
    SignIn(String, Kind),
    /// They signed out.
    SignOut,
    /// The log was written to a file.
    Export(PathBuf),
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// What.
    pub action: Action,
    /// What takes it back, where anything does.
    pub undo: Option<Action>,
}

/// What has to be done.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Send a request.
    Send(Ticket, Call),
    /// Show a password again: what cannot be undone takes a recent login.
    Unlock(Ticket, Secret),
    /// Sign in.
    SignIn(Ticket, SignIn),
    /// Sign out, and forget what kept somebody signed in.
    SignOut(Ticket),
    /// Write everything that this request finds to a file that is not there yet, a line each.
    Export(Ticket, Call, PathBuf),
    /// Follow the streams, from now on.
    Follow,
    /// Follow them no more.
    Leave,
    /// Copy to the terminal's clipboard (OSC 52).
    Copy(String),
    /// Hear the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Stop, as a shell's job.
    Suspend,
    /// Begin anew with another profile.
    Switch(String),
    /// End.
    Quit,
}

/// Who signs in, and where that is kept.
#[derive(Debug, PartialEq)]
pub struct SignIn {
    /// Whose address.
    pub email: String,
    /// Their password.
    pub password: Secret,
    /// Where what keeps them signed in is kept.
    pub keep: Kind,
}

/// A secret that was typed.
#[derive(Clone, PartialEq)]
pub struct Secret(pub zeroize::Zeroizing<String>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}
