//! Who may ask now: so many at once, of one host fewer, and so many more wait. Whoever chooses addresses that answer slowly
//! holds up their own host and nobody else's.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Reason;

/// Requests at once, and those that wait for their turn.
pub(super) const MAX_AT_ONCE: usize = 32;
pub(super) const MAX_WAITING: usize = 128;
/// The same for one host.
pub(super) const MAX_AT_ONE_HOST: usize = 4;
pub(super) const MAX_WAITING_FOR_ONE_HOST: usize = 16;
/// Hosts that are counted, and how long one is after it was last asked.
const MAX_HOSTS: u64 = 10_000;
const COUNTED: Duration = Duration::from_secs(60);

/// Places for those who are here, and turns for those of them who ask.
struct Queue {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Queue {
    fn new(at_once: usize, waiting: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once + waiting)), turns: Arc::new(Semaphore::new(at_once)) }
    }

    fn enter(&self) -> Result<OwnedSemaphorePermit, Reason> {
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| Reason::Busy)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Reason> {
        Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Reason::Busy)
    }
}

/// All queues.
pub(super) struct Turns {
    all: Queue,
    hosts: Cache<String, Arc<Queue>>,
}

impl Default for Turns {
    fn default() -> Self {
        let hosts = Cache::builder().max_capacity(MAX_HOSTS).time_to_idle(COUNTED).build();
        Self { all: Queue::new(MAX_AT_ONCE, MAX_WAITING), hosts }
    }
}

/// Somebody who waits, or asks.
pub(super) struct Waiting<'a> {
    turns: &'a Turns,
    host: Arc<Queue>,
    _places: [OwnedSemaphorePermit; 2],
}

impl Turns {
    /// A place, if there is one.
    pub(super) fn enter(&self, host: &str) -> Result<Waiting<'_>, Reason> {
        let host = self.hosts.get_with_by_ref(host, || Arc::new(Queue::new(MAX_AT_ONE_HOST, MAX_WAITING_FOR_ONE_HOST)));
        let places = [host.enter()?, self.all.enter()?];
        Ok(Waiting { turns: self, host, _places: places })
    }
}

impl Waiting<'_> {
    /// Their turn. Whoever waits for their host keeps nobody else from asking.
    pub(super) async fn turn(&self) -> Result<[OwnedSemaphorePermit; 2], Reason> {
        Ok([self.host.turn().await?, self.turns.all.turn().await?])
    }
}
