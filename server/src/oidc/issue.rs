//! Tokens for clients: access tokens (RFC 9068) and ID tokens (OpenID Connect Core §2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use signet_keys::Algorithm;
use signet_shared::{ScopeSet, UserId, oauth::SubjectType};

use super::claims;
use crate::{
    app::{App, after},
    model::{
        authorization::Spoken,
        claims::{ACCESS_TOKEN_TYPE, Audience, ClientAccessClaims},
        client::Client,
        custom_claims::ClaimPlace,
    },
    tokens::IssuedToken,
};

/// The `typ` of an ID token.
pub const ID_TOKEN_TYPE: &str = "JWT";

/// What an ID token is sent along with, and speaks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// The access token.
    pub access_token: Option<&'a str>,
    /// The code.
    pub code: Option<&'a str>,
    /// Whether no access token will ever follow, so that claims have no other place (Core §5.4).
    pub alone: bool,
    /// The nonce of the request.
    pub nonce: Option<&'a str>,
    /// The state of the request, where the token travels beside it.
    pub state: Option<&'a str>,
}

/// How a client knows a user (Core §8): by an identifier of its own, if it is registered so.
pub fn subject(app: &App, client: &Client, user: UserId) -> String {
    match client.metadata.subject_type {
        SubjectType::Public => user.to_string(),
        SubjectType::Pairwise => {
            let mut digest = Sha256::new();
            for part in [sector(client).as_str(), &user.to_string(), &app.pairwise_salt] {
                digest.update(part.as_bytes());
                digest.update([0]);
            }
            URL_SAFE_NO_PAD.encode(digest.finalize())
        }
    }
}

/// The host that clients of one sector share (Core §8.1). A program on somebody's device has none, and shares nothing.
fn sector(client: &Client) -> String {
    let metadata = &client.metadata;
    let uri = metadata.sector_identifier_uri.as_deref().or(metadata.redirect_uris.first().map(String::as_str));
    uri.and_then(signet_shared::uri::lasting_host).unwrap_or_else(|| client.id.clone())
}

/// How long a client's access tokens live, in seconds.
pub fn access_token_lifetime(app: &App, client: &Client) -> i64 {
    let own = client.metadata.lifetimes.access_token_lifetime;
    own.unwrap_or_else(|| app.settings.get().access_token_lifetime)
}

/// How long its refresh tokens live, in seconds.
pub fn refresh_token_lifetime(app: &App, client: &Client) -> i64 {
    let own = client.metadata.lifetimes.refresh_token_lifetime;
    own.unwrap_or_else(|| app.settings.get().refresh_token_lifetime)
}

/// An access token for a user's grant.
pub fn access_token(
    app: &App,
    client: &Client,
    spoken: &Spoken,
    scope: &ScopeSet,
    now: Timestamp,
) -> anyhow::Result<IssuedToken> {
    let details = &spoken.grant.details;
    sign_access_token(app, client, now, |claims| ClientAccessClaims {
        sub: subject(app, client, spoken.person.id),
        aud: Audience::of(&details.resources, app.public_url.as_str()),
        jti: format!("{}.{}", spoken.grant.id, claims.jti),
        scope: scope.clone(),
        sid: Some(details.sid),
        auth_time: Some(details.auth_time),
        // What a user is to the operator is nothing for those whom the operator does not know.
        roles: (!client.registered_itself()).then(|| spoken.person.roles.clone()),
        custom: app.custom_claims.told(&spoken.person, &client.id, scope, ClaimPlace::AccessToken),
        ..claims
    })
}

/// An access token for the client itself (RFC 6749 §4.4). It takes no look at the database.
pub fn own_access_token(
    app: &App,
    client: &Client,
    scope: ScopeSet,
    resources: &[String],
    now: Timestamp,
) -> anyhow::Result<IssuedToken> {
    let aud = Audience::of(resources, app.public_url.as_str());
    sign_access_token(app, client, now, |claims| ClientAccessClaims { aud, scope, ..claims })
}

fn sign_access_token(
    app: &App,
    client: &Client,
    now: Timestamp,
    finish: impl FnOnce(ClientAccessClaims) -> ClientAccessClaims,
) -> anyhow::Result<IssuedToken> {
    let lifetime = access_token_lifetime(app, client);
    let issued_at = now.as_second();
    let claims = finish(ClientAccessClaims {
        iss: app.public_url.as_str().to_owned(),
        sub: client.id.clone(),
        aud: Audience::One(app.public_url.as_str().to_owned()),
        exp: after(now, lifetime).as_second(),
        iat: issued_at,
        nbf: issued_at,
        jti: uuid::Builder::from_random_bytes(app.random()).into_uuid().simple().to_string(),
        client_id: client.id.clone(),
        scope: ScopeSet::default(),
        sid: None,
        auth_time: None,
        roles: None,
        custom: Map::new(),
    });
    let keyring = app.keyring.load();
    let algorithm = app.settings.get().default_signing_algorithm;
    let signer = keyring.signer(algorithm).ok_or_else(|| anyhow::anyhow!("no key signs with {algorithm}"))?;
    Ok(IssuedToken { token: signer.sign(ACCESS_TOKEN_TYPE, &claims)?, expires_in: lifetime })
}

/// What a client's ID tokens are signed with: RS256 unless it is registered otherwise.
pub fn id_token_algorithm(client: &Client) -> Algorithm {
    let registered = client.metadata.id_token_signed_response_alg.as_deref();
    registered.and_then(|name| name.parse().ok()).unwrap_or(Algorithm::Rs256)
}

/// An ID token.
pub fn id_token(
    app: &App,
    client: &Client,
    spoken: &Spoken,
    scope: &ScopeSet,
    beside: Beside<'_>,
    now: Timestamp,
) -> anyhow::Result<String> {
    let details = &spoken.grant.details;
    let lifetime = client.metadata.lifetimes.id_token_lifetime.unwrap_or_else(|| app.settings.get().id_token_lifetime);
    let algorithm = id_token_algorithm(client);
    let mut claims = app.custom_claims.told(&spoken.person, &client.id, scope, ClaimPlace::IdToken);
    if beside.alone {
        claims.extend(claims::of_scope(&spoken.person, scope));
    }
    claims.extend(claims::named(&spoken.person, &details.claims.id_token));
    let own = json!({
        "iss": app.public_url.as_str(),
        "sub": subject(app, client, spoken.person.id),
        "aud": client.id,
        "exp": after(now, lifetime).as_second(),
        "iat": now.as_second(),
        "auth_time": details.auth_time,
        "sid": details.sid,
        "amr": ["pwd"],
    });
    claims.extend(own.as_object().cloned().unwrap_or_default());
    let optional = [
        ("nonce", beside.nonce.map(str::to_owned)),
        ("acr", details.acr.clone()),
        ("at_hash", beside.access_token.map(|token| left_half(algorithm, token))),
        ("c_hash", beside.code.map(|code| left_half(algorithm, code))),
        // Financial-grade API 1.0, Part 2 §5.1.
        ("s_hash", beside.state.map(|state| left_half(algorithm, state))),
    ];
    claims.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))));
    sign(app, algorithm, ID_TOKEN_TYPE, &claims)
}

/// A token of a type that a client expects to be signed in its way.
pub fn sign(app: &App, algorithm: Algorithm, kind: &str, claims: &impl serde::Serialize) -> anyhow::Result<String> {
    let keyring = app.keyring.load();
    let signer = keyring.signer_of(algorithm).ok_or_else(|| anyhow::anyhow!("no key signs with {algorithm}"))?;
    Ok(signer.sign(kind, claims)?)
}

/// The left half of a value's hash (Core §3.1.3.6): of SHA-256, or of SHA-512 where EdDSA with Ed25519 signs.
fn left_half(algorithm: Algorithm, value: &str) -> String {
    if algorithm == Algorithm::EdDsa {
        return URL_SAFE_NO_PAD.encode(&sha2::Sha512::digest(value)[..32]);
    }
    URL_SAFE_NO_PAD.encode(&Sha256::digest(value)[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_token_is_that_of_the_standards_example() {
        // OpenID Connect Core, appendix A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(left_half(Algorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
