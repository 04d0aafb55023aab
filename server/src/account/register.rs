//! Registering.

use signet_shared::{Profile, UserId};

use super::{FAMILIAR_FOR, admit};
use crate::{
    app::{App, after},
    error::{FieldError, Refusal},
    model::{
        email::EmailAddress,
        password::PlainPassword,
        session::Origin,
        user::{Attributes, Credential, NewUser},
        username::Username,
    },
    password::NewPassword,
    store::Created,
};

/// What somebody registers with.
pub struct Registration<'a> {
    /// Their address.
    pub email: &'a str,
    /// Their name, if they give one.
    pub username: Option<&'a str>,
    /// Their password.
    pub password: &'a str,
}

/// A user who has just registered.
pub struct Registered {
    /// Their id.
    pub id: UserId,
    /// Their address as it is kept.
    pub email: EmailAddress,
}

/// Creates a user, if registration is open and every field keeps the rules.
pub async fn register(app: &App, registration: Registration<'_>, origin: &Origin) -> Result<Registered, Refusal> {
    if !app.settings.get().registration_open {
        return Err(Refusal::Forbidden {
            code: "registration_closed",
            message: "registration is closed; ask the operator for an account",
        });
    }
    admit(app, origin)?;
    let (email, username) = names(&registration)?;
    let personal = personal(email.key(), username.as_ref().map(Username::key));
    let password = NewPassword::new(PlainPassword::new(registration.password), personal, &app.settings.get())?;
    let place = app.passwords.enter()?;
    if let Some(field) = app.store.find_taken(&email, username.as_ref()).await? {
        return Err(Refusal::Taken(field));
    }
    let hash = place.hash_new(password).await?;
    let user = NewUser {
        id: UserId::from_random_bytes(app.random()),
        email,
        username,
        credential: Credential { hash, temporary_until: None },
        roles: Vec::new(),
        email_verified: false,
        profile: Profile::default(),
        attributes: Attributes::new(),
    };
    let now = app.now();
    let verify = app.settings.get().email_verification_required;
    let created = app.store.register_user(&user, origin, after(now, FAMILIAR_FOR), verify, now).await?;
    match created {
        Created::Created => {
            app.outbox.wake();
            Ok(Registered { id: user.id, email: user.email })
        }
        Created::EmailTaken => Err(Refusal::Taken("email")),
        Created::UsernameTaken | Created::AdministratorExists => Err(Refusal::Taken("username")),
    }
}

fn names(registration: &Registration<'_>) -> Result<(EmailAddress, Option<Username>), Refusal> {
    let email = EmailAddress::parse(registration.email).map_err(|error| FieldError::broken("email", error));
    let username = registration.username.map(Username::parse).transpose();
    let username = username.map_err(|error| FieldError::broken("username", error));
    match (email, username) {
        (Ok(email), Ok(username)) => Ok((email, username)),
        (email, username) => Err(Refusal::Invalid(email.err().into_iter().chain(username.err()).collect())),
    }
}

/// What a password must not be: one's address, the part of it before the `@`, one's name.
pub fn personal(email_key: &str, username_key: Option<&str>) -> Vec<String> {
    let local = email_key.rsplit_once('@').map(|(local, _)| local);
    [Some(email_key), local, username_key].into_iter().flatten().map(str::to_owned).collect()
}
