//! Clients that register themselves (RFC 7591), and look after what they registered (RFC 7592): as far as the operator lets
//! them.

mod metadata;

use http::StatusCode;
use salvo::{Request, Response, Router, Writer, oapi::endpoint, writing::Json};
use serde_json::{Map, Value, json};
use signet_shared::{
    Scope, ScopeSet,
    admin::{Access, ClientMetadata, Permission, Resource},
};
use subtle::ConstantTimeEq;

use super::claims;
use super::error::{BearerError, ErrorCode, OAuthError, no_store};
use crate::{
    admin,
    app::{App, Shared},
    clients,
    error::Refusal,
    http::{body, caller::bearer_token, origin},
    model::{
        audit::{Event, EventType},
        client::{Client, PlainClientSecret},
        idempotency::Idempotency,
        secret::PlainCode,
        session::Origin,
        setting::ClientRegistration,
    },
    store::{AttemptLimit, ClientWrite, Creation, Removed, StoreError},
};

/// All clients are in memory: more than these are not for strangers to add.
const MAX_CLIENTS: usize = 10_000;
/// So many times as many may register from one address as an account may see logins fail.
const REGISTRATIONS: i64 = 10;
/// How often a change is made anew because somebody else changed the client.
const MAX_TRIES: usize = 5;

/// Registration and what follows.
pub fn router() -> Router {
    Router::with_path("register")
        .post(register)
        .push(Router::with_path("{id}").get(read_registration).put(replace_registration).delete(delete_registration))
}

/// Register a client
///
/// RFC 7591 §3: anybody, or whoever shows a token of the admin API that may write clients, or nobody, as the setting
/// `client_registration` says.
#[endpoint(tags("OpenID Connect"))]
pub async fn register(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), BearerError> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    let actor = admit(&app, req, &from.0).await?;
    let told: Map<String, Value> = body::read(req).await.map_err(metadata::refused)?;
    let metadata = metadata::read(told, &ClientMetadata::default(), &open_scopes(&app)?)?;
    clients::check_surroundings(&app, &metadata).await.map_err(metadata::refused)?;
    if app.clients.get().len() >= MAX_CLIENTS {
        return Err(OAuthError::new(ErrorCode::TemporarilyUnavailable, "no more clients can register here").into());
    }
    let token = PlainCode::generate(app.entropy.as_ref());
    let now = app.now();
    let client = Client {
        id: uuid::Builder::from_random_bytes(app.random()).into_uuid().to_string(),
        metadata,
        secrets: Vec::new(),
        registration_token: Some(token.hash()),
        created_at: now,
        updated_at: now,
        revision: 1,
    };
    let (client, secret) = client.with_needed_secret(app.entropy.as_ref(), now);
    let shown = metadata::shown(&app, &client, secret.as_ref().map(PlainClientSecret::expose), &token)?;
    let event = Event { actor, ..event(EventType::ClientRegister, &client, &from.0) };
    write(&app, client, None, &event).await?;
    no_store(res);
    res.status_code(StatusCode::CREATED);
    res.render(Json(shown));
    Ok(())
}

/// The scopes that are about what users may give.
fn open_scopes(app: &App) -> Result<ScopeSet, OAuthError> {
    let standard = claims::SCOPES.iter().map(|(name, _)| *name);
    let all = [Scope::OPENID, Scope::OFFLINE_ACCESS].into_iter().chain(standard).chain(app.custom_claims.scopes());
    let all = all.collect::<Vec<_>>().join(" ");
    all.parse().map_err(|error| anyhow::anyhow!("scopes of our own: {error}").into())
}

/// Whoever may register here now, by name, where they have to say who they are.
async fn admit(app: &App, req: &Request, origin: &Origin) -> Result<Option<String>, BearerError> {
    let policy = app.settings.get().client_registration;
    match policy {
        ClientRegistration::Open => {
            let now = app.now();
            let limit = AttemptLimit::from_settings(&app.settings.get(), now);
            let limit = AttemptLimit { attempts: limit.attempts * REGISTRATIONS, ..limit };
            if !app.store.reserve_event(&format!("registration {}", origin.neighbourhood()), limit, now).await? {
                let wait = limit.window_ends_at.duration_since(now).try_into().unwrap_or_default();
                return Err(Refusal::Throttled(wait).into());
            }
            Ok(None)
        }
        ClientRegistration::Closed => {
            let closed = "clients do not register themselves here; ask the operator";
            Err(OAuthError::new(ErrorCode::AccessDenied, closed).into())
        }
        ClientRegistration::Token => {
            let token = bearer_token(req).ok_or(BearerError::Missing)?.to_owned();
            let wanted = Permission { resource: Some(Resource::Clients), access: Access::Write };
            match admin::authorize(app, &token, wanted, origin.clone()).await {
                Ok(actor) => Ok(Some(actor.principal.to_string())),
                Err(Refusal::BadToken(reason)) => Err(BearerError::InvalidToken(reason)),
                Err(Refusal::Forbidden { .. }) => Err(BearerError::InsufficientScope("clients:write")),
                Err(other) => Err(other.into()),
            }
        }
    }
}

fn event(kind: EventType, client: &Client, origin: &Origin) -> Event {
    let event = Event { kind, actor: None, subject: None, ip: Some(origin.address), before: None, after: None };
    let after = (kind != EventType::ClientDelete).then(|| json!(client.metadata));
    event.about(&client.id).changing(None, after)
}

/// False when somebody else changed the client meanwhile.
async fn write(app: &App, client: Client, seen: Option<i64>, event: &Event) -> Result<bool, Refusal> {
    let write = ClientWrite { client, seen, idempotency: Idempotency::none(app.now()), answer: String::new() };
    Ok(clients::write(app, &write, event).await? == Creation::Created)
}

/// The client that a request is about, which shows that it is its own (RFC 7592 §2).
async fn own(app: &App, req: &Request) -> Result<(Client, PlainCode), BearerError> {
    let token = bearer_token(req).ok_or(BearerError::Missing)?;
    let unknown = || BearerError::InvalidToken("this registration access token is not the client's, or it is gone");
    let token = PlainCode::parse(token).ok_or_else(unknown)?;
    let id: String = req.param("id").unwrap_or_default();
    let client = app.store.find_client(&id).await?.ok_or_else(unknown)?;
    let hash = client.registration_token.as_ref().ok_or_else(unknown)?;
    let is_own: bool = hash.as_str().as_bytes().ct_eq(token.hash().as_str().as_bytes()).into();
    if is_own { Ok((client, token)) } else { Err(unknown()) }
}

/// What is known of a client
///
/// RFC 7592 §2.1. Secrets were shown when they were made.
#[endpoint(tags("OpenID Connect"), parameters(("id" = String, Path, description = "the client_id")))]
pub async fn read_registration(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), BearerError> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    let (client, token) = own(&app, req).await?;
    no_store(res);
    res.render(Json(metadata::shown(&app, &client, None, &token)?));
    Ok(())
}

/// Replace what is known of a client
///
/// RFC 7592 §2.2: members that are not there have their defaults again.
#[endpoint(tags("OpenID Connect"), parameters(("id" = String, Path, description = "the client_id")))]
pub async fn replace_registration(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), BearerError> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    let (mut client, token) = own(&app, req).await?;
    let told: Map<String, Value> = body::read(req).await.map_err(metadata::refused)?;
    is_about(&app, &client, &told)?;
    for _ in 0..MAX_TRIES {
        let metadata = metadata::read(told.clone(), &client.metadata, &open_scopes(&app)?)?;
        clients::check_surroundings(&app, &metadata).await.map_err(metadata::refused)?;
        let (seen, now) = (client.revision, app.now());
        let after = client.with_metadata(metadata, now);
        let (after, secret) = after.with_needed_secret(app.entropy.as_ref(), now);
        let shown = metadata::shown(&app, &after, secret.as_ref().map(PlainClientSecret::expose), &token)?;
        if write(&app, after.clone(), Some(seen), &event(EventType::ClientUpdate, &after, &from.0)).await? {
            no_store(res);
            res.render(Json(shown));
            return Ok(());
        }
        (client, _) = own(&app, req).await?;
    }
    Err(StoreError::Conflict.into())
}

/// The client names itself, and the secret that it has (§2.2).
fn is_about(app: &App, client: &Client, told: &Map<String, Value>) -> Result<(), OAuthError> {
    let refused = |description: &'static str| Err(OAuthError::new(ErrorCode::InvalidClientMetadata, description));
    if told.get("client_id").and_then(Value::as_str) != Some(&client.id) {
        return refused("client_id: it has to be there, and to be the client's own");
    }
    match told.get("client_secret").and_then(Value::as_str) {
        Some(secret) if !client.has_secret(secret, app.now()) => refused("client_secret: this is not the client's"),
        _ => Ok(()),
    }
}

/// Remove a client
///
/// RFC 7592 §2.3. Nothing that it shows serves from now on.
#[endpoint(tags("OpenID Connect"), parameters(("id" = String, Path, description = "the client_id")))]
pub async fn delete_registration(
    app: Shared,
    from: origin::From,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), BearerError> {
    app.addresses.admit(from.0.address, app.settings.get().address_requests_per_minute)?;
    let (client, _) = own(&app, req).await?;
    let event = event(EventType::ClientDelete, &client, &from.0);
    match app.store.delete_client(&client.id, None, &event, app.now()).await? {
        Removed::Done | Removed::Missing => clients::reload(&app).await,
        Removed::Stale => return Err(StoreError::Conflict.into()),
    }
    no_store(res);
    res.status_code(StatusCode::NO_CONTENT);
    Ok(())
}
