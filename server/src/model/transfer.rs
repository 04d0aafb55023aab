//! Users who come from another system.

use jiff::Timestamp;

use super::user::NewUser;

/// A user about to be taken over.
#[derive(Clone, Debug)]
pub struct ImportedUser {
    /// What every new user has.
    pub user: NewUser,
    /// Whether they can do nothing.
    pub disabled: bool,
    /// When they registered.
    pub created_at: Timestamp,
    /// When they last logged in.
    pub last_login_at: Option<Timestamp>,
}

/// Which of the users of a batch cannot be taken over, for what they are known by is somebody's already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenKeys {
    /// Ids.
    pub ids: Vec<String>,
    /// Folded addresses.
    pub emails: Vec<String>,
    /// Folded names.
    pub usernames: Vec<String>,
}

impl TakenKeys {
    /// Whether nothing is taken.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.emails.is_empty() && self.usernames.is_empty()
    }
}
