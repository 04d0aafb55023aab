//! The first administrator: named in the configuration, or made with a temporary
//! password that is shown once, on the terminal and nowhere else.

use signet_shared::{Profile, UserId};

use crate::{
    app::{App, after},
    config::BootstrapConfig,
    error::Refusal,
    model::{
        email::EmailAddress,
        password::PlainPassword,
        user::{Attributes, Credential, NewUser},
        username::Username,
    },
    password::{Cost, NewPassword},
    store::{Created, StoredAdministrator},
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
        Some(administrator) if administrator.is_unclaimed => renew(app, administrator).await,
        Some(_) => Ok(None),
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
        profile: Profile::default(),
        attributes: Attributes::new(),
    };
    match app.store.create_administrator(&user, app.now()).await? {
        Created::Created => Ok(temporary_password
            .map(|temporary_password| FirstAdministrator { name: user.email.to_string(), temporary_password })),
        // Another node was quicker; it told whom there was to tell.
        Created::AdministratorExists => Ok(None),
        Created::EmailTaken | Created::UsernameTaken => {
            tracing::warn!(name = %user.email, "somebody has the first administrator's name; nobody was made administrator");
            Ok(None)
        }
    }
}

async fn proper(app: &App, password: &PlainPassword, email: &EmailAddress) -> anyhow::Result<Credential> {
    let refused = |refusal: Refusal| anyhow::anyhow!("bootstrap.admin_password: {}", refusal.message());
    let personal = vec![email.key().to_owned()];
    let new = NewPassword::new(password.clone(), personal, &app.settings.get()).map_err(refused)?;
    let hash = app.passwords.enter().map_err(refused)?.hash_new(new).await.map_err(refused)?;
    Ok(Credential { hash, temporary_until: None })
}

async fn temporary(app: &App) -> anyhow::Result<(Credential, PlainPassword)> {
    let refused = |refusal: Refusal| anyhow::anyhow!(refusal.message());
    let password = PlainPassword::generate(app.entropy.as_ref());
    let cost = Cost::from_settings(&app.settings.get());
    let hash = app.passwords.enter().map_err(refused)?.hash(password.clone(), cost).await.map_err(refused)?;
    Ok((Credential { hash, temporary_until: Some(after(app.now(), TEMPORARY_FOR)) }, password))
}

/// Whoever lost the first temporary password gets another by starting again, as long as no proper one was set.
async fn renew(app: &App, administrator: StoredAdministrator) -> anyhow::Result<Option<FirstAdministrator>> {
    let (credential, temporary_password) = temporary(app).await?;
    let replaced = app.store.replace_first_password(administrator.user, &credential, app.now()).await?;
    Ok(replaced.then_some(FirstAdministrator { name: administrator.email_key, temporary_password }))
}
