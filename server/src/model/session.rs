//! Sessions and the grants that live on them.
//!
//! A session is a user authenticated on one browser or device; a grant is what
//! one client may do on it, and the family of its refresh tokens.

use std::net::{IpAddr, Ipv6Addr};

use jiff::Timestamp;
use signet_shared::{GrantId, SessionId, UserId};

use super::{
    authorization::Spoken,
    password::HashedPassword,
    secret::{PlainRefreshToken, SecretHash},
};

/// Where a request came from, as far as a device list and the audit log show it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The caller's address, after trusted proxies.
    pub address: IpAddr,
    /// What it calls itself; cut to 256 characters.
    pub user_agent: String,
}

impl Origin {
    /// What counts as one caller where callers are counted.
    pub fn neighbourhood(&self) -> IpAddr {
        neighbourhood(self.address)
    }
}

/// The address, or the /64 around it: an IPv6 customer has a whole one to call from.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// How a session is kept alive.
#[derive(Clone, Debug)]
pub enum Keeping {
    /// By a cookie that is renewed while the session lasts.
    Cookie,
    /// By a family of refresh tokens, the first of which is this.
    RefreshTokens {
        /// The family.
        grant: GrantId,
        /// Stored as a hash.
        first: PlainRefreshToken,
        /// When the first token expires.
        expires_at: Timestamp,
    },
}

/// A session about to be opened by a proven user.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Fresh at every login, so that no session can be fixed beforehand.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The hash that was verified: if another stands there by now, the login is void.
    pub verified_hash: HashedPassword,
    /// The same password under the current policy, where that has risen.
    pub rehashed: Option<HashedPassword>,
    /// Only a proper password may be set with it.
    pub restricted: bool,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// How it is kept alive.
    pub keeping: Keeping,
    /// Where from.
    pub origin: Origin,
}

/// The part of a session, grant and user that a token's claims are made of.
#[derive(Clone, Debug)]
pub struct Subject {
    /// `sub`.
    pub user: UserId,
    /// The display name; may be empty.
    pub username: String,
    /// Roles.
    pub roles: Vec<String>,
    /// `sid`.
    pub session: SessionId,
    /// `auth_time`.
    pub authenticated_at: Timestamp,
    /// Whether only a password may be set.
    pub restricted: bool,
}

/// One row of a user's device list.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its session.
    pub id: SessionId,
    /// When it logged in.
    pub created_at: Timestamp,
    /// When it last renewed or refreshed.
    pub last_seen_at: Timestamp,
    /// When it ends unless renewed.
    pub expires_at: Timestamp,
    /// From where.
    pub address: String,
    /// What it calls itself.
    pub user_agent: String,
}

/// A session as operators see one.
#[derive(Clone, Debug)]
pub struct ManagedSession {
    /// The `sid` of its tokens.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// The owner's address.
    pub email: String,
    /// `cookie`, `refresh_tokens` or `browser`.
    pub kept_by: String,
    /// Whether only a password may be set.
    pub restricted: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last renewed or refreshed.
    pub last_seen_at: Timestamp,
    /// When it ends unless that happens again.
    pub expires_at: Timestamp,
    /// When it was ended by decision.
    pub revoked_at: Option<Timestamp>,
    /// From where.
    pub address: String,
    /// What the device calls itself.
    pub user_agent: String,
    /// Its grants' refresh tokens.
    pub families: Vec<Family>,
}

/// The refresh tokens of one grant.
#[derive(Clone, Debug)]
pub struct Family {
    /// The grant.
    pub id: String,
    /// For which client.
    pub client: String,
    /// How often it was refreshed.
    pub generation: i64,
    /// Whether a spent token was shown again.
    pub reused: bool,
    /// When the grant was made.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    /// When its live token expires.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A wish to exchange a refresh token.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The token shown, hashed.
    pub presented: SecretHash,
    /// The client that shows it.
    pub client: String,
    /// The successor to be, hashed.
    pub successor: SecretHash,
    /// The successor sealed under a key derived from the token shown.
    pub sealed_successor: String,
    /// When the successor expires.
    pub successor_expires_at: Timestamp,
    /// Tokens issued before this instant have idled too long.
    pub idle_since: Timestamp,
    /// A token spent after this instant may be shown again.
    pub grace_since: Timestamp,
    /// A token spent before this instant is no longer remembered.
    pub memory_since: Timestamp,
    /// Until when the spent token is remembered.
    pub remembered_until: Timestamp,
    /// Where from, for the audit log.
    pub origin: Origin,
}

/// Whose a refresh token is.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The user, as tokens of the account APIs tell of them.
    pub subject: Subject,
    /// The same for any other client.
    pub spoken: Option<Box<Spoken>>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Rotated {
    /// The successor is live; the token shown is spent.
    Fresh(Bearer),
    /// Shown again within the grace, successor unused: here is that successor, sealed.
    Repeated {
        /// Whose.
        bearer: Bearer,
        /// To be opened with the token shown.
        sealed_successor: String,
    },
    /// A spent token was replayed; its family is revoked now.
    Replayed,
    /// Never issued, forgotten, expired, another client's, or its session has ended.
    Refused,
}
