//! Client metadata as it comes over the wire: some of its members, the rest as before.

use salvo::oapi::{self, Components, ToSchema};
use serde::Deserialize;
use serde_json::{Map, Value};
use signet_shared::admin::ClientMetadata;

use super::rules::validate;
use crate::{
    error::{FieldError, Refusal},
    http::body::read_value,
};

/// Some members of a client's metadata; `null` gives one its default back.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct MetadataPatch(pub Map<String, Value>);

impl MetadataPatch {
    /// What it makes of metadata, if that is proper.
    pub fn apply(self, metadata: &ClientMetadata) -> Result<ClientMetadata, Refusal> {
        let Value::Object(mut members) = serde_json::to_value(metadata).map_err(anyhow::Error::from)? else {
            return Err(anyhow::anyhow!("client metadata is no object").into());
        };
        let unknown: Vec<_> =
            self.0.keys().filter(|name| !members.contains_key(*name)).map(|name| unknown(name)).collect();
        if !unknown.is_empty() {
            return Err(Refusal::Invalid(unknown));
        }
        for (name, value) in self.0 {
            match (members.get_mut(&name), value) {
                // Lifetimes are members of their own; everything else is one value.
                (Some(Value::Object(lifetimes)), Value::Object(changed)) if name == "lifetimes" => {
                    lifetimes.extend(changed);
                }
                (_, value) => {
                    members.insert(name, value);
                }
            }
        }
        members.retain(|_, value| !value.is_null());
        let metadata = read_value(Value::Object(members))?;
        validate(&metadata)?;
        Ok(metadata)
    }
}

fn unknown(name: &str) -> FieldError {
    FieldError::new(name.chars().take(64).collect::<String>(), "client metadata has no such member")
}

impl ToSchema for MetadataPatch {
    fn to_schema(components: &mut Components) -> oapi::RefOr<oapi::schema::Schema> {
        ClientMetadata::to_schema(components)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patch(value: Value) -> MetadataPatch {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_is_not_named_stays_and_null_is_the_default() {
        let first = json!({"client_name": "a", "redirect_uris": ["https://a.example/"], "default_max_age": 5,
            "lifetimes": {"access_token_lifetime": 60, "id_token_lifetime": 70}});
        let first = patch(first).apply(&ClientMetadata::default()).unwrap();
        let second = json!({"client_name": null, "lifetimes": {"access_token_lifetime": null}});
        let second = patch(second).apply(&first).unwrap();
        assert_eq!((second.client_name, second.default_max_age), (None, Some(5)));
        assert_eq!(second.lifetimes.access_token_lifetime, None);
        assert_eq!(second.lifetimes.id_token_lifetime, Some(70));
        let third = patch(json!({"lifetimes": null})).apply(&first).unwrap();
        assert_eq!(third.lifetimes, Default::default());
    }

    #[test]
    fn members_that_do_not_exist_are_refused_by_name() {
        for (value, field) in [
            (json!({"client_id": "mine"}), "client_id"),
            (json!({"client_secret": "mine"}), "client_secret"),
            (json!({"grant_types": ["password"]}), "grant_types"),
            (json!({"lifetimes": {"cookie_token_lifetime": 5}}), "cookie_token_lifetime"),
            (json!({"redirect_uris": "https://a.example/"}), "redirect_uris"),
        ] {
            match patch(value.clone()).apply(&ClientMetadata::default()) {
                Err(Refusal::Invalid(fields)) => assert!(fields[0].field.contains(field), "{value}: {fields:?}"),
                other => panic!("{value}: {other:?}"),
            }
        }
    }
}
