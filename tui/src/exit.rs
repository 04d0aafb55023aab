//! What the program ends with, for scripts.

use std::process::ExitCode;

/// Why a run ended as it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It was done.
    Ok = 0,
    /// Something else went wrong: here, or in the server.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Not signed in, or not allowed.
    NotAllowed = 3,
    /// There is no such thing.
    NotFound = 4,
    /// Somebody was quicker, or it is not the time for it.
    Conflict = 5,
    /// The server cannot be reached, or is too busy.
    Network = 6,
    /// A rule forbids it.
    Refused = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
