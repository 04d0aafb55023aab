//! Answering a request that its user granted: a grant, and what stands for it.

use jiff::Timestamp;
use salvo::{Request, Response};
use signet_shared::{GrantId, Scope};

use super::answer::{AuthorizeError, Target, send};
use crate::{
    app::{App, after},
    model::{
        authorization::{AuthorizationRequest, BrowserSession, Grant, GrantDetails, NewCode, NewGrant, Spoken},
        client::Client,
        secret::PlainCode,
        session::Origin,
    },
    oidc::{
        error::ErrorCode,
        issue::{self, Beside},
    },
};

/// Makes the grant and sends the browser back with what was asked for.
pub async fn answer(
    app: &App,
    client: &Client,
    request: &AuthorizationRequest,
    session: &BrowserSession,
    origin: &Origin,
    req: &Request,
    res: &mut Response,
) -> Result<(), AuthorizeError> {
    let now = app.now();
    let spoken = Spoken { grant: grant(app, request, session), person: session.person.clone() };
    let code = request.response_type.has_code().then(|| PlainCode::generate(app.entropy.as_ref()));
    let new = new_grant(app, client, request, session, &spoken, code.as_ref(), now);
    if !app.store.create_grant(&new, origin, now).await? {
        let ended = "the session ended meanwhile";
        return Err(AuthorizeError::Redirect(Target::from(request), ErrorCode::LoginRequired, ended.into()));
    }
    let parameters = parameters(app, client, request, &spoken, code.as_ref(), now)?;
    send(app, req, res, &Target::from(request), parameters);
    Ok(())
}

fn grant(app: &App, request: &AuthorizationRequest, session: &BrowserSession) -> Grant {
    Grant {
        id: GrantId::from_random_bytes(app.random()),
        client: request.client_id.clone(),
        scope: request.scope.clone(),
        details: GrantDetails {
            sid: session.id,
            auth_time: session.authenticated_at.as_second(),
            nonce: request.nonce.clone(),
            acr: request.acr.clone(),
            claims: request.claims.clone(),
            resources: request.resources.clone(),
        },
    }
}

fn new_grant(
    app: &App,
    client: &Client,
    request: &AuthorizationRequest,
    session: &BrowserSession,
    spoken: &Spoken,
    code: Option<&PlainCode>,
    now: Timestamp,
) -> NewGrant {
    let settings = app.settings.get();
    let own = client.metadata.lifetimes.authorization_code_lifetime;
    let code_until = after(now, own.unwrap_or(settings.authorization_code_lifetime));
    let tokens_until = after(now, issue::access_token_lifetime(app, client));
    NewGrant {
        grant: spoken.grant.clone(),
        user: session.person.id,
        offline: request.scope.contains(Scope::OFFLINE_ACCESS),
        expires_at: code_until.max(tokens_until),
        code: code.map(|code| NewCode {
            hash: code.hash(),
            redirect_uri: request.redirect_uri_given.then(|| request.redirect_uri.clone()),
            challenge: request.code_challenge.clone(),
            expires_at: code_until,
            // As long as what it gave may live, a second use takes it back.
            remembered_until: after(now, settings.refresh_reuse_memory).max(code_until),
        }),
    }
}

/// What goes along (OpenID Connect Core §3.1.2.5, §3.2.2.5, §3.3.2.5).
fn parameters(
    app: &App,
    client: &Client,
    request: &AuthorizationRequest,
    spoken: &Spoken,
    code: Option<&PlainCode>,
    now: Timestamp,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut parameters = Vec::new();
    parameters.extend(code.map(|code| ("code", code.expose().to_owned())));
    let access = match request.response_type.has_token() {
        true => Some(issue::access_token(app, client, spoken, &request.scope, now)?),
        false => None,
    };
    if let Some(access) = &access {
        parameters.push(("access_token", access.token.clone()));
        parameters.push(("token_type", "Bearer".to_owned()));
        parameters.push(("expires_in", access.expires_in.to_string()));
        parameters.push(("scope", request.scope.to_string()));
    }
    if request.response_type.has_id_token() {
        let beside = Beside {
            access_token: access.as_ref().map(|access| access.token.as_str()),
            code: code.map(PlainCode::expose),
            alone: !request.response_type.has_token() && code.is_none(),
            nonce: request.nonce.as_deref(),
            state: request.state.as_deref(),
        };
        parameters.push(("id_token", issue::id_token(app, client, spoken, &request.scope, beside, now)?));
    }
    Ok(parameters)
}
