//! Who is there?

use askama::Template;

use super::{ClientShown, Form, Input, Kind, plain_pages};
use crate::pages::{Page, look::Frame, notice::Notice, policy::Needs};

/// Asks for name and password; sends `login`, `password`, and `cancel` if that was pressed.
#[derive(Template)]
#[template(path = "pages/login.html")]
pub struct LoginPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// Where to.
    pub form: Form,
    /// Who asks.
    pub client: Option<ClientShown>,
    /// The name, as far as it is known.
    pub login_hint: Option<String>,
    /// What was wrong.
    pub notice: Option<Notice>,
    /// Where one registers, where one may.
    pub register: Option<String>,
    /// Where one goes without a password.
    pub forgotten: String,
    /// Whether one can go back to the client.
    pub cancel: bool,
}

impl Page for LoginPage<'_> {
    fn frame(&self) -> &Frame<'_> {
        &self.frame
    }

    fn needs(&self) -> Needs {
        let images = self.client.iter().filter_map(ClientShown::image_source).collect();
        Needs { images, ..Needs::default() }
    }
}

/// Asks which account is meant; sends `account`, which is `current` or `other`.
#[derive(Template)]
#[template(path = "pages/select_account.html")]
pub struct SelectAccountPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// Where to.
    pub form: Form,
    /// Who asks; its logo is for the pages to come.
    pub client: Option<ClientShown>,
    /// The address of whoever is logged in.
    pub user: String,
}

plain_pages!(SelectAccountPage);
