//! The cookie API's guard against foreign pages. A form cannot send JSON, and where
//! a browser says which page sends a request, that page must be ours or one the
//! operator named; so no other page can drive a session or log somebody in.

use salvo::{
    Depot, Request, Response, Writer, async_trait,
    handler::Handler,
    http::{Method, header},
    prelude::FlowCtrl,
};

use crate::{
    app,
    error::{CookieApiError, Refusal},
    http::body::{JSON, is_json},
};

/// The hoop.
pub struct CookieGuard;

#[async_trait]
impl Handler for CookieGuard {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        let refusal = match *req.method() {
            Method::POST if !is_json(req) => Refusal::UnsupportedMediaType(JSON),
            Method::POST if !is_from_allowed_page(req, depot) => Refusal::Forbidden {
                code: "origin_not_allowed",
                message: "this page may not call here; its origin is neither the public URL nor in cors_origins",
            },
            _ => {
                ctrl.call_next(req, depot, res).await;
                return;
            }
        };
        CookieApiError(refusal).write(req, depot, res).await;
        ctrl.skip_rest();
    }
}

fn is_from_allowed_page(req: &Request, depot: &Depot) -> bool {
    let mut origins = req.headers().get_all(header::ORIGIN).iter().peekable();
    if origins.peek().is_none() {
        return true;
    }
    let Some(app) = app::of(depot) else { return false };
    origins.all(|origin| {
        let origin = origin.as_bytes();
        origin == app.public_url.origin().as_bytes()
            || app.cors_origins.iter().any(|allowed| allowed.as_bytes() == origin)
    })
}
