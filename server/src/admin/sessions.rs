//! Sessions: found by whose, where from and how old; looked into; ended, one or all that match.

use jiff::{SignedDuration, Timestamp};
use salvo::{
    Router, Writer,
    oapi::{ToParameters, endpoint, extract::PathParam},
    writing::Json,
};
use serde::Deserialize;
use serde_json::json;
use signet_shared::{
    SessionId,
    admin::{FamilyView, Page, RevokeSessionsRequest, RevokedSessions, SessionView},
};

use super::{cursor::PageQuery, is_privileged, protected};
use crate::{
    app::{App, Shared},
    error::{Problem, Refusal},
    http::{
        answer::{NoContent, Tagged},
        body::ApiBody,
        gate::Caller,
        precondition::IfMatch,
        query::Query,
    },
    model::{
        audit::{Event, EventType},
        filter::{self, InvalidFilter},
        session::ManagedSession,
    },
    store::{Removed, SessionPosition, SessionQuery},
};

/// Sessions ended in one transaction.
const BATCH: i64 = 200;

pub(super) fn router() -> Router {
    Router::with_path("sessions")
        .get(list_sessions)
        .push(Router::with_path("revoke").post(revoke_sessions))
        .push(Router::with_path("{id}").get(get_session).delete(end_session))
}

fn view(session: ManagedSession) -> SessionView {
    let family = |family: crate::model::session::Family| FamilyView {
        id: family.id,
        client: family.client,
        generation: family.generation,
        reused: family.reused,
        created_at: family.created_at.to_string(),
        last_used_at: family.last_used_at.to_string(),
        expires_at: family.expires_at.to_string(),
        revoked_at: family.revoked_at.map(|at| at.to_string()),
    };
    SessionView {
        id: session.id.to_string(),
        user: session.user.to_string(),
        email: session.email,
        kept_by: session.kept_by,
        restricted: session.restricted,
        created_at: session.created_at.to_string(),
        last_seen_at: session.last_seen_at.to_string(),
        expires_at: session.expires_at.to_string(),
        revoked_at: session.revoked_at.map(|at| at.to_string()),
        ip: session.address,
        user_agent: session.user_agent,
        families: session.families.into_iter().map(family).collect(),
    }
}

/// Which sessions to list.
#[derive(Default, Deserialize, ToParameters)]
#[serde(default, deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
struct ListQuery {
    /// Terms that must all hold: `user:` (an id; so is a bare word), `client:`, `kept_by:` (`cookie` or `refresh_tokens`),
    /// `ip:`, `live:` (true or false), `since:` and `until:` (opened; an instant or a time ago such as `7d`).
    filter: Option<String>,
    /// Most items to answer with: 50 unless told, 200 at most.
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

fn read_filter(text: &str, now: Timestamp) -> Result<SessionQuery, InvalidFilter> {
    let mut query = SessionQuery::default();
    for term in filter::parse(text)? {
        match term.field.as_str() {
            "" | "user" => {
                let user = term.value.parse().map_err(|_| InvalidFilter::BadValue("user", "the id of a user"));
                query.user = Some(user?);
            }
            "client" => query.client = Some(term.value),
            "kept_by" => query.kept_by = Some(term.value),
            "ip" => query.ip = Some(term.value),
            "live" => query.live = Some(term.boolean("live")?),
            "since" => query.since = Some(term.instant("since", now)?),
            "until" => query.until = Some(term.instant("until", now)?),
            _ => {
                let known = "user, client, kept_by, ip, live, since, until";
                return Err(InvalidFilter::UnknownField(term.field, known));
            }
        }
    }
    Ok(query)
}

/// List sessions
///
/// The latest first.
#[endpoint(tags("Admin: sessions"))]
async fn list_sessions(
    app: Shared,
    _caller: Caller,
    query: Query<ListQuery>,
) -> Result<Json<Page<SessionView>>, Problem> {
    let ListQuery { filter, limit, cursor } = query.0;
    let (filter, now) = (filter.unwrap_or_default(), app.now());
    let read = read_filter(&filter, now).map_err(|error| Refusal::field("filter", error))?;
    let page = PageQuery { limit, cursor }.read::<SessionPosition>(&app, "sessions", &filter)?;
    let sessions = app.store.list_sessions(&read, page.after.as_ref(), page.limit + 1, now).await?;
    let page = page.finish(&app, sessions, |session| (session.created_at.as_millisecond(), session.id.to_string()))?;
    Ok(Json(Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor }))
}

const UNKNOWN: Refusal = Refusal::NotFound("there is no such session");

async fn find(app: &App, id: &str) -> Result<(i64, ManagedSession), Refusal> {
    let id: SessionId = id.parse().map_err(|_| UNKNOWN)?;
    let session = app.store.find_session(id).await?.ok_or(UNKNOWN)?;
    // All that an operator changes about a session is that it ends.
    let revision = if session.revoked_at.is_some() { 2 } else { 1 };
    Ok((revision, session))
}

/// One session
///
/// With its families of refresh tokens.
#[endpoint(tags("Admin: sessions"))]
async fn get_session(app: Shared, _caller: Caller, id: PathParam<String>) -> Result<Tagged<SessionView>, Problem> {
    let (revision, session) = find(&app, &id).await?;
    Ok(Tagged(revision, view(session)))
}

/// End a session
#[endpoint(tags("Admin: sessions"))]
async fn end_session(app: Shared, caller: Caller, seen: IfMatch, id: PathParam<String>) -> Result<NoContent, Problem> {
    let (revision, session) = find(&app, &id).await?;
    let stale = |session| -> Result<Refusal, Refusal> {
        let current = serde_json::to_value(view(session)).map_err(anyhow::Error::from)?;
        Ok(Refusal::Stale { revision, current })
    };
    if seen.revision().is_some_and(|seen| seen != revision) {
        return Err(stale(session)?.into());
    }
    let event = Event::by(&caller.0, EventType::SessionEnd)
        .about(session.user)
        .changing(json!({ "session": session.id }), None);
    match app.store.end_managed_session(session.id, is_privileged(&caller.0), &event, app.now()).await? {
        Some(Removed::Done) => Ok(NoContent),
        Some(Removed::Missing) => Err(UNKNOWN.into()),
        Some(Removed::Stale) => Err(Refusal::NotNow("this session has ended already".into()).into()),
        None => Err(protected().into()),
    }
}

/// How an ending is meant.
#[derive(Deserialize, ToParameters)]
#[serde(deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
struct RevokeQuery {
    /// `true` counts, and does nothing.
    #[serde(default)]
    dry_run: bool,
}

/// End all sessions that match
///
/// Some hundreds at a time, each with its event in the audit log; one that is cut short is repeated.
#[endpoint(tags("Admin: sessions"))]
async fn revoke_sessions(
    app: Shared,
    caller: Caller,
    query: Query<RevokeQuery>,
    body: ApiBody<RevokeSessionsRequest>,
) -> Result<Json<RevokedSessions>, Problem> {
    let filter = body.0.filter.trim();
    if filter.is_empty() {
        return Err(Refusal::field("filter", "say which sessions; `*` is every one there is").into());
    }
    let text = if filter == "*" { "" } else { filter };
    let read = read_filter(text, app.now()).map_err(|error| Refusal::field("filter", error))?;
    if !is_privileged(&caller.0) && app.store.count_sessions_to_end(&read, true, app.now()).await? > 0 {
        return Err(protected().into());
    }
    if query.0.dry_run {
        let sessions = app.store.count_sessions_to_end(&read, false, app.now()).await?;
        return Ok(Json(RevokedSessions { dry_run: true, sessions }));
    }
    let (mut sessions, mut read) = (0, read);
    // Whoever logs in from now on is not meant.
    let begun = app.now();
    read.until = Some(read.until.map_or(begun, |until| until.min(begun)));
    loop {
        let now = app.now();
        let found = app.store.find_sessions_to_end(&read, BATCH, now).await?;
        let Some((_, earliest)) = found.last() else {
            return Ok(Json(RevokedSessions { dry_run: false, sessions }));
        };
        // The next batch begins where this one ends, so that none walks over all that were ended before it.
        read.until = earliest.checked_add(SignedDuration::from_millis(1)).ok();
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let ids: Vec<String> = found.into_iter().map(|(id, _)| id).collect();
        let event =
            Event::by(&caller.0, EventType::SessionRevoke).changing(json!({ "filter": filter, "sessions": ids }), None);
        app.store.end_sessions(ids, is_privileged(&caller.0), &event, now).await?;
        sessions += count;
    }
}
