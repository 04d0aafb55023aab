//! Who acts through the admin API.

use std::fmt;

use signet_shared::{
    SessionId, UserId,
    admin::{Access, Permission},
};

use super::session::Origin;

/// Somebody who proved who they are and may do what they ask.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub principal: Principal,
    /// Where from.
    pub origin: Origin,
}

/// Who acts.
#[derive(Clone, Debug)]
pub enum Principal {
    /// A user with a role.
    User {
        /// Who.
        id: UserId,
        /// In which session.
        session: SessionId,
        /// What the role allows.
        role: Role,
        /// When they last showed a password, in seconds since the epoch.
        auth_time: i64,
    },
    /// A program with a key of its own.
    ApiKey {
        /// Which; not the key itself.
        id: String,
        /// What it may do.
        permissions: Vec<Permission>,
    },
}

/// What a user may be to the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// May do everything.
    Admin,
    /// May look at everything.
    Auditor,
}

impl Role {
    /// The names that users' `roles` may hold for this; others are the business of resource servers.
    pub const NAMES: [&'static str; 2] = ["admin", "auditor"];

    /// The farthest-reaching of a user's roles.
    pub fn of(roles: &[String]) -> Option<Self> {
        let has = |name: &str| roles.iter().any(|role| role == name);
        match (has("admin"), has("auditor")) {
            (true, _) => Some(Self::Admin),
            (false, true) => Some(Self::Auditor),
            (false, false) => None,
        }
    }

    /// Whether it allows this.
    pub fn may(self, wanted: Permission) -> bool {
        self.permission().includes(wanted)
    }

    fn permission(self) -> Permission {
        match self {
            Self::Admin => Permission::ALL,
            Self::Auditor => Permission { resource: None, access: Access::Read },
        }
    }
}

impl Principal {
    /// Whether they may do this.
    pub fn may(&self, wanted: Permission) -> bool {
        match self {
            Self::User { role, .. } => role.may(wanted),
            Self::ApiKey { permissions, .. } => permissions.iter().any(|held| held.includes(wanted)),
        }
    }
}

impl fmt::Display for Principal {
    /// As the audit log names them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { id, .. } => write!(f, "user:{id}"),
            Self::ApiKey { id, .. } => write!(f, "api_key:{id}"),
        }
    }
}
