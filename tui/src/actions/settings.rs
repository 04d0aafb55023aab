//! Settings.

use std::str::FromStr;

use clap::Subcommand;
use reqwest::Method;
use serde_json::{Map, Value};

use super::{
    Answer, ListArgs, Tier,
    words::{ANY, Words},
};
use crate::call::{Body, Call};

/// What can be done with settings.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum SettingAction {
    /// List them all, with range, default and effect
    List,
    /// Change one or several, all or none
    Set {
        /// KEY=VALUE; a duration may be written like 15m
        #[arg(required = true)]
        values: Vec<Assignment>,
        /// Say whom it concerns, and change nothing
        #[arg(long)]
        dry_run: bool,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
    /// Who changed what
    History {
        /// Which
        #[command(flatten)]
        list: ListArgs,
    },
    /// Give every setting the value that it had at a revision
    Restore {
        /// Which
        revision: i64,
        /// Say whom it concerns, and change nothing
        #[arg(long)]
        dry_run: bool,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
}

/// A setting and its new value, as an operator writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Which.
    pub key: String,
    /// To what. The server reads numbers, durations, booleans and words from text.
    pub value: String,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').ok_or("write KEY=VALUE, such as access_token_lifetime=10m")?;
        Ok(Self { key: key.trim().to_owned(), value: value.trim().to_owned() })
    }
}

impl SettingAction {
    pub(super) fn call(&self) -> Call {
        match self {
            Self::List => Call::get("settings"),
            Self::Set { values, dry_run, if_match } => {
                let member = |one: &Assignment| (one.key.clone(), Value::String(one.value.clone()));
                let body: Map<_, _> = values.iter().map(member).collect();
                Call::patch("settings", if_match, Value::Object(body)).dry(*dry_run)
            }
            Self::History { list } => list.add_to(Call::get("settings/revisions")),
            Self::Restore { revision, dry_run, if_match } => {
                let path = format!("settings/revisions/{revision}/restore");
                Call::new(Method::POST, path, Body::None).matching(if_match).dry(*dry_run)
            }
        }
    }

    pub(super) fn argv(&self) -> Vec<String> {
        let of = |verb: &str| Words::of(&["settings", verb]);
        match self {
            Self::List => of("list"),
            Self::Set { values, dry_run, if_match } => {
                let words = of("set").switch("dry-run", *dry_run).if_match(if_match);
                values.iter().fold(words, |words, one| words.value(&format!("{}={}", one.key, one.value)))
            }
            Self::History { list } => list.write(of("history")),
            Self::Restore { revision, dry_run, if_match } => {
                of("restore").value(&revision.to_string()).switch("dry-run", *dry_run).if_match(if_match)
            }
        }
        .end()
    }

    pub(super) fn tier(&self) -> Tier {
        match self {
            Self::List | Self::History { .. } => Tier::Read,
            Self::Set { dry_run, .. } | Self::Restore { dry_run, .. } => {
                if *dry_run {
                    Tier::Read
                } else {
                    Tier::Disruptive
                }
            }
        }
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::List => Answer::List(&["key", "value", "default", "min", "max", "choices", "effect"]),
            Self::History { .. } => Answer::List(&["revision", "time", "actor", "changes"]),
            Self::Set { .. } | Self::Restore { .. } => Answer::One,
        }
    }
}
