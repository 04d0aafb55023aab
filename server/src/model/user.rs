//! A user, and what a login is made with.

use jiff::Timestamp;
use signet_shared::UserId;

use super::{email::EmailAddress, password::HashedPassword, username::Username};

/// A user as the APIs show one.
#[derive(Clone, Debug)]
pub struct User {
    /// The subject of their tokens.
    pub id: UserId,
    /// The address as written.
    pub email: String,
    /// Whether its owner has proved that it is theirs.
    pub email_verified: bool,
    /// An address that will replace `email` once confirmed.
    pub pending_email: Option<String>,
    /// Empty until set.
    pub username: String,
    /// Roles that tokens carry.
    pub roles: Vec<String>,
    /// When they registered.
    pub created_at: Timestamp,
}

/// A password on record.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Its hash.
    pub hash: HashedPassword,
    /// Set for a temporary password: until when it serves, and then only to set a proper one.
    pub temporary_until: Option<Timestamp>,
}

/// A user about to be created.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Chosen before the user is written, for the answer names it.
    pub id: UserId,
    /// Unique by its key.
    pub email: EmailAddress,
    /// Unique by its key once set.
    pub username: Option<Username>,
    /// The first password.
    pub credential: Credential,
    /// Roles from the start; only the bootstrap gives any.
    pub roles: Vec<String>,
    /// Whether the address counts as proved.
    pub email_verified: bool,
}

/// Who wants to log in: an email address when it holds an `@`, a username otherwise.
#[derive(Clone, Debug)]
pub enum LoginName {
    /// By email address.
    Email(EmailAddress),
    /// By username.
    Username(Username),
    /// Nothing that a user could be called; it fails like any unknown name, at the same cost.
    Impossible(String),
}

impl LoginName {
    /// Reads a name without judging it.
    pub fn parse(text: &str) -> Self {
        let bounded = || Self::Impossible(text.chars().take(256).collect());
        if text.contains('@') {
            return EmailAddress::parse(text).map_or_else(|_| bounded(), Self::Email);
        }
        Username::parse(text).map_or_else(|_| bounded(), Self::Username)
    }
}
