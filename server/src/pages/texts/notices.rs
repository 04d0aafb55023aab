//! What was wrong, or went well.

/// One text for each [`Notice`](super::super::notice::Notice).
pub struct Notices {
    /// Name or password; which, nobody learns.
    pub wrong_credentials: &'static str,
    /// The password that stands.
    pub wrong_password: &'static str,
    /// Too many tries; so many seconds to wait.
    pub throttled: fn(u64) -> String,
    /// The server has too much to do.
    pub busy: &'static str,
    /// Our fault.
    pub fault: &'static str,
    /// The form was too old, or used before.
    pub expired: &'static str,
    /// A client wants to be sure who is there.
    pub log_in_again: &'static str,
    /// The address has to be confirmed first.
    pub email_unconfirmed: &'static str,
    /// Nobody may register.
    pub registration_closed: &'static str,
    /// The device's code.
    pub wrong_device_code: &'static str,
    /// Not an address.
    pub email_malformed: &'static str,
    /// More characters than an address has.
    pub email_too_long: &'static str,
    /// Somebody has it.
    pub email_taken: &'static str,
    /// More characters than a name may have.
    pub username_too_long: &'static str,
    /// It could pose as an address.
    pub username_at_sign: &'static str,
    /// Empty, or with characters that nobody sees.
    pub username_unprintable: &'static str,
    /// Somebody has it.
    pub username_taken: &'static str,
    /// Fewer characters than these.
    pub password_too_short: fn(i64) -> String,
    /// More characters than these.
    pub password_too_long: fn(usize) -> String,
    /// With a character that cannot be.
    pub password_unprintable: &'static str,
    /// One's own address or name.
    pub password_personal: &'static str,
    /// Among the first that anybody would guess.
    pub password_common: &'static str,
    /// The temporary one again.
    pub password_temporary: &'static str,
    /// Not what the field takes.
    pub invalid: &'static str,
    /// Changes are kept.
    pub saved: &'static str,
    /// They are, but the address counts once it is confirmed.
    pub confirmation_sent: &'static str,
    /// Another password counts.
    pub password_changed: &'static str,
    /// A session is over.
    pub session_ended: &'static str,
    /// All other sessions are.
    pub others_ended: &'static str,
    /// A client has no access any more.
    pub consent_withdrawn: &'static str,
}
