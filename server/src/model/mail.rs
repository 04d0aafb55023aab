//! Mail to be sent. A row in the outbox is an intention: the code or link is made
//! when the mail is, so that none lies in the database and its life starts with delivery.

use jiff::Timestamp;
use signet_shared::UserId;

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// Somebody asked for a password reset at this address.
    PasswordReset,
    /// The owner of this address should confirm it.
    EmailVerification,
    /// An operator made an account for the owner of this address, who should set a password.
    Invitation,
}

impl MailKind {
    /// Every kind, each once.
    pub const ALL: [Self; 3] = [Self::PasswordReset, Self::EmailVerification, Self::Invitation];

    /// As stored, and as the templates are named.
    pub fn name(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::EmailVerification => "verify_email",
            Self::Invitation => "invitation",
        }
    }

    /// Reads a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A mail as operators see it.
#[derive(Clone, Debug)]
pub struct QueuedMail {
    /// What about.
    pub kind: MailKind,
    /// The address's key.
    pub email_key: String,
    /// Whom it is for, where it was asked for by name.
    pub user: Option<UserId>,
    /// How many times it was tried.
    pub attempts: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it is tried next; while it is under way, when it counts as lost.
    pub due_at: Timestamp,
    /// Whether a worker has it in its hands.
    pub under_way: bool,
    /// Why it was put off the last time.
    pub last_error: Option<String>,
}

/// A mail that a worker has claimed.
#[derive(Clone, Debug)]
pub struct ClaimedMail {
    /// Marks this claim; a later one takes the row away.
    pub claim: String,
    /// What about.
    pub kind: MailKind,
    /// The address's key.
    pub email_key: String,
    /// Whose address is to be confirmed; a reset asks by address alone.
    pub user: Option<UserId>,
    /// How many times it has been tried, this time included.
    pub attempts: i64,
}
