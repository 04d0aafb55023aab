//! Rules for what people type about themselves, one type for all: whoever tells them of it may do so in their language.

use super::{email::InvalidEmail, password::InvalidPassword, username::InvalidUsername};

/// A rule that a field broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub enum Rule {
    /// Of addresses.
    Email(#[from] InvalidEmail),
    /// Of names.
    Username(#[from] InvalidUsername),
    /// Of passwords.
    Password(#[from] InvalidPassword),
}
