//! Sessions that ended, and clients that have yet to hear of it.

use signet_shared::{SessionId, UserId};

/// A client that is told now.
#[derive(Clone, Debug)]
pub struct DueLogout {
    /// Which of those that wait.
    pub id: String,
    /// Which client.
    pub client: String,
    /// Whose session.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// How often it was tried, with this try.
    pub attempts: i64,
}
