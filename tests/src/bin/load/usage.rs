//! What a process takes, as Linux tells it.

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// The unit of times in /proc is fixed for programs, whatever the kernel itself ticks with.
const TICKS_PER_SECOND: f64 = 100.0;

/// Memory and processor time of a process so far.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Usage {
    /// Resident memory, in MiB.
    pub rss_mib: f64,
    /// Processor time of all its threads, in seconds.
    pub cpu_seconds: f64,
}

impl Usage {
    /// That of the process `pid`, or of `self`.
    pub fn of(pid: &str) -> anyhow::Result<Self> {
        let read = |file| {
            let path = format!("/proc/{pid}/{file}");
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
        };
        let (status, stat) = (read("status")?, read("stat")?);
        Ok(Self {
            rss_mib: resident(&status).context("it has no memory any more: it has ended")? as f64 / 1024.0,
            cpu_seconds: ticks(&stat).context("its processor time cannot be read")? as f64 / TICKS_PER_SECOND,
        })
    }
}

/// In KiB.
fn resident(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

/// Time in user and kernel mode, the 14th and 15th field. The second field, a name, may hold anything, blanks and
/// brackets included; it ends at the last bracket.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_tables_are_read_by_their_fields() {
        assert_eq!(resident("VmPeak:\t 9 kB\nVmRSS:\t  2048 kB\n"), Some(2048));
        assert_eq!(ticks("1 (a) b) S 1 2 3 4 5 6 7 8 9 10 700 30 0 0"), Some(730));
    }
}
