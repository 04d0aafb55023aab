//! Settings: read with everything there is to say about each, changed several at a time or not at all, looked at
//! beforehand, put back.

use std::collections::BTreeMap;

use salvo::{
    Router, Writer,
    oapi::{ToParameters, endpoint, extract::PathParam},
    writing::Json,
};
use serde::Deserialize;
use serde_json::Value;
use signet_shared::admin::{Impact, Page, Revision, SettingView, SettingsChange, SettingsView};

use super::{cursor, demand_recent_login, is_privileged};
use crate::{
    app::{App, Shared},
    clients,
    error::{Problem, Refusal},
    http::{answer::Tagged, body::ApiBody, gate::Caller, precondition::IfMatch, query::Query},
    model::{
        actor::Actor,
        audit::EventType,
        setting::{Definition, Kind, Settings},
    },
    store::StoreError,
    tuning::{self, Applied, Proposal},
};

pub(super) fn router() -> Router {
    Router::with_path("settings").get(get_settings).patch(change_settings).push(
        Router::with_path("revisions")
            .get(list_revisions)
            .push(Router::with_path("{revision}/restore").post(restore_revision)),
    )
}

fn view(definition: &Definition, settings: &Settings, defaults: &Settings) -> SettingView {
    let value = |settings: &Settings| settings.get(definition.key).unwrap_or_default();
    let (kind, range, choices) = match definition.kind {
        Kind::Duration { min, max } => ("duration", Some((min, max)), None),
        Kind::Integer { min, max } => ("integer", Some((min, max)), None),
        Kind::Boolean => ("boolean", None, None),
        Kind::Choice(names) => ("choice", None, Some(names.iter().map(|name| (*name).to_owned()).collect())),
    };
    SettingView {
        key: definition.key.to_owned(),
        kind: kind.to_owned(),
        value: value(settings),
        default: value(defaults),
        min: range.map(|(min, _)| min),
        max: range.map(|(_, max)| max),
        choices,
        unit: (kind == "duration").then(|| "seconds".to_owned()),
        effect: definition.effect.to_owned(),
    }
}

fn views(app: &App, revision: i64, settings: &Settings) -> SettingsView {
    let defaults = Settings::defaults(app.public_url.is_https());
    let settings = Settings::DEFINITIONS.iter().map(|definition| view(definition, settings, &defaults)).collect();
    SettingsView { revision, settings }
}

/// All settings
///
/// Each with its type, range, unit, default and effect. The ETag is the revision.
#[endpoint(tags("Admin: settings"))]
async fn get_settings(app: Shared, _caller: Caller) -> Result<Tagged<SettingsView>, Problem> {
    let (revision, settings) = tuning::read(&app.store, app.public_url.is_https()).await?;
    Ok(Tagged(revision, views(&app, revision, &settings)))
}

/// How a change is meant.
#[derive(Deserialize, ToParameters)]
#[serde(deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
struct ChangeQuery {
    /// `true` computes what a change would do, and does nothing.
    #[serde(default)]
    dry_run: bool,
}

/// Change settings
///
/// The body names settings and their new values; a duration is whole seconds or written like `15m`. All change, or, where one
/// is out of its range or contradicts another, none. The answer tells whom it concerns, counted in the database.
#[endpoint(tags("Admin: settings"))]
async fn change_settings(
    app: Shared,
    caller: Caller,
    seen: IfMatch,
    query: Query<ChangeQuery>,
    body: ApiBody<BTreeMap<String, Value>>,
) -> Result<Tagged<SettingsChange>, Problem> {
    Ok(change(&app, &caller.0, seen, query.0.dry_run, &body.0, EventType::SettingsChange).await?)
}

/// The history of the settings
#[endpoint(tags("Admin: settings"))]
async fn list_revisions(
    app: Shared,
    _caller: Caller,
    query: Query<cursor::PageQuery>,
) -> Result<Json<Page<Revision>>, Problem> {
    let page = query.0.read::<i64>(&app, "settings/revisions", "")?;
    let revisions = app.store.list_settings_revisions(page.after, page.limit + 1).await?;
    let revision = |revision: crate::store::SettingsRevision| {
        let changes = serde_json::from_value(revision.changes).map_err(anyhow::Error::from)?;
        let (number, time) = (revision.revision, revision.time.to_string());
        Ok(Revision { revision: number, time, actor: revision.actor, changes })
    };
    let items = revisions.into_iter().map(revision).collect::<Result<Vec<_>, Refusal>>()?;
    Ok(Json(page.finish(&app, items, |last| last.revision)?))
}

/// Restore a revision
///
/// Gives every setting the value that it had at that revision; a change like any other.
#[endpoint(tags("Admin: settings"))]
async fn restore_revision(
    app: Shared,
    caller: Caller,
    seen: IfMatch,
    query: Query<ChangeQuery>,
    revision: PathParam<String>,
) -> Result<Tagged<SettingsChange>, Problem> {
    let unknown = || Refusal::NotFound("there is no such revision");
    let number: i64 = revision.into_inner().parse().map_err(|_| unknown())?;
    let mut values = app.store.find_settings_revision(number).await?.ok_or_else(unknown)?;
    // Settings that this version does not know any more have no value to restore.
    values.retain(|key, _| Settings::DEFINITIONS.iter().any(|definition| definition.key == key));
    Ok(change(&app, &caller.0, seen, query.0.dry_run, &values, EventType::SettingsRestore).await?)
}

/// How often a change is judged anew because the clients moved.
const MAX_TRIES: usize = 10;

async fn change(
    app: &App,
    actor: &Actor,
    seen: IfMatch,
    dry_run: bool,
    wishes: &BTreeMap<String, Value>,
    kind: EventType,
) -> Result<Tagged<SettingsChange>, Refusal> {
    for _ in 0..MAX_TRIES {
        let proposal = propose(app, seen, wishes).await?;
        guard(app, actor, dry_run, &proposal)?;
        if dry_run {
            // Whom a change concerns is counted before one that is only thought of, and after one that is made: it waits for
            // no count.
            let impact = impact(app, &proposal).await?;
            return Ok(told(proposal.revision, true, proposal, impact));
        }
        let applied = match proposal.changes.is_empty() {
            true => Applied::Done(proposal.revision),
            false => proposal.apply(app, actor, kind).await?,
        };
        match applied {
            Applied::Done(revision) => {
                let impact = impact(app, &proposal).await.unwrap_or_default();
                return Ok(told(revision, false, proposal, impact));
            }
            Applied::Stale => return Err(stale(app).await?),
            Applied::Outdated => clients::load(app).await?,
        }
    }
    Err(StoreError::Conflict.into())
}

async fn propose(app: &App, seen: IfMatch, wishes: &BTreeMap<String, Value>) -> Result<Proposal, Refusal> {
    let (revision, current) = tuning::read(&app.store, app.public_url.is_https()).await?;
    if seen.revision().is_some_and(|seen| seen != revision) {
        return Err(stale(app).await?);
    }
    Proposal::new(revision, &current, wishes, &app.clients.get())
}

fn guard(app: &App, actor: &Actor, dry_run: bool, proposal: &Proposal) -> Result<(), Refusal> {
    let changes = |key: &str| proposal.changes.iter().any(|change| change.key == key);
    // One opens what takes a recent login, the other deletes for good.
    if !dry_run && (changes("reauthentication_window") || changes("audit_retention")) {
        demand_recent_login(app, actor)?;
    }
    // Whoever could shorten the memory of what they do would else be held by nothing.
    if changes("audit_retention") && !is_privileged(actor) {
        return Err(Refusal::Forbidden {
            code: "not_allowed",
            message: "how long the audit log is kept is for administrators, and for keys that may do everything",
        });
    }
    Ok(())
}

fn told(revision: i64, dry_run: bool, proposal: Proposal, impact: Vec<Impact>) -> Tagged<SettingsChange> {
    Tagged(revision, SettingsChange { revision, dry_run, changes: proposal.changes, impact })
}

async fn stale(app: &App) -> Result<Refusal, Refusal> {
    let (revision, settings) = tuning::read(&app.store, app.public_url.is_https()).await?;
    let current = serde_json::to_value(views(app, revision, &settings)).map_err(anyhow::Error::from)?;
    Ok(Refusal::Stale { revision, current })
}

/// Whom each change concerns.
async fn impact(app: &App, proposal: &Proposal) -> Result<Vec<Impact>, Refusal> {
    let mut impacts = Vec::new();
    for change in &proposal.changes {
        let (effect, counts) = concerned(app, proposal.settings(), &change.key).await?;
        let counts = counts.into_iter().map(|(what, count)| (what.to_owned(), count)).collect();
        impacts.push(Impact { key: change.key.clone(), effect: effect.to_owned(), counts });
    }
    Ok(impacts)
}

type Concerned = (&'static str, Vec<(&'static str, i64)>);

async fn concerned(app: &App, after: &Settings, key: &str) -> Result<Concerned, Refusal> {
    let (store, now) = (&app.store, app.now());
    Ok(match key {
        "access_token_lifetime" | "id_token_lifetime" => (
            "tokens issued so far keep their end; the next one of each of these sessions has the new life",
            vec![("sessions", store.count_sessions("refresh_tokens", now).await?)],
        ),
        "cookie_token_lifetime" | "browser_session_lifetime" => (
            "tokens and sessions that are there keep their end; later ones have the new life",
            vec![("sessions", store.count_sessions("cookie", now).await?)],
        ),
        "refresh_token_lifetime" => (
            "refresh tokens issued so far keep their end; each one's successor has the new life",
            vec![("refresh_tokens", store.count_sessions("refresh_tokens", now).await?)],
        ),
        "refresh_token_idle_lifetime" => {
            let idle = after.refresh_token_idle_lifetime;
            let ended = if idle == 0 { 0 } else { store.count_idle_grants(crate::app::after(now, -idle), now).await? };
            (
                "refresh tokens that have lain unused for longer are refused from now on",
                vec![
                    ("refresh_tokens", store.count_sessions("refresh_tokens", now).await?),
                    ("refresh_tokens_ended", ended),
                ],
            )
        }
        "key_rotation_period" | "key_prepublication" | "jwks_max_age" | "default_signing_algorithm" => {
            let published = app.keyring.load().records().iter().filter(|record| record.is_published()).count();
            (
                "published keys stay as long as what they signed; their next steps follow the new plan",
                vec![("keys", i64::try_from(published).unwrap_or(i64::MAX))],
            )
        }
        "scrypt_log_n" | "scrypt_r" | "scrypt_p" => {
            ("each user's password is hashed anew at their next login", vec![("users", store.count_users().await?)])
        }
        "min_password_length" | "refuse_common_passwords" => (
            "passwords that are there stay; the next one of each user keeps the new rule",
            vec![("users", store.count_users().await?)],
        ),
        "audit_retention" => {
            let before = crate::app::after(now, -after.audit_retention);
            (
                "older events are swept within a minute, and are gone for good",
                vec![("audit_events_removed", store.count_audit_events(before).await?)],
            )
        }
        "email_verification_required" => (
            "users whose address is not confirmed cannot log in while this holds",
            vec![("users", store.count_unverified_users().await?)],
        ),
        _ => ("it holds from the next request on; nothing that is there changes", Vec::new()),
    })
}
