//! Ending sessions.

use signet_shared::admin::SessionView;

use super::{ANY, First};
use crate::{
    actions::{Action, SessionAction},
    dashboard::{
        binding::Verb,
        list::{List, Row},
        overlay::Intent,
    },
};

pub(super) fn begin(verb: Verb, list: &List<SessionView>) -> First {
    match verb {
        Verb::End => end(&list.chosen()),
        Verb::EndMatching => {
            let filter = if list.filter.is_empty() { "*".to_owned() } else { list.filter.clone() };
            First::Review(Action::Sessions(SessionAction::Revoke { filter, dry_run: false }))
        }
        _ => First::Nothing("sessions cannot be changed that way"),
    }
}

fn end(sessions: &[&SessionView]) -> First {
    if sessions.is_empty() {
        return First::Nothing("there is no session here");
    }
    let action = |session: &&SessionView| {
        (Action::Sessions(SessionAction::End { id: session.id.clone(), if_match: ANY.to_owned() }), None)
    };
    let count = sessions.len();
    First::Ask(Intent {
        title: if count == 1 { "End a session".to_owned() } else { format!("End {count} sessions") },
        lines: sessions.iter().map(|session| session.name()).collect(),
        actions: sessions.iter().map(action).collect(),
        word: String::new(),
    })
}
