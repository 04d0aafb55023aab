//! Everything that is on the screen or behind it.

use std::time::Duration;

use signet_shared::admin::{AuditEvent, ClientView, KeyView, SessionView, SettingView, StatsView, UserView};

use super::{
    list::{List, Row, State},
    message::{Effect, Now, Purpose, Ticket},
    overlay::Overlay,
    theme::Tone,
};
use crate::{actions::Action, call::Call};

/// How long writes stay unlocked.
pub const UNLOCKED_FOR: Duration = Duration::from_secs(900);
/// How long something can be taken back.
pub const UNDO_FOR: Duration = Duration::from_secs(30);
/// How long a notice stands.
pub const NOTICE_FOR: Duration = Duration::from_secs(8);
/// Events kept for the overview.
pub const EVENTS: usize = 50;

/// A screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Screen {
    /// How the server does.
    #[default]
    Overview,
    /// People.
    Users,
    /// Their logins.
    Sessions,
    /// Programs that log people in.
    Clients,
    /// Signing keys.
    Keys,
    /// What is tuned.
    Settings,
    /// What happened.
    Audit,
}

impl Screen {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Overview, Self::Users, Self::Sessions, Self::Clients, Self::Keys, Self::Settings, Self::Audit];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Users => "Users",
            Self::Sessions => "Sessions",
            Self::Clients => "Clients",
            Self::Keys => "Keys",
            Self::Settings => "Settings",
            Self::Audit => "Audit",
        }
    }

    /// The one so many further on.
    pub fn step(self, by: isize) -> Self {
        let count = Self::ALL.len() as isize;
        Self::ALL[(self as isize + by).rem_euclid(count) as usize]
    }
}

/// Who looks, and at which server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The server's URL.
    pub server: String,
    /// Their address; `None` for a key or a token.
    pub email: Option<String>,
    /// Nothing is changed here.
    pub read_only: bool,
}

/// How the server is heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Nothing came yet.
    #[default]
    Connecting,
    /// It answers.
    Live,
    /// It does not, since then and for this reason; what is shown is of before.
    Stale(Now, String),
}

/// What is told at the bottom.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The text.
    pub text: String,
    /// What it is about.
    pub tone: Tone,
    /// Until when it stands.
    pub until: Now,
    /// What takes back what it tells of.
    pub undo: Option<Action>,
}

/// The whole of it.
#[derive(Default)]
pub struct Model {
    /// The runtime's clock at the last message.
    pub now: Now,
    /// Who looks.
    pub who: Who,
    /// The screen in front.
    pub screen: Screen,
    /// Screens of before, and those that were gone back from.
    pub back: Vec<Screen>,
    /// See there.
    pub forward: Vec<Screen>,
    /// What lies over it; the last has the keys.
    pub overlays: Vec<Overlay>,
    /// Whether the detail of what is in focus is shown.
    pub detail: bool,
    /// Until when writes are unlocked.
    pub unlocked_until: Option<Now>,
    /// What is told.
    pub notice: Option<Notice>,
    /// Nothing moves by itself.
    pub paused: bool,
    /// How the server is heard.
    pub connection: Connection,
    /// Counts and rates.
    pub stats: Option<StatsView>,
    /// The latest events, the latest first.
    pub events: Vec<AuditEvent>,
    /// People.
    pub users: List<UserView>,
    /// Their logins.
    pub sessions: List<SessionView>,
    /// Programs.
    pub clients: List<ClientView>,
    /// Keys.
    pub keys: List<KeyView>,
    /// Settings.
    pub settings: List<SettingView>,
    /// The log.
    pub audit: List<AuditEvent>,
    generation: u64,
}

/// Does the same with whichever list a screen shows; the overview has none. `mut` to change it, `ref` to look.
macro_rules! with_list {
    (mut $($rest:tt)+) => { with_list!(@ [&mut] $($rest)+) };
    (ref $($rest:tt)+) => { with_list!(@ [&] $($rest)+) };
    (@ [$($borrow:tt)+] $model:expr, $screen:expr, $list:ident => $do:expr, else $none:expr) => {
        match $screen {
            Screen::Overview => $none,
            Screen::Users => { let $list = $($borrow)+ $model.users; $do }
            Screen::Sessions => { let $list = $($borrow)+ $model.sessions; $do }
            Screen::Clients => { let $list = $($borrow)+ $model.clients; $do }
            Screen::Keys => { let $list = $($borrow)+ $model.keys; $do }
            Screen::Settings => { let $list = $($borrow)+ $model.settings; $do }
            Screen::Audit => { let $list = $($borrow)+ $model.audit; $do }
        }
    };
}
pub(super) use with_list;

impl Model {
    /// What is seen first, before anything is known.
    pub fn new(who: Who) -> Self {
        Self { who, ..Self::default() }
    }

    /// A ticket for a question that is asked now.
    pub fn ticket(&mut self, purpose: Purpose) -> Ticket {
        self.generation += 1;
        Ticket { generation: self.generation, purpose }
    }

    /// Asks for a screen's first page.
    pub fn load(&mut self, screen: Screen) -> Vec<Effect> {
        let ticket = self.ticket(Purpose::Load(screen));
        let generation = ticket.generation;
        let call = with_list!(mut self, screen, list => {
            list.state = State::Loading;
            list.generation = generation;
            list.first_page()
        }, else Call::get("stats"));
        vec![Effect::Send(ticket, call)]
    }

    /// Asks for the next page of the screen in front, if it is time for it.
    pub fn load_more(&mut self) -> Vec<Effect> {
        let screen = self.screen;
        let call = with_list!(ref self, screen, list => list.next_page(), else None);
        let Some(call) = call else { return Vec::new() };
        let ticket = self.ticket(Purpose::More(screen));
        let generation = ticket.generation;
        with_list!(mut self, screen, list => {
            list.state = State::Loading;
            list.generation = generation;
        }, else ());
        vec![Effect::Send(ticket, call)]
    }

    /// Whether writes are unlocked now.
    pub fn is_unlocked(&self) -> bool {
        self.unlocked_until.is_some_and(|until| until > self.now)
    }

    /// Whether a second that goes by shows: how long nothing was heard, or how long a question is deaf.
    pub fn counts_seconds(&self) -> bool {
        matches!(self.connection, Connection::Stale(..)) || matches!(self.overlays.last(), Some(Overlay::Confirm(_)))
    }

    /// Tells something.
    pub fn tell(&mut self, text: impl Into<String>, tone: Tone) {
        self.notice = Some(Notice { text: text.into(), tone, until: self.now + NOTICE_FOR, undo: None });
    }

    /// The detail of what is in focus.
    pub fn focus_detail(&self) -> Vec<(&'static str, String)> {
        with_list!(ref self, self.screen, list => list.focused().map(Row::detail), else None).unwrap_or_default()
    }
}
