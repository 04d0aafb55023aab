//! Claims about users (OpenID Connect Core §5): which a scope stands for, and which are asked for by name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use signet_shared::ScopeSet;

use crate::model::authorization::{ClaimWish, Person};

/// What each scope stands for (Core §5.4).
pub const SCOPES: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// Claims of ID tokens and JWTs that are about no user's profile (Core §2, RFC 7519 §4.1, RFC 9068 §2.2), and ours.
const OF_TOKENS: [&str; 21] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "sid",
    "at_hash",
    "c_hash",
    "s_hash",
    "client_id",
    "scope",
    "roles",
    "user_id",
    "cnf",
];

/// Whether a name means something to the standards, or to us, already.
pub fn is_standard(name: &str) -> bool {
    OF_TOKENS.contains(&name) || supported().any(|known| known == name)
}

/// Every claim about a user that the standards have.
pub fn supported<'a>() -> impl Iterator<Item = &'a str> {
    SCOPES.into_iter().flat_map(|(_, claims)| claims.iter().copied())
}

/// The scope that stands for a claim, where one does.
pub fn scope_of(claim: &str) -> Option<&'static str> {
    SCOPES.into_iter().find(|(_, claims)| claims.contains(&claim)).map(|(scope, _)| scope)
}

/// The claims that a scope stands for, as far as they are known.
pub fn of_scope(person: &Person, scope: &ScopeSet) -> Map<String, Value> {
    let names = SCOPES.into_iter().filter(|(name, _)| scope.contains(name)).flat_map(|(_, claims)| claims.iter());
    names.filter_map(|name| Some(((*name).to_owned(), claim(person, name)?))).collect()
}

/// The claims that are asked for by name, as far as they are known.
pub fn named(person: &Person, wishes: &BTreeMap<String, Option<ClaimWish>>) -> Map<String, Value> {
    let wished = wishes.keys().filter(|name| supported().any(|known| known == name.as_str()));
    wished.filter_map(|name| Some((name.clone(), claim(person, name)?))).collect()
}

fn claim(person: &Person, name: &str) -> Option<Value> {
    match name {
        "email" => Some(person.email.clone().into()),
        "email_verified" => Some(person.email_verified.into()),
        "preferred_username" => Some(person.username.clone()).filter(|name| !name.is_empty()).map(Value::from),
        "updated_at" => Some(person.updated_at.as_second().into()),
        name => person.profile.get(name).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;
    use signet_shared::UserId;

    use super::*;

    fn person() -> Person {
        Person {
            id: UserId::from_random_bytes([7; 16]),
            email: "ann@example.com".into(),
            email_verified: true,
            username: "ann".into(),
            roles: Vec::new(),
            profile: json!({"name": "Ann", "address": {"country": "NZ"}}).as_object().cloned().unwrap(),
            attributes: Map::new(),
            updated_at: Timestamp::from_second(5).unwrap(),
        }
    }

    #[test]
    fn a_scope_stands_for_its_claims_and_what_is_not_known_is_left_out() {
        let scope: ScopeSet = "openid profile address".parse().unwrap();
        let claims = Value::Object(of_scope(&person(), &scope));
        let expected =
            json!({"name": "Ann", "preferred_username": "ann", "updated_at": 5, "address": {"country": "NZ"}});
        assert_eq!(claims, expected);
        assert!(of_scope(&person(), &"openid".parse().unwrap()).is_empty());
    }

    #[test]
    fn what_is_asked_for_by_name_is_told_and_nothing_else() {
        let wishes = ["email", "sub", "roles", "nickname"].map(|name| (name.to_owned(), None));
        let claims = named(&person(), &BTreeMap::from(wishes));
        assert_eq!(Value::Object(claims), json!({"email": "ann@example.com"}));
    }
}
