//! The real programs, driven from outside: over HTTP, SMTP and signals. Each test starts what it needs on free ports with
//! data of its own, and is named after the behaviour it shows.

// A test that finds nothing where it expects something shall panic right there.
#![allow(clippy::unwrap_used)]

mod account_page;
mod admin_access;
mod admin_audit;
mod admin_clients;
mod admin_keys;
mod admin_mail;
mod admin_sessions;
mod admin_settings;
mod admin_stats;
mod admin_transfer;
mod admin_users;
mod bad_input;
mod canaries;
mod cookie_api;
mod dashboard;
mod dashboard_manners;
mod disk;
mod documentation;
mod durability;
mod harness;
mod house_rules;
mod issuer_path;
mod mails;
#[cfg(feature = "database-server")]
mod nodes;
mod openid;
mod openid_claims;
mod openid_clients;
mod openid_device;
mod openid_logout;
mod openid_misuse;
mod openid_people;
mod openid_registration;
mod openid_rules;
mod openid_rules_claims;
mod openid_rules_objects;
mod openid_rules_tokens;
mod openid_tokens;
mod passwords;
mod process;
mod profiles;
#[cfg(feature = "real-browser")]
mod real_browser;
#[cfg(feature = "real-clients")]
mod real_clients;
mod recovery;
mod refresh;
mod registration;
mod rotation;
mod sessions;
mod surface;
mod terminal;
mod token_api;
mod tokens;
