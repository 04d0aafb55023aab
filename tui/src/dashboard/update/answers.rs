//! What the server says: answers to what was asked, and what comes over the streams.

use serde::de::DeserializeOwned;
use serde_json::Value;
use signet_shared::admin::{AuditEvent, StatsView};

use super::{ask_who, begin, first, is_awaited, open, signed_out, told, unlocked};
use crate::{
    actions::Action,
    api::{Answer, ApiError, NOT_SIGNED_IN},
    dashboard::{
        deeds::{First, earlier, raced, reviewed},
        list::State,
        message::{Done, Effect, Purpose, Stream, Ticket},
        model::{Connection, Deed, EVENTS, Known, Model, Related, Screen, UNDO_FOR, Undo, with_list},
        overlay::{Overlay, Told},
        screens::value_text,
        theme::Tone,
    },
    exit::Exit,
    keep::Kind,
};

/// The code of a server that has too much to do for this caller.
const THROTTLED: &str = "throttled";
/// Rates kept: a quarter of an hour of them.
const RATES: usize = 180;
/// Events kept on their own screen.
const MOST_EVENTS: usize = 10_000;

pub(super) fn answered(model: &mut Model, ticket: Ticket, answer: Result<Answer, ApiError>) -> Vec<Effect> {
    match &answer {
        Ok(_) => model.connection = Connection::Live,
        // One that has too much to do is not gone.
        Err(error) if error.exit == Exit::Network && error.code != THROTTLED => model.lose(error.message.clone()),
        Err(error) if error.code == NOT_SIGNED_IN => return signed_out(model, &error.message.clone()),
        Err(_) => {}
    }
    let Ticket { generation, purpose } = ticket;
    match purpose {
        Purpose::Load(screen) => loaded(model, screen, generation, answer, true),
        Purpose::More(screen) => loaded(model, screen, generation, answer, false),
        Purpose::Latest => {
            latest(model, items(answer));
            Vec::new()
        }
        Purpose::Did(number, done) => did(model, number, *done, answer),
        Purpose::Review(_) | Purpose::History if !is_awaited(model, generation) => Vec::new(),
        Purpose::Review(action) => reviewed_by_server(model, *action, answer),
        Purpose::History => match answer {
            Ok(answer) => match earlier(&answer.json, model) {
                Some(pick) => open(model, Overlay::Pick(pick)),
                None => told(model, "no setting was ever changed", Tone::Faint),
            },
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
        Purpose::SignIn(email, keep) => signed_in(model, generation, email, keep, answer),
        Purpose::SignOut => match answer {
            Ok(_) => told(model, "signed out", Tone::Good),
            Err(error) => told(model, &format!("signed out here, but not there: {}", error.message), Tone::Warn),
        },
        Purpose::Export(path) => match answer {
            Ok(answer) => told(model, &format!("{} events are in {}", answer.json, path.display()), Tone::Good),
            Err(error) => told(model, &error.message, Tone::Bad),
        },
    }
}

fn signed_in(
    model: &mut Model,
    generation: u64,
    email: String,
    keep: Kind,
    answer: Result<Answer, ApiError>,
) -> Vec<Effect> {
    is_awaited(model, generation);
    match answer {
        Ok(_) => {
            model.overlays.clear();
            model.who.caller = Known::As(email);
            begin(model)
        }
        Err(error) => {
            ask_who(model, &email, keep);
            told(model, &error.message, Tone::Bad)
        }
    }
}

/// What the server says that an action would do leads to the question; unless somebody was quicker.
fn reviewed_by_server(model: &mut Model, action: Action, answer: Result<Answer, ApiError>) -> Vec<Effect> {
    match answer {
        Ok(answer) => {
            let next = reviewed(action, &answer.json, model);
            first(model, next)
        }
        Err(error) => lost_race(model, &action, &error).unwrap_or_else(|| told(model, &error.message, Tone::Bad)),
    }
}

/// The question between three values, where a change of settings came too late and nothing else is asked.
fn lost_race(model: &mut Model, action: &Action, error: &ApiError) -> Option<Vec<Effect>> {
    let current = error.current.as_deref().filter(|_| error.exit == Exit::Conflict && model.overlays.is_empty())?;
    let intent = raced(action, current, model)?;
    let mut effects = first(model, First::Ask(intent));
    effects.extend(model.load(Screen::Settings));
    Some(effects)
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
    let again = with_list!(mut model, screen, list => {
        // One that was asked for before something else is of no use any more.
        if list.generation == generation {
            match answer {
                Ok(answer) => list.take(answer, is_first),
                Err(error) => list.state = State::Failed(error.message),
            }
        }
        list.is_read_again()
    }, else false);
    match screen {
        Screen::Audit => follow(model),
        Screen::Settings => drop_staged(model),
        _ => {}
    }
    let mut effects = if again && screen == model.screen { model.load_more() } else { Vec::new() };
    effects.extend(model.load_related());
    effects
}

/// What happened before the stream began.
fn latest(model: &mut Model, events: Vec<AuditEvent>) {
    let known = std::mem::replace(&mut model.events, events);
    let newest = model.events.first().map(|event| event.time.clone()).unwrap_or_default();
    let fresh: Vec<_> = known.into_iter().take_while(|event| event.time > newest).collect();
    model.events.splice(0..0, fresh);
    model.events.truncate(EVENTS);
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

fn did(model: &mut Model, number: u64, done: Done, answer: Result<Answer, ApiError>) -> Vec<Effect> {
    let Some(mut deed) = model.deeds.remove(&number) else { return Vec::new() };
    deed.waiting = deed.waiting.saturating_sub(1);
    match answer {
        Ok(answer) => {
            deed.done += 1;
            deed.undo.extend(done.undo);
            if let Action::Settings(_) = done.action {
                model.staged.clear();
            }
            tell_secret(model, &deed.about, answer.json);
        }
        Err(error) => {
            if let Some(effects) = lost_race(model, &done.action, &error) {
                return effects;
            }
            deed.refused = (deed.refused.0 + 1, error.message);
        }
    }
    if deed.waiting > 0 {
        model.deeds.insert(number, deed);
        return Vec::new();
    }
    sum_up(model, deed);
    model.load(model.screen)
}

/// A secret that is told once, and whose.
fn tell_secret(model: &mut Model, about: &str, mut answer: Value) {
    let found = SECRETS.iter().find_map(|name| match answer.get_mut(*name).map(Value::take) {
        Some(Value::String(secret)) => Some(((*name).to_owned(), secret)),
        _ => None,
    });
    let Some(secret) = found else { return };
    let id = answer["client_id"].as_str().map(|id| ("client_id".to_owned(), id.to_owned()));
    let about = Some(("of".to_owned(), about.to_owned())).filter(|(_, about)| !about.is_empty());
    let lines = std::iter::once(secret).chain(id).chain(about).collect();
    model.overlays.push(Overlay::Told(Told { title: "Shown once; Esc wipes it".to_owned(), lines }));
}

/// What became of things that were done together.
fn sum_up(model: &mut Model, deed: Deed) {
    let Deed { title, done, undo, refused: (refused, reason), .. } = deed;
    let (text, tone) = match (done, refused) {
        (0, 1) => (reason, Tone::Bad),
        (_, 0) => (format!("{title}: done"), Tone::Good),
        _ => (format!("{title}: {done} done, {refused} refused: {reason}"), Tone::Warn),
    };
    if undo.is_empty() {
        return model.tell(text, tone);
    }
    model.tell(format!("{text}; u takes it back"), tone);
    model.undo = Some(Undo { title, actions: undo, until: model.now + UNDO_FOR });
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
