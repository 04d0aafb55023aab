//! Where a login is kept between two runs: nowhere, in a file, or in the keyring of the operating system.
//!
//! A server has one file for either: it holds the refresh token, or tells under what name the keyring does. So the keyring is
//! asked only where it was chosen, and a login into one store takes the place of what the other held.

mod keyring;

use std::fs::File;

use reqwest::Url;

pub use keyring::KeyringError;

use crate::{
    profile::{Home, ProfileError, Record, Token},
    session::Login,
};

/// Where a login is kept.
#[derive(Clone, Debug)]
pub enum Keep {
    /// In memory alone: it ends with the program.
    Memory,
    /// In a file of this home that only its owner can read.
    File(Home),
    /// In the keyring; a file of this home says so.
    Keyring(Home),
}

/// Which of them, as an operator chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Nowhere: it ends with the program
    Memory,
    /// In a file that only you can read
    File,
    /// In the keyring of the system, where it has one (on Linux, the Secret Service)
    Keyring,
}

impl Kind {
    /// All of them, the one that leaves least behind first.
    pub const ALL: [Self; 3] = [Self::Memory, Self::File, Self::Keyring];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File => "file",
            Self::Keyring => "keyring",
        }
    }
}

/// Why a login cannot be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// It is the file's fault.
    #[error(transparent)]
    File(#[from] ProfileError),
    /// It is the keyring's fault.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

impl Keep {
    /// One of a kind, in this home.
    pub fn of(kind: Kind, home: &Home) -> Self {
        match kind {
            Kind::Memory => Self::Memory,
            Kind::File => Self::File(home.clone()),
            Kind::Keyring => Self::Keyring(home.clone()),
        }
    }

    /// The login to a server that is kept, and where.
    pub async fn find(home: &Home, server: &Url) -> Result<Option<(Login, Self)>, KeepError> {
        let Some(record) = home.record(server.as_str())? else { return Ok(None) };
        let (token, keep) = match record.token {
            Token::RefreshToken(token) => (Some(token), Self::File(home.clone())),
            Token::KeyringItem(name) => (keyring::read(name).await?, Self::Keyring(home.clone())),
        };
        let login = |refresh_token| Login { server: server.clone(), email: record.email, refresh_token };
        Ok(token.map(|token| (login(token), keep)))
    }

    /// Makes sure that it can be used before anybody signs in for it: a keyring may be missing or locked.
    pub async fn probe(&self) -> Result<(), KeepError> {
        match self {
            Self::Memory | Self::File(_) => Ok(()),
            Self::Keyring(_) => Ok(keyring::probe().await?),
        }
    }

    /// Keeps a login, in place of the one of before.
    pub async fn save(&self, login: &Login) -> Result<(), KeepError> {
        let (home, token) = match self {
            Self::Memory => return Ok(()),
            Self::File(home) => (home, Token::RefreshToken(login.refresh_token.clone())),
            Self::Keyring(home) => {
                keyring::write(item(login), login.refresh_token.clone()).await?;
                (home, Token::KeyringItem(item(login)))
            }
        };
        let (server, email) = (login.server.to_string(), login.email.clone());
        Ok(home.save_record(&Record { server, email, token })?)
    }

    /// Forgets a login.
    pub async fn forget(&self, login: &Login) -> Result<(), KeepError> {
        let home = match self {
            Self::Memory => return Ok(()),
            Self::File(home) => home,
            Self::Keyring(home) => {
                keyring::delete(item(login)).await?;
                home
            }
        };
        Ok(home.forget_record(login.server.as_str())?)
    }

    /// The turn to change a login: another program of the same operator waits for it. It ends when it is dropped.
    pub async fn turn(&self) -> Result<Option<File>, KeepError> {
        let Some(home) = self.home().cloned() else { return Ok(None) };
        match tokio::task::spawn_blocking(move || home.turn()).await {
            Ok(turn) => Ok(Some(turn?)),
            Err(_) => Ok(None),
        }
    }

    /// The home that a login is kept for; none where nothing is.
    pub fn home(&self) -> Option<&Home> {
        match self {
            Self::Memory => None,
            Self::File(home) | Self::Keyring(home) => Some(home),
        }
    }
}

/// What a login is called in the keyring.
fn item(login: &Login) -> String {
    format!("{} at {}", login.email, login.server)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Login {
        let server = Url::parse("https://id.example.com").unwrap();
        Login { server, email: "a@example.com".to_owned(), refresh_token: "secret".to_owned() }
    }

    #[tokio::test]
    async fn a_login_is_found_where_it_is_kept_until_it_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::find(Some(directory.path().to_owned())).unwrap();
        let file = Keep::File(home.clone());
        file.save(&login()).await.unwrap();
        let (found, keep) = Keep::find(&home, &login().server).await.unwrap().unwrap();
        assert_eq!((found.email.as_str(), found.refresh_token.as_str()), ("a@example.com", "secret"));
        assert!(matches!(keep, Keep::File(_)));
        file.forget(&login()).await.unwrap();
        assert!(Keep::find(&home, &login().server).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn what_is_kept_in_memory_leaves_no_trace() {
        let directory = tempfile::tempdir().unwrap();
        Keep::Memory.save(&login()).await.unwrap();
        Keep::Memory.forget(&login()).await.unwrap();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
        assert!(!format!("{:?}", login()).contains("secret"));
    }
}
