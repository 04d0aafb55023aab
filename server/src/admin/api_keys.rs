//! Keys to this API, for programs.

use jiff::Timestamp;
use salvo::{
    Router, Writer,
    oapi::{endpoint, extract::PathParam},
    writing::Json,
};
use serde_json::json;
use signet_shared::admin::{ApiKeyView, NewApiKeyRequest, Page, Permission};

use super::{creation, cursor::PageQuery, demand_recent_login, key_reused};
use crate::{
    app::{App, Shared},
    error::{Problem, Refusal},
    http::{
        answer::{CreatedAt, NoContent, Tagged},
        body::ApiBody,
        gate::Caller,
        idempotency::IdempotencyKey,
        precondition::IfMatch,
        query::Query,
    },
    model::{
        actor::Actor,
        api_key::{ApiKey, PlainApiKey},
        audit::{Event, EventType},
    },
    store::{Creation, Removed},
};

/// The longest name, in characters.
const MAX_NAME: usize = 100;

pub(super) fn router() -> Router {
    Router::with_path("api-keys")
        .get(list_api_keys)
        .post(create_api_key)
        .push(Router::with_path("{id}").get(get_api_key).delete(delete_api_key))
}

fn view(key: ApiKey) -> ApiKeyView {
    ApiKeyView {
        id: key.id,
        name: key.name,
        permissions: key.permissions.iter().map(ToString::to_string).collect(),
        created_by: key.created_by,
        created_at: key.created_at.to_string(),
        expires_at: key.expires_at.map(|at| at.to_string()),
        api_key: None,
    }
}

/// List API keys
#[endpoint(tags("Admin: API keys"))]
async fn list_api_keys(
    app: Shared,
    _caller: Caller,
    query: Query<PageQuery>,
) -> Result<Json<Page<ApiKeyView>>, Problem> {
    let page = query.0.read::<(i64, String)>(&app, "api-keys", "")?;
    let keys = app.store.list_api_keys(page.after.clone(), page.limit + 1).await?;
    let page = page.finish(&app, keys, |key| (key.created_at.as_millisecond(), key.id.clone()))?;
    Ok(Json(Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor }))
}

async fn find(app: &App, id: &str) -> Result<ApiKey, Refusal> {
    app.store.find_api_key_by_id(id).await?.ok_or(Refusal::NotFound("there is no such API key"))
}

/// One API key
#[endpoint(tags("Admin: API keys"))]
async fn get_api_key(app: Shared, _caller: Caller, id: PathParam<String>) -> Result<Tagged<ApiKeyView>, Problem> {
    let key = find(&app, &id).await?;
    Ok(Tagged(key.revision, view(key)))
}

/// Create an API key
///
/// The answer holds the key, once; only its hash is kept.
#[endpoint(tags("Admin: API keys"))]
async fn create_api_key(
    app: Shared,
    caller: Caller,
    key: IdempotencyKey,
    body: ApiBody<NewApiKeyRequest>,
) -> Result<CreatedAt<ApiKeyView>, Problem> {
    // A key needs no recent login for what it may do; whoever makes one does.
    demand_recent_login(&app, &caller.0)?;
    let request = body.0;
    let now = app.now();
    let permissions = read_permissions(&request.permissions, &caller.0)?;
    let expires_at = read_expiry(request.expires_at.as_deref(), now)?;
    let name = request.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Refusal::field("name", "a name has 1 to 100 characters, none of them a control character").into());
    }
    let secret = PlainApiKey::generate(app.entropy.as_ref());
    let made = ApiKey {
        id: uuid::Builder::from_random_bytes(app.random()).into_uuid().to_string(),
        name: name.to_owned(),
        permissions,
        created_by: caller.0.principal.to_string(),
        created_at: now,
        expires_at,
        revision: 1,
    };
    let shown = view(made.clone());
    let idempotency = creation(&app, &caller.0, "api-keys", key, &json!(request));
    let answer = serde_json::to_string(&shown).map_err(anyhow::Error::from)?;
    let event = Event::by(&caller.0, EventType::ApiKeyCreate).about(&made.id).changing(None, json!(shown));
    let shown = match app.store.create_api_key(&made, &secret.hash(), &idempotency, &answer, &event).await? {
        Creation::Created => ApiKeyView { api_key: Some(secret.expose()), ..shown },
        Creation::Repeated(answer) => serde_json::from_str(&answer).map_err(anyhow::Error::from)?,
        Creation::KeyReused => return Err(key_reused().into()),
        Creation::Refused(reason) => return Err(anyhow::anyhow!("an API key was refused: {reason}").into()),
    };
    Ok(CreatedAt { location: format!("/admin/v1/api-keys/{}", shown.id), revision: 1, body: shown })
}

fn read_permissions(texts: &[String], caller: &Actor) -> Result<Vec<Permission>, Refusal> {
    let read: Result<Vec<Permission>, _> = texts.iter().map(|text| text.parse()).collect();
    let mut permissions = read.map_err(|error| Refusal::field("permissions", error))?;
    permissions.sort();
    permissions.dedup();
    if permissions.is_empty() {
        return Err(Refusal::field("permissions", "a key that may do nothing opens nothing; name some"));
    }
    if !permissions.iter().all(|wanted| caller.principal.may(*wanted)) {
        return Err(Refusal::Forbidden {
            code: "not_allowed",
            message: "nobody gives what they do not have: the key would be allowed more than its maker",
        });
    }
    Ok(permissions)
}

fn read_expiry(text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let expires_at = text.map(str::parse::<Timestamp>).transpose();
    let expires_at = expires_at.ok().filter(|at| at.is_none_or(|at| at > now));
    expires_at.ok_or_else(|| Refusal::field("expires_at", "write an instant to come, such as 2027-01-01T00:00:00Z"))
}

/// Delete an API key
///
/// It opens nothing from now on.
#[endpoint(tags("Admin: API keys"))]
async fn delete_api_key(
    app: Shared,
    caller: Caller,
    seen: IfMatch,
    id: PathParam<String>,
) -> Result<NoContent, Problem> {
    let key = find(&app, &id).await?;
    let event = Event::by(&caller.0, EventType::ApiKeyDelete).about(&key.id).changing(json!(view(key.clone())), None);
    match app.store.delete_api_key(&key.id, seen.revision(), &event, app.now()).await? {
        Removed::Done => Ok(NoContent),
        Removed::Missing => Err(Refusal::NotFound("there is no such API key").into()),
        Removed::Stale => {
            let revision = key.revision;
            let current = serde_json::to_value(view(key)).map_err(anyhow::Error::from)?;
            Err(Refusal::Stale { revision, current }.into())
        }
    }
}
