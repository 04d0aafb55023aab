//! Changing clients.

use serde_json::{Value, json};
use signet_shared::{
    admin::ClientView,
    format_seconds,
    oauth::{ApplicationType, ClientAuthMethod},
    uri,
};

use super::{ANY, Change, First, changed, fill, some};
use crate::{
    actions::{Action, ClientAction, ClientFields, Member},
    dashboard::{
        binding::Verb,
        check::Check,
        list::Row,
        overlay::{Field, Intent},
    },
};

/// What a form changes about clients.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientChange {
    /// There is one more.
    Create,
    /// One is otherwise.
    Edit {
        /// Which.
        id: String,
        /// Whether it is a native one.
        native: bool,
        /// What each field held before.
        before: [String; 5],
    },
    /// One has another secret.
    RotateSecret {
        /// Which.
        id: String,
        /// Its name.
        name: String,
    },
}

/// The members behind the fields of a form, in order.
const MEMBERS: [&str; 5] = ["client_name", "redirect_uris", "scope", "access_token_lifetime", "refresh_token_lifetime"];

pub(super) fn begin(verb: Verb, focused: Option<&ClientView>) -> First {
    if verb == Verb::Create {
        return create();
    }
    let Some(client) = focused else { return First::Nothing("there is no client here") };
    let id = client.client_id.clone();
    match verb {
        Verb::Edit => edit(client),
        Verb::Rotate => fill(
            client.name(),
            Change::Client(ClientChange::RotateSecret { id, name: client.name() }),
            vec![Field::of(
                "overlap",
                "1d",
                "how long the secret of before still serves; 0s for not at all",
                Check::Span,
            )],
        ),
        Verb::Delete => {
            let action = Action::Clients(ClientAction::Delete { id, if_match: ANY.to_owned() });
            First::Ask(Intent::one("Delete for good", vec![client.name()], action, None).with_word(client.name()))
        }
        _ => First::Nothing("clients cannot be changed that way"),
    }
}

fn create() -> First {
    let kinds = ApplicationType::ALL.iter().map(|kind| kind.as_str().to_owned()).collect();
    let basic = ClientAuthMethod::ClientSecretBasic.as_str();
    fill(
        "New client",
        Change::Client(ClientChange::Create),
        vec![
            Field::of("name", "", "what users read", Check::Needed),
            Field::of("redirect URIs", "", "separated by blanks", Check::RedirectUris),
            Field::of(
                "kind",
                ApplicationType::Web.as_str(),
                "web, or native for programs on a device",
                Check::OneOf(kinds),
            ),
            Field::of("authentication", basic, "or client_secret_post, private_key_jwt, none", Check::AuthMethod),
            Field::of("scope", "", "separated by blanks; may stay empty", Check::Scopes),
        ],
    )
}

fn values(client: &ClientView) -> [String; 5] {
    let metadata = &client.metadata;
    let lifetime = |seconds: Option<i64>| seconds.map_or("default".to_owned(), format_seconds);
    [
        metadata.client_name.clone().unwrap_or_default(),
        metadata.redirect_uris.join(" "),
        metadata.scope.clone().unwrap_or_default(),
        lifetime(metadata.lifetimes.access_token_lifetime),
        lifetime(metadata.lifetimes.refresh_token_lifetime),
    ]
}

fn edit(client: &ClientView) -> First {
    let before = values(client);
    let [name, uris, scope, access, refresh] = before.clone();
    let native = client.metadata.application_type == ApplicationType::Native;
    fill(
        client.name(),
        Change::Client(ClientChange::Edit { id: client.client_id.clone(), native, before }),
        vec![
            Field::of("name", &name, "what users read", Check::Free),
            Field::of("redirect URIs", &uris, "separated by blanks", Check::RedirectUris),
            Field::of("scope", &scope, "separated by blanks; empty for any", Check::Scopes),
            Field::of("access token", &access, "such as 5m, or default", Check::SpanOrDefault),
            Field::of("refresh token", &refresh, "such as 30d, or default", Check::SpanOrDefault),
        ],
    )
}

pub(super) fn finish(change: &ClientChange, mut next: impl FnMut() -> String) -> Result<First, String> {
    let intent = match change {
        ClientChange::Create => creation([next(), next(), next(), next(), next()])?,
        ClientChange::Edit { id, native, before } => {
            let after = [next(), next(), next(), next(), next()];
            redirects(&after[1], *native)?;
            let indices: Vec<_> = (0..MEMBERS.len()).filter(|index| before[*index] != after[*index]).collect();
            let lines: Vec<_> = indices.iter().filter_map(|i| changed(MEMBERS[*i], &before[*i], &after[*i])).collect();
            if lines.is_empty() {
                return Err("nothing is changed".to_owned());
            }
            let set = |values: &[String; 5]| {
                let fields = fields(&indices, values);
                Action::Clients(ClientAction::Edit { id: id.clone(), fields, if_match: ANY.to_owned() })
            };
            Intent::one("Change a client", lines, set(&after), Some(set(before)))
        }
        ClientChange::RotateSecret { id, name } => {
            let overlap = next();
            let lines = vec![name.clone(), format!("the secret of before serves for {overlap}")];
            let action = ClientAction::RotateSecret { id: id.clone(), overlap };
            Intent::one("Another secret", lines, Action::Clients(action), None)
        }
    };
    Ok(First::Ask(intent))
}

/// The members that differ, as they are sent. What is emptied is taken away (RFC 7396).
fn fields(indices: &[usize], values: &[String; 5]) -> ClientFields {
    let mut fields = ClientFields::default();
    for index in indices {
        let text = values[*index].clone();
        match MEMBERS[*index] {
            "access_token_lifetime" => fields.access_token_lifetime = Some(text),
            "refresh_token_lifetime" => fields.refresh_token_lifetime = Some(text),
            "redirect_uris" if text.is_empty() => fields.members.push(Member::new("redirect_uris", json!([]))),
            "redirect_uris" => fields.redirect_uris = text.split_whitespace().map(str::to_owned).collect(),
            name if text.is_empty() => fields.members.push(Member::new(name, Value::Null)),
            "client_name" => fields.name = Some(text),
            _ => fields.scope = Some(text),
        }
    }
    fields
}

fn redirects(text: &str, native: bool) -> Result<(), String> {
    for one in text.split_whitespace() {
        uri::redirect(one, native, false).map_err(|error| format!("{one}: {error}"))?;
    }
    Ok(())
}

fn creation([name, uris, kind, method, scope]: [String; 5]) -> Result<Intent, String> {
    redirects(&uris, kind == ApplicationType::Native.as_str())?;
    let lines = vec![format!("{name} ({kind}, {method})"), uris.clone()];
    let is_web = kind == ApplicationType::Web.as_str();
    let fields = ClientFields {
        name: some(name),
        redirect_uris: uris.split_whitespace().map(str::to_owned).collect(),
        // One that logs nobody in has tokens of its own.
        grant_types: if uris.is_empty() { vec!["client_credentials".to_owned()] } else { Vec::new() },
        auth_method: some(method),
        scope: some(scope),
        members: (!is_web).then(|| Member::new("application_type", json!(kind))).into_iter().collect(),
        ..ClientFields::default()
    };
    let action = Action::Clients(ClientAction::Create { fields, idempotency_key: None });
    Ok(Intent::one("Register a client", lines, action, None))
}
