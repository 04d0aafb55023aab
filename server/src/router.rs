//! Every route, grouped by who calls it.

use salvo::Router;

use crate::{account, docs, health, oidc, pages};

/// Paths end with or without a slash alike.
pub fn router() -> Router {
    let described = Router::new()
        // Resource servers
        .push(Router::with_path(".well-known/jwks.json").get(oidc::jwks::jwks).head(oidc::jwks::jwks))
        // Client apps
        .push(account::api::router())
        .push(account::cookie::router())
        // People
        .push(Router::with_path("verify_email").get(pages::verify_email::verify_email))
        // Operators and their tools
        .push(Router::with_path("healthz").get(health::healthz).head(health::healthz))
        .push(Router::with_path("readyz").get(health::readyz).head(health::readyz));
    // Developers
    let docs = docs::router(&described);
    described.push(docs)
}
