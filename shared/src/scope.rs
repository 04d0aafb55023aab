//! Scopes (RFC 6749 §3.3): case-sensitive, space-delimited, order without meaning.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Text that is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidScope;

impl fmt::Display for InvalidScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scope is made of printable ASCII without spaces, quotes and backslashes")
    }
}

impl std::error::Error for InvalidScope {}

/// One scope token.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(String);

impl Scope {
    /// What a direct login at the account APIs carries: everything a user may do with their own account.
    pub const ACCOUNT: &'static str = "account";

    /// What makes a request one of OpenID Connect (Core §3.1.2.1).
    pub const OPENID: &'static str = "openid";

    /// What makes a grant outlive the login (Core §11).
    pub const OFFLINE_ACCESS: &'static str = "offline_access";

    /// What a login with a temporary password carries, alone: a proper password may be set and nothing else.
    pub const PASSWORD_CHANGE: &'static str = "password_change";

    /// The token as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    /// RFC 6749 §3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`.
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(InvalidScope);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A set of scopes; written space-delimited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// Whether the set holds this scope.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|held| held.as_str() == scope)
    }

    /// Whether every scope of `other` is in this set: a refresh may shrink a scope, never grow it (RFC 6749 §6).
    pub fn includes(&self, other: &ScopeSet) -> bool {
        other.0.is_subset(&self.0)
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// The scopes that both hold.
    pub fn common(&self, other: &ScopeSet) -> ScopeSet {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// The scopes that either holds.
    pub fn union(&self, other: &ScopeSet) -> ScopeSet {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// Without one of them.
    pub fn without(&self, scope: &str) -> ScopeSet {
        Self(self.0.iter().filter(|held| held.as_str() != scope).cloned().collect())
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for ScopeSet {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        text.split(' ').filter(|part| !part.is_empty()).map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScopeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_carry_no_meaning() {
        let set: ScopeSet = "b a  b".parse().unwrap();
        assert_eq!(set, "a b".parse().unwrap());
        assert_eq!(set.to_string(), "a b");
        assert!(set.contains("a") && !set.contains("A"));
    }

    #[test]
    fn quotes_backslashes_and_control_characters_are_no_scope() {
        for bad in ["a\"b", "a\\b", "a\tb", "é", "a\u{7f}"] {
            assert_eq!(bad.parse::<ScopeSet>(), Err(InvalidScope), "{bad:?}");
        }
    }

    #[test]
    fn a_set_includes_its_subsets_only() {
        let wide: ScopeSet = "a b".parse().unwrap();
        let narrow: ScopeSet = "a".parse().unwrap();
        assert!(wide.includes(&narrow) && !narrow.includes(&wide));
    }
}
