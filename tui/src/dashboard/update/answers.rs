//! What the server says: answers to what was asked, and what comes over the streams.

use serde_json::Value;

use super::{first, told};
use crate::{
    api::{Answer, ApiError},
    dashboard::{
        deed::reviewed,
        list::State,
        message::{Done, Effect, Purpose, Stream, Ticket},
        model::{Connection, EVENTS, Model, NOTICE_FOR, Notice, Screen, UNDO_FOR, UNLOCKED_FOR, with_list},
        overlay::{Overlay, Told},
        theme::Tone,
    },
    exit::Exit,
};

/// Rates kept: a quarter of an hour of them.
const RATES: usize = 180;
/// Events kept on their own screen.
const MOST_EVENTS: usize = 10_000;

pub(super) fn answered(model: &mut Model, ticket: Ticket, answer: Result<Answer, ApiError>) -> Vec<Effect> {
    match &answer {
        Err(ApiError { exit: Exit::Network, message, .. }) => {
            if !matches!(model.connection, Connection::Stale(..)) {
                model.connection = Connection::Stale(model.now, message.clone());
            }
        }
        _ => model.connection = Connection::Live,
    }
    match ticket.purpose {
        Purpose::Load(screen) => loaded(model, screen, ticket.generation, answer, true),
        Purpose::More(screen) => loaded(model, screen, ticket.generation, answer, false),
        Purpose::Did(done) => did(model, *done, answer),
        Purpose::Review(action) => match answer {
            Ok(answer) => {
                let next = reviewed(*action, &answer.json);
                first(model, next)
            }
            Err(error) => told(model, &error.message, Tone::Bad),
        },
        Purpose::Unlock => match answer {
            Ok(_) => {
                model.unlocked_until = Some(model.now + UNLOCKED_FOR);
                told(model, "writes are unlocked for 15 minutes", Tone::Warn)
            }
            Err(error) => told(model, &error.message, Tone::Bad),
        },
    }
}

fn loaded(
    model: &mut Model,
    screen: Screen,
    generation: u64,
    answer: Result<Answer, ApiError>,
    is_first: bool,
) -> Vec<Effect> {
    if screen == Screen::Overview {
        if let Ok(answer) = answer {
            streamed(model, Stream::Stats, answer.json);
        }
        return Vec::new();
    }
    if let (Screen::Audit, Ok(answer)) = (screen, &answer)
        && model.events.is_empty()
    {
        // What happened before the stream began.
        let events = serde_json::from_value(answer.json["items"].clone()).unwrap_or_default();
        model.events = events;
        model.events.truncate(EVENTS);
    }
    with_list!(mut model, screen, list => {
        // One that was asked for before something else is of no use any more.
        if list.generation == generation {
            match answer {
                Ok(answer) => list.take(answer, is_first),
                Err(error) => list.state = State::Failed(error.message),
            }
        }
    }, else ());
    Vec::new()
}

/// Members of an answer that are shown once.
const SECRETS: [&str; 3] = ["client_secret", "temporary_password", "api_key"];

fn did(model: &mut Model, done: Done, answer: Result<Answer, ApiError>) -> Vec<Effect> {
    let answer = match answer {
        Ok(answer) => answer.json,
        Err(error) => {
            model.tell(error.message, Tone::Bad);
            return model.load(model.screen);
        }
    };
    let secret = SECRETS.iter().find_map(|name| Some(((*name).to_owned(), answer[*name].as_str()?.to_owned())));
    if let Some(secret) = secret {
        let id = answer["client_id"].as_str().map(|id| ("client_id".to_owned(), id.to_owned()));
        let lines = std::iter::once(secret).chain(id).collect();
        model.overlays.push(Overlay::Told(Told { title: "Shown once; Esc wipes it".to_owned(), lines }));
    }
    let (text, until) = match &done.undo {
        Some(_) => (format!("{}; u takes it back", done.told), model.now + UNDO_FOR),
        None => (done.told, model.now + NOTICE_FOR),
    };
    model.notice = Some(Notice { text, tone: Tone::Good, until, undo: done.undo });
    model.load(model.screen)
}

pub(super) fn streamed(model: &mut Model, stream: Stream, value: Value) {
    model.connection = Connection::Live;
    if model.paused {
        return;
    }
    match stream {
        Stream::Stats => {
            if let Ok(mut stats) = serde_json::from_value::<signet_shared::admin::StatsView>(value) {
                // A stream tells what came since: what was there before goes before it.
                if let Some(before) = model.stats.take() {
                    let fresh = std::mem::take(&mut stats.rates);
                    let is_fresh = |time: &String| fresh.iter().any(|rate| rate.time == *time);
                    let mut rates: Vec<_> = before.rates.into_iter().filter(|rate| !is_fresh(&rate.time)).collect();
                    rates.extend(fresh);
                    rates.drain(..rates.len().saturating_sub(RATES));
                    stats.rates = rates;
                }
                model.stats = Some(stats);
            }
        }
        Stream::Audit => {
            if let Ok(event) = serde_json::from_value::<signet_shared::admin::AuditEvent>(value) {
                // The log's own screen follows where it shows everything.
                if model.audit.filter.is_empty() && model.audit.state == State::Loaded {
                    model.audit.items.insert(0, event.clone());
                    model.audit.items.truncate(MOST_EVENTS);
                    if model.audit.selected > 0 {
                        model.audit.step(1);
                    }
                }
                model.events.insert(0, event);
                model.events.truncate(EVENTS);
            }
        }
    }
}
