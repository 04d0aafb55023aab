//! OpenID Connect: so far, the published keys.

pub mod jwks;
