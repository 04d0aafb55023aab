//! Mail.

use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

use super::{Answer, ListArgs, Tier, words::Words};
use crate::call::{Body, Call, segment};

/// What can be done with mail.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum MailAction {
    /// List what waits, the earliest first
    List {
        /// Which
        #[command(flatten)]
        list: ListArgs,
    },
    /// Try one mail now, or all that were put off
    Retry {
        /// Which; all without it
        id: Option<String>,
    },
    /// Send a mail to see whether it arrives
    Test {
        /// Where to
        to: String,
    },
}

impl MailAction {
    pub(super) fn call(&self) -> Call {
        match self {
            Self::List { list } => list.add_to(Call::get("mail")),
            Self::Retry { id: None } => Call::new(Method::POST, "mail/retry", Body::None),
            Self::Retry { id: Some(id) } => Call::new(Method::POST, format!("mail/{}/retry", segment(id)), Body::None),
            Self::Test { to } => Call::post("mail/test", json!({ "to": to })),
        }
    }

    pub(super) fn argv(&self) -> Vec<String> {
        let of = |verb: &str| Words::of(&["mail", verb]);
        match self {
            Self::List { list } => list.write(of("list")),
            Self::Retry { id: None } => of("retry"),
            Self::Retry { id: Some(id) } => of("retry").value(id),
            Self::Test { to } => of("test").value(to),
        }
        .end()
    }

    pub(super) fn tier(&self) -> Tier {
        match self {
            Self::List { .. } => Tier::Read,
            Self::Retry { .. } | Self::Test { .. } => Tier::Reversible,
        }
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::List { .. } => Answer::List(&["id", "kind", "to", "state", "attempts", "due_at", "last_error"]),
            Self::Retry { .. } | Self::Test { .. } => Answer::One,
        }
    }
}
