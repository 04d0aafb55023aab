//! Who calls: a key or a token, or somebody who signed in and is kept so.

use std::fmt;

use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    api::{ApiError, NOT_SIGNED_IN, http, post},
    exit::Exit,
    keep::{Keep, KeepError},
    profile::Home,
};

/// Who calls.
pub enum Caller {
    /// A key to the admin API, or an access token: it serves as long as it does.
    Token(Zeroizing<String>),
    /// Somebody who signed in, and is kept so with a refresh token.
    Session(Session),
    /// Nobody yet.
    Nobody,
}

impl Caller {
    /// Their address; `None` for a key or a token.
    pub fn email(&self) -> Option<&str> {
        match self {
            Self::Token(_) | Self::Nobody => None,
            Self::Session(session) => Some(&session.login.email),
        }
    }
}

/// A refresh token, and whose.
#[derive(Clone)]
pub struct Login {
    /// For which server alone.
    pub server: Url,
    /// Whose.
    pub email: String,
    /// The token.
    pub refresh_token: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("server", &self.server.as_str()).finish_non_exhaustive()
    }
}

/// What somebody who signed in is given.
#[derive(Deserialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

/// A login, kept alive.
pub struct Session {
    access: Option<Zeroizing<String>>,
    login: Login,
    keep: Keep,
}

impl Session {
    /// One of before; its access token is fetched when it is needed, and its successors are kept where it is.
    pub fn resume(login: Login, keep: Keep) -> Self {
        Self { access: None, login, keep }
    }

    /// The one that is kept for a server.
    pub async fn find(home: &Home, server: &Url) -> Result<Option<Self>, KeepError> {
        Ok(Keep::find(home, server).await?.map(|(login, keep)| Self::resume(login, keep)))
    }

    /// Ends it on the server.
    pub async fn end(&self) -> Result<(), ApiError> {
        let body = serde_json::json!({ "refresh_token": self.login.refresh_token });
        match post::<Value>(&http()?, &self.login.server, "/api/logout/", &body).await {
            // One that the server does not know any more is ended.
            Ok(_) | Err(ApiError { exit: Exit::NotAllowed, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Keeps it no more.
    pub async fn forget(&self) -> Result<(), KeepError> {
        self.keep.forget(&self.login).await
    }

    /// Whether it is gone with the program.
    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self.keep, Keep::Memory)
    }

    /// An access token. One is fetched where there is none, or the one that there is was `refused`.
    pub(crate) async fn token(
        &mut self,
        http: &reqwest::Client,
        refused: Option<&str>,
    ) -> Result<Zeroizing<String>, ApiError> {
        match &self.access {
            Some(access) if refused != Some(access.as_str()) => Ok(access.clone()),
            _ => self.refresh(http).await,
        }
    }

    /// Signs the same operator in anew, and ends the session of before.
    pub(crate) async fn sign_in_again(&mut self, http: &reqwest::Client, password: &str) -> Result<(), ApiError> {
        let fresh = sign_in(&self.login.server, &self.login.email, password).await?;
        let _turn = self.keep.turn().await?;
        let before = Self::resume(std::mem::replace(&mut self.login, fresh), Keep::Memory);
        self.spend(http).await?;
        // Nobody needs it any more; one that the server does not know any more is as well.
        let _ = before.end().await;
        Ok(())
    }

    /// Another program of the same operator may have refreshed the login meanwhile: one at a time does, with the latest token.
    async fn refresh(&mut self, http: &reqwest::Client) -> Result<Zeroizing<String>, ApiError> {
        let _turn = self.keep.turn().await?;
        if let Some(home) = self.keep.home()
            && let Some((latest, _)) = Keep::find(home, &self.login.server).await?
            && latest.email == self.login.email
        {
            self.login = latest;
        }
        self.spend(http).await
    }

    async fn spend(&mut self, http: &reqwest::Client) -> Result<Zeroizing<String>, ApiError> {
        let body = serde_json::json!({ "refresh_token": self.login.refresh_token });
        let tokens: Result<Tokens, _> = post(http, &self.login.server, "/api/refresh/", &body).await;
        let tokens = tokens.map_err(|error| match error.exit {
            Exit::NotAllowed => ApiError {
                code: NOT_SIGNED_IN.to_owned(),
                message: "you are signed in no more; run signetctl login".to_owned(),
                ..error
            },
            _ => error,
        })?;
        self.login.refresh_token = tokens.refresh_token;
        // Before anything is done with it: the one of before is spent.
        self.keep.save(&self.login).await?;
        let access = Zeroizing::new(tokens.access_token);
        self.access = Some(access.clone());
        Ok(access)
    }
}

/// Signs in with a password, and keeps the login in place of the one that was kept for the server, which is ended.
pub async fn sign_in_and_keep(server: &Url, email: &str, password: &str, keep: Keep) -> Result<Caller, ApiError> {
    keep.probe().await?;
    keep_login(sign_in(server, email, password).await?, keep).await
}

/// Keeps a login in place of the one that was kept for its server, which is ended.
pub async fn keep_login(login: Login, keep: Keep) -> Result<Caller, ApiError> {
    let before = kept_before(&keep, &login.server).await?;
    let session = Session::resume(login, keep);
    if let Some(before) = before {
        // Nobody needs it any more; a server that does not know it any more is as well.
        let _ = before.end().await;
        let _ = before.forget().await;
    }
    if let Err(error) = session.keep.save(&session.login).await {
        // Nobody could take it up.
        let _ = session.end().await;
        return Err(error.into());
    }
    Ok(Caller::Session(session))
}

async fn kept_before(keep: &Keep, server: &Url) -> Result<Option<Session>, KeepError> {
    let Some(home) = keep.home() else { return Ok(None) };
    match Session::find(home, server).await {
        // The way around a keyring that fails must not lead through it.
        Err(KeepError::Keyring(_)) => Ok(None),
        found => found,
    }
}

async fn sign_in(server: &Url, email: &str, password: &str) -> Result<Login, ApiError> {
    let body = serde_json::json!({ "email": email, "password": password });
    let tokens: Tokens = post(&http()?, server, "/api/login/", &body).await?;
    Ok(Login { server: server.clone(), email: email.to_owned(), refresh_token: tokens.refresh_token })
}
