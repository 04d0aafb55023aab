//! Whether a new password may be used (NIST SP 800-63B-4 §3.1.1.2: length, a blocklist, nothing about composition).

use zxcvbn::Score;

use super::Cost;
use crate::{
    error::Refusal,
    model::{
        password::{InvalidPassword, MAX_PASSWORD_LENGTH, PlainPassword},
        setting::Settings,
    },
};

/// A password that somebody wants to set and that keeps the rules of form. Whether it is a common one is looked at when
/// it is hashed, for that is work, too.
pub struct NewPassword {
    pub(super) password: PlainPassword,
    pub(super) cost: Cost,
    /// The owner's address and name, which make poor passwords.
    personal: Vec<String>,
    refuse_common: bool,
}

impl NewPassword {
    /// Checks length and form.
    pub fn new(password: PlainPassword, personal: Vec<String>, settings: &Settings) -> Result<Self, Refusal> {
        let refuse = |rule| Err(Refusal::broken("password", rule));
        let length = password.expose().chars().count();
        if (length as i64) < settings.min_password_length {
            return refuse(InvalidPassword::TooShort(settings.min_password_length));
        }
        if length > MAX_PASSWORD_LENGTH {
            return refuse(InvalidPassword::TooLong);
        }
        if password.expose().contains('\0') {
            return refuse(InvalidPassword::Unprintable);
        }
        let folded = password.expose().to_lowercase();
        if personal.iter().any(|known| !known.is_empty() && folded == *known) {
            return refuse(InvalidPassword::Personal);
        }
        let (cost, refuse_common) = (Cost::from_settings(settings), settings.refuse_common_passwords);
        Ok(Self { password, cost, personal, refuse_common })
    }

    /// Fewer than a million guesses by zxcvbn's word lists: within reach even of throttled guessing.
    pub(super) fn check_guessability(&self) -> Result<(), Refusal> {
        let personal: Vec<&str> = self.personal.iter().map(String::as_str).collect();
        if self.refuse_common && zxcvbn::zxcvbn(self.password.expose(), &personal).score() < Score::Two {
            return Err(Refusal::broken("password", InvalidPassword::Common));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str, refuse_common_passwords: bool) -> Result<(), Refusal> {
        let settings = Settings { refuse_common_passwords, ..Settings::defaults(false) };
        let personal = vec!["ann@example.com".to_owned(), "ann".to_owned()];
        NewPassword::new(PlainPassword::new(password), personal, &settings)?.check_guessability()
    }

    #[test]
    fn length_counts_and_composition_does_not() {
        assert!(judge("seven77", false).is_err());
        assert!(judge("password", false).is_ok());
        assert!(judge(&"x".repeat(257), false).is_err());
        assert!(judge(&"\u{1f980}".repeat(8), false).is_ok());
    }

    #[test]
    fn common_passwords_and_ones_own_address_are_refused() {
        for poor in ["password", "12345678", "qwertyuiop", "iloveyou1"] {
            assert!(judge(poor, true).is_err(), "{poor}");
        }
        assert!(judge("Ann@Example.com", false).is_err());
        assert!(judge("tangled-harbour-violin", true).is_ok());
    }
}
