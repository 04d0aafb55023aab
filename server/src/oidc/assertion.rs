//! Assertions: JWTs by which clients prove who they are (RFC 7523 §3, OpenID Connect Core §9).

use serde::Deserialize;
use signet_keys::{Algorithm, UnverifiedToken};

use super::error::{ErrorCode, OAuthError};
use crate::{
    app::{App, after},
    model::{claims::Audience, client::Client},
};

/// The `client_assertion_type` of one.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest that one may be shown again, in seconds: so long is it remembered.
const LONGEST: i64 = 3_600;
/// What another machine's clock may be off, in seconds.
const SKEW: i64 = 30;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    jti: String,
}

/// Whom an assertion says that it is from, which is not to be believed yet.
pub fn issuer(assertion: &str) -> Option<String> {
    UnverifiedToken::parse(assertion).ok()?.claimed_issuer()
}

/// Whether the client signed it, for us, and shows it for the first time.
pub async fn proves(app: &App, client: &Client, assertion: &str) -> Result<bool, OAuthError> {
    let Ok(token) = UnverifiedToken::parse(assertion) else { return Ok(false) };
    let now = app.now();
    let keys = match app.client_keys.of(&app.outgoing.keys, client, token.kid(), now).await {
        Ok(keys) => keys,
        Err(error) if error.is_busy() => {
            let description = "there is too much to do to look at this client's keys; come again";
            return Err(OAuthError::new(ErrorCode::TemporarilyUnavailable, description));
        }
        // Why keys cannot be had is in our log, and nothing for whoever asks.
        Err(_) => return Ok(false),
    };
    let Ok(claims) = keys.verify::<Claims>(&token, &Algorithm::ALL) else { return Ok(false) };
    let seconds = now.as_second();
    // RFC 9126 §2: where requests are pushed counts as well.
    let endpoints = ["/oauth2/token", "/oauth2/par"].map(|path| app.public_url.join(path));
    let for_us = claims.aud.contains(app.public_url.as_str()) || endpoints.iter().any(|one| claims.aud.contains(one));
    let in_time = claims.exp > seconds - SKEW
        && claims.exp <= seconds + LONGEST + SKEW
        && claims.nbf.is_none_or(|nbf| nbf <= seconds + SKEW);
    if claims.iss != client.id || claims.sub != client.id || !for_us || !in_time || claims.jti.len() > 256 {
        return Ok(false);
    }
    Ok(app.store.spend("assertion", &client.id, &claims.jti, after(now, LONGEST + 2 * SKEW)).await?)
}
