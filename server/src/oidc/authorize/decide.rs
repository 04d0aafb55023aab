//! What has to happen before an authorization request is answered (OpenID Connect Core §3.1.2.3, §3.1.2.4): a pure function of
//! the request, who is there, and how far it has come.

use jiff::Timestamp;
use signet_shared::oauth::Prompt;

use crate::{
    app::after,
    model::authorization::{AuthorizationRequest, BrowserSession, Progress},
    oidc::error::ErrorCode,
};

/// What comes next.
#[derive(Debug)]
pub enum Next<'a> {
    /// Somebody has to log in; `again`, if somebody is there already.
    LogIn {
        /// Whether somebody is there already.
        again: bool,
    },
    /// They have a temporary password, and have to choose a proper one first.
    SetPassword(&'a BrowserSession),
    /// They have to say which account they mean.
    Select(&'a BrowserSession),
    /// They have to agree.
    Consent(&'a BrowserSession),
    /// The answer.
    Answer(&'a BrowserSession),
}

impl<'a> Next<'a> {
    /// What comes before a page of ours.
    pub fn for_visit(session: Option<&'a BrowserSession>) -> Self {
        match session {
            None => Self::LogIn { again: false },
            Some(session) if session.restricted => Self::SetPassword(session),
            Some(session) => Self::Answer(session),
        }
    }

    /// The error for a client that wants nobody asked.
    pub fn silent_error(&self) -> Option<(ErrorCode, &'static str)> {
        match self {
            Self::LogIn { .. } | Self::SetPassword(_) => {
                Some((ErrorCode::LoginRequired, "somebody would have to log in"))
            }
            Self::Select(_) => Some((ErrorCode::AccountSelectionRequired, "somebody would have to choose an account")),
            Self::Consent(_) => Some((ErrorCode::ConsentRequired, "somebody would have to agree")),
            Self::Answer(_) => None,
        }
    }
}

/// What comes next. `subject` is how the client knows a user.
pub fn next<'a>(
    request: &AuthorizationRequest,
    session: Option<&'a BrowserSession>,
    progress: &Progress,
    subject: impl Fn(&BrowserSession) -> String,
    now: Timestamp,
) -> Next<'a> {
    let session = match Next::for_visit(session) {
        Next::Answer(session) => session,
        before => return before,
    };
    let wants = |prompt| request.prompt.contains(&prompt);
    let is_old = request.max_age.is_some_and(|seconds| after(session.authenticated_at, seconds) <= now);
    let is_another = request.expected_subject.as_ref().is_some_and(|expected| *expected != subject(session));
    let anew = wants(Prompt::Login) || wants(Prompt::Create) || is_old;
    let logged_in = progress.logged_in == Some(session.id);
    if (!logged_in && anew) || is_another {
        return Next::LogIn { again: true };
    }
    if wants(Prompt::SelectAccount) && progress.selected != Some(session.id) && !logged_in {
        return Next::Select(session);
    }
    let consented = progress.consented == Some(session.person.id);
    let asks_anew = wants(Prompt::Consent) && !consented;
    let knows = session.consented.as_ref().is_some_and(|consented| consented.includes(&request.agreement));
    let asks_more = !consented && !knows;
    if asks_anew || asks_more { Next::Consent(session) } else { Next::Answer(session) }
}
