//! A client as people see it.

use std::fmt;

use signet_shared::admin::ClientMetadata;
use url::Url;

use crate::pages::look::initial;

/// An address on the web: nothing but http and https, so that no link runs anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUrl(Url);

impl WebUrl {
    /// Reads an address. A URL's host may hold a `;` or `,`, which would begin something new in a policy; no real one does.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        url.host_str().is_some_and(|host| host.bytes().all(plain)).then_some(Self(url))
    }

    /// Its scheme, host and port, for a policy.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Its host, for people; an internationalised one in the form that cannot be mistaken for another.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct ClientShown {
    /// What it calls itself, or its id.
    pub name: String,
    /// Its logo.
    pub logo_uri: Option<WebUrl>,
    /// How it treats what it learns.
    pub policy_uri: Option<WebUrl>,
    /// Its terms.
    pub tos_uri: Option<WebUrl>,
    /// Its home page.
    pub client_uri: Option<WebUrl>,
}

impl ClientShown {
    /// What of a client is for people to see.
    pub fn of(id: &str, metadata: &ClientMetadata) -> Self {
        let name = metadata.client_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let web = |uri: &Option<String>| uri.as_deref().and_then(WebUrl::parse);
        Self {
            name: name.unwrap_or(id).to_owned(),
            logo_uri: web(&metadata.logo_uri),
            policy_uri: web(&metadata.policy_uri),
            tos_uri: web(&metadata.tos_uri),
            client_uri: web(&metadata.client_uri),
        }
    }

    /// In place of a logo.
    pub fn initial(&self) -> String {
        initial(&self.name)
    }

    /// Whether there is something to read about it.
    pub fn has_papers(&self) -> bool {
        self.policy_uri.is_some() || self.tos_uri.is_some()
    }

    /// Where its logo comes from, for a policy.
    pub fn image_source(&self) -> Option<String> {
        self.logo_uri.as_ref().map(WebUrl::origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_would_run_something_are_left_out() {
        let hostile = || Some("javascript:alert(1)".to_owned());
        let metadata = ClientMetadata {
            logo_uri: Some("data:image/svg+xml,<svg/>".into()),
            policy_uri: hostile(),
            tos_uri: hostile(),
            client_uri: Some("https://app.example.com/start".into()),
            ..ClientMetadata::default()
        };
        let shown = ClientShown::of("id", &metadata);
        assert_eq!((&shown.logo_uri, shown.has_papers(), shown.name.as_str()), (&None, false, "id"));
        assert_eq!(shown.client_uri.unwrap().host(), "app.example.com");
    }

    #[test]
    fn an_origin_cannot_add_to_a_policy() {
        let url = WebUrl::parse("https://a.example/x;script-src 'unsafe-inline', *").unwrap();
        assert_eq!(url.origin(), "https://a.example");
        for bad in ["https://a.example;script-src/", "https://a.example,b/", "https://'self'/", "ftp://a.example/"] {
            assert_eq!(WebUrl::parse(bad), None, "{bad}");
        }
        assert_eq!(WebUrl::parse("http://[::1]:8080/x").unwrap().origin(), "http://[::1]:8080");
    }
}
