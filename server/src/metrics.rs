//! What the process counts: for Prometheus, and as rates over the last minutes for operators' screens.
//!
//! Labels are few and known beforehand: a route's pattern, a status, an algorithm. Nothing that callers choose is one.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use jiff::Timestamp;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::{app::App, keyring::Keyring};

/// How often rates are sampled, in seconds.
pub const SAMPLE_PERIOD: u64 = 5;
/// Samples kept: a quarter of an hour, and one to count from.
const SAMPLES: usize = 181;
/// Seconds; a password hash takes some tenths.
const LATENCIES: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
/// Seconds; what a database call may take.
const DATABASE_LATENCIES: [f64; 9] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.25, 2.0];

/// A histogram of how long database calls take, in seconds.
pub fn database_latency() -> Histogram {
    Histogram::new(DATABASE_LATENCIES)
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

/// What is issued.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub enum TokenKind {
    /// An access token of the token API.
    Access,
    /// A token of the cookie API.
    Cookie,
    /// A refresh token.
    Refresh,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TokenLabels {
    kind: TokenKind,
}

/// How a login went.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub enum LoginResult {
    /// A session was opened.
    Ok,
    /// Wrong name or password, or not allowed in.
    Failed,
    /// Too many tries.
    Throttled,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct LoginLabels {
    result: LoginResult,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct AlgorithmLabels {
    algorithm: String,
}

/// Every counter. Cloning the parts shares them.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    latency: Family<RouteLabels, Histogram, fn() -> Histogram>,
    tokens: Family<TokenLabels, Counter>,
    logins: Family<LoginLabels, Counter>,
    refresh_reuse: Counter,
    hashes: Gauge,
    mail_waiting: Gauge,
    clients: Gauge,
    key_age: Family<AlgorithmLabels, Gauge>,
    totals: Totals,
    samples: Mutex<VecDeque<Sample>>,
    /// One renders at a time: gauges are set for it.
    rendering: Mutex<()>,
}

/// What rates are made of.
#[derive(Default)]
struct Totals {
    requests: Counter,
    client_errors: Counter,
    throttled: Counter,
    server_errors: Counter,
    refreshes: Counter,
}

/// The counters at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub time: Timestamp,
    /// Requests answered.
    pub requests: u64,
    /// Answered with a status of 400 to 499 other than 429.
    pub client_errors: u64,
    /// Answered with 429.
    pub throttled: u64,
    /// Answered with a status from 500 on.
    pub server_errors: u64,
    /// Logins that opened a session.
    pub logins_ok: u64,
    /// Logins that did not.
    pub logins_failed: u64,
    /// Refresh tokens spent.
    pub refreshes: u64,
    /// Spent ones shown again.
    pub refresh_reuse: u64,
}

impl Metrics {
    /// With the store's own measure of its calls.
    pub fn new(database: Histogram) -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("signet"),
            requests: Family::default(),
            latency: Family::new_with_constructor(|| Histogram::new(LATENCIES)),
            tokens: Family::default(),
            logins: Family::default(),
            refresh_reuse: Counter::default(),
            hashes: Gauge::default(),
            mail_waiting: Gauge::default(),
            clients: Gauge::default(),
            key_age: Family::default(),
            totals: Totals::default(),
            samples: Mutex::default(),
            rendering: Mutex::default(),
        };
        metrics.registered(database)
    }

    fn registered(mut self, database: Histogram) -> Self {
        let registry = &mut self.registry;
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register("http_request_duration_seconds", "Time to answer a request", self.latency.clone());
        registry.register("tokens_issued", "Tokens issued, by kind", self.tokens.clone());
        registry.register("logins", "Logins, by result", self.logins.clone());
        registry.register("refreshes", "Refresh tokens spent", self.totals.refreshes.clone());
        registry.register("refresh_reuse", "Spent refresh tokens shown again", self.refresh_reuse.clone());
        registry.register("password_hashes", "Callers with a password hash running or waiting", self.hashes.clone());
        registry.register("mail_waiting", "Mails in the outbox", self.mail_waiting.clone());
        registry.register("clients", "Registered clients, as this node knows them", self.clients.clone());
        registry.register("signing_key_age_seconds", "Time for which the active key has signed", self.key_age.clone());
        registry.register("database_call_duration_seconds", "Time a database call takes", database);
        self
    }

    /// Counts an answered request.
    pub fn request(&self, method: &str, route: &str, status: u16, elapsed: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        self.latency.get_or_create(&RouteLabels { route: route.clone() }).observe(elapsed.as_secs_f64());
        self.requests.get_or_create(&RequestLabels { method, route, status }).inc();
        self.totals.requests.inc();
        match status {
            429 => self.totals.throttled.inc(),
            400..=499 => self.totals.client_errors.inc(),
            500.. => self.totals.server_errors.inc(),
            _ => return,
        };
    }

    /// Counts a token that was issued.
    pub fn token(&self, kind: TokenKind) {
        self.tokens.get_or_create(&TokenLabels { kind }).inc();
    }

    /// Counts a login.
    pub fn login(&self, result: LoginResult) {
        self.logins.get_or_create(&LoginLabels { result }).inc();
    }

    /// Counts a refresh token that was spent.
    pub fn refresh(&self) {
        self.totals.refreshes.inc();
    }

    /// Counts a spent one that was shown again.
    pub fn reuse(&self) {
        self.refresh_reuse.inc();
    }

    /// The counters now.
    pub fn now(&self, time: Timestamp) -> Sample {
        let logins = |result| self.logins.get_or_create(&LoginLabels { result }).get();
        Sample {
            time,
            requests: self.totals.requests.get(),
            client_errors: self.totals.client_errors.get(),
            throttled: self.totals.throttled.get(),
            server_errors: self.totals.server_errors.get(),
            logins_ok: logins(LoginResult::Ok),
            logins_failed: logins(LoginResult::Failed) + logins(LoginResult::Throttled),
            refreshes: self.totals.refreshes.get(),
            refresh_reuse: self.refresh_reuse.get(),
        }
    }

    /// Keeps the counters as they are now; the oldest are forgotten.
    pub fn sample(&self, time: Timestamp) {
        let sample = self.now(time);
        if let Ok(mut samples) = self.samples.lock() {
            samples.push_back(sample);
            if samples.len() > SAMPLES {
                samples.pop_front();
            }
        }
    }

    /// What was kept, the earliest first.
    pub fn samples(&self) -> Vec<Sample> {
        self.samples.lock().map(|samples| samples.iter().copied().collect()).unwrap_or_default()
    }

    /// Everything, in the OpenMetrics text format.
    pub fn render(&self, app: &App) -> Result<String, std::fmt::Error> {
        let _rendering = self.rendering.lock();
        self.hashes.set(i64::try_from(app.passwords.taken()).unwrap_or(i64::MAX));
        self.mail_waiting.set(app.outbox.waiting());
        self.clients.set(i64::try_from(app.clients.get().len()).unwrap_or(i64::MAX));
        self.note_key_ages(&app.keyring.load(), app.now());
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn note_key_ages(&self, keyring: &Keyring, now: Timestamp) {
        // One of an algorithm that was dropped would stay as it was for ever.
        self.key_age.clear();
        for record in keyring.records().iter().filter(|record| record.can_sign()) {
            let labels = AlgorithmLabels { algorithm: record.algorithm.name().to_owned() };
            let age = record.state.activated_at().map_or(0, |at| now.duration_since(at).as_secs());
            self.key_age.get_or_create(&labels).set(age);
        }
    }
}
