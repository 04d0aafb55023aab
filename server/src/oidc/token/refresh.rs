//! Refresh tokens for tokens (RFC 6749 §6, OpenID Connect Core §12).

use jiff::Timestamp;
use signet_shared::ScopeSet;

use super::{Tokens, invalid_grant, needed, tokens_of};
use crate::{
    account::refresh::{Lives, spend},
    app::App,
    http::form::Params,
    model::{client::Client, session::Origin},
    oidc::{
        error::{ErrorCode, OAuthError},
        issue,
    },
};

pub(super) async fn refresh(
    app: &App,
    client: &Client,
    params: &Params,
    origin: &Origin,
    now: Timestamp,
) -> Result<Tokens, OAuthError> {
    let presented = needed(params, "refresh_token")?;
    let invalid_scope = |description: &'static str| OAuthError::new(ErrorCode::InvalidScope, description);
    let asked = params.get("scope").map(str::parse::<ScopeSet>).transpose();
    let asked = asked.map_err(|_| invalid_scope("this scope is malformed"))?;
    let lives = Lives {
        refresh_token: issue::refresh_token_lifetime(app, client),
        idle: client
            .metadata
            .lifetimes
            .refresh_token_idle_lifetime
            .unwrap_or_else(|| app.settings.get().refresh_token_idle_lifetime),
    };
    let (bearer, successor) = spend(app, &client.id, presented, lives, origin).await?;
    let spoken = bearer.spoken.ok_or_else(|| invalid_grant("this refresh token is for the account APIs"))?;
    let granted = spoken.grant.scope.clone();
    let scope = match asked {
        // It may shrink and never grow. Whoever asks for too much asks again, within the grace, with the same token.
        Some(asked) if !granted.includes(&asked) => return Err(invalid_scope("this was not granted")),
        Some(asked) => asked,
        None => granted,
    };
    tokens_of(app, client, &spoken, scope, Some(successor), None, now)
}
