//! The keys of clients, with which they sign what they send: given with their metadata, or published at an address.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use jiff::{SignedDuration, Timestamp};
use moka::sync::Cache;
use serde_json::Value;
use signet_keys::{ForeignKeys, InvalidJwks};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    model::client::Client,
    outgoing::{Outgoing, OutgoingError, Reason},
};

/// Sets that are remembered: of those given with the metadata, and of those published, each.
const MAX_REMEMBERED: u64 = 1_000;
/// The largest set, in bytes.
const MAX_SET: usize = 64 * 1024;
/// RFC 7517 §8.5, and what servers say who know no better.
const ACCEPT: &str = "application/jwk-set+json, application/json";
/// A copy of that age is asked for anew.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// While it cannot be had, the old one serves so long: a key that was withdrawn has to be gone some day.
const SERVES: SignedDuration = SignedDuration::from_hours(24);
/// Between two looks for a key that a fresh copy lacks: anybody can name such a key.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// Between two looks where there is no fresh copy.
const RETRY: SignedDuration = SignedDuration::from_secs(10);

/// A client's keys cannot be had. For the operator, as [`OutgoingError`] is.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeysError {
    /// It has none.
    #[error("the client has registered neither jwks nor jwks_uri")]
    None,
    /// Its address does not answer.
    #[error("jwks_uri: {0}")]
    NotFetched(#[from] OutgoingError),
    /// What is there is something else.
    #[error("the answer of jwks_uri is not JSON")]
    NotJson,
    /// What is there is JSON, and no set of public keys.
    #[error(transparent)]
    Invalid(#[from] InvalidJwks),
    /// The server is about to stop.
    #[error("asking jwks_uri was broken off")]
    BrokenOff,
}

impl KeysError {
    /// Whether it is for want of a turn, and not the client's fault.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::NotFetched(OutgoingError { reason: Reason::Busy, .. }))
    }
}

/// The keys of clients, each set read once.
pub struct ClientKeys {
    given: Cache<(String, i64), Arc<ForeignKeys>>,
    published: Cache<String, Arc<Publication>>,
}

impl Default for ClientKeys {
    fn default() -> Self {
        Self { given: Cache::new(MAX_REMEMBERED), published: Cache::new(MAX_REMEMBERED) }
    }
}

impl ClientKeys {
    /// The keys of a client, for a token that names this one. Where it is not among them they are told all the same, and
    /// the token does not verify.
    pub async fn of(
        &self,
        outgoing: &Outgoing,
        client: &Client,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<ForeignKeys>, KeysError> {
        match (&client.metadata.jwks, &client.metadata.jwks_uri) {
            (Some(jwks), _) => self.given(client, jwks),
            (None, Some(uri)) => {
                let publication = self.published.get_with_by_ref(uri, Arc::default);
                publication.keys(outgoing, uri, kid, now).await
            }
            (None, None) => Err(KeysError::None),
        }
    }

    fn given(&self, client: &Client, jwks: &Value) -> Result<Arc<ForeignKeys>, KeysError> {
        let at_revision = (client.id.clone(), client.revision);
        if let Some(keys) = self.given.get(&at_revision) {
            return Ok(keys);
        }
        let keys = Arc::new(ForeignKeys::parse(jwks)?);
        self.given.insert(at_revision, Arc::clone(&keys));
        Ok(keys)
    }
}

/// What is published at an address, as far as it was asked.
#[derive(Default)]
struct Publication {
    /// What it last said of use. Apart from the rest, so that nobody who is content with it has to wait.
    copy: ArcSwapOption<Copy>,
    /// How the last look went. Whoever looks holds this: there is one at a time.
    latest: Arc<Mutex<Option<Look>>>,
}

struct Copy {
    keys: Arc<ForeignKeys>,
    at: Timestamp,
}

struct Look {
    at: Timestamp,
    outcome: Result<Arc<ForeignKeys>, KeysError>,
}

impl Publication {
    async fn keys(
        self: Arc<Self>,
        outgoing: &Outgoing,
        uri: &str,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<ForeignKeys>, KeysError> {
        let sufficient = || self.copy(FRESH, now).filter(|keys| keys.has(kid));
        if let Some(keys) = sufficient() {
            return Ok(keys);
        }
        let latest = Arc::clone(&self.latest).lock_owned().await;
        // Whoever looked meanwhile may have found it.
        if let Some(keys) = sufficient() {
            return Ok(keys);
        }
        let outcome = match &*latest {
            Some(look) if !self.is_due(look, now) => look.outcome.clone(),
            _ => {
                // A look counts, even if whoever wanted it goes away: else one could be had at any time.
                let looking = Arc::clone(&self).look(latest, outgoing.clone(), uri.to_owned(), now);
                tokio::spawn(looking).await.unwrap_or(Err(KeysError::BrokenOff))
            }
        };
        self.copy(SERVES, now).map_or(outcome, Ok)
    }

    /// The copy, unless it is as old as that.
    fn copy(&self, age: SignedDuration, now: Timestamp) -> Option<Arc<ForeignKeys>> {
        let copy = self.copy.load_full().filter(|copy| between(copy.at, now) < age)?;
        Some(Arc::clone(&copy.keys))
    }

    fn is_due(&self, look: &Look, now: Timestamp) -> bool {
        let pause = if self.copy(FRESH, now).is_some() { PAUSE } else { RETRY };
        between(look.at, now) >= pause
    }

    async fn look(
        self: Arc<Self>,
        mut latest: OwnedMutexGuard<Option<Look>>,
        outgoing: Outgoing,
        uri: String,
        now: Timestamp,
    ) -> Result<Arc<ForeignKeys>, KeysError> {
        let outcome = fetch(&outgoing, &uri).await.map(Arc::new);
        match &outcome {
            Ok(keys) => self.copy.store(Some(Arc::new(Copy { keys: Arc::clone(keys), at: now }))),
            Err(error) => tracing::warn!(%error, "a client's keys cannot be fetched"),
        }
        *latest = Some(Look { at: now, outcome: outcome.clone() });
        outcome
    }
}

/// Either way: a clock that was set back makes nothing young for long.
fn between(then: Timestamp, now: Timestamp) -> SignedDuration {
    now.duration_since(then).abs()
}

async fn fetch(outgoing: &Outgoing, uri: &str) -> Result<ForeignKeys, KeysError> {
    let body = outgoing.get(uri, ACCEPT, MAX_SET).await?;
    let jwks = serde_json::from_slice(&body).map_err(|_| KeysError::NotJson)?;
    Ok(ForeignKeys::parse(&jwks)?)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Mutex,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use serde_json::json;
    use signet_shared::admin::ClientMetadata;

    use super::*;
    use crate::outgoing::stub;

    /// An address where keys are published, and who asks there.
    struct Published {
        client: Client,
        answer: Arc<Mutex<String>>,
        asked: Arc<AtomicUsize>,
        outgoing: Outgoing,
        keys: ClientKeys,
    }

    impl Published {
        async fn start() -> Self {
            let answer = Arc::new(Mutex::new(set(&["a"]).to_string()));
            let asked = Arc::new(AtomicUsize::new(0));
            let (told, count) = (Arc::clone(&answer), Arc::clone(&asked));
            let address = stub::serve(move |request, stream| {
                let (answer, nth) = (told.lock().unwrap().clone(), count.fetch_add(1, Ordering::SeqCst));
                async move {
                    assert!(request.contains("application/jwk-set+json"), "{nth}: {request}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    let status = if answer.is_empty() { "500 Oh" } else { "200 OK" };
                    stub::say(stream, &stub::reply(status, "", &answer)).await;
                }
            })
            .await;
            let metadata = ClientMetadata { jwks_uri: Some(format!("http://{address}/jwks")), ..Default::default() };
            let outgoing = Outgoing::new(vec!["127.0.0.0/8".parse().unwrap()]).unwrap();
            Self { client: client(metadata), answer, asked, outgoing, keys: ClientKeys::default() }
        }

        fn publish(&self, answer: impl ToString) {
            *self.answer.lock().unwrap() = answer.to_string();
        }

        fn fail(&self) {
            self.publish("");
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }

        async fn of(&self, kid: &str, second: i64) -> Result<Arc<ForeignKeys>, KeysError> {
            self.keys.of(&self.outgoing, &self.client, Some(kid), at(second)).await
        }

        /// Whether a key is there at that second, and how often the address has been asked by then.
        async fn sees(&self, kid: &str, second: i64) -> (bool, usize) {
            (self.of(kid, second).await.unwrap().has(Some(kid)), self.asked())
        }
    }

    fn client(metadata: ClientMetadata) -> Client {
        let (id, secrets) = ("id".to_owned(), Vec::new());
        Client { id, metadata, secrets, registration_token: None, created_at: at(0), updated_at: at(0), revision: 1 }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn set(kids: &[&str]) -> Value {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let key = |kid| json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid});
        json!({"keys": kids.iter().map(key).collect::<Vec<_>>()})
    }

    #[tokio::test]
    async fn published_keys_are_asked_for_once_an_hour() {
        let published = Published::start().await;
        assert_eq!(published.sees("a", 0).await, (true, 1));
        published.publish(set(&["b"]));
        assert_eq!(published.sees("a", 3_599).await, (true, 1));
        assert_eq!(published.sees("a", 3_600).await, (false, 2));
        assert_eq!(published.sees("b", 3_601).await, (true, 2));
    }

    #[tokio::test]
    async fn an_unknown_key_is_looked_for_at_once_and_then_once_a_minute() {
        let published = Published::start().await;
        assert_eq!(published.sees("a", 0).await, (true, 1));
        assert_eq!(published.sees("b", 59).await, (false, 1), "a look was just had");
        published.publish(set(&["a", "b"]));
        assert_eq!(published.sees("b", 60).await, (true, 2));
        for second in 61..120 {
            assert_eq!(published.sees("c", second).await, (false, 2));
        }
        published.fail();
        assert_eq!(published.sees("c", 120).await, (false, 3), "what is known serves");
        assert_eq!(published.sees("c", 179).await, (false, 3), "a failure is no reason to look more often");
        assert_eq!(published.sees("a", 179).await, (true, 3));
    }

    #[tokio::test]
    async fn many_who_ask_at_once_cause_one_look() {
        let published = Published::start().await;
        let asking = (0..50).map(|number| published.sees(if number % 2 == 0 { "a" } else { "b" }, 0));
        let seen = futures_util::future::join_all(asking).await;
        assert!(seen.iter().enumerate().all(|(number, (has, _))| *has == (number % 2 == 0)));
        assert_eq!(published.asked(), 1);
    }

    #[tokio::test]
    async fn a_look_counts_though_whoever_wanted_it_went_away() {
        let published = Published::start().await;
        for _ in 0..3 {
            let leaving = tokio::time::timeout(Duration::from_millis(10), published.of("a", 0)).await;
            assert!(leaving.is_err());
        }
        assert_eq!(published.sees("a", 0).await, (true, 1));
    }

    #[tokio::test]
    async fn a_failure_is_remembered_for_some_seconds() {
        let published = Published::start().await;
        published.fail();
        for second in 0..10 {
            let error = published.of("a", second).await.unwrap_err();
            assert!(
                matches!(error, KeysError::NotFetched(OutgoingError { reason: Reason::Status(500), .. })),
                "{error}"
            );
        }
        assert_eq!(published.asked(), 1);
        published.publish(set(&["a"]));
        assert_eq!(published.sees("a", 10).await, (true, 2));
    }

    #[tokio::test]
    async fn an_old_copy_serves_for_a_day_while_there_is_no_other() {
        let published = Published::start().await;
        assert_eq!(published.sees("a", 0).await, (true, 1));
        published.fail();
        assert_eq!(published.sees("a", 3_600).await, (true, 2));
        assert_eq!(published.sees("a", 3_609).await, (true, 2));
        published.publish("<html>");
        assert_eq!(published.sees("a", 86_399).await, (true, 3));
        assert!(matches!(published.of("a", 86_400).await, Err(KeysError::NotJson)));
        published.publish(json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}));
        assert!(matches!(published.of("a", 86_410).await, Err(KeysError::Invalid(InvalidJwks::Symmetric))));
        published.publish(format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(MAX_SET)));
        let error = published.of("a", 86_420).await.unwrap_err();
        assert!(matches!(error, KeysError::NotFetched(OutgoingError { reason: Reason::TooLong(MAX_SET), .. })));
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_keeps_no_copy_for_ever() {
        let published = Published::start().await;
        assert_eq!(published.sees("a", 10_000).await, (true, 1));
        published.publish(set(&["b"]));
        assert_eq!(published.sees("b", 0).await, (true, 2));
    }

    #[tokio::test]
    async fn given_keys_are_read_once_a_revision() {
        let (keys, outgoing) = (ClientKeys::default(), Outgoing::new(Vec::new()).unwrap());
        let mut client = client(ClientMetadata { jwks: Some(set(&["a"])), ..Default::default() });
        let first = keys.of(&outgoing, &client, Some("b"), at(0)).await.unwrap();
        let again = keys.of(&outgoing, &client, None, at(9_999)).await.unwrap();
        assert!(first.has(Some("a")) && Arc::ptr_eq(&first, &again));
        client.metadata.jwks = Some(set(&["b"]));
        client.revision += 1;
        assert!(keys.of(&outgoing, &client, None, at(0)).await.unwrap().has(Some("b")));
        client.metadata.jwks = None;
        assert!(matches!(keys.of(&outgoing, &client, None, at(0)).await, Err(KeysError::None)));
    }

    #[tokio::test]
    async fn an_address_inside_the_network_is_not_asked() {
        let published = Published::start().await;
        let outgoing = Outgoing::new(Vec::new()).unwrap();
        let error = published.keys.of(&outgoing, &published.client, None, at(0)).await.unwrap_err();
        assert!(matches!(error, KeysError::NotFetched(OutgoingError { reason: Reason::NotPublic(_), .. })), "{error}");
        assert_eq!(published.asked(), 0);
    }
}
