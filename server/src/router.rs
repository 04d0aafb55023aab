//! Every route, grouped by who calls it.

use salvo::{Depot, Request, Response, Router, async_trait, handler::Handler, prelude::FlowCtrl};

use crate::{account, admin, docs, health, oidc, pages};

/// Paths end with or without a slash alike.
pub fn router() -> Router {
    let described = Router::new()
        // Resource servers
        .push(Router::with_path(".well-known/jwks.json").get(oidc::jwks::jwks).head(Head(oidc::jwks::jwks)))
        .push(Router::with_path(".well-known/openid-configuration").get(oidc::discovery::configuration))
        .push(Router::with_path(".well-known/oauth-authorization-server").get(oidc::discovery::configuration))
        .push(oidc::router())
        // Client apps
        .push(account::api::router())
        .push(account::cookie::router())
        // People
        .push(Router::with_path("verify_email").get(pages::verify_email::verify_email))
        .push(
            Router::with_path("set_password")
                .get(pages::set_password::set_password_page)
                .post(pages::set_password::set_password),
        )
        .push(pages::account::router())
        .push(Router::with_path("device").get(pages::device::device_page).post(pages::device::answer_device))
        .push(Router::with_path("forgotten").get(pages::forgotten::forgotten_page).post(pages::forgotten::ask_for_mail))
        // Operators and their tools
        .push(admin::router())
        .push(Router::with_path("healthz").get(health::healthz).head(Head(health::healthz)))
        .push(Router::with_path("readyz").get(health::readyz).head(Head(health::readyz)))
        .push(Router::with_path("metrics").get(health::metrics));
    // Developers
    let docs = docs::router(&described);
    described.push(docs)
}

/// What the listener for metrics knows.
pub fn metrics_router() -> Router {
    Router::with_path("metrics").get(health::all_metrics)
}

/// What GET answers, for HEAD (RFC 9110 §9.3.2); the service leaves the body out. A type of its own keeps it from being
/// described a second time.
pub struct Head<H>(pub H);

#[async_trait]
impl<H: Handler> Handler for Head<H> {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        self.0.handle(req, depot, res, ctrl).await;
    }
}
