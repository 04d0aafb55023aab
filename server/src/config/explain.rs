//! `signet config check`: what the configuration came to, in words, without secrets.

use ipnet::IpNet;

use super::{Config, Logo, MailTransport, MasterKeySource};

/// One line a key: its value after file, environment and defaults, and what it means.
pub fn explain(config: &Config) -> Vec<(&'static str, String, &'static str)> {
    let server = &config.server;
    let database = &config.database;
    let pages = &config.pages;
    let unset = || "(not set)".to_owned();
    let secret = |is_set: bool| if is_set { "(set)".to_owned() } else { unset() };
    let list = |items: Vec<String>| if items.is_empty() { "(none)".to_owned() } else { items.join(", ") };
    let networks = |networks: &[IpNet]| list(networks.iter().map(ToString::to_string).collect());
    let master_key = match &config.master_key {
        MasterKeySource::Inline(_) => "(set)".to_owned(),
        MasterKeySource::File(path) => path.display().to_string(),
    };
    let transport = match &config.mail.transport {
        MailTransport::File(dir) => format!("file, to {}", dir.display()),
        MailTransport::Log => "log".to_owned(),
        MailTransport::Smtp(smtp) => format!("smtp, to {}:{} ({:?})", smtp.host, smtp.port, smtp.tls),
    };
    let public_url = server.public_url.as_ref().map_or_else(|| "from the address".to_owned(), ToString::to_string);
    let settings: Vec<_> = config.bootstrap.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    vec![
        ("server.listen", server.listen.to_string(), "address and port to listen on"),
        ("server.public_url", public_url, "the issuer: tokens and links name it"),
        ("server.tls", secret(server.tls.is_some()), "certificate and key, read again when they change"),
        (
            "server.trusted_proxies",
            networks(&server.trusted_proxies),
            "peers whose X-Forwarded-For and Forwarded headers are believed",
        ),
        ("server.cors_origins", list(server.cors_origins.clone()), "origins of browser apps that may call"),
        ("server.cookie_same_site", format!("{:?}", server.cookie_same_site).to_lowercase(), "the cookie's SameSite"),
        (
            "server.metrics_listen",
            server.metrics_listen.map_or_else(unset, |address| address.to_string()),
            "a listener of its own for metrics",
        ),
        ("database.url", database.url.clone(), "where data lives"),
        ("database.namespace", database.namespace.clone(), "SurrealDB namespace"),
        ("database.name", database.name.clone(), "SurrealDB database"),
        ("database.password", secret(database.credentials.is_some()), "credentials for a remote database"),
        ("keys.master_key", master_key, "what seals the signing keys; a backup without it cannot be restored"),
        ("mail.transport", transport, "how mail leaves"),
        ("mail.from", config.mail.from.clone(), "who mail is from"),
        (
            "mail.templates_dir",
            config.mail.templates_dir.as_ref().map_or_else(unset, |dir| dir.display().to_string()),
            "templates that replace the built-in ones",
        ),
        (
            "outgoing.allowed_networks",
            networks(&config.outgoing.allowed_networks),
            "networks that clients may have the server ask though they are not public, over http as well",
        ),
        ("claims", list(config.claims.names().map(str::to_owned).collect()), "claims of your own, by name"),
        ("pages.name", pages.name.clone(), "what the pages call this service"),
        ("pages.logo_uri", pages.logo.as_ref().map_or_else(unset, in_short), "the logo beside the name"),
        ("pages.accent_color", pages.accent.to_string(), "of buttons and links"),
        (
            "pages.accent_color_dark",
            pages.accent_dark.map_or_else(|| "from the other".to_owned(), |colour| colour.to_string()),
            "the same in the dark",
        ),
        ("pages.background_color", pages.background.to_string(), "behind everything"),
        ("pages.background_color_dark", pages.background_dark.to_string(), "the same in the dark"),
        ("log.level", config.log.level.clone(), "what is logged"),
        ("log.format", if config.log.json { "json" } else { "text" }.to_owned(), "how it is written"),
        (
            "bootstrap.admin_email",
            config.bootstrap.admin_email.as_ref().map_or_else(unset, ToString::to_string),
            "the first administrator, at the first start",
        ),
        ("bootstrap.admin_password", secret(config.bootstrap.admin_password.is_some()), "their password"),
        ("bootstrap.settings", list(settings), "first values of settings, at the first start"),
    ]
}

/// A logo, without the picture itself.
fn in_short(logo: &Logo) -> String {
    match logo {
        Logo::Inline(_) => "(a picture, carried in each page)".to_owned(),
        Logo::Remote(_) | Logo::Local(_) => logo.address().to_owned(),
    }
}
