//! The answer to a client as a form (OAuth 2.0 Form Post Response Mode).

use askama::Template;

use crate::pages::{Page, look::Frame, policy::Needs};

/// Sends the form; without it there is a button.
const SEND: &str = "document.forms[0].submit()";

/// Carries the answer through the browser.
#[derive(Template)]
#[template(path = "pages/form_post.html")]
pub struct FormPostPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// The client's redirect URI.
    pub action: String,
    /// The parameters of the answer.
    pub fields: Vec<(String, String)>,
}

impl Page for FormPostPage<'_> {
    fn frame(&self) -> &Frame<'_> {
        &self.frame
    }

    fn needs(&self) -> Needs {
        Needs { script: Some(SEND), ..Needs::default() }
    }
}
