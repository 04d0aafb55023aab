//! A listener that can be closed while the connections it accepted go on: who
//! connects during a stop is refused at once, and can go to another node, instead
//! of waiting for an answer that never comes.

use std::{io, sync::Arc};

use futures_util::future::BoxFuture;
use salvo::{
    conn::{Accepted, Acceptor, Holding},
    fuse::ArcFusePolicy,
};
use tokio::sync::Mutex;

/// What ends the accepting.
pub trait Close: Send + Sync {
    /// Lets the socket go.
    fn close(&self) -> BoxFuture<'_, ()>;
}

struct Slot<A>(Mutex<Option<A>>);

impl<A: Send> Close for Slot<A> {
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { drop(self.0.lock().await.take()) })
    }
}

/// An acceptor in a slot that somebody else may empty.
pub struct Closable<A> {
    slot: Arc<Slot<A>>,
    holdings: Vec<Holding>,
}

impl<A: Acceptor + 'static> Closable<A> {
    /// Puts an acceptor into a slot.
    pub fn new(acceptor: A) -> Self {
        Self { holdings: acceptor.holdings().to_vec(), slot: Arc::new(Slot(Mutex::new(Some(acceptor)))) }
    }

    /// What empties it. It waits for an accept under way, so the server has to have stopped accepting.
    pub fn closer(&self) -> Arc<dyn Close> {
        Arc::clone(&self.slot) as Arc<dyn Close>
    }
}

impl<A: Acceptor + 'static> Acceptor for Closable<A> {
    type Coupler = A::Coupler;
    type Stream = A::Stream;

    fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    async fn accept(&mut self, fuses: Option<ArcFusePolicy>) -> io::Result<Accepted<Self::Coupler, Self::Stream>> {
        match self.slot.0.lock().await.as_mut() {
            Some(acceptor) => acceptor.accept(fuses).await,
            None => std::future::pending().await,
        }
    }
}
