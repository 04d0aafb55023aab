//! What keys do, but for changes.

use super::{ask, ask_who, first, moved, open, perform, step, told, unlock};
use crate::{
    actions::{
        Action, AuditAction, ClientAction, KeyAction, ListArgs, SessionAction, SettingAction, StatsAction, Tier,
        UserAction,
    },
    dashboard::{
        binding::Command,
        check::Check,
        deeds::{First, begin},
        input::Input,
        list::{List, Row},
        message::{Effect, Purpose},
        model::{Known, Model, Screen, with_list},
        overlay::{Choice, Deed, Field, Form, Intent, Overlay, Pick, Search},
        theme::Tone,
    },
    keep::Kind,
};

pub(super) fn command(model: &mut Model, command: Command) -> Vec<Effect> {
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
        Command::Close => close(model),
        Command::Move(by) => step(model, by),
        Command::First => step(model, isize::MIN),
        Command::Last => step(model, isize::MAX),
        Command::Open => {
            model.detail = !model.detail;
            model.load_related()
        }
        Command::Mark => {
            with_list!(mut model, screen, list => list.mark(), else ());
            moved(model)
        }
        Command::CopyValue => {
            let id = with_list!(mut model, screen, list => list.focused().map(Row::id), else None);
            copy(model, id)
        }
        Command::CopyCommand => {
            let command = command_line(&shown(model));
            copy(model, Some(command))
        }
        Command::Refresh => {
            model.related.user.clear();
            let mut effects = model.load(screen);
            effects.extend(model.load_related());
            effects
        }
        Command::Pause => {
            model.paused = !model.paused;
            // What was missed is read.
            if model.paused { Vec::new() } else { model.load(screen) }
        }
        Command::Mouse => {
            model.mouse = !model.mouse;
            vec![Effect::Mouse(model.mouse)]
        }
        Command::History => {
            let call = Action::Settings(SettingAction::History { list: listed("") }).call(None);
            ask(model, Purpose::History, call)
        }
        Command::Export => export(model),
        Command::Profile => profiles(model),
        Command::SignOut => sign_out(model),
        Command::Unlock => unlock(model),
        Command::Undo => undo(model),
        Command::Suspend => vec![Effect::Suspend],
        Command::Quit => vec![Effect::Quit],
        Command::Do(verb) => {
            let next = begin(verb, model);
            first(model, next)
        }
    }
}

fn sort_otherwise<T: Row>(list: &mut List<T>) {
    list.sort = (list.sort + 1) % T::SORTS.len().max(1);
    list.start_over();
}

pub(super) fn go(model: &mut Model, screen: Screen) -> Vec<Effect> {
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

/// The detail first, then marks and notes.
fn close(model: &mut Model) -> Vec<Effect> {
    let screen = model.screen;
    if std::mem::take(&mut model.detail) {
        return Vec::new();
    }
    with_list!(mut model, screen, list => list.marks.clear(), else ());
    if screen == Screen::Settings {
        model.staged.clear();
    }
    Vec::new()
}

pub(super) fn copy(model: &mut Model, text: Option<String>) -> Vec<Effect> {
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

fn listed(filter: &str) -> ListArgs {
    ListArgs {
        filter: Some(filter.to_owned()).filter(|filter| !filter.is_empty()),
        limit: Some(100),
        ..ListArgs::default()
    }
}

/// The action that shows what is on the screen.
fn shown(model: &Model) -> Action {
    match model.screen {
        Screen::Overview => Action::Stats(StatsAction::Show),
        Screen::Users => {
            let sort = <signet_shared::admin::UserView as Row>::SORTS[model.users.sort];
            let sort = (model.users.sort > 0).then(|| sort.to_owned());
            Action::Users(UserAction::List { list: listed(&model.users.filter), sort })
        }
        Screen::Sessions => Action::Sessions(SessionAction::List { list: listed(&model.sessions.filter) }),
        Screen::Clients => Action::Clients(ClientAction::List { list: listed(&model.clients.filter) }),
        Screen::Keys => Action::Keys(KeyAction::List),
        Screen::Settings => Action::Settings(SettingAction::List),
        Screen::Audit => Action::Audit(AuditAction::List { list: listed(&model.audit.filter) }),
    }
}

/// What disturbs nobody is taken back at once; anything else is asked about as it was before it was done.
fn undo(model: &mut Model) -> Vec<Effect> {
    let Some(undo) = model.undo.take() else { return told(model, "there is nothing to take back", Tone::Faint) };
    let actions: Vec<_> = undo.actions.iter().cloned().map(|action| (action, None)).collect();
    let intent = Intent {
        title: format!("Take back: {}", undo.title),
        lines: actions.iter().map(|(action, _)| command_line(action)).collect(),
        actions,
        word: String::new(),
    };
    if !model.is_unlocked() || intent.tier() > Tier::Reversible {
        model.undo = Some(undo).filter(|_| !model.is_unlocked());
        return first(model, First::Ask(intent));
    }
    perform(model, intent)
}

fn export(model: &mut Model) -> Vec<Effect> {
    let hint = match model.audit.filter.as_str() {
        "" => "a new file; the whole log goes there as lines of JSON".to_owned(),
        filter => format!("a new file; what matches {filter} goes there as lines of JSON"),
    };
    let field = Field::of("file", "audit.ndjson", hint, Check::Needed);
    open(model, Overlay::Form(Form::new("Export the audit log", Deed::Export, vec![field])))
}

fn profiles(model: &mut Model) -> Vec<Effect> {
    let choices: Vec<_> = model.who.profiles.iter().map(|name| (name.clone(), Choice::Profile(name.clone()))).collect();
    if choices.is_empty() {
        return told(model, "there are no profiles; signetctl profiles add makes one", Tone::Faint);
    }
    open(model, Overlay::Pick(Pick { title: "Another server".to_owned(), choices, selected: 0 }))
}

fn sign_out(model: &mut Model) -> Vec<Effect> {
    match model.who.caller {
        // Nothing of theirs is on the screen any more, whether the server hears of it or not.
        Known::As(_) => {
            let mut effects = model.forget();
            effects.push(Effect::SignOut(model.ticket(Purpose::SignOut)));
            ask_who(model, "", Kind::Memory);
            effects
        }
        Known::ByToken => told(model, "a key or a token of the environment is not signed out", Tone::Faint),
        Known::SignedOut => ask_who(model, "", Kind::Memory),
    }
}
