//! The run of `load rotation`: keys rotate every few seconds, the server is killed
//! at random, and three JWT libraries verify every token over all of its life.
//!
//! What is held against the server is its promise: *a key set that may still be
//! cached verifies every token that is in its time*. So a verification fails the
//! run when it fails with a set whose max-age has not passed, whatever the server
//! went through meanwhile, and whether the key is missing, came too late or left
//! too early.
//!
//! With a set that is over age the promise ended. A verifier that has a newer set
//! under way may wait for it, and then that set decides. While the server is down
//! there is none to be had, and an older one serves on: what it verifies is
//! verified. What it does not know is asked again with the next set; only when the
//! token expires before there was any was nobody able to know the key, and the
//! verification is counted as undecided. That fails the run as well, unless a
//! restart took about as long as a token lives.

mod key_set;
mod libraries;
mod outages;
mod report;
mod token;
mod verifier;
mod workers;

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{Scope, ScopedJoinHandle},
    time::Duration,
};

use anyhow::Context;
use tokio::sync::mpsc;

use crate::{
    Options,
    rotation::{outages::Outages, token::Token, verifier::Tally, workers::Gains},
    signet::{Running, Site},
    store, users,
};

pub use report::Report;

/// The least that a password hash may cost.
const LOG_N: u8 = 10;
/// Users unless told otherwise.
const USERS: usize = 32;
/// Length of the run unless told otherwise.
const SECONDS: u64 = 180;
/// As quick as keys can rotate with sets that live for two seconds: a key signs from one second after the last set
/// without it has passed its max-age. ID tokens, which nobody gets yet, would else keep keys published for minutes.
const SETTINGS: [(&str, &str); 6] = [
    ("KEY_ROTATION_PERIOD", "3"),
    ("KEY_PREPUBLICATION", "1"),
    ("JWKS_MAX_AGE", "2"),
    ("ACCESS_TOKEN_LIFETIME", "5"),
    ("COOKIE_TOKEN_LIFETIME", "8"),
    ("ID_TOKEN_LIFETIME", "1"),
];
/// How often a port is looked for.
const PORTS: usize = 100;

/// Runs it all; the report tells of failures.
pub fn run(options: &Options) -> anyhow::Result<Report> {
    let seconds = options.seconds.unwrap_or(SECONDS);
    let users = options.users.unwrap_or(USERS);
    let shares = users::Share::deal(users, options.connections())?;
    let target = free_address()?;
    let site = Site::new(&options.signet()?, &options.directory(), LOG_N)?.at(target);
    let site = SETTINGS.iter().fold(site, |site, (key, value)| site.with_setting(key, value));
    let running = site.start()?;
    users::register(target, &(0..users).collect::<Vec<_>>())?;
    let (outages, gains, tallies) = std::thread::scope(|scope| drive(scope, &site, running, target, shares, seconds))?;
    let mut report = Report::new(seconds, users, options.connections(), gains, outages, tallies);
    report.explain(&site);
    Ok(report)
}

/// Everything at once; it ends when the time is over, the last tokens with it.
fn drive<'scope>(
    scope: &'scope Scope<'scope, '_>,
    site: &Site,
    running: Running,
    target: SocketAddr,
    shares: Vec<users::Share>,
    seconds: u64,
) -> anyhow::Result<(Outages, Gains, Vec<Tally>)> {
    let (senders, verifiers) = verifiers(scope, target);
    let over = Arc::new(AtomicBool::new(false));
    let workers = {
        let over = Arc::clone(&over);
        scope.spawn(move || workers::work(target, shares, senders, over))
    };
    let (mut outages, running) = outages::cause(site, running, Duration::from_secs(seconds));
    over.store(true, Ordering::Relaxed);
    // The server stays until nobody needs it any more: tokens live on, and key sets pass their max-age.
    let gains = join(workers)?;
    let tallies = verifiers.into_iter().map(join).collect::<anyhow::Result<_>>()?;
    if let Some(Err(error)) = running.map(Running::stop) {
        outages.trouble.get_or_insert(format!("{error:#}"));
    }
    Ok((outages, gains, tallies))
}

type Verifying<'scope> = ScopedJoinHandle<'scope, anyhow::Result<Tally>>;

/// One for each library, on a thread of its own, and where it takes tokens.
fn verifiers<'scope>(
    scope: &'scope Scope<'scope, '_>,
    target: SocketAddr,
) -> (Vec<mpsc::UnboundedSender<Token>>, Vec<Verifying<'scope>>) {
    let begin = |(number, library)| {
        let (sender, tokens) = mpsc::unbounded_channel();
        (sender, scope.spawn(move || verifier::verify(number, library, target, tokens)))
    };
    (0..).zip(libraries::all(&format!("http://{target}"))).map(begin).unzip()
}

fn join<T>(thread: ScopedJoinHandle<'_, anyhow::Result<T>>) -> anyhow::Result<T> {
    thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked")))
}

/// A port below those that systems give to outgoing connections: while the server is down, one of ours might else be
/// given its port, or even reach itself there.
fn free_address() -> anyhow::Result<SocketAddr> {
    let mut ports = (0..PORTS).map(|_| 10_000 + u16::from_le_bytes(store::random()) % 20_000);
    let free = ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    Ok((Ipv4Addr::LOCALHOST, free.context("no port is free")?).into())
}

/// Any time between two.
fn between(least: Duration, most: Duration) -> Duration {
    let share = f64::from(u32::from_le_bytes(store::random())) / f64::from(u32::MAX);
    least + most.saturating_sub(least).mul_f64(share)
}
