//! Fields of forms, so that each is the same on every page.

use super::Field;
use crate::pages::{notice::Notice, texts::Texts};

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Address or name, to log in with.
    Login,
    /// The password that goes with it.
    Password,
    /// The password that stands, to change it.
    CurrentPassword,
    /// The one that shall stand.
    NewPassword,
    /// The code that a device shows.
    UserCode,
    /// An address.
    Email,
    /// The name to log in with.
    Username,
    /// A name in full, as it is written.
    Name,
    /// What friends call them by.
    GivenName,
    /// What their family is called.
    FamilyName,
    /// What they like to be called.
    Nickname,
    /// `YYYY-MM-DD`.
    Birthdate,
    /// With `+` and country.
    PhoneNumber,
    /// Of their own.
    Website,
}

/// How a kind of field is written: its name in the form (that of the claim, where it is one), its type, its `autocomplete`
/// (HTML, autofill), and the rest.
type Written = (&'static str, &'static str, &'static str, &'static str);

impl Kind {
    /// What a profile holds besides address and username, in the order of the page.
    pub const PROFILE: [Self; 7] = [
        Self::Name,
        Self::GivenName,
        Self::FamilyName,
        Self::Nickname,
        Self::Birthdate,
        Self::PhoneNumber,
        Self::Website,
    ];

    /// Its name in the form.
    pub fn name(self) -> &'static str {
        self.written().0
    }

    fn written(self) -> Written {
        const PLAIN: &str = r#"maxlength="254" autocapitalize="none" spellcheck="false""#;
        const LOGIN: &str = r#"maxlength="254" autocapitalize="none" spellcheck="false" inputmode="email""#;
        const CODE: &str = r#"maxlength="32" autocapitalize="characters" spellcheck="false" class="code""#;
        const SECRET: &str = r#"maxlength="256""#;
        const WORDS: &str = r#"maxlength="254""#;
        match self {
            Self::Login => ("login", "text", "username", LOGIN),
            Self::Password => ("password", "password", "current-password", SECRET),
            Self::CurrentPassword => ("current_password", "password", "current-password", SECRET),
            Self::NewPassword => ("password", "password", "new-password", SECRET),
            Self::UserCode => ("user_code", "text", "one-time-code", CODE),
            Self::Email => ("email", "email", "email", PLAIN),
            Self::Username => ("username", "text", "username", PLAIN),
            Self::Name => ("name", "text", "name", WORDS),
            Self::GivenName => ("given_name", "text", "given-name", WORDS),
            Self::FamilyName => ("family_name", "text", "family-name", WORDS),
            Self::Nickname => ("nickname", "text", "nickname", WORDS),
            Self::Birthdate => ("birthdate", "date", "bday", ""),
            Self::PhoneNumber => ("phone_number", "tel", "tel", WORDS),
            Self::Website => ("website", "url", "url", PLAIN),
        }
    }

    fn label(self, texts: &Texts) -> &'static str {
        match self {
            Self::Login => texts.login.name,
            Self::Password => texts.common.password,
            Self::CurrentPassword => texts.common.current_password,
            Self::NewPassword => texts.common.new_password,
            Self::UserCode => texts.device.code,
            Self::Email => texts.profile.email,
            Self::Username => texts.profile.username,
            Self::Name => texts.profile.name,
            Self::GivenName => texts.profile.given_name,
            Self::FamilyName => texts.profile.family_name,
            Self::Nickname => texts.profile.nickname,
            Self::Birthdate => texts.profile.birthdate,
            Self::PhoneNumber => texts.profile.phone_number,
            Self::Website => texts.profile.website,
        }
    }
}

/// A field as the template writes it. Templates hand out references, so that is what it takes.
pub struct Input<'a> {
    pub(super) texts: &'static Texts,
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: &'static str,
    pub(super) complete: &'static str,
    pub(super) rest: &'static str,
    pub(super) value: &'a str,
    pub(super) notice: Option<Notice>,
    pub(super) hint: String,
    pub(super) required: bool,
    pub(super) focus: bool,
}

impl<'a> Input<'a> {
    /// An empty field that has to be filled.
    pub fn new(kind: Kind, texts: &'static Texts) -> Self {
        let (name, html, complete, rest) = kind.written();
        Self {
            texts,
            name,
            label: kind.label(texts),
            kind: html,
            complete,
            rest,
            value: "",
            notice: None,
            hint: String::new(),
            required: true,
            focus: false,
        }
    }

    /// A password to be chosen, of so many characters at least.
    pub fn chosen_password(texts: &'static Texts, least: &i64, notice: &Option<Notice>) -> Self {
        Self { hint: (texts.common.password_hint)(*least), ..Self::new(Kind::NewPassword, texts).noticed(notice) }
    }

    /// Called something else here.
    pub fn labelled(self, label: &'static str) -> Self {
        Self { label, ..self }
    }

    /// With what was typed before, and what was wrong with that.
    pub fn filled(self, field: &'a Field) -> Self {
        self.valued(&field.value).noticed(&field.notice)
    }

    /// With this in it.
    pub fn valued(self, value: &'a str) -> Self {
        Self { value, ..self }
    }

    /// With what was wrong.
    pub fn noticed(self, notice: &Option<Notice>) -> Self {
        Self { notice: *notice, ..self }
    }

    /// With a word of help.
    pub fn hinted(self, hint: &str) -> Self {
        Self { hint: hint.to_owned(), ..self }
    }

    /// May be left empty, if so.
    pub fn optional_if(self, optional: bool) -> Self {
        Self { required: !optional, ..self }
    }

    /// Has the focus, if so.
    pub fn focused_if(self, focus: bool) -> Self {
        Self { focus, ..self }
    }

    /// The elements that describe it.
    pub(super) fn described_by(&self) -> String {
        let error = self.notice.map(|_| format!("{}-error", self.name));
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        error.into_iter().chain(hint).collect::<Vec<_>>().join(" ")
    }
}
