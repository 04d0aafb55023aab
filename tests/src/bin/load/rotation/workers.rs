//! Clients that get tokens by every way there is, and go on where they were once a
//! server that was killed is back.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, header::HeaderValue};
use tokio::{
    sync::mpsc::UnboundedSender,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

use crate::{
    chains::cookie,
    client::{Call, Client, Refused},
    interrupt,
    rotation::{between, token::Token},
    users::{Share, Tokens, credentials},
};

/// Between two calls of one client: few enough for three verifiers to keep up with, on two cores and in a debug build.
const PAUSE: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(900));
/// How soon a call is made again that met an outage.
const AGAIN: Duration = Duration::from_millis(50);
/// How long a call is made again. Within the grace of a spent refresh token and the life of a cookie: after them, a
/// refusal would be right.
const PATIENCE: Duration = Duration::from_secs(6);
/// What each client does in turn.
const TURN: [Way; 6] = [Way::Login, Way::Auth, Way::Refresh, Way::Renew, Way::Refresh, Way::Renew];

/// How a token is got.
#[derive(Clone, Copy)]
enum Way {
    Login,
    Refresh,
    Auth,
    Renew,
}

/// What clients got.
#[derive(Debug, Default)]
pub struct Gains {
    /// Tokens, by the path that gave them.
    pub tokens: BTreeMap<&'static str, u64>,
    /// The keys that signed them.
    pub kids: BTreeSet<String>,
    /// Calls that met an outage, repetitions included.
    pub unanswered: u64,
    /// Calls that were refused; none should be.
    pub refusals: Vec<String>,
}

struct Worker {
    target: SocketAddr,
    share: Share,
    client: Option<Client>,
    refresh_token: Option<String>,
    cookie: Option<(HeaderValue, Instant)>,
    verifiers: Vec<UnboundedSender<Token>>,
    over: Arc<AtomicBool>,
    gains: Gains,
}

/// One client for each share of the users, until it is over; whatever is got goes to every verifier.
pub fn work(
    target: SocketAddr,
    shares: Vec<Share>,
    verifiers: Vec<UnboundedSender<Token>>,
    over: Arc<AtomicBool>,
) -> anyhow::Result<Gains> {
    let worker = |share| Worker {
        target,
        share,
        client: None,
        refresh_token: None,
        cookie: None,
        verifiers: verifiers.clone(),
        over: Arc::clone(&over),
        gains: Gains::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut workers: JoinSet<_> = shares.into_iter().map(|share| worker(share).work()).collect();
        let mut total = Gains::default();
        while let Some(gains) = workers.join_next().await {
            total.add(gains??);
        }
        Ok(total)
    })
}

impl Gains {
    fn add(&mut self, other: Self) {
        for (path, count) in other.tokens {
            *self.tokens.entry(path).or_default() += count;
        }
        self.kids.extend(other.kids);
        self.unanswered += other.unanswered;
        self.refusals.extend(other.refusals);
    }
}

impl Worker {
    async fn work(mut self) -> anyhow::Result<Gains> {
        for way in TURN.into_iter().cycle() {
            sleep(between(PAUSE.0, PAUSE.1)).await;
            if self.is_over() {
                break;
            }
            match way {
                Way::Login => self.log_in().await?,
                Way::Refresh => self.refresh().await?,
                Way::Auth => self.authenticate().await?,
                Way::Renew => self.renew().await?,
            }
        }
        Ok(self.gains)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed) || interrupt::requested()
    }

    async fn log_in(&mut self) -> anyhow::Result<()> {
        self.pair("/api/login/", credentials("email", self.share.pick())).await
    }

    async fn refresh(&mut self) -> anyhow::Result<()> {
        // Gone if there is no answer in time: the next login brings another.
        let Some(token) = self.refresh_token.take() else { return Ok(()) };
        self.pair("/api/refresh/", format!(r#"{{"refresh_token":"{token}"}}"#)).await
    }

    async fn authenticate(&mut self) -> anyhow::Result<()> {
        let call = Call::post(self.target, "/auth")?;
        let request = call.request(credentials("username", self.share.pick()));
        self.session("/auth", request, Instant::now() + PATIENCE).await
    }

    async fn renew(&mut self) -> anyhow::Result<()> {
        let Some((cookie, since)) = self.cookie.take() else { return Ok(()) };
        let mut call = Call::post(self.target, "/renew_token")?;
        call.set_cookie(cookie);
        self.session("/renew_token", call.request(Bytes::new()), since + PATIENCE).await
    }

    /// A call of the token API, answered with a pair.
    async fn pair(&mut self, path: &'static str, body: String) -> anyhow::Result<()> {
        let request = Call::post(self.target, path)?.request(body);
        let Some(answer) = self.insist(path, request, Instant::now() + PATIENCE).await else { return Ok(()) };
        let Tokens { access_token, refresh_token } = serde_json::from_slice(answer.body())?;
        self.refresh_token = Some(refresh_token);
        self.deliver(path, &access_token)
    }

    /// A call of the cookie API, answered with a cookie.
    async fn session(
        &mut self,
        path: &'static str,
        request: Request<Full<Bytes>>,
        until: Instant,
    ) -> anyhow::Result<()> {
        let Some(answer) = self.insist(path, request, until).await else { return Ok(()) };
        let cookie = cookie(&answer)?;
        let token = cookie.to_str()?.strip_prefix("jwt_token=").context("another cookie")?.to_owned();
        self.cookie = Some((cookie, Instant::now()));
        self.deliver(path, &token)
    }

    fn deliver(&mut self, path: &'static str, token: &str) -> anyhow::Result<()> {
        let token = Token::read(token)?;
        *self.gains.tokens.entry(path).or_default() += 1;
        self.gains.kids.insert(token.kid.to_string());
        for verifier in &self.verifiers {
            verifier.send(token.clone()).context("a verifier ended")?;
        }
        Ok(())
    }

    /// Makes a call again and again while the server is down, as clients do.
    async fn insist(&mut self, path: &str, request: Request<Full<Bytes>>, until: Instant) -> Option<Response<Bytes>> {
        while Instant::now() < until && !interrupt::requested() {
            match timeout_at(until, self.send(request.clone())).await {
                Ok(Ok(answer)) => return Some(answer),
                Ok(Err(error)) if error.is::<Refused>() => {
                    self.gains.refusals.push(format!("{path}: {error:#}"));
                    return None;
                }
                Ok(Err(_)) | Err(_) => {
                    self.gains.unanswered += 1;
                    self.client = None;
                    sleep(AGAIN).await;
                }
            }
        }
        None
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Bytes>> {
        let client = match &mut self.client {
            Some(client) => client,
            missing => missing.insert(Client::connect(self.target).await?),
        };
        client.send(request).await
    }
}
