//! Clients.

use signet_shared::admin::ClientView;

use super::{instant, maybe};
use crate::dashboard::{
    list::{Cell, Column, Row, Seen},
    theme::Tone,
};

impl Row for ClientView {
    const PATH: &'static str = "clients";
    const FILTER: Option<&'static str> = Some("name:shop");
    const COLUMNS: &'static [Column] = &[
        Column { title: "NAME", least: 14, share: 2 },
        Column { title: "KIND", least: 19, share: 0 },
        Column { title: "GRANTS", least: 18, share: 1 },
        Column { title: "REDIRECTS TO", least: 16, share: 3 },
    ];

    fn id(&self) -> String {
        self.client_id.clone()
    }

    fn name(&self) -> String {
        self.metadata.client_name.clone().unwrap_or_else(|| self.client_id.clone())
    }

    fn cells(&self, _: &Seen<'_>) -> Vec<Cell> {
        let grants: Vec<_> = self.metadata.grant_types.iter().map(|grant| grant.as_str()).collect();
        vec![
            Cell::plain(self.name()),
            Cell::toned(self.metadata.token_endpoint_auth_method.as_str(), Tone::Faint),
            Cell::plain(grants.join(",")),
            Cell::plain(self.metadata.redirect_uris.join(" ")),
        ]
    }

    fn detail(&self) -> Vec<(&'static str, String)> {
        let metadata = &self.metadata;
        let lifetime = |seconds: Option<i64>| seconds.map_or("default".to_owned(), signet_shared::format_seconds);
        let mut lines = vec![
            ("id", self.client_id.clone()),
            ("name", self.name()),
            ("authentication", metadata.token_endpoint_auth_method.to_string()),
            ("scope", metadata.scope.clone().unwrap_or_else(|| "any".to_owned())),
            ("access token", lifetime(metadata.lifetimes.access_token_lifetime)),
            ("refresh token", lifetime(metadata.lifetimes.refresh_token_lifetime)),
            ("registered", instant(&self.created_at)),
            ("changed", instant(&self.updated_at)),
        ];
        lines.extend(metadata.redirect_uris.iter().map(|uri| ("redirects to", uri.clone())));
        lines.extend(self.secrets.iter().map(|secret| {
            let until = secret.expires_at.as_ref().map_or("for ever".to_owned(), |_| maybe(secret.expires_at.as_ref()));
            ("secret", format!("of {} until {until}", instant(&secret.created_at)))
        }));
        lines
    }
}
