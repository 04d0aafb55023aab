//! Signing keys.

use signet_shared::admin::KeyView;

use super::{instant, maybe};
use crate::dashboard::{
    clock::{ago, left},
    list::{Cell, Column, Row, Seen},
    theme::Tone,
};

impl Row for KeyView {
    const PATH: &'static str = "keys";
    const COLUMNS: &'static [Column] = &[
        Column { title: "KEY", least: 12, share: 1 },
        Column { title: "ALG", least: 6, share: 0 },
        Column { title: "STATE", least: 10, share: 0 },
        Column { title: "PUBLISHED", least: 10, share: 0 },
        Column { title: "NEXT STEP", least: 22, share: 1 },
    ];

    fn id(&self) -> String {
        self.kid.clone()
    }

    fn name(&self) -> String {
        format!("the {} key {}", self.algorithm, self.kid)
    }

    fn cells(&self, seen: &Seen<'_>) -> Vec<Cell> {
        let (state, tone) = match self.state.as_str() {
            "next" => ("░ next", Tone::Plain),
            "active" => ("▓ active", Tone::Good),
            "retired" => ("▒ retired", Tone::Warn),
            _ if self.revoked => ("✗ revoked", Tone::Bad),
            _ => ("· gone", Tone::Faint),
        };
        let step = |what: &str, at: &Option<String>| {
            at.as_ref().map(|at| format!("{what} in {} ({})", left(at, seen.clock), instant(at)))
        };
        let next = match self.state.as_str() {
            "next" => step("signs", &self.rotates_at).or(step("ready", &self.ready_at)),
            "active" => step("rotates", &self.rotates_at),
            "retired" => step("leaves", &self.leaves_at),
            _ => self.gone_at.as_ref().map(|at| format!("left {}", instant(at))),
        };
        vec![
            Cell::plain(self.kid.clone()),
            Cell::plain(self.algorithm.clone()),
            Cell::toned(state, tone),
            Cell::toned(ago(&self.created_at, seen.clock), Tone::Faint),
            Cell::plain(next.unwrap_or_default()),
        ]
    }

    fn detail(&self) -> Vec<(&'static str, String)> {
        vec![
            ("key", self.kid.clone()),
            ("algorithm", self.algorithm.clone()),
            ("state", self.state.clone()),
            ("published", instant(&self.created_at)),
            ("ready", maybe(self.ready_at.as_ref())),
            ("signs since", maybe(self.activated_at.as_ref())),
            ("rotates", maybe(self.rotates_at.as_ref())),
            ("retired", maybe(self.retired_at.as_ref())),
            ("leaves", maybe(self.leaves_at.as_ref())),
            ("left", maybe(self.gone_at.as_ref())),
        ]
    }
}
