//! Clients: registered, changed, given another secret, removed.

use jiff::Timestamp;
use salvo::{
    Router, Writer,
    oapi::{ToParameters, endpoint, extract::PathParam},
    writing::Json,
};
use serde::Deserialize;
use serde_json::{Value, json};
use signet_shared::admin::{ClientMetadata, ClientView, Page, RotateSecretRequest, SecretView};

use super::{creation, cursor::PageQuery, demand_recent_login, key_reused};
use crate::{
    app::{App, Shared, after},
    clients::{self, MetadataPatch},
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
        audit::{Event, EventType},
        client::{Client, ClientSecret, PlainClientSecret},
        filter::{self, InvalidFilter},
        idempotency::Idempotency,
    },
    store::{ClientQuery, ClientWrite, Creation, Removed},
};

/// How long the secret of before serves unless told, and at the most, in seconds.
const OVERLAP: i64 = 86_400;
const MAX_OVERLAP: i64 = 90 * 86_400;

pub(super) fn router() -> Router {
    Router::with_path("clients").get(list_clients).post(create_client).push(
        Router::with_path("{id}")
            .get(get_client)
            .patch(change_client)
            .delete(delete_client)
            .push(Router::with_path("secret").post(rotate_secret)),
    )
}

/// Without the secrets whose time is over: they are nobody's business any more.
fn view(client: &Client, now: Timestamp) -> ClientView {
    let secret = |secret: &ClientSecret| SecretView {
        created_at: secret.created_at.to_string(),
        expires_at: secret.expires_at.map(|at| at.to_string()),
    };
    ClientView {
        client_id: client.id.clone(),
        client_id_issued_at: client.created_at.as_second(),
        client_secret: None,
        secrets: client.live_secrets(now).map(secret).collect(),
        metadata: client.metadata.clone(),
        created_at: client.created_at.to_string(),
        updated_at: client.updated_at.to_string(),
    }
}

/// Which clients to list.
#[derive(Default, Deserialize, ToParameters)]
#[serde(default, deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
struct ListQuery {
    /// `name:` or a bare word: how their names begin.
    filter: Option<String>,
    /// Most items to answer with: 50 unless told, 200 at most.
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

fn read_filter(text: &str) -> Result<ClientQuery, InvalidFilter> {
    let mut query = ClientQuery::default();
    for term in filter::parse(text)? {
        match term.field.as_str() {
            "" | "name" => query.name = Some(term.value.to_lowercase()),
            _ => return Err(InvalidFilter::UnknownField(term.field, "name")),
        }
    }
    Ok(query)
}

/// List clients
///
/// The latest first.
#[endpoint(tags("Admin: clients"))]
async fn list_clients(
    app: Shared,
    _caller: Caller,
    query: Query<ListQuery>,
) -> Result<Json<Page<ClientView>>, Problem> {
    let ListQuery { filter, limit, cursor } = query.0;
    let filter = filter.unwrap_or_default();
    let read = read_filter(&filter).map_err(|error| Refusal::field("filter", error))?;
    let page = PageQuery { limit, cursor }.read::<(i64, String)>(&app, "clients", &filter)?;
    let query = ClientQuery { after: page.after.clone(), limit: page.limit + 1, ..read };
    let clients = app.store.list_clients(&query).await?;
    let page = page.finish(&app, clients, |client| (client.created_at.as_millisecond(), client.id.clone()))?;
    Ok(Json(Page {
        items: page.items.iter().map(|client| view(client, app.now())).collect(),
        next_cursor: page.next_cursor,
    }))
}

const UNKNOWN: Refusal = Refusal::NotFound("there is no such client");

async fn find(app: &App, id: &str) -> Result<Client, Refusal> {
    app.store.find_client(id).await?.ok_or(UNKNOWN)
}

fn stale(app: &App, current: &Client) -> Result<Refusal, Refusal> {
    let shown = serde_json::to_value(view(current, app.now())).map_err(anyhow::Error::from)?;
    Ok(Refusal::Stale { revision: current.revision, current: shown })
}

/// One client
#[endpoint(tags("Admin: clients"))]
async fn get_client(app: Shared, _caller: Caller, id: PathParam<String>) -> Result<Tagged<ClientView>, Problem> {
    let client = find(&app, &id).await?;
    Ok(Tagged(client.revision, view(&client, app.now())))
}

/// Register a client
///
/// Where it takes a secret, the answer holds one, once; only its hash is kept.
#[endpoint(tags("Admin: clients"))]
async fn create_client(
    app: Shared,
    caller: Caller,
    key: IdempotencyKey,
    body: ApiBody<MetadataPatch>,
) -> Result<CreatedAt<ClientView>, Problem> {
    let told = Value::Object(body.0.0.clone());
    let metadata = body.0.apply(&ClientMetadata::default())?;
    let now = app.now();
    let id = uuid::Builder::from_random_bytes(app.random()).into_uuid().to_string();
    clients::check_surroundings(&app, &metadata).await?;
    let client = Client {
        id,
        metadata,
        secrets: Vec::new(),
        registration_token: None,
        created_at: now,
        updated_at: now,
        revision: 1,
    };
    let (client, secret) = client.with_needed_secret(app.entropy.as_ref(), now);
    let shown = view(&client, now);
    let event = Event::by(&caller.0, EventType::ClientCreate).about(&client.id).changing(None, json!(shown));
    let idempotency = creation(&app, &caller.0, "clients", key, &told);
    let (revision, shown) = write(&app, client, None, idempotency, &event, secret).await?;
    Ok(CreatedAt { location: format!("/admin/v1/clients/{}", shown.client_id), revision, body: shown })
}

/// Writes a client, and shows it, at its revision, with the secret that it was given, or as a repetition of the request is
/// told.
async fn write(
    app: &App,
    client: Client,
    seen: Option<i64>,
    idempotency: Idempotency,
    event: &Event,
    secret: Option<PlainClientSecret>,
) -> Result<(i64, ClientView), Refusal> {
    let (shown, revision) = (view(&client, app.now()), client.revision);
    // With its revision: whoever asks again is told the tag of what they are shown, which may have been changed since.
    let answer = serde_json::to_string(&(revision, &shown)).map_err(anyhow::Error::from)?;
    let write = ClientWrite { client, seen, idempotency, answer };
    match clients::write(app, &write, event).await? {
        Creation::Created => {
            Ok((revision, ClientView { client_secret: secret.map(|secret| secret.expose()), ..shown }))
        }
        Creation::Repeated(answer) => Ok(serde_json::from_str(&answer).map_err(anyhow::Error::from)?),
        Creation::KeyReused => Err(key_reused()),
        Creation::Refused(_) => Err(stale(app, &find(app, &write.client.id).await?)?),
    }
}

/// Change a client
///
/// Members that are absent stay as they are; `null` gives one its default back. Changes hold for the next request. What would
/// let somebody else come in the client's place takes a recent login. A client whose method takes no secret loses those it
/// has; one that takes a secret again is given one at `secret`.
#[endpoint(tags("Admin: clients"))]
async fn change_client(
    app: Shared,
    caller: Caller,
    seen: IfMatch,
    id: PathParam<String>,
    body: ApiBody<MetadataPatch>,
) -> Result<Tagged<ClientView>, Problem> {
    let MetadataPatch(members) = body.0;
    loop {
        let before = find(&app, &id).await?;
        if seen.revision().is_some_and(|seen| seen != before.revision) {
            return Err(stale(&app, &before)?.into());
        }
        let metadata = MetadataPatch(members.clone()).apply(&before.metadata)?;
        let (old, new) = differences(&before, &metadata)?;
        if old.as_object().is_none_or(serde_json::Map::is_empty) {
            return Ok(Tagged(before.revision, view(&before, app.now())));
        }
        if IDENTITY.iter().any(|member| old.get(*member).is_some()) {
            demand_recent_login(&app, &caller.0)?;
        }
        if SURROUNDED.iter().any(|member| old.get(*member).is_some()) {
            clients::check_surroundings(&app, &metadata).await?;
        }
        let event = Event::by(&caller.0, EventType::ClientUpdate).about(&before.id).changing(old, new);
        let seen_revision = before.revision;
        let after = before.with_metadata(metadata, app.now());
        match write(&app, after, Some(seen_revision), Idempotency::none(app.now()), &event, None).await {
            Err(Refusal::Stale { .. }) if seen == IfMatch::Any => {}
            written => return written.map(|(revision, shown)| Tagged(revision, shown)).map_err(Problem),
        }
    }
}

/// Members that are judged by what is around.
const SURROUNDED: &[&str] =
    &["sector_identifier_uri", "redirect_uris", "id_token_signed_response_alg", "userinfo_signed_response_alg"];

/// Members that say who the client is, and where what is meant for it goes.
const IDENTITY: &[&str] = &[
    "redirect_uris",
    "post_logout_redirect_uris",
    "token_endpoint_auth_method",
    "jwks",
    "jwks_uri",
    "request_uris",
    "initiate_login_uri",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "sector_identifier_uri",
    "subject_type",
    "secrets",
];

/// What a change changes, before and after; of secrets their number.
fn differences(before: &Client, after: &ClientMetadata) -> Result<(Value, Value), Refusal> {
    let json = |metadata, secrets: usize| {
        let mut json = serde_json::to_value(metadata).map_err(anyhow::Error::from)?;
        json["secrets"] = json!(secrets);
        Ok::<_, Refusal>(json)
    };
    let kept = if after.token_endpoint_auth_method.takes_secret() { before.secrets.len() } else { 0 };
    let (mut before, mut after) = (json(&before.metadata, before.secrets.len())?, json(after, kept)?);
    if let (Value::Object(before), Value::Object(after)) = (&mut before, &mut after) {
        let is_same = |(name, was): &(&String, &Value)| after.get(*name) == Some(*was);
        let same: Vec<_> = before.iter().filter(is_same).map(|(name, _)| name.clone()).collect();
        before.retain(|name, _| !same.contains(name));
        after.retain(|name, _| !same.contains(name));
    }
    Ok((before, after))
}

/// Give a client another secret
///
/// The answer holds it, once. Those of before serve for the overlap at the most, so that every instance of the client can be
/// given the new one; an overlap of 0 ends them at once. The caller's login must be recent.
#[endpoint(tags("Admin: clients"))]
async fn rotate_secret(
    app: Shared,
    caller: Caller,
    key: IdempotencyKey,
    id: PathParam<String>,
    body: ApiBody<RotateSecretRequest>,
) -> Result<Tagged<ClientView>, Problem> {
    demand_recent_login(&app, &caller.0)?;
    let overlap = body.0.overlap.unwrap_or(OVERLAP);
    if !(0..=MAX_OVERLAP).contains(&overlap) {
        return Err(Refusal::field("overlap", "an overlap is 0 seconds to 90 days").into());
    }
    let idempotency = creation(&app, &caller.0, &format!("clients/{}/secret", id.as_str()), key, &json!(body.0));
    let secret = PlainClientSecret::generate(app.entropy.as_ref());
    loop {
        let before = find(&app, &id).await?;
        let method = before.metadata.token_endpoint_auth_method;
        if !method.takes_secret() {
            let reason = format!("this client authenticates with {method}, which takes no secret");
            return Err(Refusal::NotNow(reason.into()).into());
        }
        let event = Event::by(&caller.0, EventType::ClientSecret).about(&before.id);
        let event = event.changing(None, json!({ "overlap": overlap }));
        let (now, revision) = (app.now(), before.revision + 1);
        let with_secret = before.with_secret(secret.hash(), after(now, overlap), now).ok_or_else(too_many_secrets)?;
        let with_secret = Client { updated_at: now, revision, ..with_secret };
        let (seen, shown_once) = (Some(revision - 1), Some(secret.clone()));
        match write(&app, with_secret, seen, idempotency.clone(), &event, shown_once).await {
            Err(Refusal::Stale { .. }) => {}
            written => return written.map(|(revision, shown)| Tagged(revision, shown)).map_err(Problem),
        }
    }
}

fn too_many_secrets() -> Refusal {
    Refusal::NotNow("five secrets serve already; wait until an overlap is over, or say 0 to end them all".into())
}

/// Remove a client
///
/// Nothing that it shows serves from now on. The caller's login must be recent.
#[endpoint(tags("Admin: clients"))]
async fn delete_client(
    app: Shared,
    caller: Caller,
    seen: IfMatch,
    id: PathParam<String>,
) -> Result<NoContent, Problem> {
    demand_recent_login(&app, &caller.0)?;
    let before = find(&app, &id).await?;
    let event =
        Event::by(&caller.0, EventType::ClientDelete).about(&before.id).changing(json!(view(&before, app.now())), None);
    match app.store.delete_client(&before.id, seen.revision(), &event, app.now()).await? {
        Removed::Done => {
            clients::reload(&app).await;
            Ok(NoContent)
        }
        Removed::Missing => Err(UNKNOWN.into()),
        Removed::Stale => Err(stale(&app, &find(&app, &id).await?)?.into()),
    }
}
