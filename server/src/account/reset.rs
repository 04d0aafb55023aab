//! Forgotten passwords: a code by mail, spent once for a temporary password or a
//! new one. Asking shows nobody who exists, neither in words nor in time.

use super::{FAMILIAR_FOR, admit, register::personal};
use crate::{
    app::{App, after},
    error::Refusal,
    model::{email::EmailAddress, password::PlainPassword, secret::PlainCode, session::Origin, user::Credential},
    password::{Cost, NewPassword},
};

/// Asks for a mail with a reset code. What is no address is refused, which tells nothing about who exists.
pub async fn request(app: &App, email: &str, origin: &Origin) -> Result<(), Refusal> {
    admit(app, origin)?;
    let email = EmailAddress::parse(email).map_err(|error| Refusal::field("email", error))?;
    // A full outbox answers like any other: who asks learns nothing, and asks again.
    if app.outbox.has_room() {
        app.store.ask_reset(email.key(), app.now()).await?;
        app.outbox.wake();
    }
    Ok(())
}

/// Spends a reset code. Without a new password a temporary one is set, and returned.
pub async fn reset(
    app: &App,
    code: &str,
    new_password: Option<&str>,
    origin: &Origin,
) -> Result<Option<PlainPassword>, Refusal> {
    admit(app, origin)?;
    let code = PlainCode::parse(code).ok_or(Refusal::WrongCode)?.hash();
    // Looked at before any hash is computed, so that guessing codes costs us nothing.
    let owner = app.store.find_reset_code(&code, app.now()).await?.ok_or(Refusal::WrongCode)?;
    let place = app.passwords.enter()?;
    let (hash, temporary) = match new_password {
        Some(new) => {
            let personal = personal(&owner.email_key, owner.username_key.as_deref());
            let new = NewPassword::new(PlainPassword::new(new), personal, &app.settings.get()).map_err(rename_field)?;
            (place.hash_new(new).await.map_err(rename_field)?, None)
        }
        None => {
            let temporary = PlainPassword::generate(app.entropy.as_ref());
            let cost = Cost::from_settings(&app.settings.get());
            (place.hash(temporary.clone(), cost).await?, Some(temporary))
        }
    };
    let now = app.now();
    let lifetime = app.settings.get().temporary_password_lifetime;
    let temporary_until = temporary.is_some().then(|| after(now, lifetime));
    let credential = Credential { hash, temporary_until };
    if !app.store.redeem_reset_code(&code, &credential, after(now, FAMILIAR_FOR), origin, now).await? {
        return Err(Refusal::WrongCode);
    }
    Ok(temporary)
}

/// In this body the field has another name.
fn rename_field(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid(mut fields) => {
            for field in &mut fields {
                field.field = "new_password".into();
            }
            Refusal::Invalid(fields)
        }
        other => other,
    }
}
