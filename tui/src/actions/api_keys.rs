//! Keys to the admin API.

use clap::Subcommand;
use serde_json::json;

use super::{
    Answer, ListArgs, Tier,
    words::{ANY, Words},
};
use crate::call::{Call, segment};

/// What can be done with keys to the admin API.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum ApiKeyAction {
    /// List them
    List {
        /// Which
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one
    Get {
        /// Which
        id: String,
    },
    /// Make one; it is shown once
    Create {
        /// What it is for
        name: String,
        /// What it may do, such as users:read; may be given more than once
        #[arg(long = "permission", required = true)]
        permissions: Vec<String>,
        /// Until when it serves, such as 2027-01-01T00:00:00Z
        #[arg(long)]
        expires_at: Option<String>,
        /// Makes a repetition harmless
        #[arg(long)]
        idempotency_key: Option<String>,
    },
    /// Remove one for good
    Delete {
        /// Which
        id: String,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
}

impl ApiKeyAction {
    pub(super) fn call(&self) -> Call {
        let path = |id: &str| format!("api-keys/{}", segment(id));
        match self {
            Self::List { list } => list.add_to(Call::get("api-keys")),
            Self::Get { id } => Call::get(path(id)),
            Self::Create { name, permissions, expires_at, idempotency_key } => {
                let body = json!({ "name": name, "permissions": permissions, "expires_at": expires_at });
                Call { idempotency_key: idempotency_key.clone(), ..Call::post("api-keys", body) }
            }
            Self::Delete { id, if_match } => Call::delete(path(id), if_match),
        }
    }

    pub(super) fn argv(&self) -> Vec<String> {
        let of = |verb: &str| Words::of(&["api-keys", verb]);
        match self {
            Self::List { list } => list.write(of("list")),
            Self::Get { id } => of("get").value(id),
            Self::Create { name, permissions, expires_at, idempotency_key } => of("create")
                .value(name)
                .each("permission", permissions)
                .option("expires-at", expires_at.as_ref())
                .option("idempotency-key", idempotency_key.as_ref()),
            Self::Delete { id, if_match } => of("delete").value(id).if_match(if_match),
        }
        .end()
    }

    pub(super) fn tier(&self) -> Tier {
        match self {
            Self::List { .. } | Self::Get { .. } => Tier::Read,
            Self::Create { .. } => Tier::Reversible,
            Self::Delete { .. } => Tier::Permanent,
        }
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::List { .. } => Answer::List(&["id", "name", "permissions", "created_by", "expires_at"]),
            Self::Delete { .. } => Answer::Done,
            Self::Get { .. } | Self::Create { .. } => Answer::One,
        }
    }
}
