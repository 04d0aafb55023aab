//! Tokens for a client itself (RFC 6749 §4.4): no user, no refresh token, no look at the database.

use jiff::Timestamp;
use signet_shared::{Scope, ScopeSet, oauth::ClientAuthMethod};

use super::Tokens;
use crate::{
    app::App,
    http::form::Params,
    model::client::Client,
    oidc::{
        error::{ErrorCode, OAuthError},
        issue,
    },
};

/// Scopes that are about a user.
const OF_USERS: [&str; 8] = [
    Scope::OPENID,
    Scope::OFFLINE_ACCESS,
    Scope::ACCOUNT,
    Scope::PASSWORD_CHANGE,
    "profile",
    "email",
    "address",
    "phone",
];

pub(super) fn issue(app: &App, client: &Client, params: &Params, now: Timestamp) -> Result<Tokens, OAuthError> {
    if client.metadata.token_endpoint_auth_method == ClientAuthMethod::None {
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, "a public client has no credentials"));
    }
    let scope = scope(client, params)?;
    let access = issue::own_access_token(app, client, scope.clone(), params.resources(), now)?;
    Ok(Tokens {
        access_token: access.token,
        token_type: "Bearer",
        expires_in: access.expires_in,
        refresh_token: None,
        id_token: None,
        scope,
    })
}

/// What is asked for and may be; without a word on it, everything that may be.
fn scope(client: &Client, params: &Params) -> Result<ScopeSet, OAuthError> {
    let invalid = |description: &'static str| OAuthError::new(ErrorCode::InvalidScope, description);
    let allowed = client.metadata.scope.as_deref().map(str::parse::<ScopeSet>).transpose();
    let allowed = allowed.map_err(|_| invalid("this client's scope cannot be read"))?;
    let asked = params.get("scope").map(str::parse::<ScopeSet>).transpose();
    let asked = asked.map_err(|_| invalid("this scope is malformed"))?;
    let granted = match (asked, allowed) {
        (Some(asked), Some(allowed)) if !allowed.includes(&asked) => {
            return Err(invalid("this client may not ask for one of these scopes"));
        }
        (Some(asked), _) => asked,
        (None, allowed) => allowed.unwrap_or_default(),
    };
    Ok(OF_USERS.iter().fold(granted, |scope, name| scope.without(name)))
}
