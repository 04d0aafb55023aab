//! What every request passes before a handler sees it, and the arguments that
//! handlers take: who calls, from where, with what body. No business rule lives here.

pub mod address_limit;
pub mod answer;
pub mod body;
pub mod caller;
pub mod catcher;
pub mod cookie_guard;
pub mod cors;
pub mod form;
pub mod front;
pub mod gate;
pub mod idempotency;
pub mod lines;
pub mod listener;
pub mod origin;
pub mod precondition;
pub mod proxy;
pub mod query;
pub mod tls;
