//! Requests to addresses that clients name: their keys, request objects, sectors, and where they are told of logouts. Whoever
//! registers a client chooses where these go, so they go through here, where what is inside the network is out of reach.

mod reach;
mod resolver;
#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;
mod turns;

use std::{error::Error, iter, net::IpAddr, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::header::ACCEPT;
use ipnet::IpNet;
use reqwest::{Client, ClientBuilder, Response, dns::Resolve, redirect};
use tokio::time::timeout;
use url::{Host, Url};

use reach::Reach;
use resolver::{Guard, System};
use turns::Turns;

const USER_AGENT: &str = concat!("signet/", env!("CARGO_PKG_VERSION"));
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(3);
/// How long all of it may take, waiting for a turn included.
const TOTAL: Duration = Duration::from_secs(5);
/// The longest word of a library about why something failed, in characters: some hold what the other side said.
const MAX_CAUSE: usize = 200;

/// The guarded client. Clones share their limits.
#[derive(Clone)]
pub struct Outgoing {
    https: Lane,
    http: Lane,
    turns: Arc<Turns>,
}

/// The guarded client for each kind of errand: slow addresses of one kind hold up none of another.
pub struct Errands {
    /// Clients' keys.
    pub keys: Outgoing,
    /// What stands in requests of clients, and in their metadata.
    pub objects: Outgoing,
    /// Telling clients of logouts.
    pub logouts: Outgoing,
}

impl Errands {
    /// As [`Outgoing::new`].
    pub fn new(allowed: Vec<IpNet>) -> anyhow::Result<Self> {
        let keys = Outgoing::new(allowed)?;
        Ok(Self { objects: keys.apart(), logouts: keys.apart(), keys })
    }
}

/// A client, and where it may go.
#[derive(Clone)]
struct Lane {
    client: Client,
    reach: Reach,
}

/// A request that did not get its answer. For the operator: whoever chose the address could learn from it what is inside
/// the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host}: {reason}")]
pub struct OutgoingError {
    /// Whom it was for.
    pub host: String,
    /// Why there is no answer.
    pub reason: Reason,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No address that we could ask.
    #[error("the address has to be an https URL without name and password")]
    Malformed,
    /// Inside the network.
    #[error("{0} is no public address; if it is meant, put its network into outgoing.allowed_networks")]
    NotPublic(IpAddr),
    /// Anyone on the way could change the answer.
    #[error("{0} is asked over https alone; for http, put its network into outgoing.allowed_networks")]
    NotHttps(IpAddr),
    /// No address belongs to the name.
    #[error("the name cannot be resolved")]
    Unresolved,
    /// No connection, or a broken one.
    #[error("{0}")]
    Unreachable(String),
    /// Too slow.
    #[error("no whole answer within {} seconds", TOTAL.as_secs())]
    TimedOut,
    /// An answer of another kind; redirects are not followed.
    #[error("the answer has status {0}, and not 200")]
    Status(u16),
    /// An answer that goes on.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// Others come first.
    #[error("too many requests are under way")]
    Busy,
}

impl Outgoing {
    /// A client for public addresses over https, and for those in the networks over http as well.
    pub fn new(allowed: Vec<IpNet>) -> anyhow::Result<Self> {
        Self::with(allowed, Arc::new(System::default()))
    }

    fn with(allowed: Vec<IpNet>, lookup: Arc<dyn Resolve>) -> anyhow::Result<Self> {
        let [https, http] = [Reach::with_public(allowed.clone()), Reach::only(allowed)];
        let guarded = |reach: &Reach| builder(Guard::new(Arc::clone(&lookup), reach.clone()));
        // Plain http needs no certificates, and a machine without any still has to start.
        let untrusting = |reach: &Reach| guarded(reach).tls_certs_only([]).build();
        let trusting = guarded(&https).build().or_else(|error| {
            let error = cause(&error);
            tracing::warn!(error, "without this system's CA certificates no client can be asked over https");
            untrusting(&https)
        });
        Ok(Self {
            https: Lane { client: trusting?, reach: https },
            http: Lane { client: untrusting(&http)?, reach: http },
            turns: Arc::default(),
        })
    }

    /// The same, with turns of its own.
    fn apart(&self) -> Self {
        Self { turns: Arc::default(), ..self.clone() }
    }

    /// What is at an address, of at most so many bytes.
    pub async fn get(&self, url: &str, accept: &str, limit: usize) -> Result<Bytes, OutgoingError> {
        self.ask(url, async |client, url| {
            let response = client.get(url).header(ACCEPT, accept).send().await?;
            match response.status().as_u16() {
                200 => read(response, limit).await,
                other => Err(Reason::Status(other)),
            }
        })
        .await
    }

    /// Sends a form to an address. What matters of the answer is its status.
    pub async fn post_form(&self, url: &str, form: &[(&str, &str)]) -> Result<u16, OutgoingError> {
        self.ask(url, async |client, url| Ok(client.post(url).form(form).send().await?.status().as_u16())).await
    }

    async fn ask<T>(
        &self,
        url: &str,
        exchange: impl AsyncFnOnce(&Client, Url) -> Result<T, Reason>,
    ) -> Result<T, OutgoingError> {
        let url = Url::parse(url).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or("(no host)").to_owned();
        let asking = async {
            let url = url.ok_or(Reason::Malformed)?;
            let client = self.client_for(&url)?;
            let waiting = self.turns.enter(&host)?;
            let in_turn = async {
                let _turn = waiting.turn().await?;
                exchange(client, url).await
            };
            timeout(TOTAL, in_turn).await.unwrap_or(Err(Reason::TimedOut))
        };
        asking.await.map_err(|reason| OutgoingError { host, reason })
    }

    /// The client for an address. One that is written in numbers is looked at here, for nobody resolves it.
    fn client_for(&self, url: &Url) -> Result<&Client, Reason> {
        let lane = match url.scheme() {
            "https" => &self.https,
            "http" => &self.http,
            _ => return Err(Reason::Malformed),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Reason::Malformed);
        }
        match url.host() {
            Some(Host::Ipv4(address)) => lane.reach.check(address.into())?,
            Some(Host::Ipv6(address)) => lane.reach.check(address.into())?,
            Some(Host::Domain(_)) => {}
            None => return Err(Reason::Malformed),
        }
        Ok(&lane.client)
    }
}

/// Without anything that would send a request elsewhere, keep something for the next, or unpack what is small into what is
/// large. Connections are not kept: what is connected to was checked a moment ago.
fn builder(guard: Guard) -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .dns_resolver(guard)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(0)
        .http1_only()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
}

async fn read(mut response: Response, limit: usize) -> Result<Bytes, Reason> {
    let mut body = BytesMut::new();
    while let Some(part) = response.chunk().await? {
        if part.len() > limit - body.len() {
            return Err(Reason::TooLong(limit));
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}

impl From<reqwest::Error> for Reason {
    fn from(error: reqwest::Error) -> Self {
        let ours = causes(&error).find_map(|cause| cause.downcast_ref::<Self>());
        match ours {
            Some(reason) => reason.clone(),
            None if error.is_timeout() => Self::TimedOut,
            None if error.is_dns() => Self::Unresolved,
            None => Self::Unreachable(cause(&error)),
        }
    }
}

/// The error and what is behind it, one after the other.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |error| (*error).source())
}

/// What is behind all of it, without the address, which may hold what is nobody's business.
fn cause(error: &(dyn Error + 'static)) -> String {
    let root = causes(error).last().unwrap_or(error).to_string();
    root.chars().filter(|character| !character.is_control()).take(MAX_CAUSE).collect()
}
