//! Passwords that are forgotten, new, or only temporary.

use askama::Template;

use super::{Field, Form, Input, Kind, plain_pages};
use crate::pages::{look::Frame, notice::Notice};

/// Asks for a mail with a link.
#[derive(Template)]
#[template(path = "pages/forgotten.html")]
pub struct ForgottenPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// How far it is.
    pub state: ForgottenState,
    /// Where one logs in.
    pub login: Option<String>,
}

/// How far it is.
pub enum ForgottenState {
    /// Asks for the address; sends `email`.
    Ask {
        /// Where to.
        form: Form,
        /// The address.
        email: Field,
        /// What was wrong otherwise.
        notice: Option<Notice>,
    },
    /// Says the same whether there is such an account or not.
    Sent,
}

/// Asks for a new password, by the link of a mail.
#[derive(Template)]
#[template(path = "pages/new_password.html")]
pub struct NewPasswordPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// How far it is.
    pub state: NewPasswordState,
    /// Where one logs in.
    pub login: Option<String>,
}

/// How far it is.
pub enum NewPasswordState {
    /// Asks; sends `password`.
    Asking {
        /// Where to.
        form: Form,
        /// The least number of characters.
        least: i64,
        /// What was wrong with the last one.
        notice: Option<Notice>,
    },
    /// Thanks.
    Done,
    /// Nothing to do with this link.
    Invalid,
}

/// After a login with a temporary password: asks for a proper one; sends `password`.
#[derive(Template)]
#[template(path = "pages/temporary_password.html")]
pub struct TemporaryPasswordPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// Where to.
    pub form: Form,
    /// The address of whoever is logged in, which password managers file the password under.
    pub user: String,
    /// The least number of characters.
    pub least: i64,
    /// What was wrong with the last one.
    pub notice: Option<Notice>,
    /// What was wrong otherwise.
    pub form_notice: Option<Notice>,
}

plain_pages!(ForgottenPage, NewPasswordPage, TemporaryPasswordPage);
