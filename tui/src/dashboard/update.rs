//! From a message to the next model and what has to be done: pure, so that a test can press any key at any time.

mod answers;
mod overlays;

use super::{
    binding::{self, Command},
    deed::{First, begin},
    input::Input,
    key::Key,
    list::{List, Row},
    message::{Done, Effect, Msg, Now, Purpose},
    model::{Connection, Model, Screen, UNLOCKED_FOR, with_list},
    overlay::{Confirm, Deed, Field, Form, Overlay, Search},
    theme::Tone,
};
use crate::actions::{Action, ListArgs};
use answers::{answered, streamed};
use overlays::overlay_key;

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

fn sort_otherwise<T: Row>(list: &mut List<T>) {
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
