//! One's own account: who one is, and who may act for one.

use askama::Template;
use jiff::Timestamp;

use super::{ClientShown, Field, Form, Input, Kind, ScopeShown, agent::agent_name, plain_pages};
use crate::pages::{look::Frame, notice::Notice, texts::Texts};

/// All of it; every section has a form of its own.
#[derive(Template)]
#[template(path = "pages/account.html")]
pub struct AccountPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// The address of whoever is logged in.
    pub user: String,
    /// Who one is.
    pub profile: ProfileSection,
    /// What one logs in with.
    pub password: PasswordSection,
    /// Where one is logged in.
    pub sessions: SessionsSection,
    /// Who has access.
    pub consents: ConsentsSection,
}

/// Who one is; sends each field by its name.
pub struct ProfileSection {
    /// Where to.
    pub form: Form,
    /// What was wrong, or went well.
    pub notice: Option<Notice>,
    /// One's address.
    pub email: Field,
    /// The name to log in with.
    pub username: Field,
    /// What else one says of oneself.
    pub more: Vec<(Kind, Field)>,
    /// Whether the address is confirmed.
    pub confirmed: bool,
    /// An address that will count once it is confirmed.
    pub pending: Option<String>,
}

impl ProfileSection {
    fn more<'a>(&'a self, texts: &'static Texts) -> impl Iterator<Item = Input<'a>> {
        self.more.iter().map(move |(kind, field)| Input::new(*kind, texts).filled(field).optional_if(true))
    }
}

/// What one logs in with; sends `current_password` and `password`.
pub struct PasswordSection {
    /// Where to.
    pub form: Form,
    /// What was wrong, or went well.
    pub notice: Option<Notice>,
    /// What was wrong with the current one.
    pub current: Option<Notice>,
    /// What was wrong with the new one.
    pub new: Option<Notice>,
    /// The least number of characters.
    pub least: i64,
}

/// Where one is logged in; sends `session`, which is an id or `others`.
pub struct SessionsSection {
    /// Where to.
    pub form: Form,
    /// What was wrong, or went well.
    pub notice: Option<Notice>,
    /// One's sessions.
    pub sessions: Vec<SessionShown>,
}

/// A session.
pub struct SessionShown {
    /// Its id.
    pub id: String,
    /// What its browser or program calls itself.
    pub user_agent: String,
    /// From where it was opened.
    pub address: String,
    /// When it was last used.
    pub last_seen: Timestamp,
    /// Whether the page is seen with it.
    pub current: bool,
}

impl SessionShown {
    fn agent(&self, texts: &'static Texts) -> String {
        agent_name(&self.user_agent).unwrap_or_else(|| texts.account.unknown_device.to_owned())
    }
}

/// Who has access; sends `client`, which is an id.
pub struct ConsentsSection {
    /// Where to.
    pub form: Form,
    /// What was wrong, or went well.
    pub notice: Option<Notice>,
    /// Those who have.
    pub consents: Vec<ConsentShown>,
}

/// Someone who has access.
pub struct ConsentShown {
    /// The client's id.
    pub id: String,
    /// Who it is; its logo is not shown here, where there may be many.
    pub client: ClientShown,
    /// To what.
    pub scopes: Vec<ScopeShown>,
    /// Since when.
    pub allowed_at: Timestamp,
}

plain_pages!(AccountPage);
