//! From a message to the next model and what has to be done: pure, so that a test can press any key at any time.

use serde_json::Value;

use super::{
    binding::{self, Command},
    deed::{First, begin, finish, reviewed},
    input::Input,
    key::Key,
    list::{Row, State},
    message::{Done, Effect, Msg, Now, Purpose, Secret, Stream, Ticket},
    model::{Connection, EVENTS, Model, Notice, Screen, UNDO_FOR, UNLOCKED_FOR, with_list},
    overlay::{Confirm, Deed, Field, Form, Intent, Overlay, Search, Told},
    theme::Tone,
};
use crate::{
    actions::{Action, ListArgs, Tier},
    api::{Answer, ApiError},
    exit::Exit,
};

/// Rates kept: a quarter of an hour of them.
const RATES: usize = 180;

/// Takes a message that comes at an instant.
pub fn update(model: &mut Model, msg: Msg, now: Now) -> Vec<Effect> {
    model.now = now;
    match msg {
        Msg::Key(key) => key_pressed(model, key),
        Msg::Resize => Vec::new(),
        Msg::Tick => {
            model.notice = model.notice.take().filter(|notice| notice.until > now);
            model.unlocked_until = model.unlocked_until.filter(|until| *until > now);
            Vec::new()
        }
        Msg::Answered(ticket, answer) => answered(model, ticket, answer),
        Msg::Streamed(stream, value) => {
            streamed(model, stream, value);
            Vec::new()
        }
        Msg::StreamState(_, Ok(())) => {
            let was_stale = matches!(model.connection, Connection::Stale(..));
            model.connection = Connection::Live;
            // What is shown is of before it went away.
            if was_stale { model.load(model.screen) } else { Vec::new() }
        }
        Msg::StreamState(_, Err(reason)) => {
            if !matches!(model.connection, Connection::Stale(..)) {
                model.connection = Connection::Stale(now, reason);
            }
            Vec::new()
        }
    }
}

fn key_pressed(model: &mut Model, key: Key) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(overlay) => overlay_key(model, overlay, key),
        None => match binding::find(key, model.screen) {
            Some(binding) => command(model, binding.command),
            None => Vec::new(),
        },
    }
}

fn command(model: &mut Model, command: Command) -> Vec<Effect> {
    let screen = model.screen;
    match command {
        Command::Go(screen) => go(model, screen),
        Command::Step(by) => go(model, screen.step(by)),
        Command::Back => match model.back.pop() {
            Some(before) => {
                model.forward.push(screen);
                show(model, before)
            }
            None => Vec::new(),
        },
        Command::Forward => match model.forward.pop() {
            Some(after) => {
                model.back.push(screen);
                show(model, after)
            }
            None => Vec::new(),
        },
        Command::Palette => open(model, Overlay::Palette(Search::default())),
        Command::Help => open(model, Overlay::Help(Search::default())),
        Command::Filter => {
            let filter = with_list!(mut model, screen, list => list.filter.clone(), else String::new());
            open(model, Overlay::Filter(Input::of(&filter)))
        }
        Command::Sort => {
            with_list!(mut model, screen, list => sort_otherwise(list), else ());
            model.load(screen)
        }
        Command::Close => {
            model.detail = false;
            with_list!(mut model, screen, list => list.marks.clear(), else ());
            Vec::new()
        }
        Command::Move(by) => step(model, by),
        Command::First => step(model, isize::MIN),
        Command::Last => step(model, isize::MAX),
        Command::Open => {
            model.detail = !model.detail;
            Vec::new()
        }
        Command::Mark => {
            with_list!(mut model, screen, list => list.mark(), else ());
            model.load_more()
        }
        Command::CopyValue => {
            let id = with_list!(mut model, screen, list => list.focused().map(Row::id), else None);
            copy(model, id)
        }
        Command::CopyCommand => {
            let command = shown(model).map(|action| command_line(&action));
            copy(model, command)
        }
        Command::Refresh => model.load(screen),
        Command::Pause => {
            model.paused = !model.paused;
            Vec::new()
        }
        Command::Unlock => unlock(model),
        Command::Undo => match model.notice.take().and_then(|notice| notice.undo) {
            Some(undo) => perform(model, vec![(undo, None)], "taken back"),
            None => told(model, "there is nothing to take back", Tone::Faint),
        },
        Command::Suspend => vec![Effect::Suspend],
        Command::Quit => vec![Effect::Quit],
        Command::Do(verb) => first(model, begin(verb, model)),
    }
}

fn sort_otherwise<T: Row>(list: &mut super::list::List<T>) {
    list.sort = (list.sort + 1) % T::SORTS.len().max(1);
    list.selected = 0;
}

fn go(model: &mut Model, screen: Screen) -> Vec<Effect> {
    if screen == model.screen {
        return Vec::new();
    }
    model.back.push(model.screen);
    model.forward.clear();
    show(model, screen)
}

/// A screen that was never read is read; one of before is shown as it was, and read anew.
fn show(model: &mut Model, screen: Screen) -> Vec<Effect> {
    model.screen = screen;
    model.detail = false;
    model.load(screen)
}

fn open(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    model.overlays.push(overlay);
    Vec::new()
}

fn told(model: &mut Model, text: &str, tone: Tone) -> Vec<Effect> {
    model.tell(text, tone);
    Vec::new()
}

fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let screen = model.screen;
    with_list!(mut model, screen, list => list.step(by), else ());
    model.load_more()
}

fn copy(model: &mut Model, text: Option<String>) -> Vec<Effect> {
    let Some(text) = text else { return told(model, "there is nothing to copy", Tone::Faint) };
    model.tell(format!("copied: {text}"), Tone::Faint);
    vec![Effect::Copy(text)]
}

/// A command line as it is typed into a shell.
pub fn command_line(action: &Action) -> String {
    let is_plain = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=.,:/@+".contains(&byte));
    let quoted = |word: &String| match word.as_str() {
        word if is_plain(word) && !word.is_empty() => word.to_owned(),
        word => format!("'{}'", word.replace('\'', r"'\''")),
    };
    let words: Vec<_> = action.argv().iter().map(quoted).collect();
    format!("signetctl {}", words.join(" "))
}

/// The action that shows what is on the screen.
fn shown(model: &mut Model) -> Option<Action> {
    use crate::actions::{AuditAction, ClientAction, KeyAction, SessionAction, SettingAction, StatsAction, UserAction};
    let args = |filter: &String| ListArgs {
        filter: Some(filter.clone()).filter(|filter| !filter.is_empty()),
        limit: Some(100),
        ..ListArgs::default()
    };
    Some(match model.screen {
        Screen::Overview => Action::Stats(StatsAction::Show),
        Screen::Users => {
            let sort = <signet_shared::admin::UserView as Row>::SORTS[model.users.sort];
            let sort = (model.users.sort > 0).then(|| sort.to_owned());
            Action::Users(UserAction::List { list: args(&model.users.filter), sort })
        }
        Screen::Sessions => Action::Sessions(SessionAction::List { list: args(&model.sessions.filter) }),
        Screen::Clients => Action::Clients(ClientAction::List { list: args(&model.clients.filter) }),
        Screen::Keys => Action::Keys(KeyAction::List),
        Screen::Settings => Action::Settings(SettingAction::List),
        Screen::Audit => Action::Audit(AuditAction::List { list: args(&model.audit.filter) }),
    })
}

fn unlock(model: &mut Model) -> Vec<Effect> {
    if model.is_unlocked() {
        model.unlocked_until = None;
        return told(model, "writes are locked", Tone::Good);
    }
    if model.who.read_only {
        return told(model, "this profile is read-only", Tone::Warn);
    }
    if model.who.email.is_none() {
        // A key or a token has no password to show.
        model.unlocked_until = Some(model.now + UNLOCKED_FOR);
        return told(model, "writes are unlocked for 15 minutes", Tone::Warn);
    }
    let password = Field { secret: true, ..Field::of("password", "", "yours: what is changed takes a recent login") };
    let title = "Unlock writes for 15 minutes".to_owned();
    open(model, Overlay::Form(Form { title, fields: vec![password], focus: 0, error: None, deed: Deed::Unlock }))
}

/// What has to happen first, happens.
fn first(model: &mut Model, first: First) -> Vec<Effect> {
    if let First::Nothing(reason) = first {
        return told(model, reason, Tone::Faint);
    }
    if model.who.read_only {
        return told(model, "this profile is read-only; nothing is changed", Tone::Warn);
    }
    if !model.is_unlocked() {
        return told(model, "writes are locked; press W to unlock them", Tone::Warn);
    }
    match first {
        First::Nothing(_) => Vec::new(),
        First::Fill(form) => open(model, Overlay::Form(form)),
        First::Ask(intent) => {
            let confirm = Confirm::new(intent, model.now);
            open(model, Overlay::Confirm(confirm))
        }
        First::Review(action) => {
            let call = action.call(None).dry(true);
            let ticket = model.ticket(Purpose::Review(Box::new(action)));
            vec![Effect::Send(ticket, call)]
        }
    }
}

fn perform(model: &mut Model, actions: Vec<(Action, Option<Action>)>, what: &str) -> Vec<Effect> {
    let send = |(action, undo): (Action, Option<Action>)| {
        let call = action.call(None);
        let done = Done { told: format!("{what}: {}", action.argv()[..2].join(" ")), action, undo };
        Effect::Send(model.ticket(Purpose::Did(Box::new(done))), call)
    };
    actions.into_iter().map(send).collect()
}

fn overlay_key(model: &mut Model, overlay: Overlay, key: Key) -> Vec<Effect> {
    if key == Key::Ctrl('c') {
        return vec![Effect::Quit];
    }
    // Whatever is open, Esc closes it and nothing else.
    if key == Key::Esc {
        return Vec::new();
    }
    match overlay {
        Overlay::Filter(input) => filter_key(model, input, key),
        Overlay::Palette(search) => palette_key(model, search, key),
        Overlay::Help(mut search) => {
            if key == Key::Enter {
                return Vec::new();
            }
            search_key(&mut search, key);
            open(model, Overlay::Help(search))
        }
        Overlay::Form(form) => form_key(model, form, key),
        Overlay::Confirm(confirm) => confirm_key(model, confirm, key),
        Overlay::Told(told) => {
            if key == Key::Char('y') {
                let value = told.lines.first().map(|(_, value)| value.clone());
                model.overlays.push(Overlay::Told(told));
                return value.map(Effect::Copy).into_iter().collect();
            }
            open(model, Overlay::Told(told))
        }
    }
}

fn search_key(search: &mut Search, key: Key) {
    match key {
        Key::Down => search.selected += 1,
        Key::Up => search.selected = search.selected.saturating_sub(1),
        key => {
            if search.query.take(key) {
                search.selected = 0;
            }
        }
    }
}

fn filter_key(model: &mut Model, mut input: Input, key: Key) -> Vec<Effect> {
    if key != Key::Enter {
        input.take(key);
        return open(model, Overlay::Filter(input));
    }
    let (screen, text) = (model.screen, input.text().trim().to_owned());
    with_list!(mut model, screen, list => {
        list.filter = text;
        list.selected = 0;
        list.marks.clear();
    }, else ());
    model.load(screen)
}

fn palette_key(model: &mut Model, mut search: Search, key: Key) -> Vec<Effect> {
    let found = binding::search(&search.query.text(), model.screen);
    if key == Key::Enter {
        return match found.get(search.selected.min(found.len().saturating_sub(1))) {
            Some(binding) => command(model, binding.command),
            None => Vec::new(),
        };
    }
    search_key(&mut search, key);
    let found = binding::search(&search.query.text(), model.screen).len();
    search.selected = search.selected.min(found.saturating_sub(1));
    open(model, Overlay::Palette(search))
}

fn form_key(model: &mut Model, mut form: Form, key: Key) -> Vec<Effect> {
    let count = form.fields.len();
    match key {
        Key::Tab | Key::Down => form.focus = (form.focus + 1) % count,
        Key::BackTab | Key::Up => form.focus = (form.focus + count - 1) % count,
        Key::Enter if form.focus + 1 < count => form.focus += 1,
        Key::Enter => return submit(model, form),
        key => {
            form.error = None;
            form.fields[form.focus].input.take(key);
        }
    }
    open(model, Overlay::Form(form))
}

fn submit(model: &mut Model, mut form: Form) -> Vec<Effect> {
    let texts: Vec<_> = form.fields.iter().map(|field| field.input.text()).collect();
    if form.deed == Deed::Unlock {
        let password = Secret(zeroize::Zeroizing::new(texts.into_iter().next().unwrap_or_default()));
        let ticket = model.ticket(Purpose::Unlock);
        return vec![Effect::Unlock(ticket, password)];
    }
    match finish(&form.deed, &texts) {
        Ok(next) => first(model, next),
        Err(reason) => {
            form.error = Some(reason);
            open(model, Overlay::Form(form))
        }
    }
}

/// The lock may have come down while it was open: then nothing is done.
fn confirm_key(model: &mut Model, mut confirm: Confirm, key: Key) -> Vec<Effect> {
    if !confirm.hears(model.now) {
        return open(model, Overlay::Confirm(confirm));
    }
    let goes = match (confirm.intent.tier(), key) {
        (Tier::Permanent, Key::Enter) => confirm.typed.text() == confirm.intent.word,
        (Tier::Permanent, key) => {
            confirm.typed.take(key);
            false
        }
        // The focus is on Cancel.
        (_, Key::Enter | Key::Char('n')) => return Vec::new(),
        (_, Key::Char('y')) => true,
        _ => false,
    };
    if !goes {
        return open(model, Overlay::Confirm(confirm));
    }
    if !model.is_unlocked() {
        return told(model, "writes are locked again; nothing was changed", Tone::Warn);
    }
    let Intent { title, actions, .. } = confirm.intent;
    perform(model, actions, &title)
}

fn answered(model: &mut Model, ticket: Ticket, answer: Result<Answer, ApiError>) -> Vec<Effect> {
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
        None => (done.told, model.now + super::model::NOTICE_FOR),
    };
    model.notice = Some(Notice { text, tone: Tone::Good, until, undo: done.undo });
    model.load(model.screen)
}

fn streamed(model: &mut Model, stream: Stream, value: Value) {
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
                    model.audit.items.truncate(10_000);
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
