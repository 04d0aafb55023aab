//! Logging in: a try is reserved, then the password is looked at, then a session
//! is opened. Whoever does not exist costs and shows the same as whoever does.

use jiff::Timestamp;
use signet_shared::{GrantId, SessionId};

use super::{FAMILIAR_FOR, admit, attempt_limit, throttled};
use crate::{
    app::{App, after},
    error::Refusal,
    metrics::LoginResult,
    model::{
        audit::{Event, EventType},
        password::{HashedPassword, PlainPassword},
        secret::{PlainCode, PlainRefreshToken, SecretHash},
        session::{Keeping, NewSession, Origin, Subject},
        user::LoginName,
    },
    password::{Cost, Place, Verdict},
    store::{Attempt, Candidate},
};

/// How the session that a login opens shall be kept alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// By a renewable cookie.
    ByCookie,
    /// By refresh tokens.
    ByRefreshTokens,
}

/// A user who has just logged in.
pub struct LoggedIn {
    /// Who, and in which session.
    pub subject: Subject,
    /// The first of the family, where the session is kept that way.
    pub refresh_token: Option<PlainRefreshToken>,
    /// When the session ends at the latest.
    pub expires_at: Timestamp,
}

/// Opens a session for whoever has this name, if the password is theirs.
pub async fn log_in(
    app: &App,
    name: &LoginName,
    password: &str,
    kept: Kept,
    origin: &Origin,
) -> Result<LoggedIn, Refusal> {
    let (candidate, rehashed) = authenticate(app, name, password, origin).await?;
    open(app, candidate, rehashed, kept, origin).await
}

/// Opens a session on a browser, which gets this cookie in place of the one of before.
pub async fn log_in_on_browser(
    app: &App,
    name: &LoginName,
    password: &str,
    cookie: &PlainCode,
    cookie_before: Option<&SecretHash>,
    origin: &Origin,
) -> Result<SessionId, Refusal> {
    let (candidate, rehashed) = authenticate(app, name, password, origin).await?;
    let now = app.now();
    let expires_at = ends_at(&candidate, app.settings.get().browser_session_lifetime, now);
    let session = new_session(app, candidate, rehashed, expires_at, Keeping::Cookie, origin);
    let familiar_until = after(now, FAMILIAR_FOR);
    let opened = app.store.open_browser_session(&session, &cookie.hash(), cookie_before, familiar_until, now).await?;
    // The password was changed, or its owner disabled, while we looked at it.
    let opened = opened.ok_or(Refusal::WrongCredentials)?;
    app.metrics.login(LoginResult::Ok);
    Ok(opened)
}

/// Whoever has this name, if the password is theirs and may open anything.
async fn authenticate(app: &App, name: &LoginName, password: &str, origin: &Origin) -> Result<Proven, Refusal> {
    admit(app, origin)?;
    let place = app.passwords.enter()?;
    let now = app.now();
    let attempt = app.store.reserve_login(name, origin, attempt_limit(app, now), now).await?;
    let candidate = match attempt {
        Attempt::Throttled { until } => {
            app.metrics.login(LoginResult::Throttled);
            return Err(throttled(until, now));
        }
        Attempt::Reserved(candidate) => candidate,
    };
    let (candidate, rehashed) = match prove(app, &place, candidate, password).await? {
        Ok(proven) => proven,
        Err(subject) => {
            let event = Event {
                kind: EventType::LoginFail,
                actor: None,
                subject: subject.map(|user| user.to_string()),
                ip: Some(origin.address),
                before: None,
                after: None,
            };
            app.metrics.login(LoginResult::Failed);
            app.store.record(&event, app.now()).await?;
            return Err(Refusal::WrongCredentials);
        }
    };
    if app.settings.get().email_verification_required && !candidate.email_verified {
        app.metrics.login(LoginResult::Failed);
        // They cannot ask for it themselves: that takes a login.
        app.store.ask_verification(candidate.user, app.now()).await?;
        app.outbox.wake();
        return Err(Refusal::Forbidden {
            code: "email_not_verified",
            message: "confirm your email address first; a mail with a new link is on its way",
        });
    }
    Ok((candidate, rehashed))
}

type Proven = (Candidate, Option<HashedPassword>);

/// The candidate back if they proved themselves, or whom the failure is about.
async fn prove(
    app: &App,
    place: &Place<'_>,
    candidate: Option<Candidate>,
    password: &str,
) -> Result<Result<Proven, Option<signet_shared::UserId>>, Refusal> {
    let policy = Cost::from_settings(&app.settings.get());
    let stored = candidate.as_ref().map(|candidate| candidate.credential.hash.clone());
    let Verdict { matches, rehashed } = place.verify(PlainPassword::new(password), stored, policy).await?;
    let Some(candidate) = candidate else { return Ok(Err(None)) };
    let lapsed = candidate.credential.temporary_until.is_some_and(|until| until <= app.now());
    if !matches || candidate.disabled || lapsed {
        return Ok(Err(Some(candidate.user)));
    }
    Ok(Ok((candidate, rehashed)))
}

async fn open(
    app: &App,
    candidate: Candidate,
    rehashed: Option<HashedPassword>,
    kept: Kept,
    origin: &Origin,
) -> Result<LoggedIn, Refusal> {
    let now = app.now();
    let settings = app.settings.get();
    let (lifetime, refresh_token) = match kept {
        Kept::ByCookie => (settings.browser_session_lifetime, None),
        Kept::ByRefreshTokens => {
            (settings.refresh_token_lifetime, Some(PlainRefreshToken::generate(app.entropy.as_ref())))
        }
    };
    let expires_at = ends_at(&candidate, lifetime, now);
    let keeping = refresh_token.clone().map_or(Keeping::Cookie, |first| Keeping::RefreshTokens {
        grant: GrantId::from_random_bytes(app.random()),
        first,
        expires_at,
    });
    let session = new_session(app, candidate, rehashed, expires_at, keeping, origin);
    let opened = app.store.open_session(&session, after(now, FAMILIAR_FOR), now).await?;
    // The password was changed, or its owner disabled, while we looked at it.
    let subject = opened.ok_or(Refusal::WrongCredentials)?;
    app.metrics.login(LoginResult::Ok);
    Ok(LoggedIn { subject, refresh_token, expires_at })
}

/// When a session that opens now ends at the latest. A login with a temporary password is over when that is.
fn ends_at(candidate: &Candidate, lifetime: i64, now: Timestamp) -> Timestamp {
    let full = after(now, lifetime);
    candidate.credential.temporary_until.map_or(full, |until| until.min(full))
}

fn new_session(
    app: &App,
    candidate: Candidate,
    rehashed: Option<HashedPassword>,
    expires_at: Timestamp,
    keeping: Keeping,
    origin: &Origin,
) -> NewSession {
    NewSession {
        id: SessionId::from_random_bytes(app.random()),
        user: candidate.user,
        restricted: candidate.credential.temporary_until.is_some(),
        verified_hash: candidate.credential.hash,
        rehashed,
        expires_at,
        keeping,
        origin: origin.clone(),
    }
}
