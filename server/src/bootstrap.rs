//! The first administrator: named in the configuration, or made with a temporary
//! password that is shown once, on the terminal and nowhere else.

use signet_shared::UserId;

use crate::{
    app::{App, after},
    config::BootstrapConfig,
    error::Refusal,
    model::{
        email::EmailAddress,
        password::PlainPassword,
        user::{Credential, NewUser},
        username::Username,
    },
    password::{Cost, check_policy},
    store::Created,
};

/// Where nobody said otherwise.
const EMAIL: &str = "admin@localhost";
const USERNAME: &str = "admin";
/// A newcomer may start today and read on tomorrow; in seconds.
const TEMPORARY_FOR: i64 = 86_400;

/// An administrator who has yet to set a proper password.
pub struct FirstAdministrator {
    /// Whom to log in as.
    pub name: String,
    /// With what, once.
    pub temporary_password: PlainPassword,
}

/// Makes sure that somebody can administer. Returns whom to tell, if anybody: a new administrator, or the old one while
/// they never set a password of their own.
pub async fn first_administrator(app: &App, config: &BootstrapConfig) -> anyhow::Result<Option<FirstAdministrator>> {
    match app.store.find_first_administrator().await? {
        Some(user) => renew(app, user).await,
        None => create(app, config).await,
    }
}

async fn create(app: &App, config: &BootstrapConfig) -> anyhow::Result<Option<FirstAdministrator>> {
    let email = match &config.admin_email {
        Some(email) => email.clone(),
        None => EmailAddress::parse(EMAIL)?,
    };
    let username = config.admin_email.is_none().then(|| Username::parse(USERNAME)).transpose()?;
    let (credential, temporary_password) = match &config.admin_password {
        Some(password) => (proper(app, password, &email).await?, None),
        None => temporary(app).await.map(|(credential, password)| (credential, Some(password)))?,
    };
    let user = NewUser {
        id: UserId::from_random_bytes(app.random()),
        email,
        username,
        credential,
        roles: vec!["admin".to_owned()],
        email_verified: true,
    };
    match app.store.create_administrator(&user, app.now()).await? {
        Created::Created => Ok(temporary_password
            .map(|temporary_password| FirstAdministrator { name: user.email.to_string(), temporary_password })),
        // Another node was quicker; it told whom there was to tell.
        Created::EmailTaken | Created::UsernameTaken => Ok(None),
    }
}

async fn proper(app: &App, password: &PlainPassword, email: &EmailAddress) -> anyhow::Result<Credential> {
    let settings = app.settings.get().clone();
    let refused = |refusal: Refusal| anyhow::anyhow!("bootstrap.admin_password: {}", refusal.message());
    check_policy(password, &settings, vec![email.key().to_owned()]).await.map_err(refused)?;
    let hash = app.passwords.hash(password.clone(), Cost::from_settings(&settings)).await.map_err(refused)?;
    Ok(Credential { hash, temporary_until: None })
}

async fn temporary(app: &App) -> anyhow::Result<(Credential, PlainPassword)> {
    let password = PlainPassword::generate(app.entropy.as_ref());
    let cost = Cost::from_settings(&app.settings.get());
    let hash =
        app.passwords.hash(password.clone(), cost).await.map_err(|refusal| anyhow::anyhow!(refusal.message()))?;
    Ok((Credential { hash, temporary_until: Some(after(app.now(), TEMPORARY_FOR)) }, password))
}

/// Whoever lost the first temporary password gets another by starting again, as long as no proper one was set.
async fn renew(app: &App, user: UserId) -> anyhow::Result<Option<FirstAdministrator>> {
    let Some(stored) = app.store.find_credential(user).await? else { return Ok(None) };
    if stored.credential.temporary_until.is_none() {
        return Ok(None);
    }
    let (credential, temporary_password) = temporary(app).await?;
    app.store.replace_temporary_password(user, &credential, app.now()).await?;
    Ok(Some(FirstAdministrator { name: stored.email_key, temporary_password }))
}
