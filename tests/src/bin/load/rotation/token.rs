//! A token as whoever shows it sees it: text, and what can be read without a key.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use jiff::Timestamp;
use jsonwebtoken::{dangerous::insecure_decode, decode_header};
use serde::Deserialize;

use crate::{rotation::between, store::now};

/// So long before its end a token is shown for the last time.
const BEFORE_END: Duration = Duration::from_millis(500);

/// An access token.
#[derive(Clone, Debug)]
pub struct Token {
    /// All of it.
    pub text: Arc<str>,
    /// The key that signed it.
    pub kid: Arc<str>,
    expires_at: Timestamp,
    received: Instant,
}

impl Token {
    /// One that was received just now.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Claims {
            exp: i64,
        }
        let kid = decode_header(text)?.kid.context("a token without a kid")?;
        let Claims { exp } = insecure_decode(text)?.claims;
        let expires_at = Timestamp::from_second(exp)?;
        Ok(Self { text: text.into(), kid: kid.into(), expires_at, received: Instant::now() })
    }

    /// How long it has been here.
    pub fn age(&self) -> Duration {
        self.received.elapsed()
    }

    /// How long it may still be shown.
    pub fn left(&self) -> Duration {
        self.expires_at.duration_since(now()).try_into().unwrap_or_default()
    }

    /// When it is shown: now, twice at random, and shortly before its end.
    pub fn moments(&self) -> [Instant; 4] {
        let last = self.left().saturating_sub(BEFORE_END);
        let mut after = [Duration::ZERO, between(Duration::ZERO, last), between(Duration::ZERO, last), last];
        after.sort();
        let now = Instant::now();
        after.map(|after| now + after)
    }
}
