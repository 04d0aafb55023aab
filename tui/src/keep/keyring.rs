//! The keyring of the operating system: the Secret Service on Linux, and none elsewhere.

use std::{io, sync::Arc, time::Duration};

use keyring_core::{CredentialStore, Entry, Error};
use tokio::sync::oneshot;

/// How long the keyring may take, with somebody who types its password.
const PATIENCE: Duration = Duration::from_secs(10);
/// Whose items they are.
const SERVICE: &str = "signetctl";

/// Why the keyring cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the keyring cannot be used: {0}; sign in with --store file")]
pub struct KeyringError(String);

impl From<Error> for KeyringError {
    fn from(error: Error) -> Self {
        Self(match error {
            Error::NoStorageAccess(cause) => format!("it is locked: {cause}"),
            Error::PlatformFailure(cause) => cause.to_string(),
            // Written out, and never with Debug, which shows what an item holds.
            other => other.to_string(),
        })
    }
}

impl From<io::Error> for KeyringError {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Makes sure that it keeps what it is given, and gives it back.
pub(super) async fn probe() -> Result<(), KeyringError> {
    within(PATIENCE, || is_healthy(&open()?)).await
}

/// What it holds under a name.
pub(super) async fn read(name: String) -> Result<Option<String>, KeyringError> {
    within(PATIENCE, move || look_up(&open()?, &name)).await
}

/// Holds a secret under a name, in place of the one of before.
pub(super) async fn write(name: String, secret: String) -> Result<(), KeyringError> {
    within(PATIENCE, move || Ok(entry(&open()?, &name)?.set_password(&secret)?)).await
}

/// Holds nothing under a name any more.
pub(super) async fn delete(name: String) -> Result<(), KeyringError> {
    within(PATIENCE, move || remove(&open()?, &name)).await
}

#[cfg(target_os = "linux")]
fn open() -> Result<Arc<CredentialStore>, KeyringError> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(not(target_os = "linux"))]
fn open() -> Result<Arc<CredentialStore>, KeyringError> {
    Err(KeyringError("it is not available here".to_owned()))
}

fn entry(store: &Arc<CredentialStore>, name: &str) -> Result<Entry, Error> {
    Entry::new_in_store(store, SERVICE, name)
}

fn look_up(store: &Arc<CredentialStore>, name: &str) -> Result<Option<String>, KeyringError> {
    match entry(store, name)?.get_password() {
        Err(Error::NoEntry) => Ok(None),
        found => Ok(Some(found?)),
    }
}

fn remove(store: &Arc<CredentialStore>, name: &str) -> Result<(), KeyringError> {
    match entry(store, name)?.delete_credential() {
        Err(Error::NoEntry) => Ok(()),
        done => Ok(done?),
    }
}

fn is_healthy(store: &Arc<CredentialStore>) -> Result<(), KeyringError> {
    // Nobody else's: two may probe at once.
    let name = format!("probe {}", std::process::id());
    entry(store, &name)?.set_password(&name)?;
    let found = look_up(store, &name);
    remove(store, &name)?;
    if found?.as_ref() == Some(&name) { Ok(()) } else { Err(KeyringError("it does not give back what it got".into())) }
}

/// Waits no longer than this for work that blocks. It has a thread that nobody waits for: a keyring that never answers shall
/// not keep the program from ending, as a blocking task of the runtime would.
async fn within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let (tell, told) = oneshot::channel();
    // Nobody may be listening any more.
    std::thread::Builder::new().name("keyring".to_owned()).spawn(move || drop(tell.send(work())))?;
    match tokio::time::timeout(patience, told).await {
        Ok(done) => done.unwrap_or_else(|_| Err(KeyringError("it broke off".to_owned()))),
        Err(_) => Err(KeyringError("it does not answer, and may be locked".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use keyring_core::mock;

    use super::*;

    fn store() -> Arc<CredentialStore> {
        mock::Store::new().unwrap()
    }

    /// Lets the next use of an item fail.
    fn break_once(store: &Arc<CredentialStore>, name: &str, error: Error) {
        let entry = entry(store, name).unwrap();
        entry.as_any().downcast_ref::<mock::Cred>().unwrap().set_error(error);
    }

    #[test]
    fn what_was_kept_is_found_until_it_is_removed() {
        let store = store();
        assert_eq!(look_up(&store, "a").unwrap(), None);
        entry(&store, "a").unwrap().set_password("secret").unwrap();
        assert_eq!(look_up(&store, "a").unwrap().as_deref(), Some("secret"));
        assert_eq!(look_up(&store, "b").unwrap(), None);
        remove(&store, "a").unwrap();
        remove(&store, "a").unwrap();
        assert_eq!(look_up(&store, "a").unwrap(), None);
    }

    #[test]
    fn a_keyring_is_probed_with_an_item_that_does_not_stay() {
        let store = store();
        is_healthy(&store).unwrap();
        let probe = format!("probe {}", std::process::id());
        assert_eq!(look_up(&store, &probe).unwrap(), None);
        break_once(&store, &probe, Error::NoStorageAccess("no prompt".into()));
        let told = is_healthy(&store).unwrap_err().to_string();
        assert_eq!(told, "the keyring cannot be used: it is locked: no prompt; sign in with --store file");
    }

    #[test]
    fn what_went_wrong_never_tells_the_secret() {
        let store = store();
        break_once(&store, "a", Error::BadEncoding(b"secret".to_vec()));
        let error = look_up(&store, "a").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret") && !format!("{error:?}").contains("115, 101"));
    }

    #[tokio::test]
    async fn a_keyring_that_never_answers_is_given_up() {
        let (_open, never) = std::sync::mpsc::channel::<()>();
        let stuck = within(Duration::from_millis(1), move || Ok(never.recv().is_ok())).await;
        assert!(stuck.unwrap_err().to_string().contains("does not answer"));
        assert!(within(PATIENCE, || Ok(true)).await.unwrap());
    }
}
