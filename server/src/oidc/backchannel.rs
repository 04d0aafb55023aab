//! Telling clients, from here to there, that a session ended (OpenID Connect Back-Channel Logout). Whoever logs out waits for
//! none of it.

use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::json;

use super::issue;
use crate::{
    app::{App, after},
    model::{client::Client, logout::DueLogout},
    outgoing::{OutgoingError, Reason},
    store::StoreError,
};

/// The `typ` of a logout token (§2.4).
const LOGOUT_TOKEN_TYPE: &str = "logout+jwt";
/// How long one serves, in seconds (§2.4 recommends two minutes at the most).
const LIFETIME: i64 = 120;
/// Clients told in one go, and of these at once.
const BATCH: i64 = 64;
const AT_ONCE: usize = 64;
/// A claim, in seconds, outlives a batch of clients that each answer as late as they may.
const CLAIM: i64 = 60;
/// Until one comes again for which there was no turn, in seconds.
const BUSY: i64 = 2;
/// With the waits between them these are about ten minutes.
const MAX_ATTEMPTS: i64 = 8;

#[derive(Serialize)]
struct LogoutClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sub: String,
    sid: String,
    events: serde_json::Value,
}

/// Tells every client whose turn has come.
pub async fn tell_due(app: &App) -> Result<(), StoreError> {
    loop {
        let now = app.now();
        let due = app.store.claim_logouts(BATCH, after(now, CLAIM), now).await?;
        if due.is_empty() {
            return Ok(());
        }
        stream::iter(due).for_each_concurrent(AT_ONCE, |logout| deal_with(app, logout)).await;
    }
}

async fn deal_with(app: &App, logout: DueLogout) {
    let client = app.clients.get().find(&logout.client).cloned();
    let outcome = match client {
        Some(client) => tell(app, &client, &logout).await,
        None => Ok(()),
    };
    let settled = match outcome {
        Ok(()) => app.store.remove_logout(&logout.id).await,
        // It was not even asked: that is no try.
        Err(error) if is_busy(&error) => {
            app.store.postpone_logout(&logout.id, logout.attempts - 1, after(app.now(), BUSY)).await
        }
        Err(error) if logout.attempts >= MAX_ATTEMPTS => {
            tracing::warn!(client = logout.client, error = format!("{error:#}"), "a client was not told of a logout");
            app.store.remove_logout(&logout.id).await
        }
        Err(error) => {
            let wait = backoff(logout.attempts);
            tracing::info!(client = logout.client, error = format!("{error:#}"), wait, "a client is told later");
            app.store.postpone_logout(&logout.id, logout.attempts, after(app.now(), wait)).await
        }
    };
    if let Err(error) = settled {
        tracing::warn!(%error, "whether a client was told could not be written; it will be told again");
    }
}

/// Nothing is to be done for a client that does not want to be told this way.
async fn tell(app: &App, client: &Client, logout: &DueLogout) -> anyhow::Result<()> {
    let Some(uri) = &client.metadata.backchannel_logout_uri else { return Ok(()) };
    let token = token(app, client, logout)?;
    match app.outgoing.logouts.post_form(uri, &[("logout_token", &token)]).await? {
        // §2.8: some frameworks answer 204 for nothing to say.
        200 | 204 => Ok(()),
        other => anyhow::bail!("it answered with status {other}"),
    }
}

fn token(app: &App, client: &Client, logout: &DueLogout) -> anyhow::Result<String> {
    let now = app.now();
    let claims = LogoutClaims {
        iss: app.public_url.as_str(),
        aud: &client.id,
        iat: now.as_second(),
        exp: after(now, LIFETIME).as_second(),
        jti: uuid::Builder::from_random_bytes(app.random()).into_uuid().to_string(),
        sub: issue::subject(app, client, logout.user),
        sid: logout.session.to_string(),
        events: json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
    };
    issue::sign(app, issue::id_token_algorithm(client), LOGOUT_TOKEN_TYPE, &claims)
}

fn is_busy(error: &anyhow::Error) -> bool {
    error.downcast_ref::<OutgoingError>().is_some_and(|error| error.reason == Reason::Busy)
}

/// Seconds: 5, 10, 20 and so on.
fn backoff(attempts: i64) -> i64 {
    5 << attempts.clamp(1, MAX_ATTEMPTS).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_tried_for_ten_minutes() {
        let waits: Vec<_> = (1..MAX_ATTEMPTS).map(backoff).collect();
        assert_eq!(waits[..3], [5, 10, 20]);
        assert_eq!(waits.iter().sum::<i64>(), 635);
    }
}
