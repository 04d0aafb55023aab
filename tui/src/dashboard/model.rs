//! Everything that is on the screen or behind it.

use std::{collections::BTreeMap, time::Duration};

use signet_shared::admin::{AuditEvent, ClientView, KeyView, SessionView, SettingView, StatsView, UserView};

use super::{
    clock::ago,
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
/// Sessions and events shown beside a user.
pub const RELATED: usize = 10;
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
    /// How they are known to it.
    pub caller: Known,
    /// Nothing is changed here.
    pub read_only: bool,
    /// Names of other servers.
    pub profiles: Vec<String>,
}

/// How the one who looks is known to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// Not at all, yet.
    #[default]
    SignedOut,
    /// By a login with this address.
    As(String),
    /// By a key or a token.
    ByToken,
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
}

/// Things that are done together, until all of them are answered.
#[derive(Clone, Debug, Default)]
pub struct Deed {
    /// What they are, in a line.
    pub title: String,
    /// Whom or what they are about, where that is one.
    pub about: String,
    /// Answers that are under way.
    pub waiting: usize,
    /// How many were done.
    pub done: usize,
    /// What takes back those that were done.
    pub undo: Vec<Action>,
    /// How many were refused, and why the last was.
    pub refused: (usize, String),
}

/// What can be taken back for a while.
#[derive(Clone, Debug)]
pub struct Undo {
    /// What was done.
    pub title: String,
    /// What takes it back.
    pub actions: Vec<Action>,
    /// Until when.
    pub until: Now,
}

/// What is known about a user in focus besides themselves.
#[derive(Clone, Debug, Default)]
pub struct Related {
    /// Whom it is about.
    pub user: String,
    /// Their live sessions.
    pub sessions: Vec<SessionView>,
    /// What happened to them lately.
    pub events: Vec<AuditEvent>,
    /// Answers that are under way; meanwhile nothing more is asked for.
    pub waiting: usize,
}

/// The whole of it.
#[derive(Default)]
pub struct Model {
    /// The runtime's clock at the last message.
    pub now: Now,
    /// The time of day at the last tick, in seconds since 1970.
    pub clock: i64,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
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
    /// What is under way, by number.
    pub deeds: BTreeMap<u64, Deed>,
    /// What can be taken back.
    pub undo: Option<Undo>,
    /// Nothing moves by itself.
    pub paused: bool,
    /// The mouse is heard.
    pub mouse: bool,
    /// How the server is heard.
    pub connection: Connection,
    /// Counts and rates.
    pub stats: Option<StatsView>,
    /// Why there are none.
    pub no_stats: Option<String>,
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
    /// New values that were noted and not yet set.
    pub staged: BTreeMap<String, String>,
    /// More about the user in focus.
    pub related: Related,
    /// The log.
    pub audit: List<AuditEvent>,
    /// Events came that a filtered log may lack.
    pub audit_moved: bool,
    generation: u64,
    /// Answers up to this one are for somebody who has left.
    forgotten: u64,
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
    pub fn new(who: Who, clock: i64) -> Self {
        Self { who, clock, ..Self::default() }
    }

    /// A ticket for a question that is asked now.
    pub fn ticket(&mut self, purpose: Purpose) -> Ticket {
        Ticket { generation: self.number(), purpose }
    }

    /// A number that nothing had before.
    pub fn number(&mut self) -> u64 {
        self.generation += 1;
        self.generation
    }

    /// Asks for a screen's first page.
    pub fn load(&mut self, screen: Screen) -> Vec<Effect> {
        if screen == Screen::Overview {
            let ticket = self.ticket(Purpose::Load(screen));
            let mut effects = vec![Effect::Send(ticket, Call::get("stats"))];
            effects.extend(self.load(Screen::Keys));
            let latest = Call::get("audit").with("limit", Some(EVENTS));
            effects.push(Effect::Send(self.ticket(Purpose::Latest), latest));
            return effects;
        }
        let ticket = self.ticket(Purpose::Load(screen));
        let generation = ticket.generation;
        let call = with_list!(mut self, screen, list => {
            list.state = State::Loading;
            list.generation = generation;
            list.begin_again();
            list.first_page()
        }, else Call::get("stats"));
        vec![Effect::Send(ticket, call)]
    }

    /// Asks for more about the user in focus while their detail is shown: one after the other, however fast the focus moves.
    pub fn load_related(&mut self) -> Vec<Effect> {
        let focus = self.users.focused().filter(|_| self.screen == Screen::Users && self.detail);
        let Some(user) = focus.map(|user| user.id.clone()) else { return Vec::new() };
        if self.related.user == user || self.related.waiting > 0 {
            return Vec::new();
        }
        self.related = Related { user: user.clone(), waiting: 2, ..Related::default() };
        let page = |path, filter| Call::get(path).with("filter", Some(filter)).with("limit", Some(RELATED));
        let sessions = page("sessions", format!("user:{user} live:true"));
        let events = page("audit", format!("subject:{user}"));
        vec![
            Effect::Send(self.ticket(Purpose::Sessions(user.clone())), sessions),
            Effect::Send(self.ticket(Purpose::Events(user)), events),
        ]
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

    /// How many items the list in front has, and which is in focus.
    pub fn list_place(&self) -> Option<(usize, usize)> {
        with_list!(ref self, self.screen, list => Some((list.items.len(), list.selected)), else None)
    }

    /// Whether writes are unlocked now.
    pub fn is_unlocked(&self) -> bool {
        self.unlocked_until.is_some_and(|until| until > self.now)
    }

    /// Whether a second that goes by shows: what is told for a while, what is counted down, how long nothing was heard.
    pub fn counts_seconds(&self) -> bool {
        self.notice.is_some()
            || self.undo.is_some()
            || self.unlocked_until.is_some()
            || matches!(self.connection, Connection::Stale(..))
            || matches!(self.overlays.last(), Some(Overlay::Confirm(_)))
    }

    /// The server is not heard any more.
    pub fn lose(&mut self, reason: String) {
        if !matches!(self.connection, Connection::Stale(..)) {
            self.connection = Connection::Stale(self.now, reason);
        }
    }

    /// Everything that was read, forgotten, and every answer that is under way: it would be another's.
    pub fn forget(&mut self) -> Vec<Effect> {
        let who = Who { caller: Known::SignedOut, ..std::mem::take(&mut self.who) };
        let fresh = Self::new(who, self.clock);
        let (now, size, generation, mouse) = (self.now, self.size, self.generation, self.mouse);
        *self = Self { now, size, generation, mouse, forgotten: generation, ..fresh };
        vec![Effect::Leave]
    }

    /// Whether an answer is for somebody who has left.
    pub fn has_forgotten(&self, ticket: &Ticket) -> bool {
        ticket.generation <= self.forgotten
    }

    /// Tells something.
    pub fn tell(&mut self, text: impl Into<String>, tone: Tone) {
        self.notice = Some(Notice { text: text.into(), tone, until: self.now + NOTICE_FOR });
    }

    /// The detail of what is in focus.
    pub fn focus_detail(&self) -> Vec<(&'static str, String)> {
        let detail = with_list!(ref self, self.screen, list => list.focused().map(Row::detail), else None);
        let mut detail = detail.unwrap_or_default();
        if let Some(user) = self.users.focused().filter(|_| self.screen == Screen::Users)
            && self.related.user == user.id
        {
            detail.extend(self.related.detail(self.clock));
        }
        detail
    }
}

impl Related {
    fn detail(&self, clock: i64) -> Vec<(&'static str, String)> {
        let name = |first: &'static str, index: usize| if index == 0 { first } else { "" };
        let session = |(index, session): (usize, &SessionView)| {
            let text = format!("{} {} seen {}", session.ip, session.user_agent, ago(&session.last_seen_at, clock));
            (name("sessions", index), text)
        };
        let event = |(index, event): (usize, &AuditEvent)| {
            (name("lately", index), format!("{} {} {}", ago(&event.time, clock), event.kind, event.result))
        };
        let sessions = self.sessions.iter().enumerate().map(session);
        sessions.chain(self.events.iter().enumerate().map(event)).collect()
    }
}
