//! What sends a mail: who it is from, what it says, and the way out.

use anyhow::Context as _;
use lettre::{
    Message,
    message::{Mailbox, MultiPart},
};

use super::{
    templates::{Context, Template, Templates},
    transport::Transport,
};
use crate::config::MailConfig;

/// The mailer, as the configuration wants it.
pub struct Mailer {
    transport: Transport,
    templates: Templates,
    from: Mailbox,
}

impl Mailer {
    /// Checks everything that can be checked without sending.
    pub fn new(config: &MailConfig) -> anyhow::Result<Self> {
        let templates = Templates::new(config.templates_dir.clone());
        templates.check()?;
        Ok(Self {
            transport: Transport::new(&config.transport)?,
            templates,
            from: config.from.parse().context("mail.from")?,
        })
    }

    /// Which way mail leaves, as the configuration names it.
    pub fn transport_name(&self) -> &'static str {
        self.transport.name()
    }

    /// Sends one mail to the address in its context; `name` makes a file's name.
    pub async fn send(&self, template: Template, context: &Context<'_>, name: &str) -> anyhow::Result<()> {
        let rendered = self.templates.render(template, context)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, context.email.parse()?))
            .subject(rendered.subject)
            .multipart(MultiPart::alternative_plain_html(rendered.text, rendered.html))?;
        self.transport.send(message, name).await
    }
}
