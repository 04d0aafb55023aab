//! What a connection sends, one request after the other, where the next may need
//! something from the last answer.

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response,
    header::{HeaderValue, SET_COOKIE},
};
use serde::Deserialize;

use crate::{
    client::Call,
    users::{self, Share},
};

/// One connection's requests.
pub trait Chain: Send {
    /// The next one.
    fn request(&mut self) -> Request<Full<Bytes>>;

    /// Takes from a successful answer what later requests need.
    fn learn(&mut self, _answer: &Response<Bytes>) -> anyhow::Result<()> {
        Ok(())
    }
}

/// The same requests in turn.
pub struct Repeat {
    /// At least one.
    pub calls: Vec<Call>,
    /// Where the turn is.
    pub next: usize,
}

impl Chain for Repeat {
    fn request(&mut self) -> Request<Full<Bytes>> {
        self.next = (self.next + 1) % self.calls.len();
        self.calls[self.next].request(Bytes::new())
    }
}

/// Families of refresh tokens in turn, each of which goes on where it was.
pub struct Refresh {
    /// The endpoint.
    pub call: Call,
    /// The live token of each family; at least one.
    pub tokens: Vec<String>,
    /// Where the turn is.
    pub next: usize,
}

impl Chain for Refresh {
    fn request(&mut self) -> Request<Full<Bytes>> {
        self.call.request(format!(r#"{{"refresh_token":"{}"}}"#, self.tokens[self.next]))
    }

    fn learn(&mut self, answer: &Response<Bytes>) -> anyhow::Result<()> {
        #[derive(Deserialize)]
        struct Pair {
            refresh_token: String,
        }
        let Pair { refresh_token } = serde_json::from_slice(answer.body())?;
        self.tokens[self.next] = refresh_token;
        self.next = (self.next + 1) % self.tokens.len();
        Ok(())
    }
}

/// Logins of random users out of a share that no other connection has.
pub struct Login {
    /// The endpoint.
    pub call: Call,
    /// Who.
    pub share: Share,
}

impl Chain for Login {
    fn request(&mut self) -> Request<Full<Bytes>> {
        self.call.request(users::credentials("email", self.share.pick()))
    }
}

/// One cookie session, renewed with each answer's cookie.
pub struct Renew {
    /// The endpoint, with the cookie.
    pub call: Call,
}

impl Chain for Renew {
    fn request(&mut self) -> Request<Full<Bytes>> {
        self.call.request(Bytes::new())
    }

    fn learn(&mut self, answer: &Response<Bytes>) -> anyhow::Result<()> {
        self.call.set_cookie(cookie(answer)?);
        Ok(())
    }
}

/// New users without end.
pub struct Register {
    /// The endpoint.
    pub call: Call,
    /// Tells this connection's users from all others.
    pub connection: usize,
    /// How many there were.
    pub count: usize,
}

impl Chain for Register {
    fn request(&mut self) -> Request<Full<Bytes>> {
        self.count += 1;
        let email = format!("new{}x{}@example.com", self.connection, self.count);
        self.call.request(format!(r#"{{"email":"{email}","password":"{}"}}"#, users::PASSWORD))
    }
}

/// The cookie that an answer sets, as the next request shows it.
pub fn cookie(answer: &Response<Bytes>) -> anyhow::Result<HeaderValue> {
    let set = answer.headers().get(SET_COOKIE).context("an answer without a cookie")?.to_str()?;
    Ok(HeaderValue::from_str(set.split(';').next().unwrap_or(set))?)
}
