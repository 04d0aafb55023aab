//! Claims about the user whose access token is shown (OpenID Connect Core §5.3).

use http::{HeaderValue, header};
use salvo::{Request, Response, Writer, http::Method, oapi::endpoint, writing::Json};
use serde_json::{Map, Value};
use signet_shared::Scope;

use super::{
    claims,
    error::{BearerError, no_store},
    issue,
};
use crate::{
    app::{App, Shared},
    http::{caller::bearer_token, form::Params},
    model::{
        authorization::Spoken,
        claims::{ACCESS_TOKEN_TYPE, ClientAccessClaims},
        client::Client,
        custom_claims::ClaimPlace,
    },
};

const INVALID: BearerError = BearerError::InvalidToken("this access token is malformed, expired, revoked or not ours");

/// Claims about the user
///
/// OpenID Connect Core §5.3: as JSON or, where the client is registered so, as a signed JWT.
#[endpoint(tags("OpenID Connect"))]
pub async fn userinfo(app: Shared, req: &mut Request, res: &mut Response) -> Result<(), BearerError> {
    let token = presented(req).await?;
    let (access, spoken) = spoken(&app, &token).await?.ok_or(INVALID)?;
    // A resource server that was shown a token cannot show it here (RFC 9068 §4).
    if !access.aud.contains(app.public_url.as_str()) {
        return Err(INVALID);
    }
    if !access.scope.contains(Scope::OPENID) {
        return Err(BearerError::InsufficientScope(Scope::OPENID));
    }
    let client = app.clients.get().find(&access.client_id).cloned().ok_or(INVALID)?;
    let mut told = app.custom_claims.told(&spoken.person, &client.id, &access.scope, ClaimPlace::UserInfo);
    told.extend(claims::of_scope(&spoken.person, &access.scope));
    told.extend(claims::named(&spoken.person, &spoken.grant.details.claims.userinfo));
    told.insert("sub".to_owned(), access.sub.into());
    no_store(res);
    match client.metadata.userinfo_signed_response_alg.as_deref() {
        None => res.render(Json(told)),
        Some(name) => {
            let jwt = signed(&app, &client, name, told)?;
            res.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jwt"));
            res.body(jwt);
        }
    }
    Ok(())
}

/// The token in the header or in the body, and in one of them alone (RFC 6750 §2).
async fn presented(req: &mut Request) -> Result<String, BearerError> {
    let header = bearer_token(req).map(str::to_owned);
    let body = match *req.method() == Method::POST && req.content_type().is_some() {
        true => Params::of_body(req).await.ok().and_then(|params| params.get("access_token").map(str::to_owned)),
        false => None,
    };
    match (header, body) {
        (Some(_), Some(_)) => Err(BearerError::InvalidRequest("show the token in one place")),
        (header, body) => header.or(body).ok_or(BearerError::Missing),
    }
}

/// The claims of a client's access token that serves now, and whom it speaks for.
pub(super) async fn spoken(app: &App, token: &str) -> anyhow::Result<Option<(ClientAccessClaims, Spoken)>> {
    let Some(access) = verified(app, token) else { return Ok(None) };
    let Some(grant) = access.grant() else { return Ok(None) };
    let spoken = app.store.find_spoken(grant, &access.jti).await?;
    Ok(spoken.map(|spoken| (access, spoken)))
}

/// The claims of an access token that is ours and in its time.
pub(super) fn verified(app: &App, token: &str) -> Option<ClientAccessClaims> {
    let claims: ClientAccessClaims = app.keyring.load().verify(token, ACCESS_TOKEN_TYPE)?;
    let in_time = claims.exp > app.now().as_second();
    (claims.iss == app.public_url.as_str() && in_time).then_some(claims)
}

/// Core §5.3.2: with who says so, and to whom.
fn signed(app: &App, client: &Client, algorithm: &str, mut claims: Map<String, Value>) -> anyhow::Result<String> {
    claims.insert("iss".to_owned(), app.public_url.as_str().into());
    claims.insert("aud".to_owned(), client.id.clone().into());
    let keyring = app.keyring.load();
    let signer = algorithm.parse().ok().and_then(|algorithm| keyring.signer_of(algorithm));
    let signer = signer.ok_or_else(|| anyhow::anyhow!("no key signs with {algorithm}"))?;
    Ok(signer.sign(issue::ID_TOKEN_TYPE, &claims)?)
}
