//! Access tokens (RFC 9068): made and believed.

use jiff::Timestamp;
use signet_shared::{BUILT_IN_CLIENT, Scope, TERMINAL_CLIENT};

use crate::{
    app::{App, after},
    error::Refusal,
    model::{
        claims::{ACCESS_TOKEN_TYPE, AccessClaims},
        session::Subject,
    },
};

/// A token about to be handed out.
pub struct IssuedToken {
    /// The compact JWS.
    pub token: String,
    /// Its life from now, in seconds.
    pub expires_in: i64,
}

/// Signs an access token of the built-in client that serves for `lifetime` seconds.
pub fn issue_access_token(app: &App, subject: &Subject, lifetime: i64, now: Timestamp) -> Result<IssuedToken, Refusal> {
    let issued_at = now.as_second();
    let scope = if subject.restricted { Scope::PASSWORD_CHANGE } else { Scope::ACCOUNT };
    let claims = AccessClaims {
        iss: app.public_url.as_str().to_owned(),
        sub: subject.user,
        aud: app.public_url.as_str().to_owned(),
        exp: after(now, lifetime).as_second(),
        iat: issued_at,
        nbf: issued_at,
        jti: uuid::Builder::from_random_bytes(app.random()).into_uuid().to_string(),
        client_id: BUILT_IN_CLIENT.to_owned(),
        scope: scope.parse().map_err(|error| anyhow::anyhow!("a scope of our own: {error}"))?,
        sid: subject.session,
        auth_time: subject.authenticated_at.as_second(),
        roles: subject.roles.clone(),
        user_id: subject.user,
        username: subject.username.clone(),
    };
    let keyring = app.keyring.load();
    let algorithm = app.settings.get().default_signing_algorithm;
    let signer = keyring.signer(algorithm).ok_or_else(|| anyhow::anyhow!("no key signs with {algorithm}"))?;
    let token = signer.sign(ACCESS_TOKEN_TYPE, &claims).map_err(anyhow::Error::from)?;
    Ok(IssuedToken { token, expires_in: lifetime })
}

/// Believes a token that one of our published keys signed, that is an access token of a first-party client for us, and
/// that is in its time. No database, no key parsing.
pub fn verify_access_token(app: &App, token: &str) -> Result<AccessClaims, Refusal> {
    let bad = || Refusal::BadToken("this access token is malformed or not ours");
    let claims = app.keyring.load().verify_access_token(token).ok_or_else(bad)?;
    let issuer = app.public_url.as_str();
    let first_party = [BUILT_IN_CLIENT, TERMINAL_CLIENT].contains(&claims.client_id.as_str());
    if claims.iss != issuer || claims.aud != issuer || !first_party {
        return Err(bad());
    }
    let now = app.now().as_second();
    if claims.exp <= now {
        return Err(Refusal::BadToken("this access token has expired"));
    }
    // Another node's clock may run a little ahead.
    if claims.nbf > now + 5 {
        return Err(bad());
    }
    Ok(claims)
}
