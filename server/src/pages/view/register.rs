//! Registering.

use askama::Template;

use super::{ClientShown, Field, Form, Input, Kind, plain_pages};
use crate::pages::{look::Frame, notice::Notice};

/// Asks; sends `email`, `username`, `password`, and `cancel` if that was pressed.
#[derive(Template)]
#[template(path = "pages/register.html")]
pub struct RegisterPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// Where to.
    pub form: Form,
    /// Where one goes from here; its logo is for the pages to come.
    pub client: Option<ClientShown>,
    /// Their address.
    pub email: Field,
    /// Their name, if they give one.
    pub username: Field,
    /// What was wrong with the password.
    pub password: Option<Notice>,
    /// The least number of its characters.
    pub least: i64,
    /// What was wrong otherwise.
    pub notice: Option<Notice>,
    /// Where one logs in.
    pub login: String,
    /// Whether one can go back to the client.
    pub cancel: bool,
}

plain_pages!(RegisterPage);
