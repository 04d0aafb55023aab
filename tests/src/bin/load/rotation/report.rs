//! What the run came to, for people or as JSON.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    report::median,
    rotation::{outages::Outages, verifier::Tally, workers::Gains},
    signet::Site,
};

/// Failures, and refusals, that are told one by one.
const TOLD: usize = 10;
/// A token lives four seconds at least, five less the fraction that its `iat` drops. No outage much shorter than that
/// keeps a verifier from a newer set for all of its life.
const LONG_OUTAGE_MS: f64 = 3_000.0;
/// Of the verifiers' table.
const COLUMNS: [&str; 8] =
    ["verified", "failed", "over age", "waited", "undecided", "too late", "key sets", "unanswered"];

/// A run.
#[derive(Debug, Serialize)]
pub struct Report {
    seconds: u64,
    users: usize,
    connections: usize,
    /// By the path that gave them.
    tokens: BTreeMap<&'static str, u64>,
    /// Keys that signed tokens.
    kids: usize,
    /// Those of them that were taken out of the key set again.
    kids_left: usize,
    kills: usize,
    restarts: usize,
    median_restart_ms: Option<f64>,
    longest_restart_ms: f64,
    /// Calls of clients that met an outage.
    unanswered: u64,
    verifiers: Vec<Row>,
    refused: usize,
    first_refusals: Vec<String>,
    first_failures: Vec<Failure>,
    /// What the server's log says of their keys.
    log: Vec<String>,
    /// Why the server ended or did not start, where nobody meant it to.
    trouble: Option<String>,
}

/// One verifier's figures, as [`Tally`] explains them.
#[derive(Debug, Serialize)]
struct Row {
    library: &'static str,
    verified: u64,
    failed: u64,
    stale: u64,
    waited: u64,
    undecided: u64,
    late: u64,
    sets: u64,
    unanswered: u64,
}

/// A token that a verifier did not believe.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// Whose.
    pub library: &'static str,
    /// When.
    pub at: Timestamp,
    /// The key that signed it.
    pub kid: String,
    /// How long the token had been there.
    pub token_age_ms: f64,
    /// How old the key set was.
    pub set_age_ms: f64,
    /// What the library said.
    pub what: String,
}

impl Report {
    /// Puts together what everybody saw.
    pub fn new(
        seconds: u64,
        users: usize,
        connections: usize,
        gains: Gains,
        outages: Outages,
        mut tallies: Vec<Tally>,
    ) -> Self {
        let left: BTreeSet<String> = tallies.iter().flat_map(|tally| tally.left.iter().cloned()).collect();
        let verifiers = tallies.iter().map(Row::new).collect();
        let mut failures: Vec<_> = tallies.iter_mut().flat_map(|tally| tally.failures.drain(..)).collect();
        failures.sort_by_key(|failure| failure.at);
        failures.truncate(TOLD);
        let mut refusals = gains.refusals;
        refusals.extend(tallies.into_iter().flat_map(|tally| tally.refusals));
        let refused = refusals.len();
        refusals.truncate(TOLD);
        Self {
            seconds,
            users,
            connections,
            tokens: gains.tokens,
            kids: gains.kids.len(),
            kids_left: gains.kids.intersection(&left).count(),
            kills: outages.kills,
            restarts: outages.ready_ms.len(),
            median_restart_ms: Some(median(&outages.ready_ms)).filter(|median| median.is_finite()),
            longest_restart_ms: outages.ready_ms.iter().copied().fold(0.0, f64::max),
            unanswered: gains.unanswered,
            verifiers,
            refused,
            first_refusals: refusals,
            first_failures: failures,
            log: Vec::new(),
            trouble: outages.trouble,
        }
    }

    /// Adds what the server logged, which is gone with its site.
    pub fn explain(&mut self, site: &Site) {
        let kids: BTreeSet<&str> = self.first_failures.iter().map(|failure| failure.kid.as_str()).collect();
        self.log = kids.into_iter().flat_map(|kid| site.log_lines_about(kid)).collect();
    }

    /// Whether keys rotated, everybody had something to verify, and nothing went wrong.
    pub fn is_clean(&self) -> bool {
        let excused = self.longest_restart_ms >= LONG_OUTAGE_MS;
        let fine = |row: &Row| row.verified > 0 && row.failed == 0 && (row.undecided == 0 || excused);
        self.kids > 1 && self.verifiers.iter().all(fine) && self.refused == 0 && self.trouble.is_none()
    }

    /// Writes it for people.
    pub fn write(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let Self { seconds, users, connections, tokens, kids, kids_left, kills, restarts, .. } = self;
        writeln!(out, "{seconds} s, {connections} connections, {users} users\n")?;
        let ways: Vec<String> = tokens.iter().map(|(path, count)| format!("{count} from {path}")).collect();
        writeln!(out, "tokens   {} ({})", tokens.values().sum::<u64>(), ways.join(", "))?;
        writeln!(out, "keys     {kids} signed, {kids_left} of them were taken out of the key set again")?;
        let (longest, unanswered) = (self.longest_restart_ms, self.unanswered);
        let took = |median| format!(" (median {median:.0} ms, longest {longest:.0} ms)");
        let took = self.median_restart_ms.map(took).unwrap_or_default();
        writeln!(out, "outages  {kills} kills, {restarts} restarts{took}, {unanswered} calls unanswered\n")?;
        self.write_verifiers(&mut out)?;
        self.write_faults(&mut out)?;
        out.flush()
    }

    fn write_verifiers(&self, out: &mut impl Write) -> io::Result<()> {
        let columns: String = COLUMNS.iter().map(|column| format!("{column:>12}")).collect();
        writeln!(out, "{:<13}{columns}", "")?;
        for row in &self.verifiers {
            let counts: String = row.counts().iter().map(|count| format!("{count:>12}")).collect();
            writeln!(out, "{:<13}{counts}", row.library)?;
        }
        Ok(())
    }

    fn write_faults(&self, out: &mut impl Write) -> io::Result<()> {
        for failure in &self.first_failures {
            let Failure { library, at, kid, token_age_ms, set_age_ms, what } = failure;
            let ages = format!("token {token_age_ms:.0} ms old, key set {set_age_ms:.0} ms old");
            writeln!(out, "\nfailed: {library} at {at}: {what}; key {kid}, {ages}")?;
        }
        if !self.log.is_empty() {
            writeln!(out, "\nthe server's log on these keys:\n{}", self.log.join("\n"))?;
        }
        for refusal in &self.first_refusals {
            writeln!(out, "\nrefused: {refusal}")?;
        }
        match &self.trouble {
            Some(trouble) => writeln!(out, "\n{trouble}"),
            None => Ok(()),
        }
    }
}

impl Row {
    fn new(tally: &Tally) -> Self {
        Self {
            library: tally.name,
            verified: tally.verified,
            failed: tally.failures.len() as u64,
            stale: tally.stale,
            waited: tally.waited,
            undecided: tally.undecided,
            late: tally.late,
            sets: tally.sets,
            unanswered: tally.unanswered,
        }
    }

    /// As in [`COLUMNS`].
    fn counts(&self) -> [u64; 8] {
        let Self { verified, failed, stale, waited, undecided, late, sets, unanswered, .. } = *self;
        [verified, failed, stale, waited, undecided, late, sets, unanswered]
    }
}
