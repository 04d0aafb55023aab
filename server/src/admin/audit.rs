//! The audit log: searched, and followed as it is written.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    sync::Arc,
    time::Duration,
};

use futures_util::{Stream, stream};
use jiff::Timestamp;
use salvo::{
    Request, Response, Router, Writer,
    oapi::{ToParameters, endpoint},
    sse::{SseEvent, SseKeepAlive},
    writing::Json,
};
use serde::Deserialize;
use signet_shared::admin::{AuditEvent, Page, Permission, Resource};

use super::{cursor::PageQuery, live::Watch};
use crate::{
    app::{App, Shared},
    error::{Problem, Refusal},
    http::{gate::Caller, query::Query},
    model::{
        audit::StoredEvent,
        filter::{self, InvalidFilter},
    },
    store::{AuditPosition, AuditQuery},
};

/// How often the log is looked at for followers.
const PERIOD: Duration = Duration::from_millis(500);
/// An event is dated when its transaction begins, and seen when that ends: so far back we look again, in milliseconds.
const LATE: i64 = 15_000;
/// Events read at once, and events remembered as sent.
const BATCH: i64 = 500;
const REMEMBERED: usize = 20_000;

pub(super) fn router() -> Router {
    Router::with_path("audit").get(list_events).push(Router::with_path("stream").get(follow_events))
}

fn view(event: StoredEvent) -> AuditEvent {
    AuditEvent {
        id: event.id,
        time: event.time.to_string(),
        kind: event.kind,
        result: event.result,
        actor: event.actor,
        subject: event.subject,
        ip: event.ip,
        before: event.before,
        after: event.after,
    }
}

/// Which events to list.
#[derive(Default, Deserialize, ToParameters)]
#[serde(default, deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
struct ListQuery {
    /// Terms that must all hold: `type:` (`login.fail`, or `login.*`), `result:`, `actor:`, `subject:`, `ip:`, `since:` and
    /// `until:` (an instant or a time ago such as `1h`). A bare word is a type.
    filter: Option<String>,
    /// Most items to answer with: 50 unless told, 200 at most.
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

fn read_filter(text: &str, now: Timestamp) -> Result<AuditQuery, InvalidFilter> {
    let mut query = AuditQuery::default();
    for term in filter::parse(text)? {
        match term.field.as_str() {
            "" | "type" => query.kind = Some(term.value),
            "result" => query.result = Some(term.value),
            "actor" => query.actor = Some(term.value),
            "subject" => query.subject = Some(term.value),
            "ip" => query.ip = Some(term.value),
            "since" => query.since = Some(term.instant("since", now)?),
            "until" => query.until = Some(term.instant("until", now)?),
            _ => {
                let known = "type, result, actor, subject, ip, since, until";
                return Err(InvalidFilter::UnknownField(term.field, known));
            }
        }
    }
    Ok(query)
}

/// Search the audit log
///
/// The latest events first.
#[endpoint(tags("Admin: audit"))]
async fn list_events(app: Shared, _caller: Caller, query: Query<ListQuery>) -> Result<Json<Page<AuditEvent>>, Problem> {
    let ListQuery { filter, limit, cursor } = query.0;
    let filter = filter.unwrap_or_default();
    let read = read_filter(&filter, app.now()).map_err(|error| Refusal::field("filter", error))?;
    let page = PageQuery { limit, cursor }.read::<AuditPosition>(&app, "audit", &filter)?;
    let events = app.store.list_events(&read, page.after.as_ref(), page.limit + 1).await?;
    let page = page.finish(&app, events, |event| (event.time.as_millisecond(), event.id.clone()))?;
    Ok(Json(Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor }))
}

/// Which events to follow.
#[derive(Default, Deserialize, ToParameters)]
#[serde(default, deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
struct FollowQuery {
    /// As when listing; `since:` begins in the past.
    filter: Option<String>,
}

/// Follow the audit log
///
/// Server-sent events named `audit`, each with an event's JSON and its id. An event comes when its change is written, which may
/// be after one that is dated later. With `Last-Event-ID` it goes on behind that event.
#[endpoint(tags("Admin: audit"))]
async fn follow_events(
    app: Shared,
    caller: Caller,
    query: Query<FollowQuery>,
    req: &mut Request,
    res: &mut Response,
) -> Result<(), Problem> {
    let now = app.now();
    let filter = query.0.filter.unwrap_or_default();
    let filter = read_filter(&filter, now).map_err(|error| Refusal::field("filter", error))?;
    let last = req.headers().get("last-event-id").and_then(|id| id.to_str().ok());
    let last = last.map(str::parse::<uuid::Uuid>).transpose();
    let last = last.map_err(|_| Refusal::Malformed("Last-Event-ID is the id of an event".to_owned()))?;
    let from = match last {
        Some(id) => app.store.find_event_time(id).await?,
        None => None,
    };
    let from = from.or(filter.since.map(|since| since.as_millisecond())).unwrap_or_else(|| now.as_millisecond());
    let watch = Watch::begin(app.handle(), caller.0, Permission::read(Resource::Audit))?;
    let tail = Tail {
        filter,
        from,
        position: (from, last.map(|id| id.to_string())),
        sent: Sent::default(),
        ready: VecDeque::new(),
        more: false,
    };
    SseKeepAlive::new(events(watch, tail)).max_interval(Duration::from_secs(15)).stream(res);
    Ok(())
}

/// A follower's place in the log.
struct Tail {
    filter: AuditQuery,
    /// Nothing before this is looked at, in milliseconds.
    from: i64,
    /// Where it began: at an instant, or behind an event of it.
    position: (i64, Option<String>),
    sent: Sent,
    ready: VecDeque<StoredEvent>,
    /// Whether the last batch was full.
    more: bool,
}

/// What was sent of late, so that looking again sends nothing twice.
#[derive(Default)]
struct Sent {
    times: HashMap<String, i64>,
    latest: i64,
}

impl Sent {
    /// Notes an event; false if it was noted before.
    fn note(&mut self, event: &StoredEvent) -> bool {
        let time = event.time.as_millisecond();
        self.latest = self.latest.max(time);
        if self.times.insert(event.id.clone(), time).is_some() {
            return false;
        }
        if self.times.len() > REMEMBERED {
            let horizon = self.latest - LATE;
            self.times.retain(|_, time| *time >= horizon);
        }
        true
    }
}

impl Tail {
    async fn refill(&mut self, app: &App) -> Result<(), Refusal> {
        let now = app.now().as_millisecond();
        let events = app.store.tail_events(&self.filter, self.from, BATCH).await?;
        self.more = i64::try_from(events.len()).unwrap_or(BATCH) == BATCH;
        let last = events.last().map_or(self.from, |event| event.time.as_millisecond());
        for event in events {
            let time = event.time.as_millisecond();
            let behind = self.position.1.as_ref().is_none_or(|id| time > self.position.0 || event.id > *id);
            if behind && self.sent.note(&event) {
                self.ready.push_back(event);
            }
        }
        self.from = if self.more {
            // As many in one instant as fit into a batch: step over it, or the rest would never be reached.
            if last > self.from { last } else { last + 1 }
        } else {
            // The end: from now on only what may still come late is looked at, whether any of it matched or not.
            (now - LATE).max(self.from)
        };
        Ok(())
    }
}

fn events(watch: Watch, tail: Tail) -> impl Stream<Item = Result<SseEvent, Infallible>> + Send {
    stream::unfold((watch, tail), |(mut watch, mut tail)| async move {
        loop {
            if let Some(event) = tail.ready.pop_front() {
                let id = event.id.clone();
                let event = SseEvent::default().id(id).name("audit").json(view(event)).unwrap_or_default();
                return Some((Ok(event), (watch, tail)));
            }
            // Before each batch, a long past of them included.
            if !watch.wait(if tail.more { Duration::ZERO } else { PERIOD }).await {
                return None;
            }
            let app = Arc::clone(watch.app());
            if let Err(refusal) = tail.refill(&app).await {
                tracing::warn!(error = refusal.message(), "a follower of the audit log has to wait");
            }
        }
    })
}
