//! What cannot go on.

use askama::Template;

use super::plain_pages;
use crate::{
    error::Refusal,
    pages::{
        look::Frame,
        texts::{Message, Texts},
    },
};

/// Says why, and what to do.
#[derive(Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage<'a> {
    /// Look and language.
    pub frame: Frame<'a>,
    /// What kind of thing went wrong.
    pub kind: ErrorKind,
    /// For whoever makes the client, in English.
    pub description: Option<String>,
    /// Finds the request in the log.
    pub request_id: String,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The client asked for something that cannot be; it is not told, for it may not be who it says.
    Request,
    /// The page was left open for too long, or used twice.
    Expired,
    /// Nothing is there.
    Missing,
    /// That is not for this user.
    Forbidden,
    /// Too many tries.
    Throttled,
    /// Too much to do, or the database is away.
    Busy,
    /// Our fault.
    Fault,
}

impl ErrorKind {
    /// Every kind, each once.
    #[cfg(test)]
    pub const ALL: [Self; 7] =
        [Self::Request, Self::Expired, Self::Missing, Self::Forbidden, Self::Throttled, Self::Busy, Self::Fault];

    /// Of a request that was refused as a whole.
    pub fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::WrongCode | Refusal::BadToken(_) | Refusal::NotNow(_) | Refusal::Stale { .. } => Self::Expired,
            Refusal::NotFound(_) => Self::Missing,
            Refusal::Forbidden { .. } | Refusal::WrongCredentials => Self::Forbidden,
            Refusal::Throttled(_) => Self::Throttled,
            Refusal::Overloaded(_) | Refusal::Unavailable(_) => Self::Busy,
            Refusal::Internal(_) => Self::Fault,
            _ => Self::Request,
        }
    }

    fn message(self, texts: &'static Texts) -> &'static Message {
        let errors = &texts.errors;
        match self {
            Self::Request => &errors.request,
            Self::Expired => &errors.expired,
            Self::Missing => &errors.missing,
            Self::Forbidden => &errors.forbidden,
            Self::Throttled => &errors.throttled,
            Self::Busy => &errors.busy,
            Self::Fault => &errors.fault,
        }
    }
}

plain_pages!(ErrorPage);
