//! Mail: asked for in the database, written and sent by a worker, never inside a
//! request. A mail server that refuses, hangs or lies delays mail and nothing else.

mod templates;
mod transport;
mod worker;

use std::sync::Arc;

use tokio::sync::Notify;

pub use templates::Templates;
pub use transport::Transport;
pub use worker::Worker;

/// The bell that wakes the worker of this node; those of other nodes look by themselves.
#[derive(Clone, Default)]
pub struct Outbox(Arc<Notify>);

impl Outbox {
    /// There may be something to send.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Until somebody rings.
    async fn woken(&self) {
        self.0.notified().await;
    }
}
