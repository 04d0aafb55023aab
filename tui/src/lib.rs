//! signetctl: the terminal from which operators run Signet. It speaks to the admin API and to nothing else.
//!
//! What an operator can do is data: an [`actions::Action`] knows the request it is, the command line that repeats it, and how
//! dangerous it is. The command line parses into actions, and the dashboard makes them from keys; both send the same.

#![deny(missing_docs)]

pub mod actions;
pub mod api;
pub mod call;
pub mod cli;
pub mod dashboard;
pub mod device;
pub mod exit;
pub mod keep;
pub mod output;
pub mod profile;
pub mod session;
pub mod text;
