//! Security-relevant events. Those of what users do to themselves are written by the statements that do it; these are
//! made here and written along with an operator's change, or alone where nothing changes.

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use super::actor::Actor;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $result:literal;)+) => {
        /// What happened. Names are stable: programs filter by them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventType { $($(#[$doc])* $name,)+ }

        impl EventType {
            /// As stored.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// How it went.
            pub fn result(self) -> &'static str {
                match self { $(Self::$name => $result,)+ }
            }
        }
    };
}

events! {
    /// A login that was refused.
    LoginFail = "login.fail", "fail";
    /// Settings were changed.
    SettingsChange = "settings.change", "ok";
    /// Settings were put back to an earlier revision.
    SettingsRestore = "settings.restore", "ok";
    /// The next key was told to sign.
    KeyRotate = "key.rotate", "ok";
    /// A rotation was planned, or a plan taken back.
    KeySchedule = "key.schedule", "ok";
    /// A key was taken away at once.
    KeyRevoke = "key.revoke", "ok";
    /// Keys of another algorithm are made from now on.
    KeyAdd = "key.add", "ok";
    /// Keys of an algorithm that was added are made no more.
    KeyDrop = "key.drop", "ok";
    /// An operator made a user.
    UserCreate = "user.create", "ok";
    /// An operator changed one.
    UserUpdate = "user.update", "ok";
    /// An operator took a user out of service.
    UserDisable = "user.disable", "ok";
    /// And put one back.
    UserEnable = "user.enable", "ok";
    /// An operator removed one.
    UserDelete = "user.delete", "ok";
    /// An operator set a user's password.
    UserPassword = "user.password", "ok";
    /// An operator had a reset code mailed.
    UserReset = "user.reset", "ok";
    /// An operator had an invitation mailed.
    UserInvite = "user.invite", "ok";
    /// A client registered itself.
    ClientRegister = "client.register", "ok";
    /// Users were taken over from elsewhere; one event for each batch of them.
    UserImport = "user.import", "ok";
    /// Users were read out, with or without the hashes of their passwords.
    UserExport = "user.export", "ok";
    /// An operator had waiting mail tried at once.
    MailRetry = "mail.retry", "ok";
    /// A mail was given up after its last try.
    MailGiveUp = "mail.give_up", "fail";
    /// An operator had a mail sent to see whether it arrives.
    MailTest = "mail.test", "ok";
    /// And it did not leave.
    MailTestFail = "mail.test", "fail";
    /// A client was registered.
    ClientCreate = "client.create", "ok";
    /// What is known of one was changed.
    ClientUpdate = "client.update", "ok";
    /// One's secret was replaced.
    ClientSecret = "client.secret", "ok";
    /// One was removed.
    ClientDelete = "client.delete", "ok";
    /// A key to the admin API was made.
    ApiKeyCreate = "api_key.create", "ok";
    /// And one removed.
    ApiKeyDelete = "api_key.delete", "ok";
    /// One session was ended.
    SessionEnd = "session.end", "ok";
    /// Sessions that matched a filter were ended.
    SessionRevoke = "session.revoke", "ok";
    /// All sessions of a user were ended.
    SessionEndAll = "session.end_all", "ok";
}

/// An event as it was written.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// Unique; later for later events, as far as clocks agree.
    pub id: String,
    /// When.
    pub time: Timestamp,
    /// What.
    pub kind: String,
    /// How it went.
    pub result: String,
    /// Who did it.
    pub actor: Option<String>,
    /// Whom it concerns.
    pub subject: Option<String>,
    /// From where.
    pub ip: Option<String>,
    /// What was.
    pub before: Option<Value>,
    /// What is.
    pub after: Option<Value>,
}

/// An event that is about to be written.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub kind: EventType,
    /// Who did it, where somebody proved who they are.
    pub actor: Option<String>,
    /// Whom or what it concerns.
    pub subject: Option<String>,
    /// From which address.
    pub ip: Option<IpAddr>,
    /// What was.
    pub before: Option<Value>,
    /// What is.
    pub after: Option<Value>,
}

impl Event {
    /// Something that an operator did.
    pub fn by(actor: &Actor, kind: EventType) -> Self {
        let (who, ip) = (Some(actor.principal.to_string()), Some(actor.origin.address));
        Self { kind, actor: who, subject: None, ip, before: None, after: None }
    }

    /// About whom or what.
    pub fn about(self, subject: impl ToString) -> Self {
        Self { subject: Some(subject.to_string()), ..self }
    }

    /// What it changed.
    pub fn changing(self, before: impl Into<Option<Value>>, after: impl Into<Option<Value>>) -> Self {
        Self { before: before.into(), after: after.into(), ..self }
    }
}
