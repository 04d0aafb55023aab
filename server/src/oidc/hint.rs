//! ID tokens that come back: they tell whom a client means (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2). One that has
//! expired still does.

use serde::Deserialize;

use super::issue::ID_TOKEN_TYPE;
use crate::app::App;

/// What an ID token of ours says about whom it was for.
#[derive(Debug, Deserialize)]
pub struct Hint {
    iss: String,
    /// What else is signed alike, such as what is told at the UserInfo endpoint, has no end.
    #[serde(rename = "exp")]
    _exp: i64,
    /// The user, as the client knows them.
    pub sub: String,
    /// The client.
    pub aud: String,
    /// The session.
    #[serde(default)]
    pub sid: Option<String>,
}

/// Reads one; `None` where it is not ours.
pub fn read(app: &App, token: &str) -> Option<Hint> {
    let hint: Hint = app.keyring.load().recall(token, ID_TOKEN_TYPE)?;
    (hint.iss == app.public_url.as_str()).then_some(hint)
}
