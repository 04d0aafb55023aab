//! What a token is worth (RFC 7662), and taking it back (RFC 7009): for clients that prove who they are.

use salvo::{Request, Response, Writer, oapi::endpoint, writing::Json};
use serde_json::{Value, json};
use signet_shared::{BUILT_IN_CLIENT, oauth::ClientAuthMethod};

use super::{
    client_auth::authenticate,
    error::{ErrorCode, OAuthError, no_store, once},
    userinfo,
};
use crate::{
    app::{App, Shared},
    http::{form::Params, origin},
    model::{client::Client, secret::PlainRefreshToken},
};

async fn asked(app: &App, req: &mut Request) -> Result<(std::sync::Arc<Client>, String), OAuthError> {
    let params = once(Params::of_body(req).await)?;
    let client = authenticate(app, req, &params).await?;
    let token = params.get("token").map(str::to_owned);
    token.map(|token| (client, token)).ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest, "the token is missing"))
}

/// What a token is worth
///
/// RFC 7662: whether it is active, and if it is, of what kind; of any other, nothing.
#[endpoint(tags("OpenID Connect"))]
pub async fn introspect(app: Shared, req: &mut Request, res: &mut Response) -> Result<(), OAuthError> {
    let (client, token) = asked(&app, req).await?;
    if client.metadata.token_endpoint_auth_method == ClientAuthMethod::None {
        return Err(OAuthError::unknown_client(false));
    }
    let answer = told(&app, &client, &token).await?.unwrap_or_else(|| json!({ "active": false }));
    no_store(res);
    res.render(Json(answer));
    Ok(())
}

async fn told(app: &App, client: &Client, token: &str) -> Result<Option<Value>, OAuthError> {
    if let Some(refresh) = PlainRefreshToken::parse(token) {
        let found = app.store.find_refresh_token(&refresh.hash(), &client.id, app.now()).await?;
        return Ok(found.map(|found| {
            json!({ "active": true, "token_type": "refresh_token", "client_id": client.id, "scope": found.scope,
                "exp": found.expires_at.as_second() })
        }));
    }
    let Some(access) = userinfo::verified(app, token) else { return Ok(None) };
    // What a client had is worth nothing once it is gone.
    if access.client_id != BUILT_IN_CLIENT && app.clients.get().find(&access.client_id).is_none() {
        return Ok(None);
    }
    let lives = match (access.grant(), access.sid) {
        (Some(grant), _) => app.store.find_spoken(grant, &access.jti).await?.is_some(),
        // Of the account APIs: it lives with its session.
        (None, Some(session)) => match access.sub.parse() {
            Ok(user) => app.store.find_account(user, session).await?.is_some(),
            Err(_) => false,
        },
        (None, None) => !app.store.is_spent("token", "", &access.jti).await?,
    };
    let mut answer = serde_json::to_value(&access).map_err(anyhow::Error::from)?;
    answer["active"] = true.into();
    answer["token_type"] = "Bearer".into();
    Ok(lives.then_some(answer))
}

/// Take a token back
///
/// RFC 7009. One that is not known is answered alike.
#[endpoint(tags("OpenID Connect"))]
pub async fn revoke(app: Shared, from: origin::From, req: &mut Request, res: &mut Response) -> Result<(), OAuthError> {
    let (client, token) = asked(&app, req).await?;
    let now = app.now();
    if let Some(refresh) = PlainRefreshToken::parse(&token) {
        app.store.revoke_refresh_token(&refresh.hash(), &client.id, &from.0, now).await?;
    } else if let Some(access) = userinfo::verified(&app, &token).filter(|access| access.client_id == client.id) {
        let until = jiff::Timestamp::from_second(access.exp).unwrap_or(now);
        app.store.spend("token", "", &access.jti, until).await?;
    }
    no_store(res);
    Ok(())
}
