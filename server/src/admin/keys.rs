//! Signing keys: where each is in its life, and what an operator may do before its time.

use jiff::Timestamp;
use salvo::{
    Router, Writer,
    oapi::{ToParameters, endpoint, extract::PathParam},
};
use serde::Deserialize;
use serde_json::json;
use signet_keys::{Algorithm, KeyId, KeyRecord, KeyState, revoke_now, rotate_now};
use signet_shared::admin::{KeyRevocation, KeyView, Page, RotateRequest, ScheduleRequest};

use super::demand_recent_login;
use crate::{
    app::{App, Shared, after},
    error::{Problem, Refusal},
    http::{
        answer::{CreatedAt, Tagged},
        body::ApiBody,
        gate::Caller,
        precondition::IfMatch,
        query::Query,
    },
    model::{
        audit::{Event, EventType},
        setting::Settings,
    },
    rotation::{Decision, RingError, algorithms, due},
    store::{AlgorithmPlan, KeyRing},
};

pub(super) fn router() -> Router {
    Router::with_path("keys")
        .get(list_keys)
        .post(add_algorithm)
        .push(Router::with_path("rotate").post(rotate_key))
        .push(Router::with_path("schedule").post(schedule_rotation))
        .push(Router::with_path("algorithms/{algorithm}").delete(drop_algorithm))
        .push(Router::with_path("{kid}/revoke").post(revoke_key))
}

fn views(ring: &KeyRing, settings: &Settings) -> Page<KeyView> {
    let mut keys: Vec<_> = ring.keys.iter().map(|key| &key.record).collect();
    keys.sort_by_key(|record| (record.algorithm, record.state.published_at()));
    let records: Vec<_> = keys.iter().map(|record| (*record).clone()).collect();
    let items = keys.into_iter().map(|record| view(record, &records, &ring.plans, settings)).collect();
    Page { items, next_cursor: None }
}

fn view(record: &KeyRecord, all: &[KeyRecord], plans: &[AlgorithmPlan], settings: &Settings) -> KeyView {
    let text = |instant: Timestamp| Some(instant.to_string());
    let mut view = KeyView {
        kid: record.kid.to_string(),
        algorithm: record.algorithm.name().to_owned(),
        state: state_name(&record.state).to_owned(),
        created_at: record.state.published_at().to_string(),
        activated_at: record.state.activated_at().and_then(text),
        retired_at: None,
        gone_at: None,
        revoked: false,
        ready_at: None,
        rotates_at: None,
        leaves_at: None,
    };
    match record.state {
        KeyState::Next { ready_at, .. } => {
            view.ready_at = text(ready_at);
            view.rotates_at = rotates_at(record.algorithm, all, plans, settings).and_then(text);
        }
        KeyState::Active { .. } => {
            view.rotates_at = rotates_at(record.algorithm, all, plans, settings).and_then(text);
        }
        KeyState::Retired { retired_at, leaves_at, .. } => {
            view.retired_at = text(retired_at);
            view.leaves_at = text(leaves_at);
        }
        KeyState::Gone { gone_at, revoked, .. } => {
            view.gone_at = text(gone_at);
            view.revoked = revoked;
        }
    }
    view
}

fn state_name(state: &KeyState) -> &'static str {
    match state {
        KeyState::Next { .. } => "next",
        KeyState::Active { .. } => "active",
        KeyState::Retired { .. } => "retired",
        KeyState::Gone { .. } => "gone",
    }
}

/// When an algorithm's next key takes over, as things stand.
fn rotates_at(
    algorithm: Algorithm,
    all: &[KeyRecord],
    plans: &[AlgorithmPlan],
    settings: &Settings,
) -> Option<Timestamp> {
    let own = || all.iter().filter(move |record| record.algorithm == algorithm);
    let (ready_at, published_at) = own().find_map(|record| match record.state {
        KeyState::Next { ready_at, published_at, .. } => Some((ready_at, published_at)),
        _ => None,
    })?;
    let announced_at = ready_at.max(after(published_at, settings.key_prepublication));
    let activated_at = own().find_map(|record| match record.state {
        KeyState::Active { activated_at, .. } => Some(activated_at),
        _ => None,
    });
    let by_period = activated_at.map_or(announced_at, |at| after(at, settings.key_rotation_period).max(announced_at));
    let planned = plans.iter().find(|plan| plan.algorithm == algorithm).and_then(|plan| plan.rotates_at);
    Some(planned.map_or(by_period, |at| at.max(ready_at).min(by_period)))
}

/// All keys
///
/// With their states, dates and next steps. The ETag is the key ring's revision.
#[endpoint(tags("Admin: keys"))]
async fn list_keys(app: Shared, _caller: Caller) -> Result<Tagged<Page<KeyView>>, Problem> {
    let ring = app.store.load_keys().await?;
    Ok(Tagged(ring.revision, views(&ring, &app.settings.get())))
}

/// Rotate now
///
/// Lets the next key of an algorithm sign. 409 while some cache may lack it, unless forced: then tokens may fail to verify
/// until caches have it, and the caller's login must be recent.
#[endpoint(tags("Admin: keys"))]
async fn rotate_key(
    app: Shared,
    caller: Caller,
    body: ApiBody<RotateRequest>,
) -> Result<Tagged<Page<KeyView>>, Problem> {
    let RotateRequest { algorithm, force } = body.0;
    let algorithm = read_algorithm(&algorithm)?;
    if force {
        demand_recent_login(&app, &caller.0)?;
    }
    let settings = app.settings.get().clone();
    let policy = app.rotation_policy(&settings);
    let event = Event::by(&caller.0, EventType::KeyRotate).about(algorithm);
    let decide = |records: &[KeyRecord], plans: &[AlgorithmPlan], now| {
        demand_in_use(algorithm, &settings, plans)?;
        let steps = rotate_now(records, algorithm, &policy, now, force).map_err(|young| {
            Refusal::NotNow(
                format!(
                    "the next {algorithm} key is too young: caches may lack it until {}; wait, or force it",
                    young.ready_at
                )
                .into(),
            )
        })?;
        let kid = |is: fn(&KeyState) -> bool| {
            let found = records.iter().find(|record| record.algorithm == algorithm && is(&record.state));
            found.map(|record| record.kid.to_string())
        };
        let signed = kid(|state| matches!(state, KeyState::Active { .. }));
        let signs = kid(|state| matches!(state, KeyState::Next { .. }));
        let event = event.clone().changing(json!({ "kid": signed }), json!({ "kid": signs, "forced": force }));
        Ok(Decision { steps, event: Some(event), ..Decision::default() })
    };
    change(&app, &settings, decide).await
}

/// Plan a rotation
///
/// The next key of an algorithm takes over at an instant, or as soon after it as every cache can hold it. Without an instant
/// an earlier plan is taken back.
#[endpoint(tags("Admin: keys"))]
async fn schedule_rotation(
    app: Shared,
    caller: Caller,
    body: ApiBody<ScheduleRequest>,
) -> Result<Tagged<Page<KeyView>>, Problem> {
    let algorithm = read_algorithm(&body.0.algorithm)?;
    let rotates_at = body.0.at.as_deref().map(str::parse::<Timestamp>).transpose();
    let rotates_at = rotates_at.map_err(|_| Refusal::field("at", "write an instant such as 2026-12-01T03:00:00Z"))?;
    if rotates_at.is_some_and(|at| at <= app.now()) {
        return Err(Refusal::field("at", "this instant is over; rotate now, or name a later one").into());
    }
    let settings = app.settings.get().clone();
    let event = Event::by(&caller.0, EventType::KeySchedule).about(algorithm);
    let decide = |_: &[KeyRecord], plans: &[AlgorithmPlan], _| {
        demand_in_use(algorithm, &settings, plans)?;
        let before = plan_of(algorithm, plans);
        let plan = |plan: AlgorithmPlan| json!({ "rotates_at": plan.rotates_at.map(|at| at.to_string()) });
        let after = AlgorithmPlan { rotates_at, ..before };
        let event = event.clone().changing(plan(before), plan(after));
        Ok(Decision { plans: vec![after], event: Some(event), ..Decision::default() })
    };
    change(&app, &settings, decide).await
}

/// An algorithm to sign with.
#[derive(Deserialize, salvo::oapi::ToSchema)]
#[serde(deny_unknown_fields)]
struct AlgorithmBody {
    /// Which.
    #[salvo(schema(example = "EdDSA"))]
    algorithm: String,
}

/// Add an algorithm
///
/// Keys of it are made, published and rotated from now on, beside those of the default algorithm and RS256.
#[endpoint(tags("Admin: keys"))]
async fn add_algorithm(
    app: Shared,
    caller: Caller,
    body: ApiBody<AlgorithmBody>,
) -> Result<CreatedAt<Page<KeyView>>, Problem> {
    let algorithm = read_algorithm(&body.0.algorithm)?;
    let settings = app.settings.get().clone();
    let added = |added: bool| json!({ "added": added });
    let event = Event::by(&caller.0, EventType::KeyAdd).about(algorithm).changing(added(false), added(true));
    let policy = app.rotation_policy(&settings);
    let decide = |records: &[KeyRecord], plans: &[AlgorithmPlan], now| {
        if algorithms(&settings, plans).contains(&algorithm) {
            return Err(Refusal::NotNow(format!("{algorithm} is in use already").into()));
        }
        let plan = AlgorithmPlan { added: true, ..plan_of(algorithm, plans) };
        let others = plans.iter().filter(|other| other.algorithm != algorithm).copied();
        let planned: Vec<_> = others.chain([plan]).collect();
        let steps = due(records, &planned, &settings, &policy, now).steps;
        Ok(Decision { steps, plans: vec![plan], event: Some(event.clone()), ..Decision::default() })
    };
    let Tagged(revision, page) = change(&app, &settings, decide).await?;
    Ok(CreatedAt { location: "/admin/v1/keys".to_owned(), revision, body: page })
}

/// Drop an algorithm
///
/// One that was added. Its keys sign no more, and stay published until what they signed has expired.
#[endpoint(tags("Admin: keys"))]
async fn drop_algorithm(
    app: Shared,
    caller: Caller,
    seen: IfMatch,
    algorithm: PathParam<String>,
) -> Result<Tagged<Page<KeyView>>, Problem> {
    let algorithm: Algorithm =
        algorithm.into_inner().parse().map_err(|_| Refusal::NotFound("there is no such algorithm"))?;
    let ring = app.store.load_keys().await?;
    let settings = app.settings.get().clone();
    if seen.revision().is_some_and(|seen| seen != ring.revision) {
        let current = serde_json::to_value(views(&ring, &settings)).map_err(anyhow::Error::from)?;
        return Err(Refusal::Stale { revision: ring.revision, current }.into());
    }
    let added = |added: bool| json!({ "added": added });
    let event = Event::by(&caller.0, EventType::KeyDrop).about(algorithm).changing(added(true), added(false));
    let policy = app.rotation_policy(&settings);
    let decide = |records: &[KeyRecord], plans: &[AlgorithmPlan], now| {
        if !plans.iter().any(|plan| plan.algorithm == algorithm && plan.added) {
            return Err(Refusal::NotFound("this algorithm was not added"));
        }
        let planned: Vec<_> = plans.iter().filter(|plan| plan.algorithm != algorithm).copied().collect();
        let plan = AlgorithmPlan { algorithm, added: false, rotates_at: None };
        let steps = due(records, &planned, &settings, &policy, now).steps;
        Ok(Decision { steps, plans: vec![plan], event: Some(event.clone()), ..Decision::default() })
    };
    change(&app, &settings, decide).await
}

/// How a revocation is meant.
#[derive(Deserialize, ToParameters)]
#[serde(deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
struct RevokeQuery {
    /// `true` counts what would break, and does nothing.
    #[serde(default)]
    dry_run: bool,
}

/// Revoke a key
///
/// For a key that got into wrong hands. It leaves the key set at once, and what it signed verifies nowhere once caches have
/// expired. Where it signed, the next key takes over, ready or not. The caller's login must be recent.
#[endpoint(tags("Admin: keys"))]
async fn revoke_key(
    app: Shared,
    caller: Caller,
    kid: PathParam<String>,
    query: Query<RevokeQuery>,
) -> Result<Tagged<KeyRevocation>, Problem> {
    let unknown = || Refusal::NotFound("there is no such key");
    let kid: KeyId = kid.into_inner().parse().map_err(|_| unknown())?;
    let ring = app.store.load_keys().await?;
    let record = ring.keys.iter().map(|key| &key.record).find(|record| record.kid == kid).ok_or_else(unknown)?;
    let settings = app.settings.get().clone();
    if query.0.dry_run {
        let (broken_tokens, keys) = (Some(live_tokens(&app, record).await?), views(&ring, &settings).items);
        return Ok(Tagged(ring.revision, KeyRevocation { dry_run: true, broken_tokens, keys }));
    }
    demand_recent_login(&app, &caller.0)?;
    let policy = app.rotation_policy(&settings);
    let event = Event::by(&caller.0, EventType::KeyRevoke).about(&kid);
    let decide = |records: &[KeyRecord], plans: &[AlgorithmPlan], now| {
        let steps = revoke_now(records, &kid, &algorithms(&settings, plans), &policy, now);
        if steps.is_empty() {
            return Err(Refusal::NotNow("this key is revoked already".into()));
        }
        let state = records.iter().find(|record| record.kid == kid).map_or("gone", |record| state_name(&record.state));
        let event = event.clone().changing(json!({ "state": state }), json!({ "state": "gone" }));
        Ok(Decision { steps, event: Some(event), ..Decision::default() })
    };
    let Tagged(revision, page) = change(&app, &settings, decide).await?;
    // A key in wrong hands does not wait for a count.
    let broken_tokens = live_tokens(&app, record).await.ok();
    Ok(Tagged(revision, KeyRevocation { dry_run: false, broken_tokens, keys: page.items }))
}

/// Tokens that may still be about, at the most: one for each session that got one in its life. What a client holds besides
/// its latest is not counted.
async fn live_tokens(app: &App, record: &KeyRecord) -> Result<i64, Refusal> {
    let (settings, now) = (app.settings.get().clone(), app.now());
    let Some(activated_at) = record.state.activated_at().filter(|_| record.is_published()) else { return Ok(0) };
    let since = |lifetime: i64| after(now, -lifetime).max(activated_at);
    let refreshed = app.store.count_refreshed_grants(since(settings.access_token_lifetime)).await?;
    let renewed = app.store.count_renewed_sessions(since(settings.cookie_token_lifetime), now).await?;
    Ok(refreshed + renewed)
}

async fn change(
    app: &App,
    settings: &Settings,
    decide: impl Fn(&[KeyRecord], &[AlgorithmPlan], Timestamp) -> Result<Decision, Refusal>,
) -> Result<Tagged<Page<KeyView>>, Problem> {
    let changed = app.rotator().change(&app.rotation_policy(settings), decide).await;
    let ring = changed.map_err(|error| match error {
        RingError::Declined(refusal) => refusal,
        RingError::Outdated | RingError::Refused(_) => {
            Refusal::NotNow("something else changed meanwhile; try again".into())
        }
        RingError::Failed(error) => error.into(),
    })?;
    app.install(&ring)?;
    Ok(Tagged(ring.revision, views(&ring, settings)))
}

fn read_algorithm(name: &str) -> Result<Algorithm, Refusal> {
    name.parse().map_err(|error| Refusal::field("algorithm", error))
}

fn plan_of(algorithm: Algorithm, plans: &[AlgorithmPlan]) -> AlgorithmPlan {
    let none = AlgorithmPlan { algorithm, added: false, rotates_at: None };
    plans.iter().find(|plan| plan.algorithm == algorithm).copied().unwrap_or(none)
}

fn demand_in_use(algorithm: Algorithm, settings: &Settings, plans: &[AlgorithmPlan]) -> Result<(), Refusal> {
    if algorithms(settings, plans).contains(&algorithm) {
        return Ok(());
    }
    Err(Refusal::NotNow(format!("{algorithm} is not in use; add it first").into()))
}
