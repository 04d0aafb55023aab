//! Profiles: the servers an operator has to do with, and, where they asked for it, what keeps them signed in.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Names the directory in place of the usual one.
pub const DIRECTORY: &str = "SIGNETCTL_CONFIG_DIR";

/// What `config.toml` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The profile in use unless another is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// All of them, by name.
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its public URL.
    pub server: String,
    /// Nothing is changed there with this profile.
    #[serde(default)]
    pub read_only: bool,
}

/// What cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// No home directory, and no other place named.
    #[error("there is no home directory; name a place at {DIRECTORY}")]
    NoHome,
    /// The file system failed.
    #[error("cannot read or write {0}: {1}")]
    Io(PathBuf, io::Error),
    /// It is not as it has to be.
    #[error("{0} cannot be understood: {1}")]
    Malformed(PathBuf, String),
    /// Others than the owner may read what keeps an operator signed in.
    #[error("{0} may be read by others; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// A name that is no file's.
    #[error("a profile's name has 1 to 64 letters, digits, dashes and underscores")]
    BadName,
}

/// The directory that all of it lies in.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// The one named, or the usual one of this system.
    pub fn find(named: Option<PathBuf>) -> Result<Self, ProfileError> {
        if let Some(directory) = named {
            return Ok(Self(directory));
        }
        let usual = etcetera::choose_base_strategy().map_err(|_| ProfileError::NoHome)?;
        Ok(Self(usual.config_dir().join("signetctl")))
    }

    /// What is configured; nothing, if nothing is.
    pub fn config(&self) -> Result<Config, ProfileError> {
        let path = self.0.join("config.toml");
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| ProfileError::Malformed(path, error.to_string())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Config::default()),
            Err(error) => Err(ProfileError::Io(path, error)),
        }
    }

    /// Writes the configuration.
    pub fn save_config(&self, config: &Config) -> Result<(), ProfileError> {
        let path = self.0.join("config.toml");
        let text = toml::to_string_pretty(config);
        let text = text.map_err(|error| ProfileError::Malformed(path.clone(), error.to_string()))?;
        write_private(&path, text.as_bytes())
    }

    /// What is known of a login to a server, if one is kept.
    pub fn record(&self, server: &str) -> Result<Option<Record>, ProfileError> {
        let path = self.record_path(server);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ProfileError::Io(path, error)),
        };
        refuse_exposed(&path)?;
        let record = serde_json::from_str(&text);
        record.map(Some).map_err(|error| ProfileError::Malformed(path, error.to_string()))
    }

    /// Writes what is known of a login.
    pub fn save_record(&self, record: &Record) -> Result<(), ProfileError> {
        let path = self.record_path(&record.server);
        let text = serde_json::to_string(record);
        let text = text.map_err(|error| ProfileError::Malformed(path.clone(), error.to_string()))?;
        write_private(&path, Zeroizing::new(text).as_bytes())
    }

    /// Waits until nobody else changes what is known of a login.
    pub fn turn(&self) -> Result<File, ProfileError> {
        let path = self.0.join("sessions.lock");
        let take = || {
            std::fs::create_dir_all(&self.0)?;
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        take().map_err(|error| ProfileError::Io(path.clone(), error))
    }

    /// Forgets what was known of a login.
    pub fn forget_record(&self, server: &str) -> Result<(), ProfileError> {
        let path = self.record_path(server);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ProfileError::Io(path, error)),
            _ => Ok(()),
        }
    }

    /// One file a server, whatever profile names it.
    fn record_path(&self, server: &str) -> PathBuf {
        let name: String = server.bytes().map(|byte| format!("{byte:02x}")).collect();
        self.0.join("sessions").join(format!("{name}.json"))
    }
}

/// What the file of a server tells of a login.
#[derive(Clone, Serialize, Deserialize)]
pub struct Record {
    /// To which server alone.
    pub server: String,
    /// Whose.
    pub email: String,
    /// What keeps them signed in.
    #[serde(flatten)]
    pub token: Token,
}

/// Where a refresh token lies.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Token {
    /// Here.
    RefreshToken(String),
    /// In the keyring, under this name.
    KeyringItem(String),
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Refuses a name that could be another file's.
pub fn check_name(name: &str) -> Result<(), ProfileError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let fine = (1..=64).contains(&name.len()) && name.bytes().all(allowed);
    if fine { Ok(()) } else { Err(ProfileError::BadName) }
}

/// Whole or not at all, and for its owner alone: a temporary file of mode 0600 takes the place of the old one.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ProfileError> {
    let write = || {
        let directory = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| ProfileError::Io(path.to_owned(), error))
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), ProfileError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).map_err(|error| ProfileError::Io(path.to_owned(), error))?;
    if metadata.permissions().mode() & 0o077 == 0 { Ok(()) } else { Err(ProfileError::Exposed(path.to_owned())) }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path) -> Result<(), ProfileError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(token: Token) -> Record {
        Record { server: "https://id.example.com".to_owned(), email: "a@example.com".to_owned(), token }
    }

    #[test]
    fn a_login_is_kept_for_its_owner_alone_and_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::find(Some(directory.path().join("new"))).unwrap();
        assert!(home.record("https://id.example.com").unwrap().is_none());
        let record = record(Token::RefreshToken("secret".to_owned()));
        home.save_record(&record).unwrap();
        let found = home.record("https://id.example.com").unwrap().unwrap();
        assert!(matches!(found.token, Token::RefreshToken(token) if token == "secret"));
        assert!(home.record("https://other.example.com").unwrap().is_none());
        let path = home.record_path("https://id.example.com");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(home.record("https://id.example.com"), Err(ProfileError::Exposed(_))));
        }
        home.forget_record("https://id.example.com").unwrap();
        home.forget_record("https://id.example.com").unwrap();
        assert!(!path.exists() && !format!("{record:?}").contains("secret"));
    }

    #[test]
    fn a_file_holds_the_token_or_tells_where_it_lies() {
        let written = |token| serde_json::to_string(&record(token)).unwrap();
        let begin = r#"{"server":"https://id.example.com","email":"a@example.com","#;
        assert_eq!(written(Token::RefreshToken("t".into())), format!(r#"{begin}"refresh_token":"t"}}"#));
        let elsewhere = written(Token::KeyringItem("a".into()));
        assert_eq!(elsewhere, format!(r#"{begin}"keyring_item":"a"}}"#));
        let read = serde_json::from_str::<Record>(&elsewhere).unwrap();
        assert!(matches!(read.token, Token::KeyringItem(name) if name == "a"));
        assert!(serde_json::from_str::<Record>(&format!(r#"{begin}"x":1}}"#)).is_err());
    }

    #[test]
    fn profiles_read_back_and_mistakes_in_them_are_told() {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::find(Some(directory.path().to_owned())).unwrap();
        assert_eq!(home.config().unwrap(), Config::default());
        let profile = Profile { server: "https://id.example.com".to_owned(), read_only: true };
        let config =
            Config { default: Some("main".to_owned()), profiles: BTreeMap::from([("main".to_owned(), profile)]) };
        home.save_config(&config).unwrap();
        assert_eq!(home.config().unwrap(), config);
        std::fs::write(directory.path().join("config.toml"), "[profiles.x]\nservre = 1").unwrap();
        assert!(home.config().unwrap_err().to_string().contains("servre"));
        assert!(check_name("../x").is_err() && check_name("").is_err() && check_name("prod-1").is_ok());
    }
}
