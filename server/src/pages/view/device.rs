//! Connecting a device that has no keyboard or browser (RFC 8628 §3.3).

use askama::Template;

use super::{ClientShown, Form, Input, Kind, ScopeShown};
use crate::pages::{Page, look::Frame, notice::Notice, policy::Needs};

/// Every step of it.
#[derive(Template)]
#[template(path = "pages/device.html")]
pub struct DevicePage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// How far it is.
    pub state: DeviceState,
}

/// How far it is.
pub enum DeviceState {
    /// Asks for the code; sends `user_code`.
    Enter {
        /// Where to.
        form: Form,
        /// As it was typed before.
        code: String,
        /// What was wrong with it.
        notice: Option<Notice>,
    },
    /// Asks whether it is the right one; sends `decision`, which is `allow` or `deny`.
    Confirm {
        /// Where to.
        form: Form,
        /// Which program is on the device.
        client: Box<ClientShown>,
        /// The address of whoever is logged in.
        user: String,
        /// To be compared with what the device shows (RFC 8628 §5.4).
        code: String,
        /// What it asks for.
        scopes: Vec<ScopeShown>,
    },
    /// It was allowed.
    Allowed,
    /// It was not.
    Denied,
}

impl Page for DevicePage<'_> {
    fn frame(&self) -> &Frame<'_> {
        &self.frame
    }

    fn needs(&self) -> Needs {
        let client = if let DeviceState::Confirm { client, .. } = &self.state { Some(client.as_ref()) } else { None };
        Needs { images: client.and_then(ClientShown::image_source).into_iter().collect(), ..Needs::default() }
    }
}
