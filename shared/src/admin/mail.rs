//! The outbox as an operator sees it.

use serde::{Deserialize, Serialize};

/// A mail that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct MailView {
    /// What paths name it by.
    pub id: String,
    /// `password_reset`, `verify_email` or `invitation`.
    pub kind: String,
    /// The address it goes to, folded for case. Whether somebody has it is looked up when the mail is written.
    pub to: String,
    /// The id of whom it is for; `null` where it was asked for by address alone.
    pub user: Option<String>,
    /// How many times it was tried.
    pub attempts: i64,
    /// `waiting`, or `under_way` while a node has it in its hands.
    pub state: String,
    /// When it was asked for, RFC 3339.
    pub created_at: String,
    /// When it is tried next; of one that is under way, when it counts as lost.
    pub due_at: String,
    /// Why it was put off the last time.
    pub last_error: Option<String>,
}

/// How many mails are tried at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct MailRetry {
    /// How many were put off and are due now.
    pub mails: i64,
}

/// Where a test mail goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct MailTestRequest {
    /// The address.
    pub to: String,
}

/// That a test mail was taken on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct MailTest {
    /// Where it went.
    pub to: String,
    /// `smtp`: the mail server took it. `file`: it was written. `log`: mail is switched off, and nothing was sent.
    pub transport: String,
}
