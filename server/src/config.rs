//! Configuration: a file and the environment, read once, into a type that
//! everything else can rely on. Nothing parses configuration again.

mod claims;
mod colour;
mod explain;
mod pages;
mod raw;

use std::{fmt, net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use url::Url;
use zeroize::Zeroizing;

pub use colour::{Colour, READABLE};
pub use explain::explain;
pub use pages::{Logo, PagesConfig};

use crate::{
    model::{custom_claims::CustomClaims, email::EmailAddress, password::PlainPassword},
    store::DatabaseConfig,
};

/// What is wrong with the configuration, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);

/// Everything the process was told at its start.
#[derive(Debug)]
pub struct Config {
    /// How to listen and be reached.
    pub server: ServerConfig,
    /// Where data lives.
    pub database: DatabaseConfig,
    /// Where the key is that seals the signing keys.
    pub master_key: MasterKeySource,
    /// How mail leaves.
    pub mail: MailConfig,
    /// Where requests of ours may go.
    pub outgoing: OutgoingConfig,
    /// Claims of the operator's own.
    pub claims: CustomClaims,
    /// How pages look.
    pub pages: PagesConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    /// What a first start makes.
    pub bootstrap: BootstrapConfig,
}

/// The `server` section.
#[derive(Debug)]
pub struct ServerConfig {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The issuer; derived from the address where it is loopback and nothing was said.
    pub public_url: Option<PublicUrl>,
    /// Certificate and key, read again when they change.
    pub tls: Option<TlsFiles>,
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins of browser apps that may call us.
    pub cors_origins: Vec<String>,
    /// The cookie's SameSite.
    pub cookie_same_site: SameSite,
    /// A listener of its own for metrics.
    pub metrics_listen: Option<SocketAddr>,
}

/// Files for TLS, in PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate chain.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Where the server is reached, which is the issuer, to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    origin: String,
    https: bool,
}

impl PublicUrl {
    /// Reads an issuer: http or https, no query, no fragment, no credentials (OpenID Connect Discovery §3).
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let bad =
            |reason: &str| ConfigError(format!("server.public_url `{text}` {reason}; write https://id.example.com"));
        // The parser passes over white space and line ends, which an issuer cannot hold.
        let url = Url::parse(text)
            .ok()
            .filter(|_| !text.contains(|character: char| character.is_whitespace() || character.is_control()));
        let url = url.ok_or_else(|| bad("is no URL"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(bad("is no http or https URL"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(bad("holds a query, a fragment or credentials"));
        }
        let origin = url.origin().ascii_serialization();
        Ok(Self { text: text.to_owned(), origin, https: url.scheme() == "https" })
    }

    /// The issuer.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port, as browsers send them in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether cookies must be Secure, and passwords worth guarding.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// An address of ours, for links and documents.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text.trim_end_matches('/'))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// RFC 6265bis §5.6.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Sent on top-level navigation from elsewhere.
    Lax,
    /// Never sent from elsewhere.
    Strict,
    /// Always sent; https only.
    None,
}

/// Where the master key comes from.
pub enum MasterKeySource {
    /// Given in the configuration.
    Inline(Zeroizing<String>),
    /// In a file of its owner's alone; made at the first start.
    File(PathBuf),
}

impl fmt::Debug for MasterKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inline(_) => f.write_str("Inline(redacted)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

/// The `mail` section.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// How mail leaves.
    pub transport: MailTransport,
    /// Who it is from, with or without a name.
    pub from: String,
    /// Templates that replace the built-in ones, file by file.
    pub templates_dir: Option<PathBuf>,
}

/// How mail leaves.
#[derive(Clone, Debug)]
pub enum MailTransport {
    /// As `.eml` files in a directory.
    File(PathBuf),
    /// To nowhere, with a line in the log.
    Log,
    /// To a mail server.
    Smtp(SmtpConfig),
}

/// How to reach the mail server.
#[derive(Clone)]
pub struct SmtpConfig {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// With whom it deals.
    pub credentials: Option<(String, Zeroizing<String>)>,
}

impl fmt::Debug for SmtpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpConfig").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// Protection of the SMTP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// None at all.
    None,
    /// STARTTLS, required: a server that does not offer it gets no mail.
    StartTls,
    /// TLS from the first byte.
    Implicit,
}

/// The `outgoing` section.
#[derive(Clone, Debug)]
pub struct OutgoingConfig {
    /// Networks that clients may have us ask though they are not public, over http as well.
    pub allowed_networks: Vec<IpNet>,
}

/// The `log` section.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// A level or `tracing` filter.
    pub level: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}

/// The `bootstrap` section: it counts at the first start alone.
#[derive(Debug)]
pub struct BootstrapConfig {
    /// The first administrator.
    pub admin_email: Option<EmailAddress>,
    /// Their password.
    pub admin_password: Option<PlainPassword>,
    /// First values of settings, checked already.
    pub settings: std::collections::BTreeMap<String, serde_json::Value>,
}

impl Config {
    /// Whether the certificate and its key can be read and go together.
    pub fn check_certificate(&self) -> Result<(), ConfigError> {
        self.server.tls.as_ref().map_or(Ok(()), |files| crate::http::tls::load(files).map(drop))
    }

    /// Reads the file, if any, and the environment over it.
    pub fn load(file: Option<&std::path::Path>) -> Result<Self, ConfigError> {
        raw::RawConfig::load(file)?.resolve()
    }
}
