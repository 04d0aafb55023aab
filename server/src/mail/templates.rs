//! What mails say. Each has a subject, a text and an HTML part; a file of the same
//! name in `mail.templates_dir` replaces the built-in one, and is read anew for
//! every mail, so that editing it needs neither a build nor a restart.

use std::path::PathBuf;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use crate::model::mail::MailKind;

/// A template that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("the mail template {0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// Its syntax is wrong or it uses something that is not there.
    #[error("the mail template {0} does not work: {1:#}")]
    Broken(String, minijinja::Error),
}

/// The templates in use.
#[derive(Clone, Debug)]
pub struct Templates {
    directory: Option<PathBuf>,
}

/// What templates may use.
#[derive(Debug)]
pub struct Context<'a> {
    /// The recipient's name; may be empty.
    pub username: &'a str,
    /// The recipient's address.
    pub email: &'a str,
    /// The code, in a reset mail.
    pub code: &'a str,
    /// The link.
    pub link: &'a str,
    /// How long either serves, as people write it.
    pub expires_in: &'a str,
    /// The issuer.
    pub public_url: &'a str,
}

/// A rendered mail.
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

macro_rules! templates {
    ($($(#[$doc:meta])* $template:ident = $name:literal;)+) => {
        /// One mail's wording.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Template { $($(#[$doc])* $template,)+ }

        impl Template {
            const ALL: &'static [Self] = &[$(Self::$template,)+];

            fn name(self) -> &'static str {
                match self { $(Self::$template => $name,)+ }
            }

            fn built_in(self, part: Part) -> &'static str {
                match (self, part) {
                    $((Self::$template, Part::Subject) => include_str!(concat!("../../templates/mail/", $name, ".subject.txt")),
                    (Self::$template, Part::Text) => include_str!(concat!("../../templates/mail/", $name, ".txt")),
                    (Self::$template, Part::Html) => include_str!(concat!("../../templates/mail/", $name, ".html")),)+
                }
            }
        }
    };
}

templates! {
    /// With a reset code.
    PasswordReset = "password_reset";
    /// With a link that confirms an address.
    EmailVerification = "verify_email";
    /// With a link to a page for a first password.
    Invitation = "invitation";
    /// With nothing: an operator wants to see whether mail arrives.
    Test = "test";
}

impl From<MailKind> for Template {
    fn from(kind: MailKind) -> Self {
        match kind {
            MailKind::PasswordReset => Self::PasswordReset,
            MailKind::EmailVerification => Self::EmailVerification,
            MailKind::Invitation => Self::Invitation,
        }
    }
}

#[derive(Clone, Copy)]
enum Part {
    Subject,
    Text,
    Html,
}

impl Part {
    fn suffix(self) -> &'static str {
        match self {
            Self::Subject => "subject.txt",
            Self::Text => "txt",
            Self::Html => "html",
        }
    }
}

impl Templates {
    /// Built-in ones, and those in the directory in their place.
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self { directory }
    }

    /// Writes one mail.
    pub fn render(&self, template: Template, context: &Context<'_>) -> Result<Rendered, TemplateError> {
        let subject = self.render_part(template, Part::Subject, context)?;
        Ok(Rendered {
            // A header is one line, whatever a template or a name may hold.
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            text: self.render_part(template, Part::Text, context)?,
            html: self.render_part(template, Part::Html, context)?,
        })
    }

    /// Renders every template with sample values, to find mistakes before the first mail does.
    pub fn check(&self) -> Result<(), TemplateError> {
        let sample = Context {
            username: "John Smith",
            email: "user@example.com",
            code: "code",
            link: "https://id.example.com/verify_email?token=code",
            expires_in: "15m",
            public_url: "https://id.example.com",
        };
        for template in Template::ALL {
            self.render(*template, &sample)?;
        }
        Ok(())
    }

    fn render_part(&self, template: Template, part: Part, context: &Context<'_>) -> Result<String, TemplateError> {
        let name = format!("{}.{}", template.name(), part.suffix());
        let source = self.source(template, part, &name)?;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(
            |name| {
                if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
            },
        );
        let broken = |error| TemplateError::Broken(name.clone(), error);
        let template = environment.template_from_named_str(&name, &source).map_err(broken)?;
        let Context { username, email, code, link, expires_in, public_url } = *context;
        template.render(context! { username, email, code, link, expires_in, public_url }).map_err(broken)
    }

    fn source(&self, template: Template, part: Part, name: &str) -> Result<String, TemplateError> {
        let Some(path) = self.directory.as_ref().map(|directory| directory.join(name)) else {
            return Ok(template.built_in(part).to_owned());
        };
        match std::fs::read_to_string(&path) {
            Ok(source) => Ok(source),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(template.built_in(part).to_owned()),
            Err(error) => Err(TemplateError::Unreadable(path, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: Context<'_> = Context {
        username: "<script>alert(1)</script>",
        email: "user@example.com",
        code: "the-code",
        link: "https://id.example.com/verify_email?token=the-token",
        expires_in: "15m",
        public_url: "https://id.example.com",
    };

    #[test]
    fn the_built_in_templates_work() {
        Templates::new(None).check().unwrap();
    }

    #[test]
    fn a_reset_mail_carries_name_and_code_and_escapes_html() {
        let mail = Templates::new(None).render(Template::PasswordReset, &CONTEXT).unwrap();
        assert!(mail.text.contains("the-code") && mail.html.contains("the-code"));
        assert!(mail.text.contains("<script>"), "plain text is plain");
        assert!(!mail.html.contains("<script>"));
    }

    #[test]
    fn a_file_in_the_directory_replaces_its_built_in_twin_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let templates = Templates::new(Some(directory.path().to_owned()));
        assert!(templates.render(Template::PasswordReset, &CONTEXT).is_ok());
        std::fs::write(directory.path().join("password_reset.subject.txt"), "Hello\r\nBcc: x\n{{ code }}").unwrap();
        let mail = templates.render(Template::PasswordReset, &CONTEXT).unwrap();
        assert_eq!(mail.subject, "Hello Bcc: x the-code");
        std::fs::write(directory.path().join("password_reset.txt"), "{{ nonsense }}").unwrap();
        assert!(matches!(templates.check(), Err(TemplateError::Broken(..))));
    }
}
