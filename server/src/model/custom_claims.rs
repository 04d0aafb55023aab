//! Claims that the operator declares: what of a user they are made of, and who is told.

use serde_json::{Map, Value};
use signet_shared::ScopeSet;

use super::authorization::Person;

/// What a claim is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimSource {
    /// What the user is to the operator.
    Roles,
    /// Something that operators noted about them.
    Attribute(String),
}

/// Where a claim is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimPlace {
    /// At the UserInfo endpoint.
    UserInfo,
    /// In ID tokens.
    IdToken,
    /// In access tokens.
    AccessToken,
}

impl ClaimPlace {
    /// Each by its name.
    pub const NAMES: [(&'static str, Self); 3] =
        [("userinfo", Self::UserInfo), ("id_token", Self::IdToken), ("access_token", Self::AccessToken)];
}

/// A declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomClaim {
    /// What it is called.
    pub name: String,
    /// What it is made of.
    pub source: ClaimSource,
    /// The scope that it takes, where it takes one.
    pub scope: Option<String>,
    /// The only clients that are told; with none, whichever has the scope.
    pub clients: Vec<String>,
    /// Where it is told.
    pub places: Vec<ClaimPlace>,
}

impl CustomClaim {
    fn is_for(&self, client: &str, scope: &ScopeSet) -> bool {
        self.scope.as_ref().is_none_or(|needed| scope.contains(needed))
            && (self.clients.is_empty() || self.clients.iter().any(|one| one == client))
    }

    fn value(&self, person: &Person) -> Option<Value> {
        match &self.source {
            ClaimSource::Roles => Some(person.roles.clone().into()),
            ClaimSource::Attribute(name) => person.attributes.get(name).cloned(),
        }
    }
}

/// All declarations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomClaims(pub Vec<CustomClaim>);

impl CustomClaims {
    /// What a client with a scope is told of a user in a place, as far as it is known.
    pub fn told(&self, person: &Person, client: &str, scope: &ScopeSet, place: ClaimPlace) -> Map<String, Value> {
        let here = self.0.iter().filter(|claim| claim.places.contains(&place) && claim.is_for(client, scope));
        here.filter_map(|claim| Some((claim.name.clone(), claim.value(person)?))).collect()
    }

    /// What they are called.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|claim| claim.name.as_str())
    }

    /// The scopes that they take.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|claim| claim.scope.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_told_to_whom_and_where_it_was_declared_for() {
        let claim = |scope: Option<&str>, clients: &[&str]| CustomClaim {
            name: "department".into(),
            source: ClaimSource::Attribute("department".into()),
            scope: scope.map(str::to_owned),
            clients: clients.iter().map(|client| (*client).to_owned()).collect(),
            places: vec![ClaimPlace::IdToken],
        };
        let scope: ScopeSet = "openid work".parse().unwrap();
        for (declared, told) in [
            (claim(Some("work"), &[]), true),
            (claim(Some("other"), &[]), false),
            (claim(None, &["shop"]), true),
            (claim(None, &["bank"]), false),
            (claim(Some("work"), &["bank"]), false),
        ] {
            assert_eq!(declared.is_for("shop", &scope), told, "{declared:?}");
        }
    }
}
