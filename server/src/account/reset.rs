//! Forgotten passwords: a code by mail, spent once for a temporary password or a
//! new one. Asking shows nobody who exists, neither in words nor in time.

use signet_keys::Entropy;

use super::{FAMILIAR_FOR, admit, register::personal};
use crate::{
    app::{App, after},
    error::Refusal,
    model::{email::EmailAddress, password::PlainPassword, secret::PlainCode, session::Origin, user::Credential},
    password::{Cost, check_policy},
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
    let settings = app.settings.get().clone();
    let password = match new_password {
        Some(new) => {
            let new = PlainPassword::new(new);
            let personal = personal(&owner.email_key, owner.username_key.as_deref());
            check_policy(&new, &settings, personal).await.map_err(rename_field)?;
            new
        }
        None => temporary_password(app.entropy.as_ref()),
    };
    let hash = app.passwords.hash(password.clone(), Cost::from_settings(&settings)).await?;
    let now = app.now();
    let temporary_until = new_password.is_none().then(|| after(now, settings.temporary_password_lifetime));
    let credential = Credential { hash, temporary_until };
    if !app.store.redeem_reset_code(&code, &credential, after(now, FAMILIAR_FOR), origin, now).await? {
        return Err(Refusal::WrongCode);
    }
    Ok(new_password.is_none().then_some(password))
}

fn temporary_password(entropy: &dyn Entropy) -> PlainPassword {
    PlainPassword::generate(entropy)
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
