//! Counts and rates.

use clap::Subcommand;

use super::{Answer, Tier, words::Words};
use crate::call::Call;

/// What can be done with counts and rates.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum StatsAction {
    /// Show them
    Show,
    /// Follow them
    Follow,
}

impl StatsAction {
    pub(super) fn call(&self) -> Call {
        Call::get(match self {
            Self::Show => "stats",
            Self::Follow => "stats/stream",
        })
    }

    pub(super) fn argv(&self) -> Vec<String> {
        let verb = match self {
            Self::Show => "show",
            Self::Follow => "follow",
        };
        Words::of(&["stats", verb]).end()
    }

    pub(super) fn tier(&self) -> Tier {
        Tier::Read
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::Show => Answer::One,
            Self::Follow => Answer::Stream,
        }
    }
}
