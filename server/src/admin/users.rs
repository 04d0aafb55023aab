//! Users: found, made, invited, changed, disabled, removed.

use std::collections::BTreeSet;

use salvo::{
    Router, Writer,
    oapi::{endpoint, extract::PathParam},
    writing::Json,
};
use serde_json::json;
use signet_shared::{
    UserId,
    admin::{NewUserRequest, PasswordAnswer, PasswordRequest, UserPatch, UserView},
};

use super::{
    creation, demand_recent_login, export::export_users, import::import_users, is_privileged, protected,
    user_list::list_users,
};
use crate::{
    account::{
        person::{amend_attributes, amend_profile, check_profile},
        register::personal,
        reset::choose_password,
    },
    app::{App, Shared},
    error::{FieldError, Problem, Refusal},
    http::{
        answer::{CreatedAt, NoContent, Tagged},
        body::ApiBody,
        gate::Caller,
        idempotency::IdempotencyKey,
        precondition::IfMatch,
    },
    model::{
        actor::{Actor, Role},
        audit::{Event, EventType},
        email::EmailAddress,
        password::{HashedPassword, PlainPassword},
        user::{Attributes, Credential, ManagedUser, NewUser, PasswordState},
        username::Username,
    },
    password::NewPassword,
    store::{CreatedUser, Managed, UserChange},
};

/// The most roles a user may have, and the longest name of one.
const MAX_ROLES: usize = 32;
const MAX_ROLE_LENGTH: usize = 64;

pub(super) fn router() -> Router {
    let all = Router::with_path("users").get(list_users).post(create_user);
    all.push(Router::with_path("import").post(import_users)).push(Router::with_path("export").get(export_users)).push(
        Router::with_path("{id}")
            .get(get_user)
            .patch(change_user)
            .delete(delete_user)
            .push(Router::with_path("password").post(set_password))
            .push(Router::with_path("reset").post(reset_password))
            .push(Router::with_path("invite").post(invite_user))
            .push(Router::with_path("sessions").delete(end_sessions)),
    )
}

pub(super) fn view(user: ManagedUser) -> UserView {
    UserView {
        id: user.id.to_string(),
        email: user.email,
        username: user.username,
        email_verified: user.email_verified,
        pending_email: user.pending_email,
        disabled: user.disabled,
        roles: user.roles,
        profile: user.profile,
        attributes: user.attributes,
        password: match user.password {
            PasswordState::None => "none",
            PasswordState::Temporary => "temporary",
            PasswordState::Proper => "proper",
        }
        .to_owned(),
        created_at: user.created_at.to_string(),
        updated_at: user.updated_at.to_string(),
        last_login_at: user.last_login_at.map(|at| at.to_string()),
    }
}

async fn find(app: &App, id: &str) -> Result<ManagedUser, Refusal> {
    let unknown = || Refusal::NotFound("there is no such user");
    let id: UserId = id.parse().map_err(|_| unknown())?;
    app.store.find_user(id).await?.ok_or_else(unknown)
}

/// One user
#[endpoint(tags("Admin: users"))]
async fn get_user(app: Shared, _caller: Caller, id: PathParam<String>) -> Result<Tagged<UserView>, Problem> {
    let user = find(&app, &id).await?;
    Ok(Tagged(user.revision, view(user)))
}

/// Create a user
///
/// Without a password they can log in once they were invited, or have reset it.
#[endpoint(tags("Admin: users"))]
async fn create_user(
    app: Shared,
    caller: Caller,
    key: IdempotencyKey,
    body: ApiBody<NewUserRequest>,
) -> Result<CreatedAt<UserView>, Problem> {
    let request = body.0;
    demand_privilege(&caller.0, !request.roles.is_empty())?;
    if Role::of(&request.roles).is_some() {
        demand_recent_login(&app, &caller.0)?;
    }
    let (email, username) = names(Some(&request.email), request.username.as_deref())?;
    let email = email.ok_or_else(|| Refusal::field("email", "an address is needed"))?;
    let username = username.flatten();
    let roles = read_roles(&request.roles)?;
    // What tells one request from another, but for the password, of which nothing is kept but its hash.
    let told = json!([
        request.email,
        request.username,
        request.roles,
        request.email_verified,
        request.invite,
        request.profile,
        request.attributes
    ]);
    let profile = check_profile(request.profile.unwrap_or_default())?;
    let attributes = amend_attributes(&Attributes::new(), &request.attributes.unwrap_or_default())?;
    let hash = match &request.password {
        None => HashedPassword::none(),
        Some(password) => {
            let personal = personal(email.key(), username.as_ref().map(Username::key));
            let new = NewPassword::new(PlainPassword::new(password), personal, &app.settings.get())?;
            app.passwords.enter()?.hash_new(new).await?
        }
    };
    let user = NewUser {
        id: UserId::from_random_bytes(app.random()),
        email,
        username,
        credential: Credential { hash, temporary_until: None },
        roles,
        email_verified: request.email_verified,
        profile,
        attributes,
    };
    let now = app.now();
    let shown = view(ManagedUser::from_new(&user, now));
    let answer = serde_json::to_string(&shown).map_err(anyhow::Error::from)?;
    let idempotency = creation(&app, &caller.0, "users", key, &told);
    let event = Event::by(&caller.0, EventType::UserCreate).about(user.id).changing(None, json!(shown));
    let created = app.store.create_user(&user, request.invite, &idempotency, &answer, &event, now).await?;
    let shown = match created {
        CreatedUser::Created => {
            app.outbox.wake();
            shown
        }
        CreatedUser::Repeated(answer) => serde_json::from_str(&answer).map_err(anyhow::Error::from)?,
        CreatedUser::KeyReused => return Err(super::key_reused().into()),
        CreatedUser::EmailTaken => return Err(Refusal::Taken("email").into()),
        CreatedUser::UsernameTaken => return Err(Refusal::Taken("username").into()),
    };
    let location = format!("/admin/v1/users/{}", shown.id);
    Ok(CreatedAt { location, revision: 1, body: shown })
}

/// Change a user
///
/// Members that are absent stay as they are, those of the profile and of the attributes, too; there `null` takes one away.
/// Disabling ends every session at once.
#[endpoint(tags("Admin: users"))]
async fn change_user(
    app: Shared,
    caller: Caller,
    seen: IfMatch,
    id: PathParam<String>,
    body: ApiBody<UserPatch>,
) -> Result<Tagged<UserView>, Problem> {
    let patch = body.0;
    let crowns = patch.roles.as_ref().is_some_and(|roles| Role::of(roles).is_some());
    let (email, username) = names(patch.email.as_deref(), patch.username.as_deref())?;
    let wanted = UserChange {
        email,
        username,
        email_verified: patch.email_verified,
        disabled: patch.disabled,
        roles: patch.roles.as_deref().map(read_roles).transpose()?,
        ..UserChange::default()
    };
    loop {
        let before = find(&app, &id).await?;
        demand_recent_login_for(&app, &caller.0, &before, crowns)?;
        // Members are laid over what the caller has seen, and over nothing else.
        if seen.revision().is_some_and(|seen| seen != before.revision) {
            settle(&app, &id, Managed::Stale).await?;
        }
        let change = lay_over(&before, &patch, wanted.clone())?;
        let kind = match (before.disabled, patch.disabled) {
            (false, Some(true)) => EventType::UserDisable,
            (true, Some(false)) => EventType::UserEnable,
            _ => EventType::UserUpdate,
        };
        let (old, new) = differences(&before, &change);
        let event = Event::by(&caller.0, kind).about(before.id).changing(old, new);
        let privileged = is_privileged(&caller.0);
        // Whoever changes whatever is there still changes what the audit log says was there.
        let expected = Some(before.revision);
        let managed = app.store.change_user(before.id, expected, &change, privileged, &event, app.now()).await?;
        if managed == Managed::Stale && seen == IfMatch::Any {
            continue;
        }
        settle(&app, &id, managed).await?;
        let after = find(&app, &id).await?;
        return Ok(Tagged(after.revision, view(after)));
    }
}

/// The change, with the profile and the attributes that the patch makes of those that stand, if others.
fn lay_over(before: &ManagedUser, patch: &UserPatch, change: UserChange) -> Result<UserChange, Refusal> {
    let profile = patch.profile.as_ref().map(|members| amend_profile(&before.profile, members)).transpose()?;
    let attributes = patch.attributes.as_ref().map(|members| amend_attributes(&before.attributes, members));
    let profile = profile.filter(|amended| *amended != before.profile);
    Ok(UserChange { profile, attributes: attributes.transpose()?, ..change })
}

/// What a change names, before and after.
fn differences(before: &ManagedUser, change: &UserChange) -> (serde_json::Value, serde_json::Value) {
    let (mut old, mut new) = (serde_json::Map::new(), serde_json::Map::new());
    let mut note = |name: &str, was: serde_json::Value, is: Option<serde_json::Value>| {
        if let Some(is) = is.filter(|is| *is != was) {
            old.insert(name.to_owned(), was);
            new.insert(name.to_owned(), is);
        }
    };
    note("email", json!(before.email), change.email.as_ref().map(|email| json!(email.as_str())));
    let username = change.username.as_ref().map(|name| json!(name.as_ref().map_or("", Username::as_str)));
    note("username", json!(before.username), username);
    note("email_verified", json!(before.email_verified), change.email_verified.map(|is| json!(is)));
    note("disabled", json!(before.disabled), change.disabled.map(|is| json!(is)));
    note("roles", json!(before.roles), change.roles.as_ref().map(|is| json!(is)));
    note("profile", json!(before.profile), change.profile.as_ref().map(|is| json!(is)));
    note("attributes", json!(before.attributes), change.attributes.as_ref().map(|is| json!(is)));
    (old.into(), new.into())
}

/// Delete a user
///
/// With everything that refers to them; the audit log remembers. The caller's login must be recent.
#[endpoint(tags("Admin: users"))]
async fn delete_user(app: Shared, caller: Caller, seen: IfMatch, id: PathParam<String>) -> Result<NoContent, Problem> {
    demand_recent_login(&app, &caller.0)?;
    let before = find(&app, &id).await?;
    let event =
        Event::by(&caller.0, EventType::UserDelete).about(before.id).changing(json!(view(before.clone())), None);
    let privileged = is_privileged(&caller.0);
    let managed = app.store.delete_user(before.id, seen.revision(), privileged, &event, app.now()).await?;
    settle(&app, &id, managed).await?;
    Ok(NoContent)
}

/// Set a user's password
///
/// To the one in the body, or to a temporary one, which is told once and may only be replaced. Ends every session.
#[endpoint(tags("Admin: users"))]
async fn set_password(
    app: Shared,
    caller: Caller,
    id: PathParam<String>,
    body: ApiBody<PasswordRequest>,
) -> Result<Json<PasswordAnswer>, Problem> {
    let user = find(&app, &id).await?;
    demand_recent_login_for(&app, &caller.0, &user, false)?;
    let personal = personal(&user.email_key, Some(&user.username.to_lowercase()));
    let (credential, temporary) = choose_password(&app, body.0.password.as_deref(), personal).await?;
    let event = Event::by(&caller.0, EventType::UserPassword)
        .about(user.id)
        .changing(None, json!({ "temporary": temporary.is_some() }));
    let privileged = is_privileged(&caller.0);
    let managed = app.store.set_password(user.id, &credential, privileged, &event, app.now()).await?;
    settle(&app, &id, managed).await?;
    Ok(Json(PasswordAnswer {
        temporary_password: temporary.map(|password| password.expose().to_owned()),
        expires_at: credential.temporary_until.map(|until| until.to_string()),
    }))
}

async fn mail(app: &App, caller: &Actor, id: &str, invite: bool) -> Result<NoContent, Refusal> {
    let user = find(app, id).await?;
    let kind = if invite { EventType::UserInvite } else { EventType::UserReset };
    let event = Event::by(caller, kind).about(user.id);
    let managed = app.store.ask_password_mail(user.id, invite, is_privileged(caller), &event, app.now()).await?;
    settle(app, id, managed).await?;
    app.outbox.wake();
    Ok(NoContent)
}

/// Mail a reset code
///
/// As if the user had asked for it; until they use it their password stays.
#[endpoint(tags("Admin: users"))]
async fn reset_password(app: Shared, caller: Caller, id: PathParam<String>) -> Result<NoContent, Problem> {
    Ok(mail(&app, &caller.0, &id, false).await?)
}

/// Invite a user
///
/// Mails them a link to a page on which they choose a password.
#[endpoint(tags("Admin: users"))]
async fn invite_user(app: Shared, caller: Caller, id: PathParam<String>) -> Result<NoContent, Problem> {
    Ok(mail(&app, &caller.0, &id, true).await?)
}

/// End a user's sessions
#[endpoint(tags("Admin: users"))]
async fn end_sessions(app: Shared, caller: Caller, seen: IfMatch, id: PathParam<String>) -> Result<NoContent, Problem> {
    let user = find(&app, &id).await?;
    if seen.revision().is_some_and(|seen| seen != user.revision) {
        settle(&app, &id, Managed::Stale).await?;
    }
    let event = Event::by(&caller.0, EventType::SessionEndAll).about(user.id);
    let managed = app.store.end_users_sessions(user.id, is_privileged(&caller.0), &event, app.now()).await?;
    settle(&app, &id, managed).await?;
    Ok(NoContent)
}

/// What makes an administrator, or takes the account of one, opens everything for good.
fn demand_recent_login_for(app: &App, caller: &Actor, user: &ManagedUser, crowns: bool) -> Result<(), Refusal> {
    if crowns || Role::of(&user.roles).is_some() { demand_recent_login(app, caller) } else { Ok(()) }
}

async fn settle(app: &App, id: &str, managed: Managed) -> Result<(), Refusal> {
    Err(match managed {
        Managed::Done => return Ok(()),
        Managed::Missing => Refusal::NotFound("there is no such user"),
        Managed::Stale => {
            let current = find(app, id).await?;
            let revision = current.revision;
            Refusal::Stale { revision, current: serde_json::to_value(view(current)).map_err(anyhow::Error::from)? }
        }
        Managed::EmailTaken => Refusal::Taken("email"),
        Managed::UsernameTaken => Refusal::Taken("username"),
        Managed::LastAdministrator => {
            Refusal::NotNow("nobody could administer any more; give another user the role admin first".into())
        }
        Managed::Protected => protected(),
    })
}

fn demand_privilege(caller: &Actor, needed: bool) -> Result<(), Refusal> {
    if needed && !is_privileged(caller) { Err(protected()) } else { Ok(()) }
}

type Names = (Option<EmailAddress>, Option<Option<Username>>);

pub(super) fn names(email: Option<&str>, username: Option<&str>) -> Result<Names, Refusal> {
    let email = email.map(EmailAddress::parse).transpose().map_err(|error| FieldError::new("email", error));
    let username =
        username.map(|name| (!name.trim().is_empty()).then(|| Username::parse(name)).transpose()).transpose();
    let username = username.map_err(|error| FieldError::new("username", error));
    match (email, username) {
        (Ok(email), Ok(username)) => Ok((email, username)),
        (email, username) => Err(Refusal::Invalid(email.err().into_iter().chain(username.err()).collect())),
    }
}

pub(super) fn read_roles(roles: &[String]) -> Result<Vec<String>, Refusal> {
    let is_name = |role: &String| {
        (1..=MAX_ROLE_LENGTH).contains(&role.len())
            && role.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'))
    };
    if roles.len() > MAX_ROLES || !roles.iter().all(is_name) {
        let rule = "at most 32 roles, each of up to 64 letters, digits, dots, colons, dashes and underscores";
        return Err(Refusal::field("roles", rule));
    }
    Ok(roles.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect())
}
