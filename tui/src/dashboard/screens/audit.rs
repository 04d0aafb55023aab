//! The audit log.

use signet_shared::admin::AuditEvent;

use super::instant;
use crate::dashboard::{
    list::{Cell, Column, Row, Seen},
    theme::Tone,
};

impl Row for AuditEvent {
    const PATH: &'static str = "audit";
    const FILTER: Option<&'static str> =
        Some("type:login.* result:fail actor:user:ID subject:ID ip:203.0.113.7 since:1h until:5m");
    const COLUMNS: &'static [Column] = &[
        Column { title: "TIME", least: 19, share: 0 },
        Column { title: "TYPE", least: 16, share: 1 },
        Column { title: "RESULT", least: 6, share: 0 },
        Column { title: "ACTOR", least: 12, share: 2 },
        Column { title: "SUBJECT", least: 12, share: 2 },
        Column { title: "ADDRESS", least: 15, share: 0 },
    ];

    fn id(&self) -> String {
        self.id.clone()
    }

    fn name(&self) -> String {
        format!("{} at {}", self.kind, instant(&self.time))
    }

    fn cells(&self, _: &Seen<'_>) -> Vec<Cell> {
        let text = |text: &Option<String>| Cell::plain(text.clone().unwrap_or_default());
        let failed = self.result != "ok";
        vec![
            Cell::toned(instant(&self.time), Tone::Faint),
            Cell::plain(self.kind.clone()),
            Cell::toned(self.result.clone(), if failed { Tone::Bad } else { Tone::Good }),
            text(&self.actor),
            text(&self.subject),
            text(&self.ip),
        ]
    }

    fn detail(&self) -> Vec<(&'static str, String)> {
        let json = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![
            ("id", self.id.clone()),
            ("time", self.time.clone()),
            ("type", self.kind.clone()),
            ("result", self.result.clone()),
            ("actor", self.actor.clone().unwrap_or_default()),
            ("subject", self.subject.clone().unwrap_or_default()),
            ("address", self.ip.clone().unwrap_or_default()),
            ("before", json(&self.before)),
            ("after", json(&self.after)),
        ]
    }
}
