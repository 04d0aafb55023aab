//! OpenID Connect and OAuth 2.0: discovery, authorization, tokens, and what is told about users.

mod assertion;
pub mod authorize;
mod browser;
mod claims;
mod client_auth;
pub mod discovery;
pub mod error;
mod hint;
pub mod inspect;
mod issue;
pub mod jwks;
pub mod logout;
pub mod token;
pub mod userinfo;

use salvo::Router;

/// Every endpoint below `/oauth2`.
pub fn router() -> Router {
    Router::with_path("oauth2")
        .push(Router::with_path("authorize").get(authorize::authorize).post(authorize::authorize))
        .push(
            Router::with_path("interaction/{id}").get(authorize::show_interaction).post(authorize::answer_interaction),
        )
        .push(Router::with_path("par").post(authorize::push))
        .push(Router::with_path("token").post(token::token))
        .push(Router::with_path("userinfo").get(userinfo::userinfo).post(userinfo::userinfo))
        .push(Router::with_path("introspect").post(inspect::introspect))
        .push(Router::with_path("revoke").post(inspect::revoke))
        .push(Router::with_path("logout").get(logout::end_session).post(logout::end_session))
}
