//! What is known of a person: the profile, which is theirs to write, and attributes, which are the operators'. Both come over
//! the wire as some of their members, which are laid over the rest (RFC 7396).

use serde_json::{Map, Value};
use signet_shared::Profile;

use crate::{
    error::{FieldError, Refusal},
    http::body::read_value,
    model::user::Attributes,
};

/// The member of a profile that is not its owner's to set.
pub const PHONE_NUMBER_VERIFIED: &str = "phone_number_verified";

/// The most attributes of a user, the longest name of one, and the most bytes of JSON that one and all of them take.
const MAX_ATTRIBUTES: usize = 64;
const MAX_NAME: usize = 64;
const MAX_VALUE: usize = 4 * 1024;
const MAX_TOGETHER: usize = 16 * 1024;

/// What members make of a profile. Another phone number is not confirmed unless they say so.
pub fn amend_profile(profile: &Profile, members: &Map<String, Value>) -> Result<Profile, Refusal> {
    let before = serde_json::to_value(profile).map_err(anyhow::Error::from)?;
    let amended: Profile = read_value(merge(before, members).into()).map_err(of_profile)?;
    let holds = members.contains_key(PHONE_NUMBER_VERIFIED) || amended.phone_number == profile.phone_number;
    let phone_number_verified = amended.phone_number_verified.filter(|_| holds);
    check_profile(Profile { phone_number_verified, ..amended })
}

/// Checks a profile as a whole. A phone number is not confirmed unless told.
pub fn check_profile(profile: Profile) -> Result<Profile, Refusal> {
    let unless_told = profile.phone_number.as_ref().map(|_| false);
    let profile = Profile { phone_number_verified: profile.phone_number_verified.or(unless_told), ..profile };
    if let Err(mistakes) = profile.validate() {
        let mistakes = mistakes.into_iter().map(|(field, error)| FieldError::new(field, error)).collect();
        return Err(of_profile(Refusal::Invalid(mistakes)));
    }
    Ok(profile)
}

/// Names the fields as those of a body that holds the profile.
fn of_profile(refusal: Refusal) -> Refusal {
    let within = |error: FieldError| FieldError { field: format!("profile.{}", error.field).into(), ..error };
    match refusal {
        Refusal::Invalid(fields) => Refusal::Invalid(fields.into_iter().map(within).collect()),
        other => other,
    }
}

/// What members make of attributes, if those keep the bounds.
pub fn amend_attributes(attributes: &Attributes, members: &Map<String, Value>) -> Result<Attributes, Refusal> {
    let amended = merge(attributes.clone().into(), members);
    if amended.len() > MAX_ATTRIBUTES {
        return Err(Refusal::field("attributes", "a user has at most 64 attributes"));
    }
    let sizes: Vec<_> = amended.iter().map(|(name, value)| (name, value.to_string().len())).collect();
    let mut mistakes: Vec<_> = sizes.iter().filter_map(|(name, size)| attribute_mistake(name, *size)).collect();
    if sizes.iter().map(|(name, size)| name.len() + size).sum::<usize>() > MAX_TOGETHER {
        mistakes.push(FieldError::new("attributes", "a user's attributes take at most 16 KiB of JSON together"));
    }
    if mistakes.is_empty() { Ok(amended) } else { Err(Refusal::Invalid(mistakes)) }
}

fn attribute_mistake(name: &str, size: usize) -> Option<FieldError> {
    let is_name = (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    let message = match (is_name, size <= MAX_VALUE) {
        (true, true) => return None,
        (false, _) => "a name has 1 to 64 letters, digits, dots, dashes and underscores",
        (true, false) => "an attribute takes at most 4 KiB of JSON",
    };
    let shown: String = name.chars().take(MAX_NAME).collect();
    Some(FieldError::new(format!("attributes.{shown}"), message))
}

/// RFC 7396 §2: an object is laid over what is there, `null` takes a member away, and anything else takes its place.
fn merge(target: Value, patch: &Map<String, Value>) -> Map<String, Value> {
    let mut members = match target {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, value) in patch {
        let value = match value {
            Value::Object(inner) => Value::Object(merge(members.get(name).cloned().unwrap_or_default(), inner)),
            other => other.clone(),
        };
        members.insert(name.clone(), value);
    }
    members.retain(|_, value| !value.is_null());
    members
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn profile(value: Value) -> Profile {
        serde_json::from_value(value).unwrap()
    }

    fn faults<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Vec<String> {
        match result {
            Err(Refusal::Invalid(fields)) => fields.into_iter().map(|error| error.field.into_owned()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn members_are_laid_over_the_rest_as_the_examples_of_rfc_7396_have_it() {
        for (target, patch, merged) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"e": "f"}), json!({"a": 1}), json!({"e": "f", "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            assert_eq!(Value::Object(merge(target.clone(), &object(patch.clone()))), merged, "{target} {patch}");
        }
    }

    #[test]
    fn another_phone_number_is_not_confirmed() {
        let before = profile(json!({"phone_number": "+15555550123", "phone_number_verified": true}));
        for (patch, confirmed) in [
            (json!({"name": "Ann"}), Some(true)),
            (json!({"phone_number": "+15555550123"}), Some(true)),
            (json!({"phone_number": "+15555550124"}), Some(false)),
            (json!({"phone_number": "+15555550124", "phone_number_verified": true}), Some(true)),
            (json!({"phone_number_verified": null}), Some(false)),
            (json!({"phone_number": null}), None),
        ] {
            let amended = amend_profile(&before, &object(patch.clone())).unwrap();
            assert_eq!(amended.phone_number_verified, confirmed, "{patch}");
        }
        let alone = amend_profile(&Profile::default(), &object(json!({"phone_number_verified": true})));
        assert_eq!(faults(alone), ["profile.phone_number_verified"]);
    }

    #[test]
    fn mistakes_are_told_with_the_profile_before_them() {
        for (patch, field) in [
            (json!({"birthdate": "yesterday"}), "profile.birthdate"),
            (json!({"birthdate": 1984}), "profile.birthdate"),
            (json!({"address": {"locality": ["x"]}}), "profile.address.locality"),
            (json!({"shoe_size": 42}), "profile.shoe_size"),
        ] {
            assert_eq!(faults(amend_profile(&Profile::default(), &object(patch.clone()))), [field], "{patch}");
        }
        let emptied = amend_profile(
            &profile(json!({"address": {"locality": "Rome"}})),
            &object(json!({"address": {"locality": null}})),
        );
        assert!(emptied.unwrap().is_empty());
    }

    #[test]
    fn attributes_have_bounds() {
        let none = Attributes::new();
        let many = |count: usize| (0..count).map(|number| (format!("a{number}"), json!(1))).collect::<Map<_, _>>();
        assert_eq!(amend_attributes(&none, &many(64)).unwrap().len(), 64);
        assert_eq!(faults(amend_attributes(&many(64), &object(json!({"more": 1})))), ["attributes"]);
        assert_eq!(
            faults(amend_attributes(&none, &object(json!({"": 1, "a b": 1})))),
            ["attributes.", "attributes.a b"]
        );
        let fits = json!("x".repeat(4 * 1024 - 2));
        assert!(amend_attributes(&none, &object(json!({"a": fits, "B-2._": {"c": [null, 1.5]}}))).is_ok());
        assert_eq!(faults(amend_attributes(&none, &object(json!({"a": "x".repeat(4 * 1024)})))), ["attributes.a"]);
        let all = json!({"a": fits, "b": fits, "c": fits, "d": fits});
        assert_eq!(faults(amend_attributes(&none, &object(all))), ["attributes"]);
    }
}
