//! The dashboard's pure parts: any key at any time, at any size, and what comes of it.

// A test that finds nothing where it expects something shall panic right there.
#![allow(clippy::unwrap_used)]

mod changes;
mod company;
mod desk;
mod looks;
mod random;
mod runtime;
mod server;
