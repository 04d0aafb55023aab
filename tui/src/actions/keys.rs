//! Signing keys.

use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

use super::{
    Answer, Tier,
    words::{ANY, Words},
};
use crate::call::{Body, Call, segment};

const COLUMNS: &[&str] = &["kid", "algorithm", "state", "created_at", "ready_at", "rotates_at", "leaves_at"];

/// What can be done with signing keys.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum KeyAction {
    /// List them
    List,
    /// Let the next key sign
    Rotate {
        /// Whose keys
        #[arg(long, default_value = "ES256")]
        algorithm: String,
        /// Even if caches may lack it: what it signs may then fail to verify for a while
        #[arg(long)]
        force: bool,
    },
    /// Plan a rotation, or take a plan back
    Schedule {
        /// Whose keys
        #[arg(long, default_value = "ES256")]
        algorithm: String,
        /// When, such as 2026-12-01T03:00:00Z; without it an earlier plan is taken back
        #[arg(long)]
        at: Option<String>,
    },
    /// Sign with another algorithm, too
    Add {
        /// Which
        algorithm: String,
    },
    /// Sign with an algorithm that was added no more
    Drop {
        /// Which
        algorithm: String,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
    /// Take a key away at once; what it signed verifies no more
    Revoke {
        /// Which
        kid: String,
        /// Count what would break, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
}

impl KeyAction {
    pub(super) fn call(&self) -> Call {
        match self {
            Self::List => Call::get("keys"),
            Self::Rotate { algorithm, force } => {
                Call::post("keys/rotate", json!({ "algorithm": algorithm, "force": force }))
            }
            Self::Schedule { algorithm, at } => {
                Call::post("keys/schedule", json!({ "algorithm": algorithm, "at": at }))
            }
            Self::Add { algorithm } => Call::post("keys", json!({ "algorithm": algorithm })),
            Self::Drop { algorithm, if_match } => {
                Call::delete(format!("keys/algorithms/{}", segment(algorithm)), if_match)
            }
            Self::Revoke { kid, dry_run } => {
                Call::new(Method::POST, format!("keys/{}/revoke", segment(kid)), Body::None).dry(*dry_run)
            }
        }
    }

    pub(super) fn argv(&self) -> Vec<String> {
        let of = |verb: &str| Words::of(&["keys", verb]);
        match self {
            Self::List => of("list"),
            Self::Rotate { algorithm, force } => {
                of("rotate").option("algorithm", Some(algorithm)).switch("force", *force)
            }
            Self::Schedule { algorithm, at } => {
                of("schedule").option("algorithm", Some(algorithm)).option("at", at.as_ref())
            }
            Self::Add { algorithm } => of("add").value(algorithm),
            Self::Drop { algorithm, if_match } => of("drop").value(algorithm).if_match(if_match),
            Self::Revoke { kid, dry_run } => of("revoke").switch("dry-run", *dry_run).value(kid),
        }
        .end()
    }

    pub(super) fn tier(&self) -> Tier {
        match self {
            Self::List | Self::Revoke { dry_run: true, .. } => Tier::Read,
            Self::Schedule { .. } | Self::Add { .. } => Tier::Reversible,
            Self::Rotate { force: false, .. } | Self::Drop { .. } => Tier::Disruptive,
            Self::Rotate { .. } | Self::Revoke { .. } => Tier::Permanent,
        }
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::Revoke { .. } => Answer::One,
            _ => Answer::List(COLUMNS),
        }
    }
}
