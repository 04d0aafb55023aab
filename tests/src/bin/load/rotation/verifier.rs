//! A resource server in miniature: one library, one cached key set, and the tokens
//! that are shown to it.
//!
//! The set is asked for again when its max-age has passed and at no other time, not
//! even for a key that it does not hold: no resource server has to do that, so no
//! token may need it.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc::UnboundedReceiver, watch},
    task::{JoinSet, LocalSet},
    time::{sleep, sleep_until, timeout},
};

use crate::{
    client::{Client, Refused},
    interrupt,
    rotation::{
        between,
        key_set::{self, KeySet},
        libraries::{Fault, Library},
        report::Failure,
        token::Token,
    },
    store::now,
};

/// Between the first sets of two verifiers, so that they pass their max-age at different times.
const APART: Duration = Duration::from_millis(600);
/// How soon a set is asked for again that could not be had.
const AGAIN: Duration = Duration::from_millis(25);
/// How long an answer may take; a server that starts lets callers wait.
const ANSWER: Duration = Duration::from_secs(2);
/// How often the end of the last tokens looks whether the run was interrupted.
const TICK: Duration = Duration::from_millis(100);

/// What a verifier saw.
#[derive(Debug, Default)]
pub struct Tally {
    /// Whose.
    pub name: &'static str,
    /// Verifications that succeeded.
    pub verified: u64,
    /// Those of them with a set over age.
    pub stale: u64,
    /// Verifications that had to wait for a newer set, the one at hand being over age.
    pub waited: u64,
    /// Those of them for which none came before the token expired.
    pub undecided: u64,
    /// Tokens that expired before this busy machine came to show them.
    pub late: u64,
    /// Verifications that failed.
    pub failures: Vec<Failure>,
    /// Key sets received.
    pub sets: u64,
    /// Key sets asked for and not received because the server was down.
    pub unanswered: u64,
    /// Key sets that the server refused, or that were none.
    pub refusals: Vec<String>,
    /// Keys that were in one set and not in the last any more.
    pub left: BTreeSet<String>,
}

struct Verifier {
    target: SocketAddr,
    set: RefCell<KeySet>,
    renewed: watch::Sender<()>,
    tally: RefCell<Tally>,
}

/// Verifies what comes until no more does and the last of it has expired.
pub fn verify(
    number: u32,
    library: Box<dyn Library>,
    target: SocketAddr,
    mut tokens: UnboundedReceiver<Token>,
) -> anyhow::Result<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let verifier = Rc::new(Verifier::new(library, target));
    LocalSet::new().block_on(&runtime, async {
        let renewing = tokio::task::spawn_local(Rc::clone(&verifier).renew(APART * number));
        let mut shown = JoinSet::new();
        while let Some(token) = tokens.recv().await {
            shown.spawn_local(Rc::clone(&verifier).show(token));
            while let Some(done) = shown.try_join_next() {
                done?;
            }
        }
        while !shown.is_empty() && !interrupt::requested() {
            if let Ok(Some(done)) = timeout(TICK, shown.join_next()).await {
                done?;
            }
        }
        renewing.abort();
        anyhow::Ok(())
    })?;
    Ok(verifier.tally.take())
}

impl Verifier {
    fn new(library: Box<dyn Library>, target: SocketAddr) -> Self {
        let tally = Tally { name: library.name(), ..Tally::default() };
        let set = KeySet::empty(library).into();
        Self { target, set, renewed: watch::Sender::new(()), tally: tally.into() }
    }

    /// Keeps the set in its time.
    async fn renew(self: Rc<Self>, after: Duration) {
        sleep(after).await;
        let mut client = None;
        loop {
            let mut outage = false;
            while !self.fetch(&mut client).await {
                (client, outage) = (None, true);
                sleep(AGAIN).await;
            }
            let left = self.set.borrow().left();
            // An outage ends for all verifiers at the same moment, which would make one of the three. So whoever met it
            // starts once more within the next max-age, like a program that is started anew: with an empty cache.
            sleep(if outage { between(Duration::ZERO, left) } else { left }).await;
        }
    }

    /// Asks for a set; whether one came.
    async fn fetch(&self, client: &mut Option<Client>) -> bool {
        let requested = Instant::now();
        let answer = timeout(ANSWER, key_set::ask(self.target, client)).await;
        let tally = &mut *self.tally.borrow_mut();
        let outcome = match answer {
            Ok(Ok(answer)) => self.set.borrow_mut().replace(requested, &answer),
            Ok(Err(error)) if error.is::<Refused>() => Err(error),
            Ok(Err(_)) | Err(_) => {
                tally.unanswered += 1;
                return false;
            }
        };
        match outcome {
            Ok(left) => {
                tally.sets += 1;
                tally.left.extend(left);
                self.renewed.send_replace(());
                true
            }
            Err(error) => {
                tally.refusals.push(format!("key set: {error:#}"));
                false
            }
        }
    }

    /// Has a token verified all its life long.
    async fn show(self: Rc<Self>, token: Token) {
        for moment in token.moments() {
            sleep_until(moment.into()).await;
            let mut renewed = self.renewed.subscribe();
            let mut waited = false;
            while !self.look(&token, waited) {
                self.tally.borrow_mut().waited += u64::from(!waited);
                waited = true;
                let _ = timeout(token.left() + AGAIN, renewed.changed()).await;
            }
            if token.left().is_zero() {
                return;
            }
        }
    }

    /// Verifies once; whether that decided it. `rotation` tells what counts as what.
    fn look(&self, token: &Token, waited: bool) -> bool {
        let (set, tally) = (self.set.borrow(), &mut *self.tally.borrow_mut());
        let over_age = set.left().is_zero();
        let outcome = set.verify(&token.text);
        match outcome {
            Ok(()) => {
                tally.verified += 1;
                tally.stale += u64::from(over_age);
            }
            Err(_) if token.left().is_zero() && waited => tally.undecided += 1,
            Err(_) if token.left().is_zero() => tally.late += 1,
            Err(Fault::UnknownKey) if over_age => return false,
            Err(fault) => tally.failures.push(Failure {
                library: tally.name,
                at: now(),
                kid: token.kid.to_string(),
                token_age_ms: token.age().as_secs_f64() * 1e3,
                set_age_ms: set.age().as_secs_f64() * 1e3,
                what: fault.to_string(),
            }),
        }
        true
    }
}
