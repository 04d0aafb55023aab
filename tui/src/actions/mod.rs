//! What an operator can do, as data. One file a resource, each with its command-line form, its request, and how to write the
//! command that repeats it.

mod api_keys;
mod audit;
mod clients;
mod keys;
mod list;
mod mail;
mod member;
mod sessions;
mod settings;
mod stats;
mod users;
mod words;

use clap::Subcommand;

pub use api_keys::ApiKeyAction;
pub use audit::AuditAction;
pub use clients::{ClientAction, ClientFields};
pub use keys::KeyAction;
pub use list::ListArgs;
pub use mail::MailAction;
pub use member::Member;
pub use sessions::SessionAction;
pub use settings::{Assignment, SettingAction};
pub use stats::StatsAction;
pub use users::{UserAction, UserFields};

use crate::call::Call;

/// One action.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Action {
    /// People
    #[command(subcommand)]
    Users(UserAction),
    /// Their logins
    #[command(subcommand)]
    Sessions(SessionAction),
    /// Programs that log people in
    #[command(subcommand)]
    Clients(ClientAction),
    /// Signing keys
    #[command(subcommand)]
    Keys(KeyAction),
    /// What is tuned while the server runs
    #[command(subcommand)]
    Settings(SettingAction),
    /// What happened
    #[command(subcommand)]
    Audit(AuditAction),
    /// Counts and rates
    #[command(subcommand)]
    Stats(StatsAction),
    /// The outbox
    #[command(subcommand)]
    Mail(MailAction),
    /// Keys to the admin API
    #[command(subcommand, name = "api-keys")]
    ApiKeys(ApiKeyAction),
}

/// How dangerous an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// It changes nothing.
    Read,
    /// It can be taken back.
    Reversible,
    /// Somebody notices.
    Disruptive,
    /// It is for good.
    Permanent,
}

/// What an action's answer is, for whoever prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A page of a list, with these columns.
    List(&'static [&'static str]),
    /// One thing.
    One,
    /// Lines of JSON that never end.
    Stream,
    /// Lines of JSON to be kept as they are.
    Lines,
    /// Nothing but that it was done.
    Done,
}

macro_rules! each {
    ($action:expr, $inner:ident => $value:expr) => {
        match $action {
            Action::Users($inner) => $value,
            Action::Sessions($inner) => $value,
            Action::Clients($inner) => $value,
            Action::Keys($inner) => $value,
            Action::Settings($inner) => $value,
            Action::Audit($inner) => $value,
            Action::Stats($inner) => $value,
            Action::Mail($inner) => $value,
            Action::ApiKeys($inner) => $value,
        }
    };
}

impl Action {
    /// The request. `secret` is what [`Action::wants_secret`] asked for.
    pub fn call(&self, secret: Option<&str>) -> Call {
        match self {
            Self::Users(action) => action.call(secret),
            Self::Sessions(action) => action.call(),
            Self::Clients(action) => action.call(),
            Self::Keys(action) => action.call(),
            Self::Settings(action) => action.call(),
            Self::Audit(action) => action.call(),
            Self::Stats(action) => action.call(),
            Self::Mail(action) => action.call(),
            Self::ApiKeys(action) => action.call(),
        }
    }

    /// The command line that repeats it, behind the program's name. No secret is in it.
    pub fn argv(&self) -> Vec<String> {
        each!(self, action => action.argv())
    }

    /// How dangerous it is.
    pub fn tier(&self) -> Tier {
        each!(self, action => action.tier())
    }

    /// What it is answered with.
    pub fn answer(&self) -> Answer {
        each!(self, action => action.answer())
    }

    /// Whether it takes a secret, which comes from a form or from standard input and never from a command line.
    pub fn wants_secret(&self) -> bool {
        matches!(self, Self::Users(action) if action.wants_secret())
    }
}
