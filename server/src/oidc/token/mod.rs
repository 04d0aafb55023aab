//! The token endpoint (RFC 6749 §3.2): who the client is, what it may do, then one file for each grant type.

mod client_credentials;
mod code;
mod device_code;
mod refresh;

use jiff::Timestamp;
use salvo::{Request, Response, Writer, oapi::endpoint, writing::Json};
use serde::Serialize;
use signet_shared::{Scope, ScopeSet, oauth::GrantType};

use super::{
    client_auth::authenticate,
    error::{ErrorCode, OAuthError, no_store, once},
    issue::{self, Beside},
};
use crate::{
    app::{App, Shared},
    http::{form::Params, origin},
    model::{authorization::Spoken, client::Client, secret::PlainRefreshToken},
};

/// A successful answer (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Serialize)]
struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    scope: ScopeSet,
}

/// Tokens
///
/// RFC 6749 §3.2: for a code, for a refresh token, for a device, or for the client itself.
#[endpoint(tags("OpenID Connect"))]
pub async fn token(app: Shared, from: origin::From, req: &mut Request, res: &mut Response) -> Result<(), OAuthError> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    let params = once(Params::of_body(req).await)?;
    let client = authenticate(&app, req, &params).await?;
    let grant_type = grant_type(&client, &params)?;
    let now = app.now();
    let tokens = match grant_type {
        GrantType::AuthorizationCode => code::redeem(&app, &client, &params, &from.0, now).await?,
        GrantType::RefreshToken => refresh::refresh(&app, &client, &params, &from.0, now).await?,
        GrantType::ClientCredentials => client_credentials::issue(&app, &client, &params, now)?,
        GrantType::DeviceCode => device_code::redeem(&app, &client, &params, now).await?,
        GrantType::Implicit => return Err(unsupported()),
    };
    no_store(res);
    res.render(Json(tokens));
    Ok(())
}

fn unsupported() -> OAuthError {
    OAuthError::new(ErrorCode::UnsupportedGrantType, "this endpoint does not know that grant_type")
}

fn grant_type(client: &Client, params: &Params) -> Result<GrantType, OAuthError> {
    let text = params.get("grant_type");
    let text = text.ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest, "the grant_type is missing"))?;
    let grant_type = text.parse().map_err(|_| unsupported())?;
    if client.metadata.grant_types.contains(&grant_type) {
        return Ok(grant_type);
    }
    Err(OAuthError::new(ErrorCode::UnauthorizedClient, "this client is not registered for this grant_type"))
}

fn needed<'a>(params: &'a Params, name: &'static str) -> Result<&'a str, OAuthError> {
    params.get(name).ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest, format!("the {name} is missing")))
}

fn invalid_grant(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, description)
}

/// The tokens of a user's grant.
fn tokens_of(
    app: &App,
    client: &Client,
    spoken: &Spoken,
    scope: ScopeSet,
    refresh_token: Option<PlainRefreshToken>,
    nonce: Option<&str>,
    now: Timestamp,
) -> Result<Tokens, OAuthError> {
    let access = issue::access_token(app, client, spoken, &scope, now)?;
    let id_token = match scope.contains(Scope::OPENID) {
        true => {
            let beside = Beside { access_token: Some(&access.token), nonce, ..Beside::default() };
            Some(issue::id_token(app, client, spoken, &scope, beside, now)?)
        }
        false => None,
    };
    Ok(Tokens {
        access_token: access.token,
        token_type: "Bearer",
        expires_in: access.expires_in,
        refresh_token: refresh_token.map(|secret| secret.expose().to_owned()),
        id_token,
        scope,
    })
}
