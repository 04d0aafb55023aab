//! A user, and what a login is made with.

use jiff::Timestamp;
use serde_json::{Map, Value};
use signet_shared::{Profile, UserId};

use super::{email::EmailAddress, password::HashedPassword, username::Username};

/// What operators note about a user, by its name.
pub type Attributes = Map<String, Value>;

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
    /// What is known of the person.
    pub profile: Profile,
    /// What operators note about them.
    pub attributes: Attributes,
    /// When they registered.
    pub created_at: Timestamp,
    /// When their profile, address or name last changed.
    pub updated_at: Timestamp,
    /// Moves with every change.
    pub revision: i64,
}

/// A user as operators see one.
#[derive(Clone, Debug)]
pub struct ManagedUser {
    /// The subject of their tokens.
    pub id: UserId,
    /// The address as written.
    pub email: String,
    /// The address folded.
    pub email_key: String,
    /// Empty until set.
    pub username: String,
    /// The name folded; empty as well.
    pub username_key: String,
    /// Whether the address is confirmed.
    pub email_verified: bool,
    /// An address that waits to be confirmed.
    pub pending_email: Option<String>,
    /// Whether they can do nothing.
    pub disabled: bool,
    /// Roles that tokens carry.
    pub roles: Vec<String>,
    /// What is known of the person.
    pub profile: Profile,
    /// What operators note about them.
    pub attributes: Attributes,
    /// What they log in with.
    pub password: PasswordState,
    /// When they registered.
    pub created_at: Timestamp,
    /// When their profile, address or name last changed.
    pub updated_at: Timestamp,
    /// When they last logged in.
    pub last_login_at: Option<Timestamp>,
    /// Moves with every change.
    pub revision: i64,
}

impl ManagedUser {
    /// What a new user looks like.
    pub fn from_new(new: &NewUser, now: Timestamp) -> Self {
        Self {
            id: new.id,
            email: new.email.as_str().to_owned(),
            email_key: new.email.key().to_owned(),
            username: new.username.as_ref().map_or(String::new(), |name| name.as_str().to_owned()),
            username_key: new.username.as_ref().map_or(String::new(), |name| name.key().to_owned()),
            email_verified: new.email_verified,
            pending_email: None,
            disabled: false,
            roles: new.roles.clone(),
            profile: new.profile.clone(),
            attributes: new.attributes.clone(),
            password: match (new.credential.hash.is_none(), new.credential.temporary_until) {
                (true, _) => PasswordState::None,
                (false, Some(_)) => PasswordState::Temporary,
                (false, None) => PasswordState::Proper,
            },
            created_at: now,
            updated_at: now,
            last_login_at: None,
            revision: 1,
        }
    }
}

/// What a user logs in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordState {
    /// Nothing yet.
    None,
    /// A password that may only be replaced.
    Temporary,
    /// One of their own.
    Proper,
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
    /// What is known of the person.
    pub profile: Profile,
    /// What operators note about them.
    pub attributes: Attributes,
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
