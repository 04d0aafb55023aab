//! Security-relevant events that stand alone.

/// What happened. Names are stable: programs filter by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditType {
    /// A login that was refused.
    LoginFail,
}

impl AuditType {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::LoginFail => "login.fail",
        }
    }

    /// How it went.
    pub fn result(self) -> &'static str {
        match self {
            Self::LoginFail => "fail",
        }
    }
}
