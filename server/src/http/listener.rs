//! A listener that can be closed while the connections it accepted go on: who
//! connects during a stop is refused at once, and can go to another node, instead
//! of waiting for an answer that never comes.

use std::io;

use salvo::{
    conn::{Accepted, Acceptor, Holding},
    fuse::ArcFusePolicy,
};
use tokio::sync::watch;

/// What ends the accepting.
pub struct Closer {
    close: watch::Sender<bool>,
    closed: watch::Receiver<bool>,
}

impl Closer {
    /// Lets the socket go, once everybody who stood in its queue has been let in.
    pub async fn close(mut self) {
        self.close.send_replace(true);
        // An acceptor that is gone has let go of its socket as well.
        let _ = self.closed.wait_for(|closed| *closed).await;
    }
}

/// An acceptor that its [`Closer`] ends.
pub struct Closable<A> {
    acceptor: Option<A>,
    holdings: Vec<Holding>,
    closing: watch::Receiver<bool>,
    closed: watch::Sender<bool>,
}

impl<A: Acceptor> Closable<A> {
    /// An acceptor, and what ends it.
    pub fn new(acceptor: A) -> (Self, Closer) {
        let (close, closing) = watch::channel(false);
        let (closed, is_closed) = watch::channel(false);
        let holdings = acceptor.holdings().to_vec();
        (Self { acceptor: Some(acceptor), holdings, closing, closed }, Closer { close, closed: is_closed })
    }
}

impl<A: Acceptor> Acceptor for Closable<A> {
    type Coupler = A::Coupler;
    type Stream = A::Stream;

    fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    async fn accept(&mut self, fuses: Option<ArcFusePolicy>) -> io::Result<Accepted<Self::Coupler, Self::Stream>> {
        if let Some(acceptor) = &mut self.acceptor {
            tokio::select! {
                // In this order: nobody who waits in the queue is left behind.
                biased;
                accepted = acceptor.accept(fuses) => return accepted,
                _ = self.closing.wait_for(|closing| *closing) => {}
            }
        }
        self.acceptor = None;
        self.closed.send_replace(true);
        std::future::pending().await
    }
}
