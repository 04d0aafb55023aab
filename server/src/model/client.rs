//! Clients: programs that log people in, or get tokens for themselves.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock},
};

use jiff::Timestamp;
use signet_keys::Entropy;
use signet_shared::{
    TERMINAL_CLIENT,
    admin::ClientMetadata,
    oauth::{ClientAuthMethod, GrantType},
};
use subtle::ConstantTimeEq;

use super::secret::{PlainCode, SecretHash};

/// What every secret begins with, so that one that got into a text or repository can be recognised.
const PREFIX: &str = "signet_secret_";
/// Secrets that serve side by side at the most.
const MAX_SECRETS: usize = 5;

/// A client's secret: 256 random bits behind a prefix. Shown once.
#[derive(Clone)]
pub struct PlainClientSecret(PlainCode);

impl PlainClientSecret {
    /// A fresh secret.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(PlainCode::generate(entropy))
    }

    /// Reads a secret that a client shows; `None` when it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        text.strip_prefix(PREFIX).and_then(PlainCode::parse).map(Self)
    }

    /// The secret itself, for its owner alone.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", self.0.expose())
    }

    /// What is stored.
    pub fn hash(&self) -> SecretHash {
        self.0.hash()
    }
}

impl fmt::Debug for PlainClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainClientSecret(redacted)")
    }
}

/// A secret on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// Of the secret.
    pub hash: SecretHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it serves.
    pub expires_at: Option<Timestamp>,
}

/// A client on record.
#[derive(Clone, Debug)]
pub struct Client {
    /// A UUID.
    pub id: String,
    /// What is known of it; it has been validated.
    pub metadata: ClientMetadata,
    /// Its secrets, the latest first.
    pub secrets: Vec<ClientSecret>,
    /// Of the token with which it looks after its registration, where it registered itself (RFC 7592 §1.1).
    pub registration_token: Option<SecretHash>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Moves with every change.
    pub revision: i64,
}

impl Client {
    /// Whether nobody but itself vouches for it.
    pub fn registered_itself(&self) -> bool {
        self.registration_token.is_some()
    }

    /// The longest life of its own that any of its signed tokens has; 0 where the settings say.
    pub fn longest_token(&self) -> i64 {
        let lifetimes = &self.metadata.lifetimes;
        lifetimes.access_token_lifetime.max(lifetimes.id_token_lifetime).unwrap_or(0)
    }

    /// The secrets that serve at an instant.
    pub fn live_secrets(&self, now: Timestamp) -> impl Iterator<Item = &ClientSecret> {
        self.secrets.iter().filter(move |secret| secret.expires_at.is_none_or(|until| until > now))
    }

    /// Whether this is one of the secrets that serve. Hashes are compared, and in constant time.
    pub fn has_secret(&self, secret: &str, now: Timestamp) -> bool {
        let Some(hash) = PlainClientSecret::parse(secret).map(|secret| secret.hash()) else { return false };
        let is_it = |live: &ClientSecret| bool::from(live.hash.as_str().as_bytes().ct_eq(hash.as_str().as_bytes()));
        self.live_secrets(now).fold(false, |found, live| found | is_it(live))
    }

    /// With other metadata. A method without a secret leaves none that would serve again once the method is changed back.
    pub fn with_metadata(self, metadata: ClientMetadata, now: Timestamp) -> Self {
        let takes_secret = metadata.token_endpoint_auth_method.takes_secret();
        let secrets = if takes_secret { self.secrets } else { Vec::new() };
        Self { metadata, secrets, updated_at: now, revision: self.revision + 1, ..self }
    }

    /// With a first secret, which is shown once, if it takes one and has none.
    pub fn with_needed_secret(self, entropy: &dyn Entropy, now: Timestamp) -> (Self, Option<PlainClientSecret>) {
        if !self.metadata.token_endpoint_auth_method.takes_secret() || self.live_secrets(now).next().is_some() {
            return (self, None);
        }
        let secret = PlainClientSecret::generate(entropy);
        let first = ClientSecret { hash: secret.hash(), created_at: now, expires_at: None };
        (Self { secrets: vec![first], ..self }, Some(secret))
    }

    /// With another secret; those of before serve until an instant, and none longer than it was to. `None` when so many would
    /// serve that nobody knows any more which.
    pub fn with_secret(self, hash: SecretHash, others_until: Timestamp, now: Timestamp) -> Option<Self> {
        let kept = self.live_secrets(now).cloned().map(|secret| ClientSecret {
            expires_at: Some(secret.expires_at.map_or(others_until, |until| until.min(others_until))),
            ..secret
        });
        let latest = ClientSecret { hash, created_at: now, expires_at: None };
        let secrets: Vec<_> =
            std::iter::once(latest).chain(kept.filter(|secret| secret.expires_at > Some(now))).collect();
        (secrets.len() <= MAX_SECRETS).then_some(Self { secrets, ..self })
    }
}

/// The terminal program, which is registered everywhere: operators sign in to it by the device grant.
static TERMINAL: LazyLock<Arc<Client>> = LazyLock::new(|| {
    let metadata = ClientMetadata {
        client_name: Some(TERMINAL_CLIENT.to_owned()),
        grant_types: vec![GrantType::DeviceCode, GrantType::RefreshToken],
        response_types: Vec::new(),
        token_endpoint_auth_method: ClientAuthMethod::None,
        ..ClientMetadata::default()
    };
    Arc::new(Client {
        id: TERMINAL_CLIENT.to_owned(),
        metadata,
        secrets: Vec::new(),
        registration_token: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        revision: 0,
    })
});

/// Every client at one revision.
#[derive(Debug, Default)]
pub struct Clients {
    by_id: HashMap<String, Arc<Client>>,
    longest_token: i64,
}

impl Clients {
    /// The client with this id.
    pub fn find(&self, id: &str) -> Option<&Arc<Client>> {
        self.by_id.get(id).or((id == TERMINAL_CLIENT).then_some(&*TERMINAL))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The longest life of its own that any client gives its signed tokens, in seconds.
    pub fn longest_token(&self) -> i64 {
        self.longest_token
    }
}

impl FromIterator<Client> for Clients {
    fn from_iter<I: IntoIterator<Item = Client>>(clients: I) -> Self {
        let by_id: HashMap<_, _> = clients.into_iter().map(|client| (client.id.clone(), Arc::new(client))).collect();
        let longest_token = by_id.values().map(|client| client.longest_token()).max().unwrap_or(0);
        Self { by_id, longest_token }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_keys::OsEntropy;

    fn client() -> Client {
        Client {
            id: "id".into(),
            metadata: ClientMetadata::default(),
            secrets: Vec::new(),
            registration_token: None,
            created_at: at(0),
            updated_at: at(0),
            revision: 1,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn hash() -> SecretHash {
        PlainClientSecret::generate(&OsEntropy).hash()
    }

    #[test]
    fn a_secret_that_was_replaced_serves_as_long_as_it_was_to() {
        let [first, second, third] = [(); 3].map(|()| hash());
        let client = client().with_secret(first.clone(), at(0), at(0)).unwrap();
        let client = client.with_secret(second.clone(), at(100), at(10)).unwrap();
        let live = |client: &Client, now| -> Vec<_> {
            client.live_secrets(at(now)).map(|secret| secret.hash.clone()).collect()
        };
        assert_eq!(live(&client, 99), [second.clone(), first.clone()]);
        assert_eq!(live(&client, 100), [second.clone()].as_slice());
        let client = client.with_secret(third.clone(), at(200), at(20)).unwrap();
        assert_eq!(live(&client, 99), [third.clone(), second.clone(), first.clone()], "both promises hold");
        assert_eq!(live(&client, 150), [third.clone(), second]);
        let client = client.with_secret(hash(), at(30), at(30)).unwrap();
        assert_eq!(client.secrets.len(), 1, "no overlap");
        let many = (0..4).try_fold(client, |client, _| client.with_secret(hash(), at(500), at(40))).unwrap();
        assert!(many.with_secret(hash(), at(500), at(50)).is_none());
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let secret = PlainClientSecret::generate(&OsEntropy);
        assert!(!format!("{secret:?}").contains(&secret.expose()["signet_secret_".len()..]));
    }
}
