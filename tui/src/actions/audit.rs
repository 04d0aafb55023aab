//! The audit log.

use clap::Subcommand;

use super::{Answer, ListArgs, Tier, words::Words};
use crate::call::Call;

/// What can be done with the audit log.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum AuditAction {
    /// List events, the latest first
    List {
        /// Which
        #[command(flatten)]
        list: ListArgs,
    },
    /// Follow it
    Tail {
        /// Terms that must all hold, such as 'type:login.* result:fail'
        #[arg(long)]
        filter: Option<String>,
    },
}

impl AuditAction {
    pub(super) fn call(&self) -> Call {
        match self {
            Self::List { list } => list.add_to(Call::get("audit")),
            Self::Tail { filter } => Call::get("audit/stream").with("filter", filter.as_ref()),
        }
    }

    pub(super) fn argv(&self) -> Vec<String> {
        let of = |verb: &str| Words::of(&["audit", verb]);
        match self {
            Self::List { list } => list.write(of("list")),
            Self::Tail { filter } => of("tail").option("filter", filter.as_ref()),
        }
        .end()
    }

    pub(super) fn tier(&self) -> Tier {
        Tier::Read
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::List { .. } => Answer::List(&["time", "type", "result", "actor", "subject", "ip"]),
            Self::Tail { .. } => Answer::Stream,
        }
    }
}
