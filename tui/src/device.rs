//! Signing in by the device grant (RFC 8628): this program shows a code, and its operator answers in a browser, wherever that
//! is. Nothing is typed here.

use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;
use signet_shared::TERMINAL_CLIENT;

use crate::{
    api::{ApiError, get_as, http, post_form},
    exit::Exit,
    session::{Login, Tokens},
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What a hasty poll costs (§3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// A sign-in that waits for its operator.
#[derive(Deserialize)]
pub struct DeviceLogin {
    device_code: String,
    /// The code to compare, or to type.
    pub user_code: String,
    /// Where to type it.
    pub verification_uri: String,
    /// Where it is typed already.
    pub verification_uri_complete: String,
    #[serde(default = "five")]
    interval: u64,
}

/// §3.2: what an interval is that is not told.
fn five() -> u64 {
    5
}

/// Whose login it is.
#[derive(Deserialize)]
struct Me {
    email: String,
}

impl DeviceLogin {
    /// Asks a server for a code.
    pub async fn begin(server: &Url) -> Result<Self, ApiError> {
        let form = [("client_id", TERMINAL_CLIENT)];
        let answered = post_form::<Self>(&http()?, server, "/oauth2/device_authorization", &form).await?;
        answered.map_err(|refused| refused.into_error(Exit::NotAllowed))
    }

    /// Waits for the answer.
    pub async fn wait(&self, server: &Url) -> Result<Login, ApiError> {
        let http = http()?;
        let form = [("client_id", TERMINAL_CLIENT), ("grant_type", GRANT), ("device_code", &self.device_code)];
        let mut interval = Duration::from_secs(self.interval.max(1));
        loop {
            tokio::time::sleep(interval).await;
            match post_form::<Tokens>(&http, server, "/oauth2/token", &form).await {
                Ok(Ok(tokens)) => return whose(&http, server, tokens).await,
                Ok(Err(refused)) if refused.error == "authorization_pending" => {}
                Ok(Err(refused)) if refused.error == "slow_down" => interval += SLOWER,
                Ok(Err(refused)) => return Err(refused.into_error(Exit::NotAllowed)),
                // A server that is gone for a moment is asked again, less often (§3.5).
                Err(error) if error.exit == Exit::Network => interval += SLOWER,
                Err(error) => return Err(error),
            }
        }
    }
}

async fn whose(http: &reqwest::Client, server: &Url, tokens: Tokens) -> Result<Login, ApiError> {
    let me: Me = get_as(http, server, "/api/me/", &tokens.access_token).await?;
    Ok(Login { server: server.clone(), email: me.email, refresh_token: tokens.refresh_token })
}

/// What RFC 6749 §5.2 refuses with.
#[derive(Deserialize)]
pub(crate) struct Refused {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Refused {
    /// As an error of ours.
    pub(crate) fn of(json: Value) -> Option<Self> {
        serde_json::from_value(json).ok()
    }

    fn into_error(self, exit: Exit) -> ApiError {
        let message = if self.error_description.is_empty() { self.error.clone() } else { self.error_description };
        ApiError { exit, code: self.error, message, current: None }
    }
}
