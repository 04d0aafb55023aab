//! Device codes for tokens (RFC 8628 §3.4): as soon as the device's user has answered, and once.

use jiff::Timestamp;
use signet_shared::{Scope, oauth::GrantType};

use super::{Tokens, invalid_grant, needed, tokens_of};
use crate::{
    app::{App, after},
    http::form::Params,
    model::{
        client::Client,
        device::{Poll, Polled},
        secret::{PlainCode, PlainRefreshToken},
        session::Subject,
    },
    oidc::{
        error::{ErrorCode, OAuthError},
        issue,
    },
    tokens::issue_access_token,
};

const UNKNOWN: &str = "this device_code is unknown, spent, or another client's";

pub(super) async fn redeem(app: &App, client: &Client, params: &Params, now: Timestamp) -> Result<Tokens, OAuthError> {
    let code = PlainCode::parse(needed(params, "device_code")?).ok_or_else(|| invalid_grant(UNKNOWN))?;
    let refreshes = client.metadata.grant_types.contains(&GrantType::RefreshToken);
    let refresh = refreshes.then(|| PlainRefreshToken::generate(app.entropy.as_ref()));
    let refresh_until = after(now, issue::refresh_token_lifetime(app, client));
    let poll = Poll {
        code: code.hash(),
        client: client.id.clone(),
        refresh: refresh.as_ref().map(|token| (token.hash(), refresh_until)),
        expires_at: after(now, issue::access_token_lifetime(app, client)),
    };
    let wait = |code, description: &'static str| Err(OAuthError::new(code, description));
    match app.store.poll_device(&poll, now).await? {
        Polled::Granted(spoken) => {
            let scope = spoken.grant.scope.clone();
            tokens_of(app, client, &spoken, scope, refresh, None, now)
        }
        Polled::SignedIn(subject) => signed_in(app, &subject, refresh, now),
        Polled::Pending => wait(ErrorCode::AuthorizationPending, "the user has not answered yet"),
        Polled::SlowDown => wait(ErrorCode::SlowDown, "this is too often; wait five seconds longer from now on"),
        Polled::Denied => wait(ErrorCode::AccessDenied, "the user said no"),
        Polled::Expired => wait(ErrorCode::ExpiredToken, "nobody answered in time; begin again"),
        Polled::Unknown => Err(invalid_grant(UNKNOWN)),
    }
}

/// The same tokens as those of the account APIs.
fn signed_in(
    app: &App,
    subject: &Subject,
    refresh_token: Option<PlainRefreshToken>,
    now: Timestamp,
) -> Result<Tokens, OAuthError> {
    let lifetime = app.settings.get().access_token_lifetime;
    let access = issue_access_token(app, subject, lifetime, now)?;
    let scope = Scope::ACCOUNT.parse().map_err(|error| anyhow::anyhow!("a scope of our own: {error}"))?;
    Ok(Tokens {
        access_token: access.token,
        token_type: "Bearer",
        expires_in: access.expires_in,
        refresh_token: refresh_token.map(|secret| secret.expose().to_owned()),
        id_token: None,
        scope,
    })
}
