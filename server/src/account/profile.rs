//! What users change about themselves.

use serde_json::{Map, Value};

use super::{
    Owner, admit, attempt_limit,
    person::{PHONE_NUMBER_VERIFIED, amend_profile},
    register::personal,
    throttled,
};
use crate::{
    app::App,
    error::{FieldError, Refusal},
    model::{
        email::EmailAddress,
        password::{InvalidPassword, PlainPassword},
        session::Origin,
        user::User,
        username::Username,
    },
    password::{Cost, NewPassword, Place},
    store::{Attempt, PasswordChange, ProfileChange, ProfileEdit, StoredCredential, Updated},
};

const ENDED: Refusal = Refusal::BadToken("this session has ended; log in again");

/// The fields of a profile that somebody wants changed.
#[derive(Default)]
pub struct Wishes<'a> {
    /// Another address.
    pub email: Option<&'a str>,
    /// Another name; empty takes it away.
    pub username: Option<&'a str>,
    /// Members of what is known of the person; `null` takes one away.
    pub profile: Option<&'a Map<String, Value>>,
    /// Another password.
    pub password: Option<&'a str>,
    /// The password that stands, where it has to be shown.
    pub current_password: Option<&'a str>,
}

/// The caller's user, if their session is live.
pub async fn find_account(app: &App, owner: Owner) -> Result<User, Refusal> {
    app.store.find_account(owner.user, owner.session).await?.ok_or(ENDED)
}

/// Carries out all wishes or none.
pub async fn update(app: &App, owner: Owner, wishes: Wishes<'_>, origin: &Origin) -> Result<(), Refusal> {
    // What a change says of others' names, and the mail that another address may get, are for nobody to have at will.
    admit(app, origin)?;
    let ((email, username), profile) = match (names(&wishes), amend(app, owner, &wishes).await) {
        (Ok(names), profile) => (names, profile?),
        (Err(mut mistakes), profile) => {
            if let Err(Refusal::Invalid(more)) = profile {
                mistakes.extend(more);
            }
            return Err(Refusal::Invalid(mistakes));
        }
    };
    let password = match wishes.password {
        Some(new) => Some(change_password(app, owner, new, wishes.current_password).await?),
        None => {
            confirm_password(app, owner, wishes.current_password).await?;
            None
        }
    };
    let mut change = ProfileChange {
        user: owner.user,
        session: owner.session,
        email,
        confirm_email: app.settings.get().email_verification_required,
        username,
        profile,
        password,
        origin: origin.clone(),
    };
    loop {
        return match app.store.update_profile(&change, app.now()).await? {
            Updated::Updated => {
                app.outbox.wake();
                Ok(())
            }
            // Whatever somebody else changed meanwhile stays.
            Updated::ProfileStale => {
                change.profile = amend(app, owner, &wishes).await?;
                continue;
            }
            Updated::EmailTaken => Err(Refusal::Taken("email")),
            Updated::UsernameTaken => Err(Refusal::Taken("username")),
            Updated::SessionEnded => Err(ENDED),
            Updated::PasswordChanged => Err(Refusal::NotNow(
                "the password was changed by somebody else meanwhile; look again, then retry".into(),
            )),
        };
    }
}

/// Another address, and another name or none, as far as they are wished for.
type Names = (Option<EmailAddress>, Option<Option<Username>>);

fn names(wishes: &Wishes<'_>) -> Result<Names, Vec<FieldError>> {
    let email = wishes.email.map(EmailAddress::parse).transpose();
    let username = wishes.username.map(|name| (!name.trim().is_empty()).then(|| Username::parse(name)).transpose());
    match (email, username.transpose()) {
        (Ok(email), Ok(username)) => Ok((email, username)),
        (email, username) => {
            let email = email.err().map(|error| FieldError::broken("email", error));
            let username = username.err().map(|error| FieldError::broken("username", error));
            Err(email.into_iter().chain(username).collect())
        }
    }
}

/// The profile that the wishes make of the one that stands, if another.
async fn amend(app: &App, owner: Owner, wishes: &Wishes<'_>) -> Result<Option<ProfileEdit>, Refusal> {
    let Some(members) = wishes.profile else { return Ok(None) };
    if members.contains_key(PHONE_NUMBER_VERIFIED) {
        return Err(Refusal::field("profile.phone_number_verified", "a number is not confirmed by its owner's word"));
    }
    let user = find_account(app, owner).await?;
    let new = amend_profile(&user.profile, members)?;
    Ok((new != user.profile).then_some(ProfileEdit { seen: user.revision, new }))
}

/// A current password that is shown though nothing demands it has to be right all the same.
async fn confirm_password(app: &App, owner: Owner, current: Option<&str>) -> Result<(), Refusal> {
    if current.is_none() {
        return Ok(());
    }
    let place = app.passwords.enter()?;
    let stored = reserve(app, owner).await?;
    reauthenticate(app, &place, owner, &stored, current).await
}

/// The password on record. Every look at it and every change of it costs a hash or two, so each is counted, whoever asks.
async fn reserve(app: &App, owner: Owner) -> Result<StoredCredential, Refusal> {
    let now = app.now();
    let attempt = app.store.reserve_reauthentication(owner.user, owner.session, attempt_limit(app, now), now).await?;
    if let Attempt::Throttled { until } = attempt {
        return Err(throttled(until, now));
    }
    app.store.find_credential(owner.user, owner.session).await?.ok_or(ENDED)
}

async fn change_password(app: &App, owner: Owner, new: &str, current: Option<&str>) -> Result<PasswordChange, Refusal> {
    let place = app.passwords.enter()?;
    let stored = reserve(app, owner).await?;
    let typed = PlainPassword::new(new);
    let personal = personal(&stored.email_key, stored.username_key.as_deref());
    let new = NewPassword::new(typed.clone(), personal, &app.settings.get())?;
    if let Some(until) = stored.credential.temporary_until {
        if until <= app.now() {
            return Err(ENDED);
        }
        // A temporary password must not become the proper one.
        let policy = Cost::from_settings(&app.settings.get());
        if place.verify(typed, Some(stored.credential.hash.clone()), policy).await?.matches {
            return Err(Refusal::broken("password", InvalidPassword::Temporary));
        }
    }
    reauthenticate(app, &place, owner, &stored, current).await?;
    Ok(PasswordChange { seen: stored.credential.hash, new: place.hash_new(new).await? })
}

/// The current password, where given, must be right; without it the login must be recent, or with a temporary password.
async fn reauthenticate(
    app: &App,
    place: &Place<'_>,
    owner: Owner,
    stored: &StoredCredential,
    current: Option<&str>,
) -> Result<(), Refusal> {
    let Some(current) = current else {
        let window = app.settings.get().reauthentication_window;
        let fresh = app.now().as_second() - owner.auth_time < window;
        let temporary = owner.restricted && stored.credential.temporary_until.is_some();
        return if fresh || temporary {
            Ok(())
        } else {
            Err(Refusal::Forbidden {
                code: "reauthentication_required",
                message: "this login is not recent; send current_password along, or log in again",
            })
        };
    };
    let policy = Cost::from_settings(&app.settings.get());
    let hash = Some(stored.credential.hash.clone());
    let verdict = place.verify(PlainPassword::new(current), hash, policy).await?;
    if verdict.matches { Ok(()) } else { Err(Refusal::WrongCredentials) }
}
