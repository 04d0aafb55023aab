//! Exchanging a refresh token for its successor, once; and ending a session with one.
//!
//! The successor is also kept sealed under a key that only the spent token yields,
//! so that a client whose answer was lost can be given the same one again, and a
//! thief of the database can be given nothing.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use hkdf::Hkdf;
use jiff::Timestamp;
use sha2::Sha256;
use signet_keys::SealingKey;
use signet_shared::BUILT_IN_CLIENT;
use zeroize::Zeroizing;

use crate::{
    app::{App, after},
    error::Refusal,
    model::{
        secret::PlainRefreshToken,
        session::{Bearer, Origin, Rotated, Rotation, Subject},
    },
};

const REFUSED: Refusal = Refusal::BadToken("this refresh token is unknown, expired or spent; log in again");

/// Spends a refresh token of the account APIs.
pub async fn refresh(app: &App, presented: &str, origin: &Origin) -> Result<(Subject, PlainRefreshToken), Refusal> {
    let lives = Lives {
        refresh_token: app.settings.get().refresh_token_lifetime,
        idle: app.settings.get().refresh_token_idle_lifetime,
    };
    let (bearer, successor) = spend(app, BUILT_IN_CLIENT, presented, lives, origin).await?;
    Ok((bearer.subject, successor))
}

/// How long a client's refresh tokens live, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    /// Each of them.
    pub refresh_token: i64,
    /// As long as it lies unused; 0 for no limit of its own.
    pub idle: i64,
}

/// Spends a refresh token of a client.
pub async fn spend(
    app: &App,
    client: &str,
    presented: &str,
    lives: Lives,
    origin: &Origin,
) -> Result<(Bearer, PlainRefreshToken), Refusal> {
    let presented = PlainRefreshToken::parse(presented).ok_or(REFUSED)?;
    let successor = PlainRefreshToken::generate(app.entropy.as_ref());
    let now = app.now();
    let rotation = rotation(app, client, &presented, &successor, lives, origin, now);
    match app.store.rotate(&rotation, now).await? {
        Rotated::Fresh(bearer) => {
            app.metrics.refresh();
            Ok((bearer, successor))
        }
        Rotated::Repeated { bearer, sealed_successor } => Ok((bearer, unseal(&presented, &sealed_successor)?)),
        Rotated::Replayed => {
            app.metrics.reuse();
            tracing::warn!(client, "a spent refresh token was replayed; its family is revoked");
            Err(REFUSED)
        }
        Rotated::Refused => Err(REFUSED),
    }
}

/// Ends the session that a refresh token keeps alive.
pub async fn log_out(app: &App, presented: &str, origin: &Origin) -> Result<(), Refusal> {
    let presented = PlainRefreshToken::parse(presented).ok_or(REFUSED)?;
    let now = app.now();
    let (grace_since, memory_since) = {
        let settings = app.settings.get();
        (after(now, -settings.refresh_grace), after(now, -settings.refresh_reuse_memory))
    };
    let ended = app
        .store
        .end_session_by_token(&presented.hash(), BUILT_IN_CLIENT, grace_since, memory_since, origin, now)
        .await?;
    if ended { Ok(()) } else { Err(REFUSED) }
}

fn rotation(
    app: &App,
    client: &str,
    presented: &PlainRefreshToken,
    successor: &PlainRefreshToken,
    lives: Lives,
    origin: &Origin,
    now: Timestamp,
) -> Rotation {
    let settings = app.settings.get();
    let idle = lives.idle;
    let sealed = sealing_key(presented).seal(successor.expose().as_bytes(), b"successor", app.entropy.as_ref());
    Rotation {
        presented: presented.hash(),
        client: client.to_owned(),
        successor: successor.hash(),
        sealed_successor: STANDARD_NO_PAD.encode(sealed),
        successor_expires_at: after(now, lives.refresh_token),
        idle_since: if idle == 0 { Timestamp::UNIX_EPOCH } else { after(now, -idle) },
        // Off is off, also for one whose clock was read before the winner's.
        grace_since: if settings.refresh_grace == 0 { Timestamp::MAX } else { after(now, -settings.refresh_grace) },
        memory_since: after(now, -settings.refresh_reuse_memory),
        remembered_until: after(now, settings.refresh_reuse_memory),
        origin: origin.clone(),
    }
}

/// HKDF (RFC 5869) from the token, which has enough randomness to need no salt.
fn sealing_key(token: &PlainRefreshToken) -> SealingKey {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, token.expose().as_bytes())
        .expand(b"signet refresh token successor", key.as_mut())
        .expect("HKDF-SHA-256 yields up to 8160 bytes");
    SealingKey::new(*key)
}

fn unseal(presented: &PlainRefreshToken, sealed: &str) -> Result<PlainRefreshToken, Refusal> {
    let sealed = STANDARD_NO_PAD.decode(sealed).map_err(anyhow::Error::from)?;
    let opened = sealing_key(presented).open(&sealed, b"successor").map_err(anyhow::Error::from)?;
    let text = std::str::from_utf8(&opened).map_err(anyhow::Error::from)?;
    Ok(PlainRefreshToken::parse(text).ok_or_else(|| anyhow::anyhow!("a sealed successor is no refresh token"))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_keys::OsEntropy;

    #[test]
    fn only_the_spent_token_opens_its_successor() {
        let [spent, successor, other] = [(); 3].map(|()| PlainRefreshToken::generate(&OsEntropy));
        let sealed = sealing_key(&spent).seal(successor.expose().as_bytes(), b"successor", &OsEntropy);
        let sealed = STANDARD_NO_PAD.encode(sealed);
        assert_eq!(unseal(&spent, &sealed).unwrap().hash(), successor.hash());
        assert!(unseal(&other, &sealed).is_err());
    }
}
