//! The things Signet is about, as pure types: what can be built is valid. No I/O,
//! no clock, no randomness of its own, no knowledge of HTTP or of the database.

pub mod actor;
pub mod api_key;
pub mod audit;
pub mod authorization;
pub mod claims;
pub mod client;
pub mod custom_claims;
pub mod device;
pub mod email;
pub mod filter;
pub mod idempotency;
pub mod logout;
pub mod mail;
pub mod password;
pub mod rule;
pub mod secret;
pub mod session;
pub mod setting;
pub mod transfer;
pub mod user;
pub mod username;
