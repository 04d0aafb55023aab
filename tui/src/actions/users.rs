//! Users.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    Answer, ListArgs, Tier,
    member::{Member, object},
    words::{ANY, Words},
};
use crate::call::{Body, Call, segment};

/// What can be done with users. ID is a user's id or address.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum UserAction {
    /// List them
    List {
        /// Which
        #[command(flatten)]
        list: ListArgs,
        /// created_at, email or, with a filter by it, username; with - before it for the reverse
        #[arg(long, allow_hyphen_values = true)]
        sort: Option<String>,
    },
    /// Show one
    Get {
        /// Whom
        id: String,
    },
    /// Make one
    Create {
        /// Their address
        email: String,
        /// Their name
        #[arg(long)]
        username: Option<String>,
        /// A role; may be given more than once
        #[arg(long = "role")]
        roles: Vec<String>,
        /// The address counts as confirmed
        #[arg(long)]
        verified: bool,
        /// A member of their profile, as NAME=JSON; may be given more than once
        #[arg(long = "set", value_parser = Member::parse)]
        members: Vec<Member>,
        /// An attribute, as NAME=JSON; may be given more than once
        #[arg(long = "attribute", value_parser = Member::parse)]
        attributes: Vec<Member>,
        /// Mail them a link to choose a password with
        #[arg(long)]
        invite: bool,
        /// Read a password from standard input
        #[arg(long)]
        password_stdin: bool,
        /// Makes a repetition harmless
        #[arg(long)]
        idempotency_key: Option<String>,
    },
    /// Change one
    Edit {
        /// Whom
        id: String,
        /// What
        #[command(flatten)]
        fields: UserFields,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
    /// Take one out of service, and end their sessions
    Disable {
        /// Whom
        id: String,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
    /// Put one back
    Enable {
        /// Whom
        id: String,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
    /// Let one's address count as confirmed
    Verify {
        /// Whom
        id: String,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
    /// Set one's password: to a temporary one that is told, unless one is read from standard input
    Password {
        /// Whom
        id: String,
        /// Read it from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Mail one a reset code
    Reset {
        /// Whom
        id: String,
    },
    /// Mail one a link to choose a password with
    Invite {
        /// Whom
        id: String,
    },
    /// End one's sessions
    EndSessions {
        /// Whom
        id: String,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
    /// Remove one for good
    Delete {
        /// Whom
        id: String,
        /// The tag of what was seen
        #[arg(long, default_value = ANY)]
        if_match: String,
    },
    /// Take users over from lines of JSON
    Import {
        /// A file; - is standard input
        file: PathBuf,
        /// Check every line, and import none
        #[arg(long)]
        dry_run: bool,
    },
    /// Write all users as lines of JSON
    Export {
        /// With the hashes of their passwords
        #[arg(long)]
        hashes: bool,
    },
}

/// What can be changed of a user.
#[derive(Args, Clone, Debug, Default, PartialEq)]
#[group(required = true, multiple = true)]
pub struct UserFields {
    /// Another address
    #[arg(long)]
    pub email: Option<String>,
    /// Another name; an empty one takes it away
    #[arg(long)]
    pub username: Option<String>,
    /// All their roles, separated by commas; an empty text takes them away
    #[arg(long)]
    pub roles: Option<String>,
    /// Whether the address counts as confirmed
    #[arg(long)]
    pub verified: Option<bool>,
    /// A member of their profile, as NAME=JSON, where null takes it away; may be given more than once
    #[arg(long = "set", value_parser = Member::parse)]
    pub members: Vec<Member>,
    /// An attribute, as NAME=JSON, where null takes it away; may be given more than once
    #[arg(long = "attribute", value_parser = Member::parse)]
    pub attributes: Vec<Member>,
}

/// What is told of a person, where anything is.
fn told(members: &[Member]) -> Option<Value> {
    (!members.is_empty()).then(|| Value::Object(object(members)))
}

impl UserFields {
    fn body(&self) -> Value {
        let mut body = Map::new();
        let mut note = |name: &str, value: Option<Value>| body.extend(value.map(|value| (name.to_owned(), value)));
        note("email", self.email.as_ref().map(|email| json!(email)));
        note("username", self.username.as_ref().map(|name| json!(name)));
        let split =
            |roles: &String| json!(roles.split(',').map(str::trim).filter(|role| !role.is_empty()).collect::<Vec<_>>());
        note("roles", self.roles.as_ref().map(split));
        note("email_verified", self.verified.map(|verified| json!(verified)));
        note("profile", told(&self.members));
        note("attributes", told(&self.attributes));
        Value::Object(body)
    }
}

fn path(id: &str) -> String {
    format!("users/{}", segment(id))
}

impl UserAction {
    pub(super) fn call(&self, secret: Option<&str>) -> Call {
        match self {
            Self::List { list, sort } => list.add_to(Call::get("users").with("sort", sort.as_ref())),
            Self::Get { id } => Call::get(path(id)),
            Self::Create { email, username, roles, verified, members, attributes, invite, idempotency_key, .. } => {
                let mut body = json!({ "email": email, "roles": roles, "email_verified": verified, "invite": invite });
                for (name, value) in [
                    ("username", username.as_ref().map(|name| json!(name))),
                    ("password", secret.map(|secret| json!(secret))),
                    ("profile", told(members)),
                    ("attributes", told(attributes)),
                ] {
                    if let Some(value) = value {
                        body[name] = value;
                    }
                }
                Call { idempotency_key: idempotency_key.clone(), ..Call::post("users", body) }
            }
            Self::Edit { id, fields, if_match } => Call::patch(path(id), if_match, fields.body()),
            Self::Disable { id, if_match } => Call::patch(path(id), if_match, json!({ "disabled": true })),
            Self::Enable { id, if_match } => Call::patch(path(id), if_match, json!({ "disabled": false })),
            Self::Verify { id, if_match } => Call::patch(path(id), if_match, json!({ "email_verified": true })),
            Self::Password { id, .. } => {
                let body = secret.map_or(json!({}), |secret| json!({ "password": secret }));
                Call::post(format!("{}/password", path(id)), body)
            }
            Self::Reset { id } => Call::new(Method::POST, format!("{}/reset", path(id)), Body::None),
            Self::Invite { id } => Call::new(Method::POST, format!("{}/invite", path(id)), Body::None),
            Self::EndSessions { id, if_match } => Call::delete(format!("{}/sessions", path(id)), if_match),
            Self::Delete { id, if_match } => Call::delete(path(id), if_match),
            Self::Import { file, dry_run } => {
                Call::new(Method::POST, "users/import", Body::Lines(file.clone())).dry(*dry_run)
            }
            Self::Export { hashes } => Call::get("users/export").with("hashes", hashes.then_some(true)),
        }
    }

    pub(super) fn argv(&self) -> Vec<String> {
        let of = |verb: &str| Words::of(&["users", verb]);
        let one = |verb: &str, id: &str| of(verb).value(id);
        match self {
            Self::List { list, sort } => list.write(of("list")).option("sort", sort.as_ref()),
            Self::Get { id } => one("get", id),
            Self::Create {
                email,
                username,
                roles,
                verified,
                members,
                attributes,
                invite,
                password_stdin,
                idempotency_key,
            } => one("create", email)
                .option("username", username.as_ref())
                .each("role", roles)
                .switch("verified", *verified)
                .each("set", members)
                .each("attribute", attributes)
                .switch("invite", *invite)
                .switch("password-stdin", *password_stdin)
                .option("idempotency-key", idempotency_key.as_ref()),
            Self::Edit { id, fields, if_match } => one("edit", id)
                .option("email", fields.email.as_ref())
                .option("username", fields.username.as_ref())
                .option("roles", fields.roles.as_ref())
                .option("verified", fields.verified)
                .each("set", &fields.members)
                .each("attribute", &fields.attributes)
                .if_match(if_match),
            Self::Disable { id, if_match } => one("disable", id).if_match(if_match),
            Self::Enable { id, if_match } => one("enable", id).if_match(if_match),
            Self::Verify { id, if_match } => one("verify", id).if_match(if_match),
            Self::Password { id, password_stdin } => one("password", id).switch("password-stdin", *password_stdin),
            Self::Reset { id } => one("reset", id),
            Self::Invite { id } => one("invite", id),
            Self::EndSessions { id, if_match } => one("end-sessions", id).if_match(if_match),
            Self::Delete { id, if_match } => one("delete", id).if_match(if_match),
            Self::Import { file, dry_run } => of("import").path(file).switch("dry-run", *dry_run),
            Self::Export { hashes } => of("export").switch("hashes", *hashes),
        }
        .end()
    }

    pub(super) fn tier(&self) -> Tier {
        match self {
            Self::List { .. } | Self::Get { .. } | Self::Export { .. } => Tier::Read,
            Self::Import { dry_run, .. } if *dry_run => Tier::Read,
            Self::Create { .. } | Self::Edit { .. } | Self::Enable { .. } | Self::Verify { .. } => Tier::Reversible,
            Self::Reset { .. } | Self::Invite { .. } => Tier::Reversible,
            Self::Disable { .. } | Self::Password { .. } | Self::EndSessions { .. } | Self::Import { .. } => {
                Tier::Disruptive
            }
            Self::Delete { .. } => Tier::Permanent,
        }
    }

    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::List { .. } => {
                Answer::List(&["id", "email", "username", "roles", "disabled", "email_verified", "last_login_at"])
            }
            Self::Export { .. } => Answer::Lines,
            Self::Reset { .. } | Self::Invite { .. } | Self::EndSessions { .. } | Self::Delete { .. } => Answer::Done,
            _ => Answer::One,
        }
    }

    /// Whom it concerns, if one user.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::List { .. } | Self::Create { .. } | Self::Import { .. } | Self::Export { .. } => None,
            Self::Get { id }
            | Self::Edit { id, .. }
            | Self::Disable { id, .. }
            | Self::Enable { id, .. }
            | Self::Verify { id, .. }
            | Self::Password { id, .. }
            | Self::Reset { id }
            | Self::Invite { id }
            | Self::EndSessions { id, .. }
            | Self::Delete { id, .. } => Some(id),
        }
    }

    pub(super) fn wants_secret(&self) -> bool {
        matches!(self, Self::Create { password_stdin: true, .. } | Self::Password { password_stdin: true, .. })
    }
}
