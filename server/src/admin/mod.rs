//! The admin API, `/admin/v1`: what operators see and change while the server runs.
//!
//! One file a resource. Who may do what is decided in one place, [`authorize`], which `http::gate` asks before any route
//! here is reached. Every change is audited in the transaction that makes it.

mod api_keys;
mod audit;
mod clients;
mod cursor;
mod export;
mod import;
mod keys;
mod live;
mod mail;
mod sessions;
mod settings;
mod stats;
mod user_list;
mod users;

use salvo::Router;
use sha2::{Digest, Sha256};
use signet_shared::admin::Permission;

use crate::{
    app::{App, after},
    error::Refusal,
    http::{gate::Gate, idempotency::IdempotencyKey},
    model::{
        actor::{Actor, Principal, Role},
        api_key::{ApiKey, PlainApiKey},
        claims::AccessClaims,
        idempotency::{Idempotency, REMEMBERED_FOR},
        session::Origin,
    },
    tokens::verify_access_token,
};

/// How recent a login always is recent enough, in seconds.
const SHORTEST_WINDOW: i64 = 10;

/// Every route of the admin API.
pub fn router() -> Router {
    Router::with_path("admin/v1")
        .hoop(Gate)
        .push(api_keys::router())
        .push(audit::router())
        .push(clients::router())
        .push(keys::router())
        .push(mail::router())
        .push(sessions::router())
        .push(settings::router())
        .push(stats::router())
        .push(users::router())
}

/// Who shows this token, if they may do what they want. The caller's row is read each time: disabled means now.
pub async fn authorize(app: &App, token: &str, wanted: Permission, origin: Origin) -> Result<Actor, Refusal> {
    let principal = authenticate(app, token).await?;
    if !principal.may(wanted) {
        return Err(Refusal::Forbidden {
            code: "not_allowed",
            message: "this caller may not do that; an administrator can give the role or the permission",
        });
    }
    Ok(Actor { principal, origin })
}

async fn authenticate(app: &App, token: &str) -> Result<Principal, Refusal> {
    if let Some(key) = PlainApiKey::parse(token) {
        let unknown =
            || Refusal::BadToken("this API key is unknown or has expired, or its maker is no administrator any more");
        let key = app.store.find_api_key(&key.hash()).await?.ok_or_else(unknown)?;
        if !is_backed(app, &key).await? {
            return Err(unknown());
        }
        return Ok(Principal::ApiKey { id: key.id, permissions: key.permissions });
    }
    let claims = verify_access_token(app, token)?;
    let ended = Refusal::BadToken("this session has ended; log in again");
    let user = app.store.find_account(claims.sub, claims.sid).await?.ok_or(ended)?;
    let role = if claims.is_unrestricted() { Role::of(&user.roles) } else { None };
    let role = role.ok_or(Refusal::Forbidden {
        code: "not_allowed",
        message: "this takes the role admin or auditor, and a login with a proper password",
    })?;
    let AccessClaims { sid, auth_time, .. } = claims;
    Ok(Principal::User { id: user.id, session: sid, role, auth_time })
}

/// The longest line of keys that were made with keys.
const MAX_LINEAGE: usize = 8;

/// Whether a key serves: it has not expired, and whoever made it could still make it. One that was made with another key goes
/// with that.
async fn is_backed(app: &App, key: &ApiKey) -> Result<bool, Refusal> {
    let mut key = key.clone();
    for _ in 0..MAX_LINEAGE {
        if !key.is_live(app.now()) {
            return Ok(false);
        }
        match key.created_by.split_once(':') {
            Some(("user", id)) => {
                let Ok(id) = id.parse() else { return Ok(false) };
                let maker = app.store.find_user(id).await?;
                return Ok(maker.is_some_and(|user| !user.disabled && Role::of(&user.roles) == Some(Role::Admin)));
            }
            Some(("api_key", id)) => match app.store.find_api_key_by_id(id).await? {
                Some(parent) => key = parent,
                None => return Ok(false),
            },
            _ => return Ok(false),
        }
    }
    Ok(false)
}

/// What cannot be undone takes a login that is recent. A key of the admin API was given its permissions for just that.
fn demand_recent_login(app: &App, actor: &Actor) -> Result<(), Refusal> {
    // Never so short that nobody could.
    let window = app.settings.get().reauthentication_window.max(SHORTEST_WINDOW);
    match actor.principal {
        Principal::User { auth_time, .. } if app.now().as_second() - auth_time >= window => Err(Refusal::Forbidden {
            code: "reauthentication_required",
            message: "this cannot be undone and takes a recent login; log in again, then repeat it",
        }),
        _ => Ok(()),
    }
}

/// What makes a creation that is asked for twice one.
fn creation(
    app: &App,
    actor: &Actor,
    resource: &str,
    IdempotencyKey(key): IdempotencyKey,
    told: &serde_json::Value,
) -> Idempotency {
    let digest = Sha256::new().chain_update(resource).chain_update(told.to_string()).finalize();
    Idempotency {
        key: key.map(|key| (actor.principal.to_string(), key)),
        fingerprint: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        expires_at: after(app.now(), REMEMBERED_FOR),
    }
}

fn key_reused() -> Refusal {
    Refusal::field("Idempotency-Key", "this key came with another request before; take a new one for each")
}

/// Whether the caller may touch users with roles and what is theirs: whoever could would else give themselves everything.
fn is_privileged(caller: &Actor) -> bool {
    caller.principal.may(Permission::ALL)
}

/// What others are told.
fn protected() -> Refusal {
    Refusal::Forbidden {
        code: "not_allowed",
        message: "users with roles are for administrators, and for keys that may do everything",
    }
}
