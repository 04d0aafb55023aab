//! What clients say of themselves, and what they are told of it (RFC 7591 §2, §3.2.1).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use signet_shared::{
    BUILT_IN_CLIENT, ScopeSet, TERMINAL_CLIENT,
    admin::ClientMetadata,
    oauth::{GrantType, ResponseType},
};

use crate::{
    app::App,
    clients::MetadataPatch,
    error::Refusal,
    model::{client::Client, secret::PlainCode},
    oidc::error::{ErrorCode, OAuthError},
};

/// The most bytes of JSON: all clients are in memory.
const MAX_METADATA: usize = 16 * 1024;
/// Not for clients to set.
const LIFETIMES: &str = "lifetimes";

/// Reads metadata; members that we do not know are passed over (§2). What operators set stays as it was. `open` are the scopes
/// that anybody may ask users for.
pub(super) fn read(
    mut told: Map<String, Value>,
    before: &ClientMetadata,
    open: &ScopeSet,
) -> Result<ClientMetadata, OAuthError> {
    let known = serde_json::to_value(ClientMetadata::default()).map_err(anyhow::Error::from)?;
    told.retain(|name, _| name != LIFETIMES && known.get(name).is_some());
    imply_grant_types(&mut told);
    let first = ClientMetadata { lifetimes: before.lifetimes.clone(), ..ClientMetadata::default() };
    if Value::Object(told.clone()).to_string().len() > MAX_METADATA {
        return Err(OAuthError::new(ErrorCode::InvalidClientMetadata, "metadata takes at most 16 KiB"));
    }
    let metadata = MetadataPatch(told).apply(&first).map_err(refused)?;
    confine(metadata, open)
}

/// Nobody vouches for a client that registers itself: it asks users for what is theirs to give, and nothing for itself.
fn confine(metadata: ClientMetadata, open: &ScopeSet) -> Result<ClientMetadata, OAuthError> {
    let refused = |description: &'static str| Err(OAuthError::new(ErrorCode::InvalidClientMetadata, description));
    if metadata.grant_types.contains(&GrantType::ClientCredentials) {
        return refused("grant_types: client_credentials is for an operator to give");
    }
    let name = metadata.client_name.as_deref().unwrap_or_default();
    if name.chars().any(is_hidden) || [BUILT_IN_CLIENT, TERMINAL_CLIENT].contains(&name.trim().to_lowercase().as_str())
    {
        return refused("client_name: this would be taken for another name");
    }
    match metadata.scope.as_deref().map(str::parse::<ScopeSet>) {
        None => Ok(ClientMetadata { scope: Some(open.to_string()), ..metadata }),
        Some(Ok(scope)) if open.includes(&scope) => Ok(metadata),
        Some(_) => refused("scope: one of these is for an operator to give"),
    }
}

/// A client that names response types alone means the grant types that these need.
fn imply_grant_types(told: &mut Map<String, Value>) {
    let named = told.get("grant_types").is_some_and(|value| !value.is_null());
    let types = told.get("response_types").cloned().and_then(|value| serde_json::from_value(value).ok());
    let types: Option<Vec<ResponseType>> = types.filter(|_| !named);
    if let Some(types) = types {
        let needed: BTreeSet<GrantType> = types.iter().flat_map(|kind| kind.needed_grant_types()).copied().collect();
        told.insert("grant_types".to_owned(), json!(needed));
    }
}

/// What makes a name look like another one.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What is wrong with metadata (§3.2.2).
pub(super) fn refused(refusal: Refusal) -> OAuthError {
    let Refusal::Invalid(fields) = &refusal else { return refusal.into() };
    let is_redirect = fields.iter().any(|field| field.field.starts_with("redirect_uris"));
    let code = if is_redirect { ErrorCode::InvalidRedirectUri } else { ErrorCode::InvalidClientMetadata };
    let said: Vec<_> = fields.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
    OAuthError::new(code, said.join("; "))
}

/// A client as it is told of itself (§3.2.1, RFC 7592 §3).
pub(super) fn shown(
    app: &App,
    client: &Client,
    secret: Option<String>,
    token: &PlainCode,
) -> Result<Value, OAuthError> {
    let metadata = serde_json::to_value(&client.metadata).map_err(anyhow::Error::from)?;
    let mut members = metadata.as_object().cloned().unwrap_or_default();
    members.retain(|name, value| name != LIFETIMES && !value.is_null());
    members.insert("client_id".into(), client.id.clone().into());
    members.insert("client_id_issued_at".into(), client.created_at.as_second().into());
    members.extend(secret.map(|secret| ("client_secret".to_owned(), secret.into())));
    if client.metadata.token_endpoint_auth_method.takes_secret() {
        members.insert("client_secret_expires_at".into(), 0.into());
    }
    members.insert("registration_access_token".into(), token.expose().into());
    let address = app.public_url.join(&format!("/oauth2/register/{}", client.id));
    members.insert("registration_client_uri".into(), address.into());
    Ok(members.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> ScopeSet {
        "openid email".parse().unwrap()
    }

    #[test]
    fn what_is_for_an_operator_to_give_nobody_takes() {
        let callback = json!(["https://a.example/cb"]);
        for sent in [
            json!({"redirect_uris": callback, "scope": "openid payments"}),
            json!({"redirect_uris": callback, "grant_types": ["authorization_code", "client_credentials"]}),
            json!({"redirect_uris": callback, "client_uri": format!("https://a.example/{}", "x".repeat(20_000))}),
        ] {
            let refused = read(told(sent.clone()), &ClientMetadata::default(), &open()).unwrap_err();
            assert_eq!(refused.code, ErrorCode::InvalidClientMetadata, "{sent}");
        }
        let silent = read(told(json!({"redirect_uris": callback})), &ClientMetadata::default(), &open()).unwrap();
        assert_eq!(silent.scope.as_deref(), Some("email openid"));
    }

    fn told(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn members_of_others_are_passed_over_and_lifetimes_are_the_operators() {
        let mut before = ClientMetadata::default();
        before.lifetimes.access_token_lifetime = Some(77);
        let sent = json!({"redirect_uris": ["https://a.example/cb"], "client_name#ja": "x", "software_id": "y",
            "lifetimes": {"access_token_lifetime": 86_400}});
        let read = read(told(sent), &before, &open()).unwrap();
        assert_eq!(read.lifetimes.access_token_lifetime, Some(77));
    }

    #[test]
    fn response_types_alone_say_which_grant_types_are_meant() {
        let sent = json!({"redirect_uris": ["https://a.example/cb"], "response_types": ["code id_token"]});
        let read = read(told(sent), &ClientMetadata::default(), &open()).unwrap();
        assert_eq!(read.grant_types, [GrantType::AuthorizationCode, GrantType::Implicit]);
    }

    #[test]
    fn mistakes_have_the_codes_of_the_standard() {
        for (sent, code) in [
            (json!({"redirect_uris": ["https://a.example/cb#x"]}), ErrorCode::InvalidRedirectUri),
            (json!({"redirect_uris": "https://a.example/cb"}), ErrorCode::InvalidRedirectUri),
            (json!({}), ErrorCode::InvalidRedirectUri),
            (json!({"redirect_uris": ["https://a.example/cb"], "logo_uri": "x"}), ErrorCode::InvalidClientMetadata),
            (
                json!({"redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "tls_client_auth"}),
                ErrorCode::InvalidClientMetadata,
            ),
        ] {
            assert_eq!(read(told(sent.clone()), &ClientMetadata::default(), &open()).unwrap_err().code, code, "{sent}");
        }
    }
}
