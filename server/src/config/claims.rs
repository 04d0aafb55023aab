//! The `claims` section: claims of the operator's own, each under its name.

use std::collections::BTreeMap;

use serde::Deserialize;
use signet_shared::Scope;

use super::{ConfigError, raw::StringList};
use crate::{
    model::custom_claims::{ClaimPlace, ClaimSource, CustomClaim, CustomClaims},
    oidc::claims::is_standard,
};

/// The most declarations, and the longest name of one.
const MAX_CLAIMS: usize = 100;
const MAX_NAME: usize = 128;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClaim {
    from: String,
    scope: Option<String>,
    #[serde(default)]
    clients: StringList,
    #[serde(default)]
    told_in: StringList,
}

/// Checks the declarations.
pub(super) fn resolve(claims: BTreeMap<String, RawClaim>) -> Result<CustomClaims, ConfigError> {
    if claims.len() > MAX_CLAIMS {
        return Err(ConfigError(format!("claims: at most {MAX_CLAIMS} can be declared")));
    }
    claims.into_iter().map(|(name, claim)| claim.resolve(name)).collect::<Result<_, _>>().map(CustomClaims)
}

impl RawClaim {
    fn resolve(self, name: String) -> Result<CustomClaim, ConfigError> {
        let wrong = |what: &str| ConfigError(format!("claims.{name}: {what}"));
        if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(wrong("a name has 1 to 128 bytes, none of them a control character"));
        }
        if is_standard(&name) {
            return Err(wrong("this is the name of a claim of the standards; choose another"));
        }
        let source = match self.from.split_once('.') {
            None if self.from == "roles" => ClaimSource::Roles,
            Some(("attributes", attribute)) if !attribute.is_empty() => ClaimSource::Attribute(attribute.to_owned()),
            _ => return Err(wrong("`from` is `roles`, or `attributes.` and the name of an attribute")),
        };
        if self.scope.is_none() && self.clients.0.is_empty() {
            return Err(wrong("name the `scope` that it takes, or the `clients` that are told, or both"));
        }
        if self.scope.as_ref().is_some_and(|scope| scope.parse::<Scope>().is_err()) {
            return Err(wrong("`scope` is no scope"));
        }
        let place = |text: &String| ClaimPlace::NAMES.iter().find(|(known, _)| known == text).map(|(_, place)| *place);
        let places: Option<Vec<_>> = self.told_in.0.iter().map(place).collect();
        let places = places.ok_or_else(|| wrong("`told_in` takes userinfo, id_token and access_token"))?;
        let places = if places.is_empty() { vec![ClaimPlace::UserInfo] } else { places };
        Ok(CustomClaim { source, scope: self.scope, clients: self.clients.0, places, name })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(declared: Value) -> Result<CustomClaims, ConfigError> {
        resolve(serde_json::from_value(declared).expect("declarations"))
    }

    #[test]
    fn declarations_are_read_and_told_at_userinfo_unless_they_say_otherwise() {
        let claims = read(json!({
            "department": {"from": "attributes.department", "scope": "work"},
            "groups": {"from": "roles", "clients": "a, b", "told_in": ["id_token", "access_token"]},
        }));
        let claims = claims.unwrap().0;
        assert_eq!((claims[0].places.as_slice(), claims[1].clients.len()), ([ClaimPlace::UserInfo].as_slice(), 2));
        assert_eq!(claims[1].source, ClaimSource::Roles);
    }

    #[test]
    fn what_is_wrong_is_told_with_the_name_of_the_claim() {
        for declared in [
            json!({"sub": {"from": "roles", "scope": "x"}}),
            json!({"email": {"from": "roles", "scope": "x"}}),
            json!({"x": {"from": "password", "scope": "x"}}),
            json!({"x": {"from": "attributes.", "scope": "x"}}),
            json!({"x": {"from": "roles"}}),
            json!({"x": {"from": "roles", "scope": "a b"}}),
            json!({"x": {"from": "roles", "scope": "x", "told_in": "cookie"}}),
        ] {
            assert!(read(declared.clone()).unwrap_err().to_string().starts_with("claims."), "{declared}");
        }
    }
}
