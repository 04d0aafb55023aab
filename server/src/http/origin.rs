//! Where a request came from, as a handler's argument.

use salvo::{
    Depot, Extractible, Request,
    extract::Metadata,
    http::StatusError,
    oapi::{Components, EndpointArgRegister, Operation},
};

use crate::model::session::Origin;

/// What is kept of a user agent.
const USER_AGENT_LENGTH: usize = 256;

/// The caller's resolved address, put there by the front.
#[derive(Clone, Copy)]
pub(super) struct ClientAddress(pub std::net::IpAddr);

/// Where a request came from; `None` if the front did not see it.
pub(super) fn client_origin(req: &Request, depot: &Depot) -> Option<Origin> {
    let ClientAddress(address) = *depot.get_typed::<ClientAddress>().ok()?;
    let user_agent = req.headers().get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    let user_agent = user_agent.unwrap_or_default().chars().take(USER_AGENT_LENGTH).collect();
    Some(Origin { address, user_agent })
}

/// The caller's address and user agent.
pub struct From(pub Origin);

impl<'ex> Extractible<'ex> for From {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(req: &'ex mut Request, depot: &'ex mut Depot) -> Result<Self, StatusError> {
        client_origin(req, depot).map(Self).ok_or_else(StatusError::internal_server_error)
    }
}

impl EndpointArgRegister for From {
    fn register(_: &mut Components, _: &mut Operation, _: &str) {}
}
