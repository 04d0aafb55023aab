//! Asking before something is changed.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::{
    actions::{Action, Tier},
    api::ApiError,
};

/// Goes on if the operator wants it: `yes` says so beforehand, and where nobody can be asked it has to.
pub(super) fn confirm(action: &Action, yes: bool) -> Result<(), ApiError> {
    if yes || action.tier() == Tier::Read {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() || action.wants_secret() {
        return Err(ApiError::usage("this changes something and nobody can be asked; say --yes"));
    }
    let wanted = match action.tier() {
        Tier::Read | Tier::Reversible => return Ok(()),
        Tier::Disruptive => "y",
        Tier::Permanent => "permanently",
    };
    let command = action.argv().join(" ");
    let ask = || {
        write!(io::stderr(), "{command}: type {wanted} to go on: ")?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        Ok::<_, io::Error>(line.trim() == wanted)
    };
    match ask() {
        Ok(true) => Ok(()),
        Ok(false) => Err(ApiError::usage("nothing was changed")),
        Err(error) => Err(ApiError::usage(format!("nobody could be asked: {error}"))),
    }
}
