//! A mail as its recipient reads it.

use mail_parser::MessageParser;

/// A received mail, decoded.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) raw: String,
}

impl Mail {
    pub(crate) fn parse(raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).expect("a mail");
        let address = |group: Option<&mail_parser::Address<'_>>| {
            group.and_then(|group| group.first()).and_then(|one| one.address()).unwrap_or_default().to_owned()
        };
        Self {
            from: address(message.from()),
            to: address(message.to()),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.body_html(0).unwrap_or_default().into_owned(),
            raw: String::from_utf8_lossy(raw).into_owned(),
        }
    }

    /// The code or the link's token: the one word that looks like it.
    pub(crate) fn code(&self) -> String {
        let pattern = regex::Regex::new(r"[A-Za-z0-9_-]{22,}").expect("a pattern");
        pattern.find(&self.text).expect("a code in the mail").as_str().to_owned()
    }
}
