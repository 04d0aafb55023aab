//! What a caller of the admin API may do: read or write one kind of resource.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

macro_rules! resources {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)+) => {
        /// A resource of the admin API; the first segment of its paths.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Resource { $($(#[$doc])* $name,)+ }

        impl Resource {
            /// Every resource, each once.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As paths and permissions name it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $path,)+ }
            }
        }
    };
}

resources! {
    /// People.
    Users = "users";
    /// Their logins.
    Sessions = "sessions";
    /// Programs that log people in.
    Clients = "clients";
    /// Signing keys.
    Keys = "keys";
    /// What an operator tunes.
    Settings = "settings";
    /// What happened.
    Audit = "audit";
    /// How much of it.
    Stats = "stats";
    /// The outbox.
    Mail = "mail";
    /// Keys to the admin API itself.
    ApiKeys = "api-keys";
}

/// Looking or changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Access {
    /// Looking.
    Read,
    /// Looking and changing.
    Write,
}

/// One thing that may be allowed; written `users:read`, `keys:write`, or `*:write` for every resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Permission {
    /// `None` stands for all.
    pub resource: Option<Resource>,
    /// How far it goes.
    pub access: Access,
}

impl Permission {
    /// Everything there is.
    pub const ALL: Self = Self { resource: None, access: Access::Write };

    /// Looking at one resource.
    pub const fn read(resource: Resource) -> Self {
        Self { resource: Some(resource), access: Access::Read }
    }

    /// Changing one resource.
    pub const fn write(resource: Resource) -> Self {
        Self { resource: Some(resource), access: Access::Write }
    }

    /// Whether whoever holds this may do `other`.
    pub fn includes(self, other: Self) -> bool {
        let resource = self.resource.is_none() || self.resource == other.resource;
        resource && self.access >= other.access
    }
}

/// A text that names no permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPermission;

impl fmt::Display for UnknownPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a permission is a resource or *, a colon, and read or write, such as users:read")
    }
}

impl std::error::Error for UnknownPermission {}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match self.access {
            Access::Read => "read",
            Access::Write => "write",
        };
        write!(f, "{}:{access}", self.resource.map_or("*", Resource::name))
    }
}

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        let (resource, access) = text.split_once(':').ok_or(UnknownPermission)?;
        let resource = match resource {
            "*" => None,
            name => Some(name.parse()?),
        };
        let access = match access {
            "read" => Access::Read,
            "write" => Access::Write,
            _ => return Err(UnknownPermission),
        };
        Ok(Self { resource, access })
    }
}

impl FromStr for Resource {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, UnknownPermission> {
        Self::ALL.iter().copied().find(|resource| resource.name() == name).ok_or(UnknownPermission)
    }
}

impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(text: &str) -> Permission {
        text.parse().unwrap()
    }

    #[test]
    fn a_permission_reads_back() {
        for text in ["users:read", "api-keys:write", "*:read", "*:write"] {
            assert_eq!(permission(text).to_string(), text);
        }
        for bad in ["", "users", "users:", "users:delete", "everything:read", "users:read:write", "Users:read"] {
            assert_eq!(bad.parse::<Permission>(), Err(UnknownPermission), "{bad}");
        }
    }

    #[test]
    fn writing_includes_reading_of_the_same_resource_alone() {
        assert!(permission("users:write").includes(permission("users:read")));
        assert!(!permission("users:read").includes(permission("users:write")));
        assert!(!permission("users:write").includes(permission("keys:read")));
        assert!(permission("*:read").includes(permission("keys:read")));
        assert!(!permission("*:read").includes(permission("keys:write")));
        assert!(!permission("keys:write").includes(permission("*:read")));
        assert!(Permission::ALL.includes(permission("api-keys:write")));
    }
}
