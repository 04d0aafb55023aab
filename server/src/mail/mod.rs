//! Mail: asked for in the database, written and sent by a worker, never inside a
//! request. A mail server that refuses, hangs or lies delays mail and nothing else.

mod mailer;
mod templates;
mod transport;
mod worker;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use tokio::sync::Notify;

pub use mailer::Mailer;
pub use templates::{Context, Template, Templates};
pub use worker::Worker;

/// What went wrong and why, each cause once: many name theirs themselves.
pub fn reason(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// More mails waiting than this, and no further one is taken on: their delivery is broken, or somebody is at play.
const MAX_WAITING: i64 = 10_000;

/// What requests know of the outbox: the bell that wakes this node's worker, and how full it was when that last looked.
#[derive(Clone, Default)]
pub struct Outbox {
    bell: Arc<Notify>,
    waiting: Arc<AtomicI64>,
}

impl Outbox {
    /// There may be something to send.
    pub fn wake(&self) {
        self.bell.notify_one();
    }

    /// Until somebody rings.
    async fn woken(&self) {
        self.bell.notified().await;
    }

    /// Whether another mail can be taken on.
    pub fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) <= MAX_WAITING
    }

    /// How many mails waited when this node's worker last looked.
    pub fn waiting(&self) -> i64 {
        self.waiting.load(Ordering::Relaxed)
    }

    fn note_length(&self, waiting: i64) {
        self.waiting.store(waiting, Ordering::Relaxed);
    }
}
