//! What the crate promises, seen from outside. Files are named after what they test, functions after what must hold.
#![allow(clippy::unwrap_used)]

mod foreign_keys;
mod hostile_tokens;
mod identity;
mod jwks;
mod lifecycle;
mod master_keys;
mod other_implementations;
mod plan;
mod private_keys;
mod rfc_vectors;
mod rotation_model;
mod sealing;
mod support;
mod tokens;
