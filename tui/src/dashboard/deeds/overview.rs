//! The outbox, which has no screen of its own.

use super::{Change, First, fill};
use crate::{
    actions::{Action, MailAction},
    dashboard::{
        binding::Verb,
        check::Check,
        overlay::{Field, Intent},
    },
};

pub(super) fn begin(verb: Verb) -> First {
    match verb {
        Verb::TestMail => fill(
            "Send a test mail",
            Change::TestMail,
            vec![Field::of("to", "", "an address that you can look at", Check::Email)],
        ),
        Verb::Retry => {
            let lines = vec!["every mail that was put off is tried now".to_owned()];
            First::Ask(Intent::one("Try waiting mail again", lines, Action::Mail(MailAction::Retry { id: None }), None))
        }
        _ => First::Nothing("nothing here can be changed that way"),
    }
}

pub(super) fn test_mail(to: String) -> First {
    First::Ask(Intent::one("Send a test mail", vec![to.clone()], Action::Mail(MailAction::Test { to }), None))
}
