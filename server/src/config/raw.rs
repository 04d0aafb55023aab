//! The configuration as written: every key optional, unknown keys refused.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::{
    BootstrapConfig, Config, ConfigError, LogConfig, MailConfig, MailTransport, MasterKeySource, OutgoingConfig,
    PublicUrl, SameSite, ServerConfig, SmtpConfig, SmtpTls, TlsFiles,
    claims::{self, RawClaim},
    pages::RawPages,
};
use crate::{
    model::{email::EmailAddress, password::PlainPassword, setting::Settings},
    store::{DatabaseConfig, DatabaseCredentials},
};

/// Where everything lies unless told otherwise.
const DATA_DIR: &str = "data";

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawConfig {
    server: RawServer,
    database: RawDatabase,
    keys: RawKeys,
    mail: RawMail,
    outgoing: RawOutgoing,
    claims: BTreeMap<String, RawClaim>,
    pages: RawPages,
    log: RawLog,
    bootstrap: RawBootstrap,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawServer {
    listen: Option<String>,
    public_url: Option<String>,
    tls: RawTls,
    trusted_proxies: StringList,
    cors_origins: StringList,
    cookie_same_site: Option<String>,
    metrics_listen: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawTls {
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawDatabase {
    url: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
    username: Option<String>,
    password: Option<Secret>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawKeys {
    master_key: Option<Secret>,
    master_key_file: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawMail {
    transport: Option<String>,
    dir: Option<PathBuf>,
    host: Option<String>,
    port: Option<u16>,
    tls: Option<String>,
    username: Option<String>,
    password: Option<Secret>,
    from: Option<String>,
    templates_dir: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawOutgoing {
    allowed_networks: StringList,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawLog {
    level: Option<String>,
    format: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawBootstrap {
    admin_email: Option<String>,
    admin_password: Option<Secret>,
    settings: BTreeMap<String, serde_json::Value>,
}

macro_rules! redacted_debug {
    ($($type:ident),+) => {$(
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($type)).finish_non_exhaustive()
            }
        }
    )+};
}
redacted_debug!(RawDatabase, RawKeys, RawMail, RawBootstrap);

/// A text that is wiped and never shown.
struct Secret(Zeroizing<String>);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

/// A list in a file, a comma-separated text in the environment.
#[derive(Debug, Default)]
pub(super) struct StringList(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for StringList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            List(Vec<String>),
        }
        let items = match Either::deserialize(deserializer)? {
            Either::Text(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
            Either::List(items) => items,
        };
        Ok(Self(items.into_iter().filter(|item: &String| !item.is_empty()).collect()))
    }
}

impl RawConfig {
    pub(super) fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut sources = config::Config::builder();
        if let Some(file) = file {
            sources = sources.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        let environment =
            config::Environment::with_prefix("SIGNET").prefix_separator("__").separator("__").ignore_empty(true);
        sources
            .add_source(environment)
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| ConfigError(format!("the configuration cannot be read: {error}")))
    }

    pub(super) fn resolve(self) -> Result<Config, ConfigError> {
        let server = self.server.resolve()?;
        let https = server.public_url.as_ref().map_or(server.tls.is_some(), PublicUrl::is_https);
        Ok(Config {
            database: self.database.resolve()?,
            master_key: self.keys.resolve()?,
            mail: self.mail.resolve()?,
            outgoing: self.outgoing.resolve()?,
            claims: claims::resolve(self.claims)?,
            pages: self.pages.resolve()?,
            log: self.log.resolve()?,
            bootstrap: self.bootstrap.resolve(https)?,
            server,
        })
    }
}

fn choice<T: Copy>(key: &str, value: Option<&str>, default: T, choices: &[(&str, T)]) -> Result<T, ConfigError> {
    let Some(value) = value else { return Ok(default) };
    choices.iter().find(|(name, _)| *name == value).map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        ConfigError(format!("{key} is `{value}`; it takes one of {}", names.join(", ")))
    })
}

fn address(key: &str, text: &str) -> Result<SocketAddr, ConfigError> {
    text.parse()
        .map_err(|_| ConfigError(format!("{key} is `{text}`; write an address and port such as 127.0.0.1:8080")))
}

impl RawServer {
    fn resolve(self) -> Result<ServerConfig, ConfigError> {
        let listen = self.listen_address()?;
        let public_url = self.public_url.as_deref().map(PublicUrl::parse).transpose()?;
        if !listen.ip().is_loopback() && public_url.is_none() {
            return Err(ConfigError(format!(
                "server.public_url must be set, because the server listens on {listen} beyond this machine; \
                 tokens and links name it: set SIGNET__SERVER__PUBLIC_URL=https://id.example.com"
            )));
        }
        let tls = match (self.tls.cert, self.tls.key) {
            (None, None) => None,
            (Some(cert), Some(key)) => Some(TlsFiles { cert, key }),
            _ => return Err(ConfigError("server.tls needs both cert and key".into())),
        };
        let https = public_url.as_ref().map_or(tls.is_some(), PublicUrl::is_https);
        let choices = [("lax", SameSite::Lax), ("strict", SameSite::Strict), ("none", SameSite::None)];
        let cookie_same_site =
            choice("server.cookie_same_site", self.cookie_same_site.as_deref(), SameSite::Lax, &choices)?;
        if cookie_same_site == SameSite::None && !https {
            return Err(ConfigError(
                "server.cookie_same_site = none needs an https public_url; browsers refuse such a cookie otherwise"
                    .into(),
            ));
        }
        Ok(ServerConfig {
            listen,
            public_url,
            tls,
            trusted_proxies: networks("server.trusted_proxies", &self.trusted_proxies.0)?,
            cors_origins: origins(&self.cors_origins.0)?,
            cookie_same_site,
            metrics_listen: self.metrics_listen.map(|text| address("server.metrics_listen", &text)).transpose()?,
        })
    }

    /// Hosting platforms set `PORT` alone and expect every interface.
    fn listen_address(&self) -> Result<SocketAddr, ConfigError> {
        let port = std::env::var("PORT").ok().filter(|port| !port.is_empty());
        match (&self.listen, port) {
            (Some(text), _) => address("server.listen", text),
            (None, Some(port)) => {
                let port = port
                    .parse()
                    .map_err(|_| ConfigError(format!("PORT is `{port}`; it takes a number up to 65535")))?;
                Ok(SocketAddr::from(([0, 0, 0, 0], port)))
            }
            (None, None) => Ok(SocketAddr::from(([127, 0, 0, 1], 8080))),
        }
    }
}

fn networks(key: &str, texts: &[String]) -> Result<Vec<ipnet::IpNet>, ConfigError> {
    let parse = |text: &String| {
        text.parse::<ipnet::IpNet>()
            .or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from))
            .map_err(|_| ConfigError(format!("{key} holds `{text}`; write networks such as 10.0.0.0/8")))
    };
    texts.iter().map(parse).collect()
}

fn origins(texts: &[String]) -> Result<Vec<String>, ConfigError> {
    let parse = |text: &String| {
        url::Url::parse(text)
            .ok()
            .map(|url| url.origin().ascii_serialization())
            .filter(|origin| origin == text)
            .ok_or_else(|| {
                ConfigError(format!(
                    "server.cors_origins holds `{text}`; write origins such as https://app.example.com"
                ))
            })
    };
    texts.iter().map(parse).collect()
}

impl RawDatabase {
    fn resolve(self) -> Result<DatabaseConfig, ConfigError> {
        let url = self.url.unwrap_or_else(|| format!("surrealkv://{DATA_DIR}/db"));
        let known = ["surrealkv://", "mem://", "ws://", "wss://"].iter().any(|scheme| url.starts_with(scheme));
        if !known {
            return Err(ConfigError("database.url starts with none of surrealkv://, mem://, ws://, wss://".into()));
        }
        let (path, query) = url.split_once('?').map_or((url.as_str(), None), |(path, query)| (path, Some(query)));
        if path.starts_with("surrealkv://") && query.is_some_and(|query| query != "sync=every") {
            return Err(ConfigError(
                "database.url may say ?sync=every and nothing else: else acknowledged writes may be lost".into(),
            ));
        }
        if path == "surrealkv://" {
            return Err(ConfigError("database.url names no directory; write surrealkv://data/db".into()));
        }
        if url::Url::parse(&url).is_ok_and(|url| url.password().is_some()) {
            return Err(ConfigError("database.url holds a password; put it at database.password".into()));
        }
        let credentials = match (self.username, self.password) {
            (Some(username), Some(password)) => Some(DatabaseCredentials { username, password: password.0 }),
            (None, None) => None,
            _ => return Err(ConfigError("database.username and database.password go together".into())),
        };
        Ok(DatabaseConfig {
            url,
            namespace: self.namespace.unwrap_or_else(|| "signet".into()),
            name: self.name.unwrap_or_else(|| "signet".into()),
            credentials,
        })
    }
}

impl RawKeys {
    fn resolve(self) -> Result<MasterKeySource, ConfigError> {
        match (self.master_key, self.master_key_file) {
            (Some(_), Some(_)) => {
                Err(ConfigError("keys.master_key and keys.master_key_file exclude each other".into()))
            }
            (Some(key), None) => Ok(MasterKeySource::Inline(key.0)),
            (None, Some(file)) => Ok(MasterKeySource::File(file)),
            (None, None) => Ok(MasterKeySource::File(Path::new(DATA_DIR).join("master.key"))),
        }
    }
}

impl RawMail {
    fn resolve(self) -> Result<MailConfig, ConfigError> {
        let from = self.from.clone().unwrap_or_else(|| "Signet <signet@localhost>".into());
        if from.parse::<lettre::message::Mailbox>().is_err() {
            return Err(ConfigError(format!("mail.from is `{from}`; write Name <name@example.com>")));
        }
        if let Some(dir) = self.templates_dir.as_ref().filter(|dir| !dir.is_dir()) {
            return Err(ConfigError(format!("mail.templates_dir {} is no directory", dir.display())));
        }
        let templates_dir = self.templates_dir.clone();
        let transport = match self.transport.as_deref() {
            None | Some("file") => MailTransport::File(self.dir.unwrap_or_else(|| Path::new(DATA_DIR).join("mail"))),
            Some("log") => MailTransport::Log,
            Some("smtp") => MailTransport::Smtp(self.smtp()?),
            Some(other) => {
                return Err(ConfigError(format!("mail.transport is `{other}`; it takes one of file, smtp, log")));
            }
        };
        Ok(MailConfig { transport, from, templates_dir })
    }

    fn smtp(self) -> Result<SmtpConfig, ConfigError> {
        let choices = [("none", SmtpTls::None), ("starttls", SmtpTls::StartTls), ("implicit", SmtpTls::Implicit)];
        let tls = choice("mail.tls", self.tls.as_deref(), SmtpTls::StartTls, &choices)?;
        let credentials = match (self.username, self.password) {
            (Some(username), Some(password)) => Some((username, password.0)),
            (None, None) => None,
            _ => return Err(ConfigError("mail.username and mail.password go together".into())),
        };
        let default_port = match tls {
            SmtpTls::None => 25,
            SmtpTls::StartTls => 587,
            SmtpTls::Implicit => 465,
        };
        Ok(SmtpConfig {
            host: self.host.ok_or_else(|| ConfigError("mail.transport = smtp needs mail.host".into()))?,
            port: self.port.unwrap_or(default_port),
            tls,
            credentials,
        })
    }
}

impl RawOutgoing {
    fn resolve(self) -> Result<OutgoingConfig, ConfigError> {
        Ok(OutgoingConfig { allowed_networks: networks("outgoing.allowed_networks", &self.allowed_networks.0)? })
    }
}

impl RawLog {
    fn resolve(self) -> Result<LogConfig, ConfigError> {
        let json = choice("log.format", self.format.as_deref(), false, &[("text", false), ("json", true)])?;
        let level = self.level.unwrap_or_else(|| "info".into());
        // A filter takes a misspelt level for the name of a module, and then shows nothing.
        let is_directive =
            |part: &str| part.contains('=') || part.parse::<tracing::level_filters::LevelFilter>().is_ok();
        if !level.split(',').all(is_directive) || level.parse::<tracing_subscriber::EnvFilter>().is_err() {
            return Err(ConfigError(format!("log.level is `{level}`; it takes error, warn, info, debug or trace")));
        }
        Ok(LogConfig { level, json })
    }
}

impl RawBootstrap {
    fn resolve(self, https: bool) -> Result<BootstrapConfig, ConfigError> {
        let mut settings = Settings::defaults(https);
        for (key, value) in &self.settings {
            settings.set(key, value).map_err(|error| ConfigError(format!("bootstrap.settings: {error}")))?;
        }
        settings.validate().map_err(|error| ConfigError(format!("bootstrap.settings: {error}")))?;
        let stated = |key: &String| Some((key.clone(), settings.get(key)?));
        let admin_email = self.admin_email.as_deref().map(EmailAddress::parse).transpose();
        if self.admin_password.is_some() && self.admin_email.is_none() {
            return Err(ConfigError("bootstrap.admin_password needs bootstrap.admin_email".into()));
        }
        Ok(BootstrapConfig {
            admin_email: admin_email.map_err(|error| ConfigError(format!("bootstrap.admin_email: {error}")))?,
            admin_password: self.admin_password.map(|password| PlainPassword::new(&password.0)),
            settings: self.settings.keys().filter_map(stated).collect(),
        })
    }
}
