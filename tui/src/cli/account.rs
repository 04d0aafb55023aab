//! Signing in and out, and which server is meant.

use std::io::{self, IsTerminal, Read, Write};

use zeroize::Zeroizing;

use super::{Global, Profiles, Store};
use crate::{
    api::{API_KEY, Api, ApiError, TOKEN, read_server},
    dashboard::{
        model::{Known, Who},
        remote::Server,
    },
    device::DeviceLogin,
    exit::Exit,
    keep::Keep,
    profile::{Home, Profile, check_name},
    session::{Caller, Session, keep_login, sign_in_and_keep},
    text::plain,
};

/// Whether a key or a token of the environment calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Environment {
    /// If there is one.
    Heard,
    /// It is for another server.
    Ignored,
}

/// The server that a run is about.
pub(super) struct Place {
    pub(super) home: Home,
    pub(super) server: reqwest::Url,
    pub(super) read_only: bool,
}

impl Place {
    pub(super) fn find(global: &Global) -> Result<Self, ApiError> {
        let home = Home::find(global.config_dir.clone())?;
        let profile = match &global.server {
            Some(server) => Profile { server: server.clone(), read_only: false },
            None => named_profile(&home, global.profile.as_deref())?,
        };
        Ok(Self { server: read_server(&profile.server)?, read_only: profile.read_only, home })
    }

    /// Who calls: a key or a token of the environment, else whoever signed in.
    pub(super) async fn caller(&self, environment: Environment) -> Result<Caller, ApiError> {
        let names = if environment == Environment::Heard { &[API_KEY, TOKEN][..] } else { &[] };
        for name in names {
            if let Ok(token) = std::env::var(name)
                && !token.is_empty()
            {
                return Ok(Caller::Token(Zeroizing::new(token)));
            }
        }
        let session = Session::find(&self.home, &self.server).await?;
        Ok(session.map_or(Caller::Nobody, Caller::Session))
    }

    /// The server as the dashboard deals with it, and who looks.
    pub(super) async fn enter(self, environment: Environment) -> Result<(Server, Who), ApiError> {
        let caller = self.caller(environment).await?;
        let known = match &caller {
            Caller::Nobody => Known::SignedOut,
            Caller::Token(_) => Known::ByToken,
            Caller::Session(_) => Known::As(caller.email().unwrap_or_default().to_owned()),
        };
        let profiles = self.home.config()?.profiles.into_keys().collect();
        let who = Who { server: self.server.to_string(), caller: known, read_only: self.read_only, profiles };
        Ok((Server { api: Api::new(self.server, caller)?, home: self.home }, who))
    }
}

fn named_profile(home: &Home, name: Option<&str>) -> Result<Profile, ApiError> {
    let config = home.config()?;
    let only = (config.profiles.len() == 1).then(|| config.profiles.keys().next().cloned()).flatten();
    let name = name.map(str::to_owned).or(config.default).or(only);
    let name = name.ok_or_else(|| ApiError::usage("which server? Say --server URL, or add a profile"))?;
    let profile = config.profiles.get(&name).cloned();
    profile.ok_or_else(|| ApiError::usage(format!("there is no profile `{name}`; see signetctl profiles list")))
}

/// How somebody signs in.
pub(super) enum Way {
    /// By a password.
    Password {
        /// Whose address, where it is told.
        email: Option<String>,
        /// Whether the password is on standard input.
        from_stdin: bool,
    },
    /// In a browser.
    Device,
}

pub(super) async fn login(global: &Global, way: Way, store: Store) -> Result<String, ApiError> {
    let Place { home, server, .. } = Place::find(global)?;
    let keep = match store {
        Store::File => Keep::File(home),
        Store::Keyring => Keep::Keyring(home),
    };
    let (email, from_stdin) = match way {
        Way::Password { email, from_stdin } => (email, from_stdin),
        Way::Device => return login_by_device(&server, keep).await,
    };
    let email = match email {
        Some(email) => email,
        None => ask("Email: ")?,
    };
    let password = if from_stdin {
        read_secret()?
    } else {
        let typed = rpassword::prompt_password("Password: ");
        Zeroizing::new(typed.map_err(|error| ApiError::usage(format!("no password could be read: {error}")))?)
    };
    sign_in_and_keep(&server, &email, &password, keep).await?;
    Ok(format!("signed in to {server} as {email}"))
}

async fn login_by_device(server: &reqwest::Url, keep: Keep) -> Result<String, ApiError> {
    keep.probe().await?;
    let waiting = DeviceLogin::begin(server).await?;
    let told = format!(
        "Open {}\nand compare the code: {}\n(or open {} and type it)\n",
        plain(&waiting.verification_uri_complete),
        plain(&waiting.user_code),
        plain(&waiting.verification_uri)
    );
    io::stderr().write_all(told.as_bytes()).map_err(|error| ApiError::output(&error))?;
    let login = waiting.wait(server).await?;
    let email = login.email.clone();
    keep_login(login, keep).await?;
    Ok(format!("signed in to {server} as {email}"))
}

pub(super) async fn logout(global: &Global) -> Result<String, ApiError> {
    let place = Place::find(global)?;
    let Some(session) = Session::find(&place.home, &place.server).await? else {
        return Ok(format!("you were not signed in to {}", place.server));
    };
    let ended = session.end().await;
    session.forget().await?;
    match ended {
        // A session that the server does not know any more is ended.
        Ok(()) | Err(ApiError { exit: Exit::NotAllowed, .. }) => Ok(format!("signed out of {}", place.server)),
        Err(error) => Err(ApiError { message: format!("forgotten here, but not ended there: {error}"), ..error }),
    }
}

pub(super) fn profiles(global: &Global, command: &Profiles) -> Result<String, ApiError> {
    let home = Home::find(global.config_dir.clone())?;
    let mut config = home.config()?;
    match command {
        Profiles::List => {
            let line = |(name, profile): (&String, &Profile)| {
                let marks = [
                    (config.default.as_ref() == Some(name)).then_some("default"),
                    profile.read_only.then_some("read-only"),
                ];
                let marks: Vec<_> = marks.into_iter().flatten().collect();
                format!("{name}  {}  {}", profile.server, marks.join(" ")).trim_end().to_owned()
            };
            return Ok(config.profiles.iter().map(line).collect::<Vec<_>>().join("\n"));
        }
        Profiles::Add { name, url, read_only } => {
            check_name(name)?;
            let server = read_server(url)?.to_string();
            config.profiles.insert(name.clone(), Profile { server, read_only: *read_only });
        }
        Profiles::Use { name } | Profiles::Remove { name } if !config.profiles.contains_key(name) => {
            return Err(ApiError::usage(format!("there is no profile `{name}`")));
        }
        Profiles::Use { name } => config.default = Some(name.clone()),
        Profiles::Remove { name } => {
            config.profiles.remove(name);
            config.default = config.default.filter(|default| default != name);
        }
    }
    home.save_config(&config)?;
    Ok("done".to_owned())
}

fn ask(question: &str) -> Result<String, ApiError> {
    if !io::stdin().is_terminal() {
        return Err(ApiError::usage("whose address? Say --email ADDRESS"));
    }
    let mut line = String::new();
    let asked = write!(io::stderr(), "{question}").and_then(|()| io::stdin().read_line(&mut line));
    asked.map_err(|error| ApiError::usage(format!("nobody could be asked: {error}")))?;
    Ok(line.trim().to_owned())
}

/// The longest secret, in bytes.
const MAX_SECRET: u64 = 4_096;

/// The first line of standard input.
pub(super) fn read_secret() -> Result<Zeroizing<String>, ApiError> {
    let mut text = Zeroizing::new(String::new());
    let read = io::stdin().lock().take(MAX_SECRET).read_to_string(&mut text);
    read.map_err(|error| ApiError::usage(format!("no secret could be read from standard input: {error}")))?;
    let line = Zeroizing::new(text.lines().next().unwrap_or_default().to_owned());
    if line.is_empty() { Err(ApiError::usage("standard input holds no secret")) } else { Ok(line) }
}
