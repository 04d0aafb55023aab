//! Changing settings.

use serde_json::Value;
use signet_shared::admin::{Revision, SettingView, SettingsView};

use super::{ANY, Change, First, fill};
use crate::{
    actions::{Action, Assignment, SettingAction},
    dashboard::{
        binding::Verb,
        check::Check,
        list::Row,
        model::Model,
        overlay::{Choice, Field, Intent, Pick},
        screens::{instant, value_text},
    },
};

pub(super) fn begin(verb: Verb, model: &Model) -> First {
    match verb {
        Verb::Edit => match model.settings.focused() {
            Some(setting) => edit(setting, model),
            None => First::Nothing("there is no setting here"),
        },
        Verb::Apply if model.staged.is_empty() => First::Nothing("no new value was noted; E notes one"),
        Verb::Apply => First::Review(staged(model)),
        _ => First::Nothing("settings cannot be changed that way"),
    }
}

fn edit(setting: &SettingView, model: &Model) -> First {
    let now = value_text(setting, &setting.value);
    let text = model.staged.get(&setting.key).unwrap_or(&now);
    let range = setting.detail().into_iter().find(|(name, _)| *name == "range").map(|(_, range)| range);
    let field = Field::of("value", text, range.unwrap_or_default(), check(setting));
    fill(format!("{}, now {now}", setting.key), Change::Setting(setting.key.clone()), vec![field])
}

fn check(setting: &SettingView) -> Check {
    match (setting.kind.as_str(), &setting.choices, setting.min, setting.max) {
        (_, Some(choices), ..) => Check::OneOf(choices.clone()),
        ("duration", None, Some(min), Some(max)) => Check::SpanWithin(min, max),
        ("integer", None, Some(min), Some(max)) => Check::Within(min, max),
        ("boolean", ..) => Check::OneOf(vec!["true".to_owned(), "false".to_owned()]),
        _ => Check::Needed,
    }
}

/// Everything that was noted, on the settings that were seen.
pub fn staged(model: &Model) -> Action {
    let values = model.staged.iter().map(|(key, value)| Assignment { key: key.clone(), value: value.clone() });
    let if_match = model.settings.etag.clone().unwrap_or_else(|| ANY.to_owned());
    Action::Settings(SettingAction::Set { values: values.collect(), dry_run: false, if_match })
}

/// A value as people write it, if the setting is known here.
fn text(key: &str, value: &Value, model: &Model) -> String {
    let setting = model.settings.items.iter().find(|setting| setting.key == key);
    let plain = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    setting.map_or_else(plain, |setting| value_text(setting, value))
}

pub(super) fn reviewed(if_match: &str, action: Action, answer: &Value, model: &Model) -> First {
    let changes = answer["changes"].as_array().cloned().unwrap_or_default();
    if changes.is_empty() {
        return First::Nothing("nothing would change");
    }
    let key = |change: &Value| change["key"].as_str().unwrap_or_default().to_owned();
    let written = |change: &Value, side: &str| text(&key(change), &change[side], model);
    let line =
        |change: &Value| format!("{}: {} → {}", key(change), written(change, "before"), written(change, "after"));
    // Whom it hits comes first.
    let mut lines = Vec::new();
    for impact in answer["impact"].as_array().into_iter().flatten() {
        lines.push(impact["effect"].as_str().unwrap_or_default().to_owned());
        let counts = impact["counts"].as_object().into_iter().flatten();
        lines.extend(counts.map(|(what, count)| format!("  {}: {count}", what.replace('_', " "))));
    }
    lines.extend(changes.iter().map(line));
    let values = changes.iter().map(|change| Assignment { key: key(change), value: written(change, "before") });
    // What takes it back is made on what it leaves.
    let revision: i64 = if_match.trim_matches('"').parse().unwrap_or(0);
    let after = if revision > 0 { format!("\"{}\"", revision + 1) } else { ANY.to_owned() };
    let undo = SettingAction::Set { values: values.collect(), dry_run: false, if_match: after };
    let title = match &action {
        Action::Settings(SettingAction::Restore { revision, .. }) => {
            format!("Put back the settings of revision {revision}")
        }
        _ => "Change settings".to_owned(),
    };
    First::Ask(Intent::one(&title, lines, action, Some(Action::Settings(undo))))
}

/// Somebody was quicker: what was seen, what is there now, and what was wanted, to be decided anew.
pub fn raced(action: &Action, current: &Value, model: &Model) -> Option<Intent> {
    let Action::Settings(SettingAction::Set { values, .. }) = action else { return None };
    let current: SettingsView = serde_json::from_value(current.clone()).ok()?;
    let value = |settings: &[SettingView], key: &str| {
        let setting = settings.iter().find(|setting| setting.key == key);
        setting.map(|setting| value_text(setting, &setting.value)).unwrap_or_default()
    };
    let line = |wish: &Assignment| {
        let (seen, there) = (value(&model.settings.items, &wish.key), value(&current.settings, &wish.key));
        format!("{}: you saw {seen}, it is {there}, you want {}", wish.key, wish.value)
    };
    let back =
        values.iter().map(|wish| Assignment { key: wish.key.clone(), value: value(&current.settings, &wish.key) });
    let on = |revision: i64| format!("\"{revision}\"");
    let undo = SettingAction::Set { values: back.collect(), dry_run: false, if_match: on(current.revision + 1) };
    let again = SettingAction::Set { values: values.clone(), dry_run: false, if_match: on(current.revision) };
    let lines = values.iter().map(line).collect();
    Some(Intent::one("Somebody was quicker", lines, Action::Settings(again), Some(Action::Settings(undo))))
}

/// Earlier values, to be put back.
pub fn earlier(answer: &Value, model: &Model) -> Option<Pick> {
    let revisions: Vec<Revision> = serde_json::from_value(answer["items"].clone()).ok()?;
    let if_match = model.settings.etag.clone().unwrap_or_else(|| ANY.to_owned());
    let choice = |revision: Revision| {
        let changes: Vec<_> = revision
            .changes
            .iter()
            .map(|change| {
                let side = |value| text(&change.key, value, model);
                format!("{} {} → {}", change.key, side(&change.before), side(&change.after))
            })
            .collect();
        let label = format!("{:>4}  {}  {}", revision.revision, instant(&revision.time), changes.join(", "));
        let restore =
            SettingAction::Restore { revision: revision.revision, dry_run: false, if_match: if_match.clone() };
        (label, Choice::Do(Box::new(Action::Settings(restore))))
    };
    let choices: Vec<_> = revisions.into_iter().map(choice).collect();
    let title = "Earlier settings: Enter puts those of a revision back".to_owned();
    (!choices.is_empty()).then_some(Pick { title, choices, selected: 0 })
}
