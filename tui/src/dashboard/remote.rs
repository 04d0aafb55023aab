//! The server, as the dashboard needs it: behind a trait, so that a test can be one.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::{
    io::{AsyncWriteExt, BufWriter},
    sync::mpsc::UnboundedSender,
};

use super::message::{Msg, Secret, SignIn, Stream};
use crate::{
    api::{Answer, Api, ApiError, Events},
    call::Call,
    exit::Exit,
    keep::Keep,
    profile::Home,
};

/// What answers.
pub trait Remote: Send + Sync + 'static {
    /// Sends a request.
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>>;
    /// Shows a password again, for a login that is recent.
    fn unlock(&self, password: Secret) -> BoxFuture<'_, Result<Answer, ApiError>>;
    /// Signs somebody in.
    fn sign_in(&self, who: SignIn) -> BoxFuture<'_, Result<Answer, ApiError>>;
    /// Signs them out.
    fn sign_out(&self) -> BoxFuture<'_, Result<Answer, ApiError>>;
    /// Writes everything that a request finds, page after page, to a file that is not there yet. The answer is how many.
    fn export(&self, call: Call, file: PathBuf) -> BoxFuture<'_, Result<Answer, ApiError>>;
    /// Follows a stream for ever; what comes, and what goes wrong, is told.
    fn follow(self: Arc<Self>, stream: Stream, tell: UnboundedSender<Msg>) -> BoxFuture<'static, ()>;
}

/// Waits between two tries at a stream: at first, and at the most.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A server, and the home that logins are kept in.
pub struct Server {
    /// The server, and who calls it.
    pub api: Api,
    /// The home.
    pub home: Home,
}

impl Remote for Server {
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move { self.api.send(&call).await })
    }

    fn unlock(&self, password: Secret) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            self.api.sign_in_again(&password.0).await?;
            Ok(done(Value::Null))
        })
    }

    fn sign_in(&self, who: SignIn) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            let keep = Keep::of(who.keep, &self.home);
            self.api.sign_in(&who.email, &who.password.0, keep).await?;
            Ok(done(Value::Null))
        })
    }

    fn sign_out(&self) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            self.api.sign_out().await?;
            Ok(done(Value::Null))
        })
    }

    fn export(&self, call: Call, file: PathBuf) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move { Ok(done(write_pages(&self.api, call, &file).await?.into())) })
    }

    fn follow(self: Arc<Self>, stream: Stream, tell: UnboundedSender<Msg>) -> BoxFuture<'static, ()> {
        let call = Call::get(match stream {
            Stream::Stats => "stats/stream",
            Stream::Audit => "audit/stream",
        });
        Box::pin(async move {
            let (mut last, mut wait) = (None, FIRST_WAIT);
            while !tell.is_closed() {
                match self.api.open(&call, last.as_deref()).await {
                    Ok(response) => {
                        wait = FIRST_WAIT;
                        let _ = tell.send(Msg::StreamState(stream, Ok(())));
                        read(Events::new(response), stream, &tell, &mut last).await;
                    }
                    Err(error) => {
                        let is_refused = error.exit == Exit::NotAllowed;
                        let _ = tell.send(Msg::StreamState(stream, Err(error)));
                        if is_refused {
                            return;
                        }
                    }
                }
                tokio::time::sleep(jittered(wait)).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        })
    }
}

fn done(json: Value) -> Answer {
    Answer { etag: None, json }
}

async fn write_pages(api: &Api, mut call: Call, path: &Path) -> Result<usize, ApiError> {
    let file = tokio::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).await;
    let mut file = BufWriter::new(file.map_err(|error| ApiError::file(path, &error))?);
    let mut count = 0;
    loop {
        let page = api.send(&call).await?.json;
        for item in page["items"].as_array().into_iter().flatten() {
            file.write_all(format!("{item}\n").as_bytes()).await.map_err(|error| ApiError::file(path, &error))?;
            count += 1;
        }
        let Some(next) = page["next_cursor"].as_str() else { break };
        call = call.from_cursor(next);
    }
    file.flush().await.map_err(|error| ApiError::file(path, &error))?;
    Ok(count)
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
