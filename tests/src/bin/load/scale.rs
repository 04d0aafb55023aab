//! The long run: what a call costs in a large database against what it costs in
//! a small one. Passwords are hashed cheaply, so that the database shows.

use std::{
    io::{self, Write},
    time::Instant,
};

use serde::Serialize;

use crate::{
    Options, drive,
    operator::{self, Screen},
    report::{Row, write_errors},
    run::measure,
    scenario::{Sample, Scenario},
    signet::Site,
};

/// What touches users, sessions and tokens.
const SCENARIOS: [Scenario; 3] = [Scenario::Login, Scenario::Refresh, Scenario::Me];
/// The least that a password hash may cost.
const LOG_N: u8 = 10;
/// Sessions that each connection takes turns with, so that no single row stays at hand.
const SESSIONS: usize = 32;
/// Users of the small database.
const FEW: usize = 1_000;
/// Of the large one, unless told otherwise.
const USERS: usize = 1_000_000;
const SPENT: usize = 2_000_000;

/// Both databases.
#[derive(Debug, Serialize)]
pub struct Report {
    cores: usize,
    connections: usize,
    seconds: u64,
    small: Population,
    large: Population,
    /// Median latencies in the large database over those in the small one.
    ratios: Vec<Ratio>,
}

/// One database.
#[derive(Debug, Serialize)]
struct Population {
    users: usize,
    spent: usize,
    fill_seconds: f64,
    ready_ms: f64,
    rss_mib: f64,
    rows: Vec<Row>,
    screens: Vec<Screen>,
}

#[derive(Debug, Serialize)]
struct Ratio {
    scenario: Scenario,
    p50: f64,
}

/// Measures the small database, then the large one.
pub fn run(options: &Options) -> anyhow::Result<Report> {
    let small = populate(options, FEW, 0)?;
    let large = populate(options, options.users.unwrap_or(USERS), options.spent.unwrap_or(SPENT))?;
    let pairs = small.rows.iter().zip(&large.rows);
    let ratios = pairs
        .map(|(small, large)| Ratio { scenario: small.scenario, p50: large.figures.p50_ms / small.figures.p50_ms })
        .collect();
    let (connections, seconds) = (options.connections(), options.seconds());
    Ok(Report { cores: drive::cores(), connections, seconds, small, large, ratios })
}

fn populate(options: &Options, users: usize, spent: usize) -> anyhow::Result<Population> {
    let site = Site::new(&options.signet()?, &options.directory(), LOG_N)?;
    let begun = Instant::now();
    site.fill(users, spent)?;
    let fill_seconds = begun.elapsed().as_secs_f64();
    // The first start makes keys; the second is what a restart costs.
    site.start()?.stop()?;
    let running = site.start()?;
    let sample = Sample { users, connections: options.connections(), sessions: SESSIONS };
    let rows = SCENARIOS
        .into_iter()
        .map(|scenario| measure(&site, &running, scenario, &sample, options.seconds()))
        .collect::<anyhow::Result<_>>()?;
    let screens = operator::measure(running.target)?;
    let rss_mib = running.process.usage()?.rss_mib;
    let ready_ms = running.ready_after.as_secs_f64() * 1e3;
    running.stop()?;
    Ok(Population { users, spent, fill_seconds, ready_ms, rss_mib, rows, screens })
}

impl Report {
    /// Whether nothing went wrong.
    pub fn is_clean(&self) -> bool {
        self.small.rows.iter().chain(&self.large.rows).all(|row| row.figures.errors == 0)
    }

    /// Writes it for people.
    pub fn write(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let Self { cores, connections, seconds, small, large, .. } = self;
        writeln!(out, "{cores} cores shared with the generator, {connections} connections, {seconds} s each\n")?;
        writeln!(out, "{:<16}{:>16}{:>16}{:>9}", "", "small", "large", "ratio")?;
        let counts = [("users", small.users, large.users), ("spent tokens", small.spent, large.spent)];
        for (what, small, large) in counts {
            writeln!(out, "{what:<16}{small:>16}{large:>16}")?;
        }
        let pairs = [
            ("filled in, s", small.fill_seconds, large.fill_seconds),
            ("ready, ms", small.ready_ms, large.ready_ms),
            ("RSS, MiB", small.rss_mib, large.rss_mib),
        ];
        for (what, small, large) in pairs {
            writeln!(out, "{what:<16}{small:>16.1}{large:>16.1}")?;
        }
        for (ratio, (small, large)) in self.ratios.iter().zip(small.rows.iter().zip(&large.rows)) {
            let what = format!("{} p50, ms", ratio.scenario.name());
            let (before, after) = (small.figures.p50_ms, large.figures.p50_ms);
            writeln!(out, "{what:<16}{before:>16.3}{after:>16.3}{:>9.2}", ratio.p50)?;
        }
        writeln!(out, "\n{:<24}{:>16}{:>16}", "operator's screens", "p50, ms", "longest, ms")?;
        for (few, many) in small.screens.iter().zip(&large.screens) {
            let columns = [(few.p50_ms, many.p50_ms), (few.max_ms, many.max_ms)];
            let [p50, longest] = columns.map(|(few, many)| format!("{few:.1} → {many:.1}"));
            writeln!(out, "{:<24}{p50:>16}{longest:>16}", few.name)?;
        }
        write_errors(&mut out, &small.rows)?;
        write_errors(&mut out, &large.rows)
    }
}
