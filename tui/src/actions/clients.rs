//! Clients.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{
    Answer, ListArgs, Tier,
    member::{Member, object},
    words::{ANY, Words},
};
use crate::call::{Call, segment};

/// What can be done with clients.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum ClientAction {
    /// List them, the latest first
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
    /// Register one; its secret is shown once
    Create {
        /// What is known of it
        #[command(flatten)]
        fields: ClientFields,
        /// Makes a repetition harmless
        #[arg(long)]
        idempotency_key: Option<String>,
    },
    /// Change one
    Edit {
        /// Which
        id: String,
        /// What
        #[command(flatten)]
        fields: ClientFields,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
    /// Give one another secret, which is shown once
    RotateSecret {
        /// Which
        id: String,
        /// How long the secret of before still serves
        #[arg(long, default_value = "1d")]
        overlap: String,
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

/// What can be told of a client. What is not named stays, or has its default.
#[derive(Args, Clone, Debug, Default, PartialEq)]
#[group(required = true, multiple = true)]
pub struct ClientFields {
    /// Its name
    #[arg(long)]
    pub name: Option<String>,
    /// Where users are sent back to; may be given more than once
    #[arg(long = "redirect-uri")]
    pub redirect_uris: Vec<String>,
    /// How it gets tokens; may be given more than once
    #[arg(long = "grant-type")]
    pub grant_types: Vec<String>,
    /// How it proves who it is
    #[arg(long)]
    pub auth_method: Option<String>,
    /// The scopes it may ask for
    #[arg(long)]
    pub scope: Option<String>,
    /// Life of its access tokens; "default" for what the setting says
    #[arg(long)]
    pub access_token_lifetime: Option<String>,
    /// Life of its refresh tokens; "default" for what the setting says
    #[arg(long)]
    pub refresh_token_lifetime: Option<String>,
    /// Any other member of its metadata, as NAME=JSON; may be given more than once
    #[arg(long = "set", value_parser = Member::parse)]
    pub members: Vec<Member>,
}

impl ClientFields {
    fn body(&self) -> Value {
        let mut body = Map::new();
        let mut note = |name: &str, value: Option<Value>| body.extend(value.map(|value| (name.to_owned(), value)));
        note("client_name", self.name.as_ref().map(|name| json!(name)));
        let list = |values: &Vec<String>| (!values.is_empty()).then(|| json!(values));
        note("redirect_uris", list(&self.redirect_uris));
        note("grant_types", list(&self.grant_types));
        let machine = self.grant_types == ["client_credentials"];
        note("response_types", machine.then(|| json!([])));
        note("token_endpoint_auth_method", self.auth_method.as_ref().map(|method| json!(method)));
        note("scope", self.scope.as_ref().map(|scope| json!(scope)));
        let lifetimes: Map<_, _> = [
            ("access_token_lifetime", &self.access_token_lifetime),
            ("refresh_token_lifetime", &self.refresh_token_lifetime),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), lifetime(value.as_deref()?))))
        .collect();
        note("lifetimes", (!lifetimes.is_empty()).then_some(Value::Object(lifetimes)));
        body.extend(object(&self.members));
        Value::Object(body)
    }

    fn write(&self, words: Words) -> Words {
        words
            .option("name", self.name.as_ref())
            .each("redirect-uri", &self.redirect_uris)
            .each("grant-type", &self.grant_types)
            .option("auth-method", self.auth_method.as_ref())
            .option("scope", self.scope.as_ref())
            .option("access-token-lifetime", self.access_token_lifetime.as_ref())
            .option("refresh-token-lifetime", self.refresh_token_lifetime.as_ref())
            .each("set", &self.members)
    }
}

fn lifetime(text: &str) -> Value {
    if text == "default" { Value::Null } else { json!(text) }
}

fn path(id: &str) -> String {
    format!("clients/{}", segment(id))
}

impl ClientAction {
    pub(super) fn call(&self) -> Call {
        match self {
            Self::List { list } => list.add_to(Call::get("clients")),
            Self::Get { id } => Call::get(path(id)),
            Self::Create { fields, idempotency_key } => {
                Call { idempotency_key: idempotency_key.clone(), ..Call::post("clients", fields.body()) }
            }
            Self::Edit { id, fields, if_match } => Call::patch(path(id), if_match, fields.body()),
            Self::RotateSecret { id, overlap } => {
                Call::post(format!("{}/secret", path(id)), json!({ "overlap": overlap }))
            }
            Self::Delete { id, if_match } => Call::delete(path(id), if_match),
        }
    }

    pub(super) fn argv(&self) -> Vec<String> {
        let of = |verb: &str| Words::of(&["clients", verb]);
        match self {
            Self::List { list } => list.write(of("list")),
            Self::Get { id } => of("get").value(id),
            Self::Create { fields, idempotency_key } => {
                fields.write(of("create")).option("idempotency-key", idempotency_key.as_ref())
            }
            Self::Edit { id, fields, if_match } => fields.write(of("edit").value(id)).if_match(if_match),
            Self::RotateSecret { id, overlap } => of("rotate-secret").value(id).option("overlap", Some(overlap)),
            Self::Delete { id, if_match } => of("delete").value(id).if_match(if_match),
        }
        .end()
    }

    pub(super) fn tier(&self) -> Tier {
        match self {
            Self::List { .. } | Self::Get { .. } => Tier::Read,
            Self::Create { .. } | Self::Edit { .. } => Tier::Reversible,
            Self::RotateSecret { .. } => Tier::Disruptive,
            Self::Delete { .. } => Tier::Permanent,
        }
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::List { .. } => Answer::List(&[
                "client_id",
                "client_name",
                "token_endpoint_auth_method",
                "grant_types",
                "redirect_uris",
            ]),
            Self::Delete { .. } => Answer::Done,
            _ => Answer::One,
        }
    }
}
