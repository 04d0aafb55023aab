//! Results, as a table for people or as JSON for programs.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::{scenario::Scenario, tally::Figures, usage::Usage};

/// One scenario's results.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Which.
    pub scenario: Scenario,
    /// What the generator saw.
    #[serde(flatten)]
    pub figures: Figures,
    /// Processor time of the process that did the work, a piece; it does not depend on what the generator takes.
    pub cpu_us: Option<f64>,
    /// Its resident memory afterwards, in MiB.
    pub rss_mib: Option<f64>,
    /// What it is held against.
    pub floor: Option<Scenario>,
    /// Its rate over the floor's.
    pub of_floor: Option<f64>,
}

impl Row {
    /// Figures, and what the process that did the work had used before and after.
    pub fn new(scenario: Scenario, figures: Figures, used: Option<(Usage, Usage)>) -> Self {
        let done = figures.finished.max(1) as f64;
        Self {
            scenario,
            cpu_us: used.map(|(before, after)| (after.cpu_seconds - before.cpu_seconds) * 1e6 / done),
            rss_mib: used.map(|(_, after)| after.rss_mib),
            figures,
            floor: scenario.floor(),
            of_floor: None,
        }
    }

    /// For work done in this process, whose memory says nothing.
    pub fn without_memory(self) -> Self {
        Self { rss_mib: None, ..self }
    }

    /// Held against its floor among other rows.
    pub fn against(mut self, rows: &[Self]) -> Self {
        let floor = rows.iter().find(|row| Some(row.scenario) == self.floor);
        self.of_floor = floor.map(|floor| self.figures.per_second / floor.figures.per_second);
        self
    }
}

/// A run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Processor cores.
    pub cores: usize,
    /// Connections at once.
    pub connections: usize,
    /// Length of each scenario.
    pub seconds: u64,
    /// Users before the run.
    pub users: usize,
    /// Spent refresh tokens before the run.
    pub spent: usize,
    /// The server at rest; `None` when only floors were measured.
    pub server: Option<AtRest>,
    /// Floors and scenarios.
    pub rows: Vec<Row>,
}

/// A server that nobody asks anything.
#[derive(Debug, Serialize)]
pub struct AtRest {
    /// Resident memory after a start, in MiB.
    pub idle_rss_mib: f64,
    /// From spawning to answering on existing data, in milliseconds, each time.
    pub ready_ms: Vec<f64>,
    /// Their median.
    pub median_ready_ms: f64,
}

impl Report {
    /// Whether nothing went wrong.
    pub fn is_clean(&self) -> bool {
        self.rows.iter().all(|row| row.figures.errors == 0)
    }

    /// Writes it for people.
    pub fn write(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(
            out,
            "{} cores shared with the generator, {} connections, {} s each, {} users, {} spent refresh tokens\n",
            self.cores, self.connections, self.seconds, self.users, self.spent
        )?;
        writeln!(
            out,
            "{:<12}{:>13}{:>12}{:>12}{:>8}{:>14}{:>12}  of its floor",
            "", "a second", "p50", "p99", "errors", "CPU each", "RSS"
        )?;
        for row in &self.rows {
            write_row(&mut out, row)?;
        }
        if let Some(server) = &self.server {
            writeln!(out, "\nidle RSS        {:.0} MiB", server.idle_rss_mib)?;
            let all: Vec<String> = server.ready_ms.iter().map(|ready| format!("{ready:.0}")).collect();
            writeln!(out, "spawn to ready  {:.0} ms on existing data ({})", server.median_ready_ms, all.join(", "))?;
        }
        write_errors(&mut out, &self.rows)
    }
}

fn write_row(out: &mut impl Write, row: &Row) -> io::Result<()> {
    let Figures { per_second, p50_ms, p99_ms, errors, .. } = &row.figures;
    let cpu = row.cpu_us.map_or_else(String::new, |cpu| format!("{cpu:.0} µs"));
    let rss = row.rss_mib.map_or_else(String::new, |rss| format!("{rss:.0} MiB"));
    let floor = match (row.floor, row.of_floor) {
        (Some(floor), Some(ratio)) => format!("{:.1} % of {}", ratio * 100.0, floor.name()),
        _ => String::new(),
    };
    writeln!(
        out,
        "{:<12}{per_second:>13.1}{p50_ms:>9.3} ms{p99_ms:>9.3} ms{errors:>8}{cpu:>14}{rss:>12}  {floor}",
        row.scenario.name()
    )
}

/// What went wrong first in each scenario.
pub fn write_errors(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    for row in rows {
        if let Some(error) = &row.figures.first_error {
            writeln!(out, "\n{}: {} errors, the first: {error}", row.scenario.name(), row.figures.errors)?;
        }
    }
    out.flush()
}

/// Writes anything for programs.
pub fn write_json(report: &impl Serialize) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(report)?)?;
    Ok(())
}

/// The middle one.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
