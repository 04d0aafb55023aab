//! After following the link of a confirmation mail.

use askama::Template;

use super::plain_pages;
use crate::pages::{look::Frame, texts::Message};

/// Says whether the address is confirmed.
#[derive(Template)]
#[template(path = "pages/address.html")]
pub struct AddressPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// Whether the link was good.
    pub confirmed: bool,
}

impl AddressPage<'_> {
    fn message(&self) -> &'static Message {
        if self.confirmed { &self.frame.texts.confirmed } else { &self.frame.texts.not_confirmed }
    }
}

plain_pages!(AddressPage);
