//! Settings.

use serde_json::Value;
use signet_shared::{admin::SettingView, format_seconds};

use crate::dashboard::{
    list::{Cell, Column, Row, Seen},
    theme::Tone,
};

/// A value as people write it.
pub fn value_text(setting: &SettingView, value: &Value) -> String {
    match (setting.kind.as_str(), value) {
        ("duration", Value::Number(seconds)) => seconds.as_i64().map(format_seconds).unwrap_or_default(),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

fn range(setting: &SettingView) -> String {
    let bound = |number: Option<i64>| number.map(|number| value_text(setting, &Value::from(number)));
    match (&setting.choices, bound(setting.min), bound(setting.max)) {
        (Some(choices), ..) => choices.join("|"),
        (None, Some(min), Some(max)) => format!("{min} – {max}"),
        _ => "true|false".to_owned(),
    }
}

impl Row for SettingView {
    const PATH: &'static str = "settings";
    const MEMBER: &'static str = "settings";
    const COLUMNS: &'static [Column] = &[
        Column { title: "SETTING", least: 29, share: 0 },
        Column { title: "VALUE", least: 9, share: 0 },
        Column { title: "NEW", least: 9, share: 0 },
        Column { title: "RANGE", least: 13, share: 1 },
        Column { title: "EFFECT", least: 10, share: 3 },
    ];

    fn id(&self) -> String {
        self.key.clone()
    }

    fn name(&self) -> String {
        self.key.clone()
    }

    fn cells(&self, seen: &Seen<'_>) -> Vec<Cell> {
        let changed = self.value != self.default;
        vec![
            Cell::plain(self.key.clone()),
            Cell::toned(value_text(self, &self.value), if changed { Tone::Warn } else { Tone::Plain }),
            Cell::toned(seen.staged.get(&self.key).cloned().unwrap_or_default(), Tone::Warn),
            Cell::toned(range(self), Tone::Faint),
            Cell::toned(self.effect.clone(), Tone::Faint),
        ]
    }

    fn detail(&self) -> Vec<(&'static str, String)> {
        vec![
            ("setting", self.key.clone()),
            ("value", value_text(self, &self.value)),
            ("default", value_text(self, &self.default)),
            ("range", range(self)),
            ("type", self.kind.clone()),
            ("effect", self.effect.clone()),
        ]
    }
}
