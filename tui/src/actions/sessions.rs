//! Sessions.

use clap::Subcommand;
use serde_json::json;

use super::{
    Answer, ListArgs, Tier,
    words::{ANY, Words},
};
use crate::call::{Call, segment};

/// What can be done with sessions.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum SessionAction {
    /// List them, the latest first
    List {
        /// Which
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one, with its families of refresh tokens
    Get {
        /// Which
        id: String,
    },
    /// End one
    End {
        /// Which
        id: String,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
    /// End all that match a filter
    Revoke {
        /// Which, as when listing; * for every session there is
        #[arg(long)]
        filter: String,
        /// Count them, and end none
        #[arg(long)]
        dry_run: bool,
    },
}

impl SessionAction {
    pub(super) fn call(&self) -> Call {
        match self {
            Self::List { list } => list.add_to(Call::get("sessions")),
            Self::Get { id } => Call::get(format!("sessions/{}", segment(id))),
            Self::End { id, if_match } => Call::delete(format!("sessions/{}", segment(id)), if_match),
            Self::Revoke { filter, dry_run } => {
                Call::post("sessions/revoke", json!({ "filter": filter })).dry(*dry_run)
            }
        }
    }

    pub(super) fn argv(&self) -> Vec<String> {
        let of = |verb: &str| Words::of(&["sessions", verb]);
        match self {
            Self::List { list } => list.write(of("list")),
            Self::Get { id } => of("get").value(id),
            Self::End { id, if_match } => of("end").value(id).if_match(if_match),
            Self::Revoke { filter, dry_run } => of("revoke").option("filter", Some(filter)).switch("dry-run", *dry_run),
        }
        .end()
    }

    pub(super) fn tier(&self) -> Tier {
        match self {
            Self::List { .. } | Self::Get { .. } | Self::Revoke { dry_run: true, .. } => Tier::Read,
            Self::End { .. } | Self::Revoke { .. } => Tier::Disruptive,
        }
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::List { .. } => {
                Answer::List(&["id", "email", "kept_by", "ip", "user_agent", "last_seen_at", "expires_at"])
            }
            Self::End { .. } => Answer::Done,
            Self::Get { .. } | Self::Revoke { .. } => Answer::One,
        }
    }
}
