//! What every list takes.

use clap::Args;

use super::words::Words;
use crate::call::Call;

/// Which part of a list.
#[derive(Args, Clone, Debug, Default, PartialEq)]
pub struct ListArgs {
    /// Terms that must all hold, such as 'role:admin since:7d'
    #[arg(long)]
    pub filter: Option<String>,
    /// Most items of a page, up to 200
    #[arg(long)]
    pub limit: Option<u16>,
    /// Where a page begins, from the one before
    #[arg(long)]
    pub cursor: Option<String>,
    /// Every page, one after the other
    #[arg(long, conflicts_with = "cursor")]
    pub all: bool,
}

impl ListArgs {
    pub(super) fn add_to(&self, call: Call) -> Call {
        call.with("filter", self.filter.as_ref()).with("limit", self.limit).with("cursor", self.cursor.as_ref())
    }

    pub(super) fn write(&self, words: Words) -> Words {
        let words = words.option("filter", self.filter.as_ref()).option("limit", self.limit);
        words.option("cursor", self.cursor.as_ref()).switch("all", self.all)
    }
}
