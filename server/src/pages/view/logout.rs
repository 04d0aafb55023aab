//! Logging out, here and at the clients.

use askama::Template;

use super::{Form, WebUrl};
use crate::pages::{Page, look::Frame, policy::Needs};

/// Goes on once every frame has answered; without it there is a link.
const GO_ON: &str = "onload=function(){location.replace(document.getElementById('next').href)}";

/// Every step of it.
#[derive(Template)]
#[template(path = "pages/logout.html")]
pub struct LogoutPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// How far it is.
    pub state: LogoutState,
}

/// How far it is.
pub enum LogoutState {
    /// Asks; sends `decision`, which is `logout` or `stay`.
    Ask {
        /// Where to.
        form: Form,
        /// The address of whoever is logged in.
        user: String,
    },
    /// It is done.
    Done,
    /// It is done here, and clients do it in frames (OpenID Connect Front-Channel Logout §3).
    Leaving {
        /// Their addresses.
        frames: Vec<WebUrl>,
        /// Where to go then: the registered address, with its state.
        next: Option<String>,
    },
}

impl LogoutPage<'_> {
    fn script(&self) -> Option<&'static str> {
        matches!(self.state, LogoutState::Leaving { next: Some(_), .. }).then_some(GO_ON)
    }
}

impl Page for LogoutPage<'_> {
    fn frame(&self) -> &Frame<'_> {
        &self.frame
    }

    fn needs(&self) -> Needs {
        let frames = if let LogoutState::Leaving { frames, .. } = &self.state { frames.as_slice() } else { &[] };
        let mut frames: Vec<_> = frames.iter().map(WebUrl::origin).collect();
        frames.sort();
        frames.dedup();
        Needs { frames, script: self.script(), ..Needs::default() }
    }
}
