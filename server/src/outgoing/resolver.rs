//! Names to addresses. What is handed on is what is connected to, and only what may be reached is handed on: a name that is
//! somewhere else the next time gains nothing.

use std::{net::ToSocketAddrs as _, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::{Reason, reach::Reach, turns::MAX_AT_ONCE};

/// Lets through what may be reached.
pub(super) struct Guard {
    lookup: Arc<dyn Resolve>,
    reach: Reach,
}

impl Guard {
    pub(super) fn new(lookup: Arc<dyn Resolve>, reach: Reach) -> Self {
        Self { lookup, reach }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (looking, reach) = (self.lookup.resolve(name), self.reach.clone());
        Box::pin(async move {
            let mut refusal = Reason::Unresolved;
            let mut reached = Vec::new();
            for address in looking.await? {
                match reach.check(address.ip()) {
                    Ok(()) => reached.push(address),
                    Err(reason) => refusal = reason,
                }
            }
            if reached.is_empty() { Err(refusal.into()) } else { Ok(Box::new(reached.into_iter()) as Addrs) }
        })
    }
}

/// The system's own way: its hosts file, its servers.
pub(super) struct System {
    turns: Arc<Semaphore>,
}

impl Default for System {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(MAX_AT_ONCE)) }
    }
}

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        let turns = Arc::clone(&self.turns);
        Box::pin(async move {
            let turn = turns.acquire_owned().await?;
            let looking = spawn_blocking(move || {
                // It cannot be called off, and whoever asked may long be gone: so many threads are held up, and no more.
                let _turn = turn;
                (name.as_str(), 0).to_socket_addrs()
            });
            Ok(Box::new(looking.await??) as Addrs)
        })
    }
}
