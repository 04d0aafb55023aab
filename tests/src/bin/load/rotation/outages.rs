//! SIGKILL at random times, which fall on every part of a rotation, and a start on
//! the same data at once.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    interrupt,
    rotation::between,
    signet::{Running, Site},
};

/// How long a server is let live. Longer than a key set, so that every verifier gets one in between.
const LEAST: Duration = Duration::from_secs(3);
const MOST: Duration = Duration::from_secs(9);
/// How often a wait looks whether the run was interrupted.
const TICK: Duration = Duration::from_millis(20);

/// What the server went through.
#[derive(Debug, Default)]
pub struct Outages {
    /// How often it was killed.
    pub kills: usize,
    /// From spawning to answering, in milliseconds, each time.
    pub ready_ms: Vec<f64>,
    /// Why it ended or did not start, where nobody meant it to.
    pub trouble: Option<String>,
}

/// Kills and starts a server until the time is over, and returns the one that runs then.
pub fn cause(site: &Site, mut running: Running, time: Duration) -> (Outages, Option<Running>) {
    let end = Instant::now() + time;
    let mut outages = Outages::default();
    loop {
        let next = Instant::now() + between(LEAST, MOST);
        wait_until(next.min(end));
        if next >= end || interrupt::requested() {
            return (outages, Some(running));
        }
        match outages.suffer(site, running) {
            Ok(next) => running = next,
            Err(error) => {
                // An interrupt reaches the server as well, where both have the same terminal.
                outages.trouble = (!interrupt::requested()).then(|| format!("{error:#}"));
                return (outages, None);
            }
        }
    }
}

impl Outages {
    fn suffer(&mut self, site: &Site, running: Running) -> anyhow::Result<Running> {
        running.process.kill()?;
        self.kills += 1;
        let running = site.start()?;
        self.ready_ms.push(running.ready_after.as_secs_f64() * 1e3);
        Ok(running)
    }
}

fn wait_until(moment: Instant) {
    while Instant::now() < moment && !interrupt::requested() {
        thread::sleep(TICK.min(moment.saturating_duration_since(Instant::now())));
    }
}
