//! The server, as the dashboard needs it: behind a trait, so that a test can be one.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use super::message::{Msg, Secret, Stream};
use crate::{
    api::{Answer, Api, ApiError, Events},
    call::Call,
};

/// What answers.
pub trait Remote: Send + Sync + 'static {
    /// Sends a request.
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>>;
    /// Shows a password again, for a login that is recent.
    fn unlock(&self, password: Secret) -> BoxFuture<'_, Result<Answer, ApiError>>;
    /// Follows a stream for ever; what comes, and what goes wrong, is told.
    fn follow(self: Arc<Self>, stream: Stream, tell: UnboundedSender<Msg>) -> BoxFuture<'static, ()>;
}

/// Waits between two tries at a stream: at first, and at the most.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(15);

impl Remote for Api {
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move { Api::send(self, &call).await })
    }

    fn unlock(&self, password: Secret) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            self.sign_in_again(&password.0).await?;
            Ok(Answer { etag: None, json: Value::Null })
        })
    }

    fn follow(self: Arc<Self>, stream: Stream, tell: UnboundedSender<Msg>) -> BoxFuture<'static, ()> {
        let call = Call::get(match stream {
            Stream::Stats => "stats/stream",
            Stream::Audit => "audit/stream",
        });
        Box::pin(async move {
            let (mut last, mut wait) = (None, FIRST_WAIT);
            while !tell.is_closed() {
                match self.open(&call, last.as_deref()).await {
                    Ok(response) => {
                        wait = FIRST_WAIT;
                        let _ = tell.send(Msg::StreamState(stream, Ok(())));
                        read(Events::new(response), stream, &tell, &mut last).await;
                    }
                    Err(error) => {
                        let _ = tell.send(Msg::StreamState(stream, Err(error.message)));
                    }
                }
                tokio::time::sleep(jittered(wait)).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        })
    }
}

/// Up to a half more, so that many terminals do not come back at once. The address of a fresh allocation is random enough.
fn jittered(wait: Duration) -> Duration {
    let random = std::ptr::from_ref(&*Box::new(0_u8)).addr() >> 4;
    wait + wait * u32::try_from(random % 50).unwrap_or(0) / 100
}

async fn read(mut events: Events, stream: Stream, tell: &UnboundedSender<Msg>, last: &mut Option<String>) {
    while let Ok(Some(event)) = events.next().await {
        if event.id.is_some() {
            *last = event.id;
        }
        if let Ok(value) = serde_json::from_str(&event.data) {
            let _ = tell.send(Msg::Streamed(stream, value));
        }
    }
}
