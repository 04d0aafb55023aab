//! The usual run: floors, then the server at rest, then every scenario on it.

use std::{io::Write, time::Duration};

use anyhow::Context;

use crate::{
    Options, drive, floors, interrupt,
    report::{AtRest, Report, Row, median},
    scenario::{Sample, Scenario},
    signet::{Running, Site},
};

/// Starts of the server that are timed.
const STARTS: usize = 5;
/// How long a server rests before its memory counts as idle.
const REST: Duration = Duration::from_secs(2);
/// The default cost of a password hash.
const LOG_N: u8 = 17;
/// Users unless told otherwise.
const USERS: usize = 1_000;

/// Measures what was asked for.
pub fn run(options: &Options) -> anyhow::Result<Report> {
    let (floors, scenarios) = selection(&options.only);
    let users = options.users.unwrap_or(USERS);
    let spent = options.spent.unwrap_or(0);
    let sample = Sample { users, connections: options.connections(), sessions: 1 };
    let site = Site::new(&options.signet()?, &options.directory(), LOG_N)?;
    let mut rows = Vec::new();
    for floor in floors {
        rows.push(floors::measure(floor, &sample, options.seconds(), site.path())?);
    }
    let mut server = None;
    if !scenarios.is_empty() {
        site.fill(users, spent)?;
        let (running, at_rest) = start(&site)?;
        server = Some(at_rest);
        for scenario in scenarios {
            rows.push(measure(&site, &running, scenario, &sample, options.seconds())?.against(&rows));
        }
        running.stop()?;
    }
    let (connections, seconds) = (sample.connections, options.seconds());
    Ok(Report { cores: drive::cores(), connections, seconds, users, spent, server, rows })
}

/// Drives one scenario against a server of a site. What the server logged is gone with the site, so it is shown here
/// when something went wrong.
pub fn measure(
    site: &Site,
    server: &Running,
    scenario: Scenario,
    sample: &Sample,
    seconds: u64,
) -> anyhow::Result<Row> {
    let row = drive_one(server, scenario, sample, seconds).context(scenario.name());
    interrupt::check()?;
    if !row.as_ref().is_ok_and(|row| row.figures.errors == 0) {
        writeln!(std::io::stderr(), "{} went wrong; {}", scenario.name(), site.last_log_lines())?;
    }
    row
}

fn drive_one(server: &Running, scenario: Scenario, sample: &Sample, seconds: u64) -> anyhow::Result<Row> {
    let chains = scenario.chains(server.target, sample)?;
    let before = server.process.usage()?;
    let figures = drive::follow_all(server.target, chains, seconds)?;
    Ok(Row::new(scenario, figures, Some((before, server.process.usage()?))))
}

/// What was asked for, and the floors that it is held against.
fn selection(only: &[Scenario]) -> (Vec<Scenario>, Vec<Scenario>) {
    let asked = |scenario: &Scenario| only.is_empty() || only.contains(scenario);
    let (floors, scenarios): (Vec<_>, Vec<_>) = Scenario::ALL.into_iter().partition(|one| one.floor().is_none());
    let scenarios: Vec<_> = scenarios.into_iter().filter(asked).collect();
    let needed = |floor: &Scenario| asked(floor) || scenarios.iter().any(|one| one.floor() == Some(*floor));
    let floors = floors.into_iter().filter(needed).collect();
    (floors, scenarios)
}

/// The first start makes keys and an administrator; those after it find them, and are timed. The last one stays.
fn start(site: &Site) -> anyhow::Result<(Running, AtRest)> {
    let mut running = site.start()?;
    let mut ready_ms = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        running.stop()?;
        running = site.start()?;
        ready_ms.push(running.ready_after.as_secs_f64() * 1e3);
    }
    std::thread::sleep(REST);
    let idle_rss_mib = running.process.usage()?.rss_mib;
    let median_ready_ms = median(&ready_ms);
    Ok((running, AtRest { idle_rss_mib, ready_ms, median_ready_ms }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_brings_its_floor_along() {
        let (floors, scenarios) = selection(&[Scenario::Refresh, Scenario::Signatures]);
        assert_eq!(floors, [Scenario::Signatures, Scenario::Rotate]);
        assert_eq!(scenarios, [Scenario::Refresh]);
        let (floors, scenarios) = selection(&[]);
        assert_eq!((floors.len(), scenarios.len()), (5, 11));
    }
}
