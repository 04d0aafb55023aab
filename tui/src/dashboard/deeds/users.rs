//! Changing users.

use signet_shared::admin::UserView;

use super::{ANY, Change, First, changed, fill, some};
use crate::{
    actions::{Action, UserAction, UserFields},
    dashboard::{
        binding::Verb,
        check::Check,
        overlay::{Field, Intent},
    },
};

/// What a form changes about users.
#[derive(Clone, Debug, PartialEq)]
pub enum UserChange {
    /// There is one more.
    Create,
    /// One has another address or name.
    Edit {
        /// Whom.
        id: String,
        /// Address and name of before.
        before: [String; 2],
        /// Whether the address of before counts as confirmed.
        verified: bool,
    },
    /// One has other roles.
    Roles {
        /// Whom.
        id: String,
        /// The roles of before.
        before: String,
    },
}

/// What takes the place of one user's action, and what takes it back.
type Pair = (UserAction, Option<UserAction>);

/// `focused` is whom a form is about, `chosen` whom the rest is about: everybody who is marked, if anybody is.
pub(super) fn begin(verb: Verb, focused: Option<&UserView>, chosen: &[&UserView]) -> First {
    if verb == Verb::Create {
        return create();
    }
    let Some(focused) = focused else { return First::Nothing("there is no user here") };
    match verb {
        Verb::Edit => edit(focused),
        Verb::Roles => roles(focused),
        Verb::Password => each("Set a temporary password, and end every session", &[focused], |user| {
            (UserAction::Password { id: user.id.clone(), password_stdin: false }, None)
        }),
        Verb::Disable => switch(chosen),
        Verb::Verify => {
            let left: Vec<_> = chosen.iter().copied().filter(|user| !user.email_verified).collect();
            each("Let the address count as confirmed", &left, verify)
        }
        Verb::Invite => each("Mail an invitation", chosen, |user| (UserAction::Invite { id: user.id.clone() }, None)),
        Verb::Reset => each("Mail a reset code", chosen, |user| (UserAction::Reset { id: user.id.clone() }, None)),
        Verb::End => each("End every session", chosen, |user| {
            (UserAction::EndSessions { id: user.id.clone(), if_match: ANY.to_owned() }, None)
        }),
        Verb::Delete => each("Delete for good", chosen, |user| {
            (UserAction::Delete { id: user.id.clone(), if_match: ANY.to_owned() }, None)
        }),
        _ => First::Nothing("users cannot be changed that way"),
    }
}

/// The first decides for all of them; whoever is so already stays so, and is not taken back.
fn switch(users: &[&UserView]) -> First {
    let was = users.first().is_some_and(|first| first.disabled);
    let others: Vec<_> = users.iter().copied().filter(|user| user.disabled == was).collect();
    let disable = |user: &UserView| UserAction::Disable { id: user.id.clone(), if_match: ANY.to_owned() };
    let enable = |user: &UserView| UserAction::Enable { id: user.id.clone(), if_match: ANY.to_owned() };
    match was {
        true => each("Enable", &others, |user| (enable(user), Some(disable(user)))),
        false => each("Disable, and end every session", &others, |user| (disable(user), Some(enable(user)))),
    }
}

fn create() -> First {
    fill(
        "New user",
        Change::User(UserChange::Create),
        vec![
            Field::of("email", "", "they are mailed a link to choose a password with", Check::Email),
            Field::of("username", "", "may stay empty", Check::Free),
            Field::of("roles", "", "separated by commas; may stay empty", Check::Free),
        ],
    )
}

fn edit(user: &UserView) -> First {
    let before = [user.email.clone(), user.username.clone()];
    fill(
        &user.email,
        Change::User(UserChange::Edit { id: user.id.clone(), before, verified: user.email_verified }),
        vec![
            Field::of("email", &user.email, "", Check::Email),
            Field::of("username", &user.username, "may stay empty", Check::Free),
        ],
    )
}

fn roles(user: &UserView) -> First {
    let before = user.roles.join(",");
    let field = Field::of("roles", &before, "separated by commas; admin and auditor open this API", Check::Free);
    fill(&user.email, Change::User(UserChange::Roles { id: user.id.clone(), before }), vec![field])
}

/// The address as it was can be put back, but not that it was not confirmed.
fn verify(user: &UserView) -> Pair {
    let fields = UserFields { verified: Some(false), ..UserFields::default() };
    let undo = UserAction::Edit { id: user.id.clone(), fields, if_match: ANY.to_owned() };
    (UserAction::Verify { id: user.id.clone(), if_match: ANY.to_owned() }, (!user.email_verified).then_some(undo))
}

/// The same for each user that was chosen.
fn each(title: &str, users: &[&UserView], pair: impl Fn(&UserView) -> Pair) -> First {
    if users.is_empty() {
        return First::Nothing("that is so already");
    }
    let actions = users.iter().map(|user| {
        let (action, undo) = pair(user);
        (Action::Users(action), undo.map(Action::Users))
    });
    // For good: the name of one, the number of several.
    let word = match users {
        [one] => one.email.clone(),
        several => several.len().to_string(),
    };
    let title = if users.len() == 1 { title.to_owned() } else { format!("{title}: {} users", users.len()) };
    let lines = users.iter().map(|user| user.email.clone()).collect();
    First::Ask(Intent { title, lines, actions: actions.collect(), word })
}

pub(super) fn finish(change: &UserChange, mut next: impl FnMut() -> String) -> Result<First, String> {
    let intent = match change {
        UserChange::Create => creation(next(), next(), &next()),
        UserChange::Edit { id, before, verified } => {
            let after = [next(), next()];
            let lines = ["email", "username"].iter().enumerate();
            let mut lines: Vec<_> =
                lines.filter_map(|(index, name)| changed(name, &before[index], &after[index])).collect();
            let fields = |values: &[String; 2]| {
                let pick = |index: usize| (before[index] != after[index]).then(|| values[index].clone());
                UserFields { email: pick(0), username: pick(1), ..UserFields::default() }
            };
            // Another address counts as unconfirmed; with the one of before comes back what it counted as.
            let moved = before[0] != after[0];
            if moved {
                lines.push("the new address has yet to be confirmed".to_owned());
            }
            let back = UserFields { verified: moved.then_some(*verified), ..fields(before) };
            (!lines.is_empty())
                .then(|| Intent::one("Change a user", lines, set(id, fields(&after)), Some(set(id, back))))
        }
        UserChange::Roles { id, before } => {
            let after = next();
            let fields = |roles: &str| UserFields { roles: Some(roles.to_owned()), ..UserFields::default() };
            changed("roles", before, &after).map(|line| {
                Intent::one("Change roles", vec![line], set(id, fields(&after)), Some(set(id, fields(before))))
            })
        }
    };
    intent.map(First::Ask).ok_or_else(|| "nothing is changed".to_owned())
}

fn set(id: &str, fields: UserFields) -> Action {
    Action::Users(UserAction::Edit { id: id.to_owned(), fields, if_match: ANY.to_owned() })
}

fn creation(email: String, username: String, roles: &str) -> Option<Intent> {
    let roles = roles.split(',').map(|role| role.trim().to_owned()).filter(|role| !role.is_empty()).collect();
    let lines = vec![email.clone(), "they are mailed a link to choose a password with".to_owned()];
    let action = UserAction::Create {
        username: some(username),
        roles,
        verified: false,
        members: Vec::new(),
        attributes: Vec::new(),
        invite: true,
        password_stdin: false,
        idempotency_key: None,
        email,
    };
    Some(Intent::one("Create a user", lines, Action::Users(action), None))
}
