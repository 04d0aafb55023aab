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

pub(super) fn begin(verb: Verb, users: &[&UserView]) -> First {
    if verb == Verb::Create {
        return create();
    }
    let Some(first) = users.first() else { return First::Nothing("there is no user here") };
    let disable = |user: &UserView| UserAction::Disable { id: user.id.clone(), if_match: ANY.to_owned() };
    let enable = |user: &UserView| UserAction::Enable { id: user.id.clone(), if_match: ANY.to_owned() };
    match verb {
        Verb::Edit => edit(first),
        Verb::Roles => roles(first),
        // The first decides for all of them.
        Verb::Disable if first.disabled => each("Enable", users, |user| (enable(user), Some(disable(user)))),
        Verb::Disable => each("Disable, and end every session", users, |user| (disable(user), Some(enable(user)))),
        Verb::Verify => each("Let the address count as confirmed", users, verify),
        Verb::Invite => each("Mail an invitation", users, |user| (UserAction::Invite { id: user.id.clone() }, None)),
        Verb::Reset => each("Mail a reset code", users, |user| (UserAction::Reset { id: user.id.clone() }, None)),
        Verb::Password => each("Set a temporary password, and end every session", &users[..1], |user| {
            (UserAction::Password { id: user.id.clone(), password_stdin: false }, None)
        }),
        Verb::End => each("End every session", users, |user| {
            (UserAction::EndSessions { id: user.id.clone(), if_match: ANY.to_owned() }, None)
        }),
        Verb::Delete => each("Delete for good", users, |user| {
            (UserAction::Delete { id: user.id.clone(), if_match: ANY.to_owned() }, None)
        }),
        _ => First::Nothing("users cannot be changed that way"),
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
        Change::User(UserChange::Edit { id: user.id.clone(), before }),
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
        UserChange::Edit { id, before } => {
            let after = [next(), next()];
            let lines = ["email", "username"].iter().enumerate();
            let lines: Vec<_> =
                lines.filter_map(|(index, name)| changed(name, &before[index], &after[index])).collect();
            let fields = |values: &[String; 2]| {
                let pick = |index: usize| (before[index] != after[index]).then(|| values[index].clone());
                UserFields { email: pick(0), username: pick(1), ..UserFields::default() }
            };
            (!lines.is_empty())
                .then(|| Intent::one("Change a user", lines, set(id, fields(&after)), Some(set(id, fields(before)))))
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
        invite: true,
        password_stdin: false,
        idempotency_key: None,
        email,
    };
    Some(Intent::one("Create a user", lines, Action::Users(action), None))
}
