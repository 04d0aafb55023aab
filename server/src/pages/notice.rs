//! What a page says about the last try: what was wrong with it, or that it went well.

use std::borrow::Cow;

use http::{StatusCode, header};
use salvo::Response;

use super::texts::Texts;
use crate::{
    error::{FieldError, Refusal},
    model::{
        email::InvalidEmail,
        password::{InvalidPassword, MAX_PASSWORD_LENGTH},
        rule::Rule,
        username::InvalidUsername,
    },
};

/// Something to say, in whatever language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Name or password; which, nobody learns.
    WrongCredentials,
    /// The password that stands.
    WrongPassword,
    /// Too many tries; so many seconds to wait.
    Throttled(u64),
    /// The server has too much to do, or no database.
    Busy,
    /// Our fault.
    Fault,
    /// The form was too old, or used before.
    Expired,
    /// A client wants to be sure who is there.
    LogInAgain,
    /// The address has to be confirmed first; a mail is on its way.
    EmailUnconfirmed,
    /// Nobody may register.
    RegistrationClosed,
    /// The device's code.
    WrongDeviceCode,
    /// A rule for one field.
    Broken(Rule),
    /// Somebody has this address.
    EmailTaken,
    /// Somebody has this name.
    UsernameTaken,
    /// Not what the field takes.
    Invalid,
    /// Changes are kept.
    Saved,
    /// They are, but the address counts once it is confirmed.
    ConfirmationSent,
    /// Another password counts.
    PasswordChanged,
    /// A session is over.
    SessionEnded,
    /// All other sessions are.
    OthersEnded,
    /// A client has no access any more.
    ConsentWithdrawn,
}

impl Notice {
    /// How it looks, and its role for screen readers: what went wrong cuts in, the rest waits its turn.
    pub fn tone(self) -> (&'static str, &'static str) {
        match self {
            Self::LogInAgain => ("plain", "status"),
            Self::Saved
            | Self::ConfirmationSent
            | Self::PasswordChanged
            | Self::SessionEnded
            | Self::OthersEnded
            | Self::ConsentWithdrawn => ("good", "status"),
            _ => ("bad", "alert"),
        }
    }

    /// What to say.
    pub fn text(self, texts: &Texts) -> Cow<'static, str> {
        let texts = &texts.notices;
        let text = match self {
            Self::WrongCredentials => texts.wrong_credentials,
            Self::WrongPassword => texts.wrong_password,
            Self::Throttled(seconds) => return (texts.throttled)(seconds).into(),
            Self::Busy => texts.busy,
            Self::Fault => texts.fault,
            Self::Expired => texts.expired,
            Self::LogInAgain => texts.log_in_again,
            Self::EmailUnconfirmed => texts.email_unconfirmed,
            Self::RegistrationClosed => texts.registration_closed,
            Self::WrongDeviceCode => texts.wrong_device_code,
            Self::Broken(Rule::Email(InvalidEmail::Malformed)) => texts.email_malformed,
            Self::Broken(Rule::Email(InvalidEmail::TooLong)) => texts.email_too_long,
            Self::Broken(Rule::Username(InvalidUsername::TooLong)) => texts.username_too_long,
            Self::Broken(Rule::Username(InvalidUsername::AtSign)) => texts.username_at_sign,
            Self::Broken(Rule::Username(InvalidUsername::Unprintable)) => texts.username_unprintable,
            Self::Broken(Rule::Password(rule)) => return password(rule, texts),
            Self::EmailTaken => texts.email_taken,
            Self::UsernameTaken => texts.username_taken,
            Self::Invalid => texts.invalid,
            Self::Saved => texts.saved,
            Self::ConfirmationSent => texts.confirmation_sent,
            Self::PasswordChanged => texts.password_changed,
            Self::SessionEnded => texts.session_ended,
            Self::OthersEnded => texts.others_ended,
            Self::ConsentWithdrawn => texts.consent_withdrawn,
        };
        text.into()
    }
}

fn password(rule: InvalidPassword, texts: &super::texts::Notices) -> Cow<'static, str> {
    match rule {
        InvalidPassword::TooShort(least) => (texts.password_too_short)(least).into(),
        InvalidPassword::TooLong => (texts.password_too_long)(MAX_PASSWORD_LENGTH).into(),
        InvalidPassword::Unprintable => texts.password_unprintable.into(),
        InvalidPassword::Personal => texts.password_personal.into(),
        InvalidPassword::Common => texts.password_common.into(),
        InvalidPassword::Temporary => texts.password_temporary.into(),
    }
}

/// What was wrong with a form, as a whole or field by field.
#[derive(Clone, Debug, Default)]
pub struct Complaints {
    /// With the whole.
    pub form: Option<Notice>,
    fields: Vec<(Cow<'static, str>, Notice)>,
}

impl Complaints {
    /// Of a request that was refused.
    pub fn of(refusal: &Refusal) -> Self {
        let form = match refusal {
            Refusal::WrongCredentials => Notice::WrongCredentials,
            Refusal::Forbidden { code: "email_not_verified", .. } => Notice::EmailUnconfirmed,
            Refusal::Forbidden { code: "registration_closed", .. } => Notice::RegistrationClosed,
            Refusal::Throttled(_) => Notice::Throttled(refusal.retry_after().unwrap_or(1)),
            Refusal::Overloaded(_) | Refusal::Unavailable(_) => Notice::Busy,
            Refusal::Malformed(_) | Refusal::WrongCode | Refusal::NotNow(_) | Refusal::BadToken(_) => Notice::Expired,
            Refusal::Invalid(fields) => {
                return Self { form: None, fields: fields.iter().map(complaint).collect() };
            }
            Refusal::Taken(field) => {
                let taken = if *field == "email" { Notice::EmailTaken } else { Notice::UsernameTaken };
                return Self { form: None, fields: vec![((*field).into(), taken)] };
            }
            _ => Notice::Fault,
        };
        Self { form: Some(form), fields: Vec::new() }
    }

    /// The status of the page that they are on.
    pub fn status(&self, res: &mut Response) -> StatusCode {
        match self.form {
            Some(Notice::Throttled(seconds)) => {
                res.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                StatusCode::TOO_MANY_REQUESTS
            }
            _ if self.any() => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::OK,
        }
    }

    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.form.is_some() || !self.fields.is_empty()
    }

    /// With one field.
    pub fn field(&self, name: &str) -> Option<Notice> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, notice)| *notice)
    }
}

fn complaint(error: &FieldError) -> (Cow<'static, str>, Notice) {
    (error.field.clone(), error.rule.map_or(Notice::Invalid, Notice::Broken))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::pages::language::Language;

    #[test]
    fn refusals_are_told_where_they_belong() {
        let wait = Complaints::of(&Refusal::Throttled(Duration::from_millis(2_500)));
        assert_eq!(wait.form, Some(Notice::Throttled(3)));
        let taken = Complaints::of(&Refusal::Taken("email"));
        assert_eq!((taken.form, taken.field("email")), (None, Some(Notice::EmailTaken)));
        let poor = Complaints::of(&Refusal::broken("password", InvalidPassword::TooShort(12)));
        assert_eq!(poor.field("password"), Some(Notice::Broken(InvalidPassword::TooShort(12).into())));
        assert_eq!(poor.field("email"), None);
        assert_eq!(Complaints::of(&Refusal::field("picture", "no")).field("picture"), Some(Notice::Invalid));
    }

    #[test]
    fn numbers_are_part_of_what_is_said() {
        for language in Language::ALL {
            let say = |notice: Notice| notice.text(language.texts()).into_owned();
            assert!(say(Notice::Throttled(59)).contains("59"));
            assert!(say(Notice::Throttled(600)).contains("10"));
            assert!(say(Notice::Broken(InvalidPassword::TooShort(12).into())).contains("12"));
            assert!(say(Notice::Broken(InvalidPassword::TooLong.into())).contains("256"));
        }
    }
}
