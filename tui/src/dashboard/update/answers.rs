//! What the server says: answers to what was asked, and what comes over the streams.

use serde::de::DeserializeOwned;
use serde_json::Value;
use signet_shared::admin::{AuditEvent, StatsView};

use super::{ask_who, begin, first, open, told, unlocked};
use crate::{
    actions::Action,
    api::{Answer, ApiError, NOT_SIGNED_IN},
    dashboard::{
        deeds::{First, earlier, raced, reviewed},
        list::State,
        message::{Done, Effect, Purpose, Stream, Ticket},
        model::{Connection, EVENTS, Known, Model, NOTICE_FOR, Notice, Related, Screen, UNDO_FOR, with_list},
        overlay::{Overlay, Told},
        screens::value_text,
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
        Err(ApiError { exit: Exit::Network, message, .. }) => model.lose(message.clone()),
        // Somebody ended the session, or it was not used for too long.
        Err(error) if error.code == NOT_SIGNED_IN && matches!(model.who.caller, Known::As(_)) => {
            let reason = error.message.clone();
            model.forget();
            ask_who(model);
            return told(model, &reason, Tone::Bad);
        }
        _ => model.connection = Connection::Live,
    }
    match ticket.purpose {
        Purpose::Load(screen) => loaded(model, screen, ticket.generation, answer, true),
        Purpose::More(screen) => loaded(model, screen, ticket.generation, answer, false),
        Purpose::Did(done) => did(model, *done, answer),
        Purpose::Review(action) => match answer {
            Ok(answer) => {
                let next = reviewed(*action, &answer.json, model);
                first(model, next)
            }
            Err(error) => told(model, &error.message, Tone::Bad),
        },
        Purpose::Unlock => match answer {
            Ok(_) => unlocked(model),
            Err(error) => told(model, &error.message, Tone::Bad),
        },
        Purpose::Sessions(user) => {
            let sessions = items(answer);
            related(model, &user, |related| related.sessions = sessions)
        }
        Purpose::Events(user) => {
            let events = items(answer);
            related(model, &user, |related| related.events = events)
        }
        Purpose::History => match answer {
            Ok(answer) => match earlier(&answer.json, model) {
                Some(pick) => open(model, Overlay::Pick(pick)),
                None => told(model, "no setting was ever changed", Tone::Faint),
            },
            Err(error) => told(model, &error.message, Tone::Bad),
        },
        Purpose::SignIn(email) => match answer {
            Ok(_) => {
                model.who.caller = Known::As(email);
                begin(model)
            }
            Err(error) => {
                ask_who(model);
                told(model, &error.message, Tone::Bad)
            }
        },
        Purpose::SignOut => {
            let failed = answer.err().map(|error| error.message);
            model.forget();
            ask_who(model);
            let text = failed.map_or("signed out".to_owned(), |reason| format!("signed out here; {reason}"));
            told(model, &text, Tone::Warn)
        }
        Purpose::Export(path) => match answer {
            Ok(answer) => told(model, &format!("{} events are in {}", answer.json, path.display()), Tone::Good),
            Err(error) => told(model, &error.message, Tone::Bad),
        },
    }
}

fn items<T: DeserializeOwned>(answer: Result<Answer, ApiError>) -> Vec<T> {
    let items = answer.ok().and_then(|mut answer| answer.json.get_mut("items").map(Value::take));
    items.and_then(|items| serde_json::from_value(items).ok()).unwrap_or_default()
}

/// What is known about somebody who was in focus; by now it may be another.
fn related(model: &mut Model, user: &str, note: impl FnOnce(&mut Related)) -> Vec<Effect> {
    model.related.waiting = model.related.waiting.saturating_sub(1);
    if model.related.user == user {
        note(&mut model.related);
    }
    model.load_related()
}

fn loaded(
    model: &mut Model,
    screen: Screen,
    generation: u64,
    answer: Result<Answer, ApiError>,
    is_first: bool,
) -> Vec<Effect> {
    if screen == Screen::Overview {
        match answer {
            Ok(answer) => take_stats(model, answer.json),
            Err(error) => model.no_stats = Some(error.message),
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
    if screen == Screen::Audit {
        follow(model);
    }
    if screen == Screen::Settings {
        drop_staged(model)
    }
    model.load_related()
}

/// A note that is what holds anyway is none.
fn drop_staged(model: &mut Model) {
    let settings = &model.settings.items;
    model.staged.retain(|key, value| {
        let setting = settings.iter().find(|setting| setting.key == *key);
        setting.is_none_or(|setting| value_text(setting, &setting.value) != *value)
    });
}

/// Members of an answer that are shown once.
const SECRETS: [&str; 3] = ["client_secret", "temporary_password", "api_key"];

fn did(model: &mut Model, done: Done, answer: Result<Answer, ApiError>) -> Vec<Effect> {
    let answer = match answer {
        Ok(answer) => answer.json,
        Err(error) => {
            let current = error.current.as_deref().filter(|_| error.exit == Exit::Conflict);
            let race = current.and_then(|current| raced(&done.action, done.undo.as_ref(), current, model));
            if let Some(intent) = race {
                return first(model, First::Ask(intent));
            }
            model.tell(error.message, Tone::Bad);
            return model.load(model.screen);
        }
    };
    if let Action::Settings(_) = done.action {
        model.staged.clear();
    }
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
        Stream::Stats => take_stats(model, value),
        Stream::Audit => take_event(model, value),
    }
}

fn take_stats(model: &mut Model, value: Value) {
    let Ok(mut stats) = serde_json::from_value::<StatsView>(value) else { return };
    model.no_stats = None;
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

fn take_event(model: &mut Model, value: Value) {
    let Ok(event) = serde_json::from_value::<AuditEvent>(value) else { return };
    // A stream that is taken up again may repeat itself, or what was read meanwhile.
    if model.events.iter().any(|known| known.id == event.id) {
        return;
    }
    model.audit_moved |= !model.audit.filter.is_empty();
    model.events.insert(0, event);
    model.events.truncate(EVENTS);
    follow(model);
}

/// The log's own screen follows by itself where it shows everything: what the stream told and the log lacks goes before it.
fn follow(model: &mut Model) {
    let log = &mut model.audit;
    if !log.filter.is_empty() || log.state != State::Loaded {
        return;
    }
    let lacks = |event: &&AuditEvent| log.items.iter().take(2 * EVENTS).all(|known| known.id != event.id);
    let newest = log.items.first().map(|event| event.time.clone()).unwrap_or_default();
    let fresh: Vec<_> = model.events.iter().take_while(|event| event.time >= newest).filter(lacks).cloned().collect();
    let count = fresh.len();
    log.items.splice(0..0, fresh);
    log.items.truncate(MOST_EVENTS);
    if log.selected > 0 {
        log.step(count as isize);
    }
}
