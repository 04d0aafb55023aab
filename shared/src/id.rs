//! Identifiers. Each is a UUID with a type of its own, so that a session can
//! never be looked up by a user's id.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The client that the account APIs act as: tokens of a direct login carry it as `client_id`.
pub const BUILT_IN_CLIENT: &str = "signet";

/// The operator's terminal, the only other first-party client.
pub const TERMINAL_CLIENT: &str = "signetctl";

/// Text that is not an identifier in the canonical hyphenated form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id is a UUID such as 3f0e5f0a-6f5c-4f8e-9c0e-0a4c8f2b7d11")
    }
}

impl std::error::Error for InvalidId {}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A random (version 4) identifier made of these bytes; who calls says where randomness comes from.
            pub fn from_random_bytes(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// The UUID itself.
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Accepts the 36-character hyphenated form alone: one identifier, one spelling.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if text.len() != 36 {
                    return Err(InvalidId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )+};
}

identifiers! {
    /// A user: the subject (`sub`) of every token issued for them.
    UserId;
    /// A session: one user authenticated on one browser or device (`sid`).
    SessionId;
    /// A grant: a session's user × client × scopes, and the family of its refresh tokens.
    GrantId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = UserId::from_random_bytes([7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.as_uuid().simple().to_string().parse::<UserId>(), Err(InvalidId));
        assert_eq!("user:⟨x⟩".parse::<UserId>(), Err(InvalidId));
    }

    #[test]
    fn ids_are_version_4() {
        assert_eq!(GrantId::from_random_bytes([0xff; 16]).as_uuid().get_version_num(), 4);
    }
}
