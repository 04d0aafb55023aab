//! May a client have what it asks for?

use askama::Template;
use signet_shared::{Scope, ScopeSet};

use super::{ClientShown, Form};
use crate::pages::{
    Page,
    look::Frame,
    policy::Needs,
    texts::{Message, Texts},
};

/// Asks; sends `decision`, which is `allow` or `deny`, and `remember`.
#[derive(Template)]
#[template(path = "pages/consent.html")]
pub struct ConsentPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// Where to.
    pub form: Form,
    /// Who asks.
    pub client: ClientShown,
    /// The address of whoever is logged in.
    pub user: String,
    /// What it asks for.
    pub scopes: Vec<ScopeShown>,
    /// Whether one may say that this answer counts from now on.
    pub remember: bool,
}

impl Page for ConsentPage<'_> {
    fn frame(&self) -> &Frame<'_> {
        &self.frame
    }

    fn needs(&self) -> Needs {
        Needs { images: self.client.image_source().into_iter().collect(), ..Needs::default() }
    }
}

/// A scope, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeShown(String);

impl ScopeShown {
    /// By its token.
    pub fn new(scope: &str) -> Self {
        Self(scope.to_owned())
    }

    /// All of a set, in the order in which people think of them.
    pub fn all(scopes: &ScopeSet) -> Vec<Self> {
        const ORDER: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];
        let place = |scope: &Scope| ORDER.iter().position(|known| *known == scope.as_str()).unwrap_or(ORDER.len());
        let mut sorted: Vec<_> = scopes.iter().collect();
        sorted.sort_by_key(|scope| place(scope));
        sorted.into_iter().map(|scope| Self::new(scope.as_str())).collect()
    }

    /// What it lets a client do, in short.
    pub fn title(&self, texts: &'static Texts) -> &str {
        self.known(texts).map_or(self.0.as_str(), |known| known.heading)
    }

    /// The same at length.
    pub fn detail(&self, texts: &'static Texts) -> &'static str {
        self.known(texts).map_or(texts.scopes.unknown, |known| known.text)
    }

    fn known(&self, texts: &'static Texts) -> Option<&'static Message> {
        let scopes = &texts.scopes;
        match self.0.as_str() {
            "openid" => Some(&scopes.openid),
            "profile" => Some(&scopes.profile),
            "email" => Some(&scopes.email),
            "address" => Some(&scopes.address),
            "phone" => Some(&scopes.phone),
            "offline_access" => Some(&scopes.offline_access),
            Scope::ACCOUNT => Some(&scopes.account),
            _ => None,
        }
    }
}
