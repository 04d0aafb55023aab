//! Signet's server: logs users in, issues and rotates JWTs, publishes its keys.
//!
//! `docs/` describes the rooms. [`start()`] takes a [`config::Config`] and returns
//! a server that answers.

// The database's futures are ours where it is embedded, and they lie deep in one another.
#![recursion_limit = "256"]

mod account;
mod admin;
mod app;
mod bootstrap;
mod clients;
mod clock;
pub mod config;
mod docs;
mod error;
mod health;
mod http;
mod jobs;
mod keyring;
mod mail;
mod metrics;
pub mod model;
mod oidc;
mod outgoing;
mod pages;
mod password;
mod rewrap;
mod rotation;
mod router;
mod start;
pub mod store;
pub mod telemetry;
mod tokens;
mod tuning;

pub use bootstrap::FirstAdministrator;
pub use mail::Templates;
pub use rewrap::rewrap;
pub use start::{Running, migrate, start};
