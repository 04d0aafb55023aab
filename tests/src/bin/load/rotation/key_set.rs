//! A key set as a verifier caches it (RFC 9111), within the library that reads it.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use bytes::Bytes;
use hyper::{Response, header::CACHE_CONTROL};
use serde::Deserialize;

use crate::{
    client::{Call, Client},
    rotation::libraries::{Fault, Library},
};

/// The cached set.
pub struct KeySet {
    library: Box<dyn Library>,
    kids: BTreeSet<String>,
    /// The age counts from here (§4.2.3): nobody knows when within the answer's way it was made.
    requested: Instant,
    max_age: Duration,
}

impl KeySet {
    /// One without a key, which is over age at once.
    pub fn empty(library: Box<dyn Library>) -> Self {
        Self { library, kids: BTreeSet::new(), requested: Instant::now(), max_age: Duration::ZERO }
    }

    /// What the library says of a token.
    pub fn verify(&self, token: &str) -> Result<(), Fault> {
        self.library.verify(token)
    }

    /// Takes a newer one; the keys that it holds no more.
    pub fn replace(&mut self, requested: Instant, answer: &Response<Bytes>) -> anyhow::Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Published {
            keys: Vec<Key>,
        }
        #[derive(Deserialize)]
        struct Key {
            kid: String,
        }
        let max_age = max_age(answer).context("no max-age")?;
        let Published { keys } = serde_json::from_slice(answer.body())?;
        self.library.take(answer.body())?;
        (self.requested, self.max_age) = (requested, max_age);
        let before = std::mem::replace(&mut self.kids, keys.into_iter().map(|key| key.kid).collect());
        Ok(before.difference(&self.kids).cloned().collect())
    }

    /// How long it may still be used without a question.
    pub fn left(&self) -> Duration {
        self.max_age.saturating_sub(self.age())
    }

    /// How old it is.
    pub fn age(&self) -> Duration {
        self.requested.elapsed()
    }
}

fn max_age(answer: &Response<Bytes>) -> Option<Duration> {
    let directives = answer.headers().get(CACHE_CONTROL)?.to_str().ok()?.split(',');
    let seconds = directives.map(str::trim).find_map(|directive| directive.strip_prefix("max-age="))?;
    Some(Duration::from_secs(seconds.parse().ok()?))
}

/// Asks for the published keys, on a connection that stays open.
pub async fn ask(target: SocketAddr, client: &mut Option<Client>) -> anyhow::Result<Response<Bytes>> {
    let client = match client {
        Some(client) => client,
        None => client.insert(Client::connect(target).await?),
    };
    client.send(Call::get(target, "/.well-known/jwks.json")?.request(Bytes::new())).await
}
