//! What was done within a stretch of time, and how long each piece of it took.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::interrupt;

/// Caches fill and connections open before anything counts.
const WARM_UP: Duration = Duration::from_secs(1);
/// The longest latency told apart, in nanoseconds: two minutes.
const LONGEST: u64 = 120_000_000_000;

/// When what is done counts.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    start: Instant,
    end: Instant,
}

impl Window {
    /// So many seconds, after the warm-up that begins now.
    pub fn opening(seconds: u64) -> Self {
        let start = Instant::now() + WARM_UP;
        Self { start, end: start + Duration::from_secs(seconds) }
    }

    /// Whether nothing new shall begin.
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.end || interrupt::requested()
    }

    /// When it closes.
    pub fn end(&self) -> Instant {
        self.end
    }

    /// How much of what ran from `begun` to `done` lies within.
    fn share(&self, begun: Instant, done: Instant) -> f64 {
        let within = done.min(self.end).saturating_duration_since(begun.max(self.start));
        within.as_secs_f64() / done.duration_since(begun).as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

/// One task's count. The tasks' counts are added up at the end, so that none waits for another.
pub struct Tally {
    latencies: Histogram<u64>,
    // What straddles an end of the window counts by its share: whole ones would make slow scenarios jump.
    within: f64,
    finished: u64,
    errors: u64,
    first_error: Option<String>,
}

impl Tally {
    /// Nothing yet.
    pub fn new() -> anyhow::Result<Self> {
        let latencies = Histogram::new_with_bounds(1, LONGEST, 3)?;
        Ok(Self { latencies, within: 0.0, finished: 0, errors: 0, first_error: None })
    }

    /// Counts one piece of work that ends now.
    pub fn record(&mut self, window: &Window, begun: Instant, outcome: anyhow::Result<()>) {
        if let Err(error) = outcome {
            return self.fail(format!("{error:#}"));
        }
        let done = Instant::now();
        self.finished += 1;
        self.within += window.share(begun, done);
        if (window.start..window.end).contains(&done) {
            let nanoseconds = done.duration_since(begun).as_nanos();
            self.latencies.saturating_record(u64::try_from(nanoseconds).unwrap_or(LONGEST));
        }
    }

    /// Counts one error.
    pub fn fail(&mut self, error: String) {
        self.errors += 1;
        self.first_error.get_or_insert(error);
    }

    /// Takes over another task's count.
    pub fn add(&mut self, other: Self) -> anyhow::Result<()> {
        self.latencies.add(other.latencies)?;
        self.within += other.within;
        self.finished += other.finished;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
        Ok(())
    }

    /// What it all came to in a window of so many seconds.
    pub fn figures(mut self, seconds: u64) -> Figures {
        if self.latencies.is_empty() && self.errors == 0 {
            self.fail(format!("nothing was finished within {seconds} s"));
        }
        let milliseconds = |quantile| self.latencies.value_at_quantile(quantile) as f64 / 1e6;
        Figures {
            per_second: self.within / seconds as f64,
            p50_ms: milliseconds(0.5),
            p99_ms: milliseconds(0.99),
            finished: self.finished,
            errors: self.errors,
            first_error: self.first_error,
        }
    }
}

/// A scenario in numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figures {
    /// Successes a second.
    pub per_second: f64,
    /// The median latency.
    pub p50_ms: f64,
    /// The latency that one in a hundred exceeds.
    pub p99_ms: f64,
    /// Successes, those of the warm-up included.
    pub finished: u64,
    /// Failures, those of the warm-up included.
    pub errors: u64,
    /// What the first of them said.
    pub first_error: Option<String>,
}
