//! The vocabulary that Signet's programs speak to each other and to the world:
//! identifiers, scopes, the words of OAuth, durations, what is known of people, and the admin API's requests and answers. It
//! holds no I/O, no clock and no state, and depends on nothing of ours.
#![deny(missing_docs)]

pub mod admin;
mod duration;
mod id;
pub mod oauth;
mod profile;
mod scope;
pub mod uri;

pub use duration::{InvalidDuration, format_seconds, parse_seconds};
pub use id::{BUILT_IN_CLIENT, GrantId, InvalidId, SessionId, TERMINAL_CLIENT, UserId};
pub use profile::{Address, InvalidMember, Profile};
pub use scope::{InvalidScope, Scope, ScopeSet};
