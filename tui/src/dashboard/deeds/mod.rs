//! What an operator wants, from a key to a question: the form that has to be filled, or what will be done. One file a screen.

mod clients;
mod keys;
mod overview;
mod sessions;
mod settings;
mod users;

use serde_json::Value;

use super::{
    binding::Verb,
    model::{Model, Screen},
    overlay::{Deed, Field, Form, Intent, Pick},
};
use crate::actions::{Action, Assignment, KeyAction, SessionAction, SettingAction};

pub use clients::ClientChange;
pub use keys::KeyChange;
pub use settings::{earlier, raced, staged};
pub use users::UserChange;

/// What has to happen first.
#[derive(Debug, PartialEq)]
pub enum First {
    /// Fill a form.
    Fill(Form),
    /// Choose.
    Pick(Pick),
    /// Ask.
    Ask(Intent),
    /// Ask the server what it would do, then ask.
    Review(Action),
    /// Note a setting's new value beside those noted before, and ask the server what they would do together.
    Stage(Assignment),
    /// Nothing: this cannot be done here.
    Nothing(&'static str),
}

/// What a form changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Something about users.
    User(UserChange),
    /// Something about clients.
    Client(ClientChange),
    /// Something about keys.
    Key(KeyChange),
    /// A setting.
    Setting(String),
    /// A mail to see whether it arrives.
    TestMail,
}

/// Changes whatever is there.
const ANY: &str = "*";

/// What a verb means on the screen in front.
pub fn begin(verb: Verb, model: &Model) -> First {
    match model.screen {
        Screen::Overview => overview::begin(verb),
        Screen::Users => users::begin(verb, model.users.focused(), &model.users.chosen()),
        Screen::Sessions => sessions::begin(verb, &model.sessions),
        Screen::Clients => clients::begin(verb, model.clients.focused()),
        Screen::Keys => keys::begin(verb, &model.keys),
        Screen::Settings => settings::begin(verb, model),
        Screen::Audit => First::Nothing("what happened is not changed"),
    }
}

/// What a filled form comes to. An error is told in the form.
pub fn finish(change: &Change, texts: &[String]) -> Result<First, String> {
    let mut texts = texts.iter().cloned();
    let mut next = || texts.next().unwrap_or_default();
    match change {
        Change::User(change) => users::finish(change, next),
        Change::Client(change) => clients::finish(change, next),
        Change::Key(change) => Ok(keys::finish(change, next())),
        Change::Setting(key) => Ok(First::Stage(Assignment { key: key.clone(), value: next() })),
        Change::TestMail => Ok(overview::test_mail(next())),
    }
}

/// The question after the server has said what an action would do.
pub fn reviewed(action: Action, answer: &Value, model: &Model) -> First {
    match &action {
        Action::Sessions(SessionAction::Revoke { filter, .. }) => {
            let count = answer["sessions"].as_i64().unwrap_or(0);
            let lines = vec![format!("{count} sessions"), format!("all that match {filter}")];
            First::Ask(Intent::one("End sessions", lines, action, None))
        }
        Action::Keys(KeyAction::Revoke { kid, .. }) => First::Ask(keys::revocation(kid.clone(), action, answer)),
        Action::Settings(SettingAction::Set { if_match, .. } | SettingAction::Restore { if_match, .. }) => {
            settings::reviewed(&if_match.clone(), action, answer, model)
        }
        _ => First::Nothing("this needs no review"),
    }
}

fn fill(title: impl Into<String>, change: Change, fields: Vec<Field>) -> First {
    First::Fill(Form::new(title, Deed::Change(change), fields))
}

/// A text, unless there is none.
fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// From one value to another, where they differ.
fn changed(name: &str, before: &str, after: &str) -> Option<String> {
    let shown = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    (before != after).then(|| format!("{name}: {} → {}", shown(before), shown(after)))
}
