//! Sessions.

use signet_shared::admin::SessionView;

use super::{instant, maybe};
use crate::dashboard::{
    clock::ago,
    list::{Cell, Column, Row, Seen},
    theme::Tone,
};

impl Row for SessionView {
    const PATH: &'static str = "sessions";
    const FILTER: Option<&'static str> =
        Some("user:ID client:signet kept_by:cookie ip:203.0.113.7 live:true since:1h until:7d");
    const COLUMNS: &'static [Column] = &[
        Column { title: "USER", least: 18, share: 2 },
        Column { title: "STATE", least: 9, share: 0 },
        Column { title: "DEVICE", least: 12, share: 3 },
        Column { title: "ADDRESS", least: 13, share: 1 },
        Column { title: "CLIENT", least: 6, share: 1 },
        Column { title: "GEN", least: 4, share: 0 },
        Column { title: "AGE", least: 4, share: 0 },
        Column { title: "IDLE", least: 4, share: 0 },
    ];

    fn id(&self) -> String {
        self.id.clone()
    }

    fn name(&self) -> String {
        format!("the session of {} at {}", self.email, self.ip)
    }

    fn cells(&self, seen: &Seen<'_>) -> Vec<Cell> {
        let reused = self.families.iter().any(|family| family.reused);
        let state = match (&self.revoked_at, reused, self.restricted) {
            (_, true, _) => Cell::toned("! reused", Tone::Bad),
            (Some(_), ..) => Cell::toned("✗ ended", Tone::Faint),
            (None, _, true) => Cell::toned("○ limited", Tone::Warn),
            (None, ..) => Cell::toned("✓ live", Tone::Good),
        };
        let clients: Vec<_> = self.families.iter().map(|family| family.client.as_str()).collect();
        let generation = self.families.iter().map(|family| family.generation).max();
        vec![
            Cell::plain(self.email.clone()),
            state,
            Cell::plain(self.user_agent.clone()),
            Cell::plain(self.ip.clone()),
            Cell::plain(clients.join(",")),
            Cell::plain(generation.map(|number| number.to_string()).unwrap_or_default()),
            Cell::toned(ago(&self.created_at, seen.clock), Tone::Faint),
            Cell::toned(ago(&self.last_seen_at, seen.clock), Tone::Faint),
        ]
    }

    fn detail(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![
            ("id", self.id.clone()),
            ("user", format!("{} {}", self.email, self.user)),
            ("kept by", self.kept_by.clone()),
            ("address", self.ip.clone()),
            ("device", self.user_agent.clone()),
            ("opened", instant(&self.created_at)),
            ("last seen", instant(&self.last_seen_at)),
            ("ends", instant(&self.expires_at)),
            ("ended", maybe(self.revoked_at.as_ref())),
        ];
        lines.extend(self.families.iter().map(|family| {
            let flags = match (family.reused, &family.revoked_at) {
                (true, _) => " ! a spent token was shown again",
                (false, Some(_)) => " ✗ revoked",
                (false, None) => "",
            };
            let used = instant(&family.last_used_at);
            ("family", format!("{} generation {} used {used}{flags}", family.client, family.generation))
        }));
        lines
    }
}
