//! Users.

use signet_shared::admin::UserView;

use super::{instant, maybe};
use crate::dashboard::{
    clock::ago,
    list::{Cell, Column, Row, Seen},
    theme::Tone,
};

impl Row for UserView {
    const PATH: &'static str = "users";
    const SORTS: &'static [&'static str] = &["-created_at", "created_at", "email", "-email"];
    const FILTER: Option<&'static str> =
        Some("email:ann username:\"John S\" role:admin disabled:true verified:false since:7d until:1d");
    const COLUMNS: &'static [Column] = &[
        Column { title: "EMAIL", least: 20, share: 3 },
        Column { title: "NAME", least: 10, share: 2 },
        Column { title: "STATE", least: 12, share: 0 },
        Column { title: "ROLES", least: 8, share: 1 },
        Column { title: "JOINED", least: 6, share: 0 },
        Column { title: "LOGIN", least: 6, share: 0 },
    ];

    fn id(&self) -> String {
        self.id.clone()
    }

    fn name(&self) -> String {
        self.email.clone()
    }

    fn cells(&self, seen: &Seen<'_>) -> Vec<Cell> {
        let state = match (self.disabled, self.email_verified) {
            (true, _) => Cell::toned("✗ disabled", Tone::Bad),
            (false, true) => Cell::toned("✓ verified", Tone::Good),
            (false, false) => Cell::toned("○ unverified", Tone::Faint),
        };
        vec![
            Cell::plain(self.email.clone()),
            Cell::plain(self.username.clone()),
            state,
            Cell::plain(self.roles.join(",")),
            Cell::toned(ago(&self.created_at, seen.clock), Tone::Faint),
            Cell::toned(self.last_login_at.as_ref().map(|at| ago(at, seen.clock)).unwrap_or_default(), Tone::Faint),
        ]
    }

    fn detail(&self) -> Vec<(&'static str, String)> {
        vec![
            ("id", self.id.clone()),
            ("email", self.email.clone()),
            ("pending email", self.pending_email.clone().unwrap_or_default()),
            ("verified", self.email_verified.to_string()),
            ("username", self.username.clone()),
            ("roles", self.roles.join(", ")),
            ("disabled", self.disabled.to_string()),
            ("password", self.password.clone()),
            ("registered", instant(&self.created_at)),
            ("last login", maybe(self.last_login_at.as_ref())),
        ]
    }
}
