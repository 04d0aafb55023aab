//! Answers that no handler gave: paths that do not exist, methods they do not
//! know, panics. Each in the format of the surface it was asked on.

use salvo::{Depot, Request, Response, Writer, async_trait, handler::Handler, http::StatusCode, prelude::FlowCtrl};

use crate::error::{CookieApiError, Problem, Refusal};

/// The paths of the cookie API, whose errors have a form of their own.
const COOKIE_API: [&str; 8] = [
    "auth",
    "register",
    "update_profile",
    "renew_token",
    "request_password_reset",
    "reset_password",
    "liveliness",
    "get_public_cert",
];

/// Fills in the body of an error.
pub struct FillIn;

#[async_trait]
impl Handler for FillIn {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        let refusal = match res.status_code {
            Some(StatusCode::NOT_FOUND) => Refusal::NotFound("there is nothing at this path; see /docs/"),
            Some(StatusCode::METHOD_NOT_ALLOWED) => Refusal::MethodNotAllowed,
            Some(StatusCode::PAYLOAD_TOO_LARGE) => Refusal::TooLarge,
            Some(status) if status.is_client_error() => {
                Refusal::Malformed("the request is malformed; see /docs/".to_owned())
            }
            _ => Refusal::Internal(anyhow::anyhow!("a handler failed without an answer")),
        };
        let first = req.uri().path().trim_matches('/');
        if COOKIE_API.contains(&first) {
            CookieApiError(refusal).write(req, depot, res).await;
        } else {
            Problem(refusal).write(req, depot, res).await;
        }
        ctrl.skip_rest();
    }
}
