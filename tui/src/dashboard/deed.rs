//! What an operator wants, from a key to a question: the form that has to be filled, or what will be done.

use signet_shared::admin::{ClientView, SessionView, UserView};

use super::{
    binding::Verb,
    list::Row,
    model::{Model, Screen},
    overlay::{Deed, Field, Form, Intent},
    screens::value_text,
};
use crate::actions::{
    Action, Assignment, ClientAction, ClientFields, KeyAction, SessionAction, SettingAction, UserAction, UserFields,
};

/// What has to happen first.
#[derive(Debug, PartialEq)]
pub enum First {
    /// Fill a form.
    Fill(Form),
    /// Ask.
    Ask(Intent),
    /// Ask the server what it would do, then ask.
    Review(Action),
    /// Nothing: this cannot be done here.
    Nothing(&'static str),
}

/// Changes whatever is there.
const ANY: &str = "*";

/// What a verb means on the screen in front.
pub fn begin(verb: Verb, model: &Model) -> First {
    match (model.screen, verb) {
        (Screen::Users, Verb::Create) => First::Fill(form(
            "New user",
            Deed::CreateUser,
            vec![
                Field::of("email", "", "name@example.com"),
                Field::of("username", "", "may stay empty"),
                Field::of("roles", "", "separated by commas"),
            ],
        )),
        (Screen::Clients, Verb::Create) => First::Fill(form(
            "New client",
            Deed::CreateClient,
            vec![
                Field::of("name", "", ""),
                Field::of("redirect URIs", "", "separated by blanks"),
                Field::of("authentication", "client_secret_basic", "or client_secret_post, private_key_jwt, none"),
                Field::of("scope", "", "may stay empty"),
            ],
        )),
        (Screen::Users, verb) => user(verb, &model.users.chosen()),
        (Screen::Sessions, Verb::End) => end_sessions(&model.sessions.chosen()),
        (Screen::Sessions, Verb::EndMatching) => {
            let filter = if model.sessions.filter.is_empty() { "*".to_owned() } else { model.sessions.filter.clone() };
            First::Review(Action::Sessions(SessionAction::Revoke { filter, dry_run: false }))
        }
        (Screen::Clients, verb) => match model.clients.focused() {
            Some(one) => client(verb, one),
            None => First::Nothing("there is no client here"),
        },
        (Screen::Keys, verb) => match model.keys.focused() {
            Some(key) => match verb {
                Verb::Rotate => {
                    let action = KeyAction::Rotate { algorithm: key.algorithm.clone(), force: false };
                    let lines = vec![format!("the next {} key signs from now on", key.algorithm)];
                    ask("Rotate now", lines, vec![(Action::Keys(action), None)], "")
                }
                Verb::Schedule => First::Fill(form(
                    "Plan a rotation",
                    Deed::Schedule { algorithm: key.algorithm.clone() },
                    vec![Field::of("at", "", "2026-12-01T03:00:00Z; empty takes a plan back")],
                )),
                Verb::Revoke => First::Review(Action::Keys(KeyAction::Revoke { kid: key.kid.clone(), dry_run: false })),
                _ => First::Nothing("keys cannot be changed that way"),
            },
            None => First::Nothing("there is no key here"),
        },
        (Screen::Settings, Verb::Edit) => match model.settings.focused() {
            Some(setting) => {
                let before = value_text(setting, &setting.value);
                let range = setting.detail().into_iter().find(|(name, _)| *name == "range").map(|(_, range)| range);
                let field = Field::of("value", &before, range.unwrap_or_default());
                let etag = model.settings.etag.clone();
                let deed = Deed::EditSetting { key: setting.key.clone(), etag, before };
                First::Fill(form(&setting.key, deed, vec![field]))
            }
            None => First::Nothing("there is no setting here"),
        },
        _ => First::Nothing("nothing here can be changed that way"),
    }
}

fn form(title: &str, deed: Deed, fields: Vec<Field>) -> Form {
    Form { title: title.to_owned(), fields, focus: 0, error: None, deed }
}

fn ask(title: &str, lines: Vec<String>, actions: Vec<(Action, Option<Action>)>, word: &str) -> First {
    First::Ask(Intent { title: title.to_owned(), lines, actions, word: word.to_owned() })
}

/// The same for each user that was chosen.
fn each(title: &str, users: &[&UserView], action: impl Fn(&UserView) -> (UserAction, Option<UserAction>)) -> First {
    let actions = users.iter().map(|user| {
        let (action, undo) = action(user);
        (Action::Users(action), undo.map(Action::Users))
    });
    // For good: the name of one, the number of several.
    let word = match users {
        [one] => one.email.clone(),
        several => several.len().to_string(),
    };
    let lines = users.iter().map(|user| user.email.clone()).collect();
    ask(title, lines, actions.collect(), &word)
}

fn user(verb: Verb, users: &[&UserView]) -> First {
    let Some(first) = users.first() else { return First::Nothing("there is no user here") };
    let id = |user: &UserView| user.id.clone();
    let if_match = || ANY.to_owned();
    match verb {
        Verb::Edit => First::Fill(form(
            &first.email,
            Deed::EditUser { id: id(first), before: [first.email.clone(), first.username.clone()] },
            vec![Field::of("email", &first.email, ""), Field::of("username", &first.username, "may stay empty")],
        )),
        Verb::Roles => {
            let before = first.roles.join(",");
            let field = Field::of("roles", &before, "separated by commas; admin and auditor open this API");
            First::Fill(form(&first.email, Deed::EditRoles { id: id(first), before }, vec![field]))
        }
        Verb::Disable if first.disabled => each("Enable", users, |user| {
            let disable = UserAction::Disable { id: id(user), if_match: if_match() };
            (UserAction::Enable { id: id(user), if_match: if_match() }, Some(disable))
        }),
        Verb::Disable => each("Disable, and end every session", users, |user| {
            let enable = UserAction::Enable { id: id(user), if_match: if_match() };
            (UserAction::Disable { id: id(user), if_match: if_match() }, Some(enable))
        }),
        Verb::Verify => each("Let the address count as confirmed", users, |user| {
            (UserAction::Verify { id: id(user), if_match: if_match() }, None)
        }),
        Verb::Reset => each("Mail a reset code", users, |user| (UserAction::Reset { id: id(user) }, None)),
        Verb::Password => each("Set a temporary password, and end every session", &users[..1], |user| {
            (UserAction::Password { id: id(user), password_stdin: false }, None)
        }),
        Verb::End => each("End every session", users, |user| {
            (UserAction::EndSessions { id: id(user), if_match: if_match() }, None)
        }),
        Verb::Delete => {
            each("Delete for good", users, |user| (UserAction::Delete { id: id(user), if_match: if_match() }, None))
        }
        _ => First::Nothing("users cannot be changed that way"),
    }
}

fn end_sessions(sessions: &[&SessionView]) -> First {
    if sessions.is_empty() {
        return First::Nothing("there is no session here");
    }
    let action = |session: &&SessionView| {
        (Action::Sessions(SessionAction::End { id: session.id.clone(), if_match: ANY.to_owned() }), None)
    };
    let lines = sessions.iter().map(|session| session.name()).collect();
    ask("End", lines, sessions.iter().map(action).collect(), "")
}

fn client(verb: Verb, client: &ClientView) -> First {
    let id = client.client_id.clone();
    match verb {
        Verb::Edit => {
            let metadata = &client.metadata;
            let lifetime = metadata.lifetimes.access_token_lifetime;
            let lifetime = lifetime.map_or("default".to_owned(), signet_shared::format_seconds);
            First::Fill(form(
                &client.name(),
                Deed::EditClient { id },
                vec![
                    Field::of("name", metadata.client_name.as_deref().unwrap_or_default(), ""),
                    Field::of("redirect URIs", &metadata.redirect_uris.join(" "), "separated by blanks"),
                    Field::of("scope", metadata.scope.as_deref().unwrap_or_default(), "empty stays as it is"),
                    Field::of("access token", &lifetime, "such as 5m, or default"),
                ],
            ))
        }
        Verb::Rotate => {
            let field = Field::of("overlap", "1d", "how long the secret of before still serves");
            First::Fill(form(&client.name(), Deed::RotateSecret { id }, vec![field]))
        }
        Verb::Delete => {
            let action = ClientAction::Delete { id, if_match: ANY.to_owned() };
            ask("Delete for good", vec![client.name()], vec![(Action::Clients(action), None)], &client.name())
        }
        _ => First::Nothing("clients cannot be changed that way"),
    }
}

/// What a filled form comes to. An error is told in the form.
pub fn finish(deed: &Deed, texts: &[String]) -> Result<First, String> {
    let text = |index: usize| texts.get(index).map(|text| text.trim().to_owned()).unwrap_or_default();
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let single = |title: &str, lines: Vec<String>, action: Action, undo: Option<Action>| {
        Ok(ask(title, lines, vec![(action, undo)], ""))
    };
    match deed {
        Deed::Unlock => Err("this is for the runtime".to_owned()),
        Deed::CreateUser => {
            let email = some(text(0)).ok_or("an address is needed")?;
            let roles = text(2).split(',').map(|role| role.trim().to_owned()).filter(|role| !role.is_empty()).collect();
            let action = UserAction::Create {
                username: some(text(1)),
                roles,
                verified: false,
                invite: true,
                password_stdin: false,
                idempotency_key: None,
                email: email.clone(),
            };
            let lines = vec![email, "they are mailed a link to choose a password with".to_owned()];
            single("Create a user", lines, Action::Users(action), None)
        }
        Deed::EditUser { id, before } => {
            let fields = |values: [Option<String>; 2]| {
                let [email, username] = values;
                let fields = UserFields { email, username, ..UserFields::default() };
                Action::Users(UserAction::Edit { id: id.clone(), fields, if_match: ANY.to_owned() })
            };
            let after = [text(0), text(1)];
            let changed = |index: usize| after[index] != before[index];
            if !changed(0) && !changed(1) {
                return Err("nothing is changed".to_owned());
            }
            let pick = |of: &[String; 2]| [0, 1].map(|index| changed(index).then(|| of[index].clone()));
            let lines =
                (0..2).filter(|index| changed(*index)).map(|index| format!("{} → {}", before[index], after[index]));
            single("Change a user", lines.collect(), fields(pick(&after)), Some(fields(pick(before))))
        }
        Deed::EditRoles { id, before } => {
            let roles = |roles: String| {
                let fields = UserFields { roles: Some(roles), ..UserFields::default() };
                Action::Users(UserAction::Edit { id: id.clone(), fields, if_match: ANY.to_owned() })
            };
            let line = format!("{before} → {}", text(0));
            single("Change roles", vec![line], roles(text(0)), Some(roles(before.clone())))
        }
        Deed::CreateClient => {
            let fields = ClientFields {
                name: some(text(0)),
                redirect_uris: words(text(1)),
                auth_method: some(text(2)),
                scope: some(text(3)),
                ..ClientFields::default()
            };
            let lines = vec![text(0), text(1)];
            single(
                "Register a client",
                lines,
                Action::Clients(ClientAction::Create { fields, idempotency_key: None }),
                None,
            )
        }
        Deed::EditClient { id } => {
            let fields = ClientFields {
                name: some(text(0)),
                redirect_uris: words(text(1)),
                scope: some(text(2)),
                access_token_lifetime: some(text(3)),
                ..ClientFields::default()
            };
            let action = ClientAction::Edit { id: id.clone(), fields, if_match: ANY.to_owned() };
            single("Change a client", vec![text(0), text(1), text(3)], Action::Clients(action), None)
        }
        Deed::RotateSecret { id } => {
            let overlap = some(text(0)).ok_or("say how long, 0 for not at all")?;
            signet_shared::parse_seconds(&overlap).map_err(|error| error.to_string())?;
            let lines = vec![format!("the secret of before serves for {overlap}")];
            let action = ClientAction::RotateSecret { id: id.clone(), overlap };
            single("Another secret", lines, Action::Clients(action), None)
        }
        Deed::Schedule { algorithm } => {
            let plan = |at: Option<String>| Action::Keys(KeyAction::Schedule { algorithm: algorithm.clone(), at });
            let at = some(text(0));
            let line =
                at.as_ref().map_or("an earlier plan is taken back".to_owned(), |at| format!("{algorithm} at {at}"));
            let undo = at.is_some().then(|| plan(None));
            single("Plan a rotation", vec![line], plan(at), undo)
        }
        Deed::EditSetting { key, etag, .. } => {
            let value = some(text(0)).ok_or("a value is needed")?;
            let values = vec![Assignment { key: key.clone(), value }];
            let if_match = etag.clone().unwrap_or_else(|| ANY.to_owned());
            Ok(First::Review(Action::Settings(SettingAction::Set { values, dry_run: false, if_match })))
        }
    }
}

/// The question after the server has said what an action would do.
pub fn reviewed(action: Action, answer: &serde_json::Value) -> First {
    match &action {
        Action::Sessions(_) => {
            let count = answer["sessions"].as_i64().unwrap_or(0);
            ask("End sessions", vec![format!("{count} sessions")], vec![(action, None)], "")
        }
        Action::Keys(KeyAction::Revoke { kid, .. }) => {
            let broken = answer["broken_tokens"].as_i64();
            let broken = broken.map_or("nobody knows how many".to_owned(), |count| count.to_string());
            let lines = vec![kid.clone(), format!("{broken} live tokens stop verifying")];
            ask("Revoke for good", lines, vec![(action.clone(), None)], &kid[..kid.len().min(8)])
        }
        Action::Settings(SettingAction::Set { if_match, .. }) => {
            let changes = answer["changes"].as_array().cloned().unwrap_or_default();
            let mut lines: Vec<_> = changes
                .iter()
                .map(|change| {
                    format!(
                        "{}: {} → {}",
                        change["key"].as_str().unwrap_or_default(),
                        change["before"],
                        change["after"]
                    )
                })
                .collect();
            for impact in answer["impact"].as_array().into_iter().flatten() {
                lines.push(impact["effect"].as_str().unwrap_or_default().to_owned());
                let counts = impact["counts"].as_object();
                lines.extend(counts.into_iter().flatten().map(|(what, count)| format!("  {what}: {count}")));
            }
            if changes.is_empty() {
                return First::Nothing("nothing would change");
            }
            let values = changes.iter().map(|change| {
                let before = &change["before"];
                let value = before.as_str().map_or_else(|| before.to_string(), str::to_owned);
                Assignment { key: change["key"].as_str().unwrap_or_default().to_owned(), value }
            });
            // What takes it back is made on what it leaves.
            let revision: i64 = if_match.trim_matches('"').parse().unwrap_or(0);
            let after = if revision > 0 { format!("\"{}\"", revision + 1) } else { ANY.to_owned() };
            let undo = SettingAction::Set { values: values.collect(), dry_run: false, if_match: after };
            ask("Change settings", lines, vec![(action, Some(Action::Settings(undo)))], "")
        }
        _ => First::Nothing("this needs no review"),
    }
}
