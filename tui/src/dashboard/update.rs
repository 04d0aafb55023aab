//! From a message to the next model and what has to be done: pure, so that a test can press any key at any time.

mod answers;
mod commands;
mod overlays;

use super::{
    binding,
    deeds::{First, staged},
    key::{Key, Mouse},
    layout::{Spot, spot},
    list::State,
    message::{Done, Effect, Msg, Now, Purpose, Stream},
    model::{self, Connection, Known, Model, Screen, with_list},
    overlay::{Confirm, Deed, Field, Form, Intent, Overlay},
    theme::Tone,
};
use crate::{
    actions::Action,
    api::{ApiError, NOT_SIGNED_IN},
    call::Call,
    dashboard::check::Check,
    exit::Exit,
    keep::Kind,
};
use answers::{answered, streamed};
pub use commands::command_line;
use commands::{command, go};
use overlays::overlay_key;

/// What happens first: somebody known sees the overview, and others sign in.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    if model.who.caller == Known::SignedOut {
        return ask_who(model, "", Kind::Memory);
    }
    let mut effects = vec![Effect::Follow];
    effects.extend(model.load(model.screen));
    effects
}

/// Takes a message that comes at an instant.
pub fn update(model: &mut Model, msg: Msg, now: Now) -> Vec<Effect> {
    model.now = now;
    match msg {
        Msg::Key(key) => key_pressed(model, key),
        Msg::Mouse(mouse) => mouse_used(model, mouse),
        Msg::Resize(columns, rows) => {
            model.size = (columns, rows);
            Vec::new()
        }
        Msg::Tick(clock) => {
            model.clock = clock;
            model.notice = model.notice.take().filter(|notice| notice.until > now);
            model.undo = model.undo.take().filter(|undo| undo.until > now);
            model.unlocked_until = model.unlocked_until.filter(|until| *until > now);
            follow_filtered(model)
        }
        Msg::Answered(ticket, _) if model.has_forgotten(&ticket) => Vec::new(),
        Msg::Answered(ticket, answer) => answered(model, ticket, answer),
        // Of a stream that is being left.
        Msg::Streamed(..) | Msg::StreamState(..) if model.who.caller == Known::SignedOut => Vec::new(),
        Msg::Streamed(stream, value) => {
            streamed(model, stream, value);
            Vec::new()
        }
        Msg::StreamState(stream, Ok(())) => {
            let was_stale = matches!(model.connection, Connection::Stale(..));
            model.connection = Connection::Live;
            // What is shown is of before it went away; and of what happened before it stood, a stream may know nothing.
            match (stream, model.screen) {
                (Stream::Audit, Screen::Audit) => model.load(Screen::Audit),
                (_, screen) if was_stale => model.load(screen),
                _ => Vec::new(),
            }
        }
        Msg::StreamState(stream, Err(error)) => refused(model, stream, error),
        Msg::NoShell => told(model, "there is no shell behind this terminal to go back to", Tone::Faint),
    }
}

/// What a caller may not follow is no sign of the server being gone.
fn refused(model: &mut Model, stream: Stream, error: ApiError) -> Vec<Effect> {
    if error.code == NOT_SIGNED_IN {
        return signed_out(model, &error.message);
    }
    if error.exit == Exit::Network {
        model.lose(error.message);
        return Vec::new();
    }
    let what = if stream == Stream::Stats { "counts" } else { "events" };
    told(model, &format!("{what} do not come by themselves: {}", error.message), Tone::Warn)
}

/// Somebody ended the session, or it was not used for too long.
fn signed_out(model: &mut Model, reason: &str) -> Vec<Effect> {
    let Known::As(email) = model.who.caller.clone() else { return told(model, reason, Tone::Bad) };
    let effects = model.forget();
    ask_who(model, &email, Kind::Memory);
    model.tell(reason, Tone::Bad);
    effects
}

/// A log that shows a part of what happens is read anew when something did, as long as its beginning is looked at.
fn follow_filtered(model: &mut Model) -> Vec<Effect> {
    let follows = model.screen == Screen::Audit && model.audit_moved && !model.paused && model.overlays.is_empty();
    if !follows || model.audit.selected > 0 || model.audit.state != State::Loaded {
        return Vec::new();
    }
    model.audit_moved = false;
    model.load(Screen::Audit)
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

fn mouse_used(model: &mut Model, mouse: Mouse) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        return Vec::new();
    }
    let screen = model.screen;
    match mouse {
        Mouse::Wheel(by) => step(model, by),
        Mouse::Click(column, row) => match spot(model, column, row) {
            Some(Spot::Title(screen)) => go(model, screen),
            Some(Spot::Item(item)) => {
                let again = model.list_place().is_some_and(|(_, selected)| selected == item);
                with_list!(mut model, screen, list => list.selected = item, else ());
                model.detail = again != model.detail;
                moved(model)
            }
            None => Vec::new(),
        },
    }
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
    moved(model)
}

/// The focus is elsewhere: more of the list may be needed, and more about what is in focus.
fn moved(model: &mut Model) -> Vec<Effect> {
    let mut effects = model.load_more();
    effects.extend(model.load_related());
    effects
}

fn ask_who(model: &mut Model, email: &str, keep: Kind) -> Vec<Effect> {
    let kept = Kind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect();
    let fields = vec![
        Field::of("email", email, "yours", Check::Email),
        Field::secret("password", "yours; a key or a token comes from the environment"),
        Field::of(
            "keep in",
            keep.as_str(),
            "memory, until this ends; file or keyring, to stay signed in",
            Check::OneOf(kept),
        ),
    ];
    let title = format!("Sign in to {}", model.who.server);
    open(model, Overlay::Form(Form::new(title, Deed::SignIn, fields)))
}

fn unlock(model: &mut Model) -> Vec<Effect> {
    if model.is_unlocked() {
        model.unlocked_until = None;
        return told(model, "writes are locked", Tone::Good);
    }
    if model.who.read_only {
        return told(model, "this profile is read-only", Tone::Warn);
    }
    match model.who.caller {
        Known::SignedOut => ask_who(model, "", Kind::Memory),
        // A key or a token has no password to show.
        Known::ByToken => unlocked(model),
        Known::As(_) => {
            let password = Field::secret("password", "yours: what is changed takes a recent login");
            let form = Form::new("Unlock writes for 15 minutes", Deed::Unlock, vec![password]);
            open(model, Overlay::Form(form))
        }
    }
}

fn unlocked(model: &mut Model) -> Vec<Effect> {
    model.unlocked_until = Some(model.now + model::UNLOCKED_FOR);
    told(model, "writes are unlocked for 15 minutes", Tone::Warn)
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
        First::Pick(pick) => open(model, Overlay::Pick(pick)),
        First::Ask(intent) => {
            let confirm = Confirm::new(intent, model.now);
            open(model, Overlay::Confirm(confirm))
        }
        First::Review(action) => review(model, action),
        First::Stage(wish) => {
            model.staged.insert(wish.key, wish.value);
            let action = staged(model);
            review(model, action)
        }
    }
}

fn review(model: &mut Model, action: Action) -> Vec<Effect> {
    let call = action.call(None).dry(true);
    ask(model, Purpose::Review(Box::new(action)), call)
}

/// Asks the server something that has to be known first. Meanwhile keys are for nothing else: what was typed for another
/// purpose shall not answer the question that comes of it.
fn ask(model: &mut Model, purpose: Purpose, call: Call) -> Vec<Effect> {
    let ticket = model.ticket(purpose);
    model.overlays.push(Overlay::Asking(ticket.generation, "asking the server"));
    vec![Effect::Send(ticket, call)]
}

/// Whether what an answer leads to is still waited for.
fn is_awaited(model: &mut Model, generation: u64) -> bool {
    let awaited = matches!(model.overlays.last(), Some(Overlay::Asking(asked, _)) if *asked == generation);
    if awaited {
        model.overlays.pop();
    }
    awaited
}

fn perform(model: &mut Model, intent: Intent) -> Vec<Effect> {
    let number = model.number();
    let about =
        if intent.actions.len() == 1 { intent.lines.first().cloned().unwrap_or_default() } else { String::new() };
    let deed = model::Deed { title: intent.title, about, waiting: intent.actions.len(), ..model::Deed::default() };
    model.deeds.insert(number, deed);
    let send = |(action, undo): (Action, Option<Action>)| {
        let call = action.call(None);
        Effect::Send(model.ticket(Purpose::Did(number, Box::new(Done { action, undo }))), call)
    };
    intent.actions.into_iter().map(send).collect()
}
