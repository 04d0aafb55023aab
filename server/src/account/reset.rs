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
    let email = EmailAddress::parse(email).map_err(|error| Refusal::broken("email", error))?;
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
    let personal = personal(&owner.email_key, owner.username_key.as_deref());
    let (credential, temporary) = choose_password(app, new_password, personal).await.map_err(rename_field)?;
    let now = app.now();
    if !app.store.redeem_reset_code(&code, &credential, after(now, FAMILIAR_FOR), origin, now).await? {
        return Err(Refusal::WrongCode);
    }
    Ok(temporary)
}

/// What shall stand in place of a user's password: a new one if it keeps the rules, else a temporary one, which is returned.
pub async fn choose_password(
    app: &App,
    new: Option<&str>,
    personal: Vec<String>,
) -> Result<(Credential, Option<PlainPassword>), Refusal> {
    let place = app.passwords.enter()?;
    if let Some(new) = new {
        let new = NewPassword::new(PlainPassword::new(new), personal, &app.settings.get())?;
        return Ok((Credential { hash: place.hash_new(new).await?, temporary_until: None }, None));
    }
    let temporary = PlainPassword::generate(app.entropy.as_ref());
    let cost = Cost::from_settings(&app.settings.get());
    let hash = place.hash(temporary.clone(), cost).await?;
    let temporary_until = Some(after(app.now(), app.settings.get().temporary_password_lifetime));
    Ok((Credential { hash, temporary_until }, Some(temporary)))
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
