//! OpenID Connect and OAuth 2.0: discovery, authorization, tokens, and what is told about users.

mod assertion;
pub mod authorize;
pub mod backchannel;
mod browser;
pub mod claims;
mod client_auth;
pub mod device;
pub mod discovery;
pub mod error;
mod frontchannel;
mod hint;
pub mod inspect;
pub mod interaction;
mod issue;
pub mod jwks;
pub mod logout;
pub mod registration;
pub mod token;
pub mod userinfo;

use salvo::Router;

/// Every endpoint below `/oauth2`.
pub fn router() -> Router {
    Router::with_path("oauth2")
        .push(Router::with_path("authorize").get(authorize::authorize).post(authorize::authorize))
        .push(interaction::router())
        .push(Router::with_path("par").post(authorize::push))
        .push(Router::with_path("device_authorization").post(device::device_authorization))
        .push(registration::router())
        .push(Router::with_path("token").post(token::token))
        .push(Router::with_path("userinfo").get(userinfo::userinfo).post(userinfo::userinfo))
        .push(Router::with_path("introspect").post(inspect::introspect))
        .push(Router::with_path("revoke").post(inspect::revoke))
        .push(Router::with_path("logout").get(logout::end_session).post(logout::end_session))
}
