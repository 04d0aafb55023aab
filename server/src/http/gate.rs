//! The gate before the admin API: whoever passes has proved who they are and may do what they ask. Handlers take
//! [`Caller`], which only the gate can make.

use salvo::{
    Depot, Extractible, Request, Response, Writer, async_trait,
    extract::Metadata,
    handler::Handler,
    http::Method,
    oapi::{Components, EndpointArgRegister, Operation},
    prelude::FlowCtrl,
};
use signet_shared::admin::{Access, Permission, Resource};

use super::{
    caller::{bearer_token, demand},
    origin::client_origin,
};
use crate::{
    admin, app,
    error::{Problem, Refusal},
    model::actor::Actor,
};

/// Where the admin API begins.
pub const PREFIX: &str = "/admin/v1/";

/// The hoop.
pub struct Gate;

/// Whoever passed the gate.
pub struct Caller(pub Actor);

#[async_trait]
impl Handler for Gate {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        match admit(req, depot).await {
            Ok(actor) => {
                depot.insert_typed(actor);
                ctrl.call_next(req, depot, res).await;
            }
            Err(refusal) => {
                Problem(refusal).write(req, depot, res).await;
                ctrl.skip_rest();
            }
        }
    }
}

/// Whoever may read the metrics: a program on this machine, or one that shows it may.
pub struct MetricsReader;

impl<'ex> Extractible<'ex> for MetricsReader {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(req: &'ex mut Request, depot: &'ex mut Depot) -> Result<Self, Problem> {
        let origin = client_origin(req, depot).ok_or_else(|| anyhow::anyhow!("no address"))?;
        // A proxy on this machine that is not a trusted one would else let the whole world in.
        let forwarded = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
        let direct = forwarded.iter().all(|name| !req.headers().contains_key(*name));
        if origin.address.is_loopback() && direct {
            return Ok(Self);
        }
        let app = app::of(depot).ok_or_else(|| anyhow::anyhow!("no state"))?;
        let token =
            bearer_token(req).ok_or(Refusal::BadToken("an admin API key that may read stats is needed here"))?;
        admin::authorize(app, token, Permission::read(Resource::Stats), origin).await?;
        Ok(Self)
    }
}

impl EndpointArgRegister for MetricsReader {
    fn register(_: &mut Components, operation: &mut Operation, _: &str) {
        demand(operation, "bearer");
    }
}

async fn admit(req: &Request, depot: &Depot) -> Result<Actor, Refusal> {
    let app = app::of(depot).ok_or_else(|| anyhow::anyhow!("no state"))?;
    let token = bearer_token(req).ok_or(Refusal::BadToken("an access token or an admin API key is needed here"))?;
    let origin = client_origin(req, depot).ok_or_else(|| anyhow::anyhow!("no address"))?;
    admin::authorize(app, token, wanted(req)?, origin).await
}

/// What a request needs: its method and the first segment of its path say so, for every route alike.
fn wanted(req: &Request) -> Result<Permission, Refusal> {
    let path = req.uri().path();
    let segment = path.strip_prefix(PREFIX).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let resource: Resource =
        segment.parse().map_err(|_| Refusal::NotFound("there is nothing at this path; see /docs/"))?;
    let access = if matches!(*req.method(), Method::GET | Method::HEAD) { Access::Read } else { Access::Write };
    Ok(Permission { resource: Some(resource), access })
}

impl<'ex> Extractible<'ex> for Caller {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(_: &'ex mut Request, depot: &'ex mut Depot) -> Result<Self, Problem> {
        let passed = depot.get_typed::<Actor>().cloned();
        Ok(Self(passed.map_err(|_| anyhow::anyhow!("a route of the admin API that is not behind the gate"))?))
    }
}

impl EndpointArgRegister for Caller {
    fn register(_: &mut Components, operation: &mut Operation, _: &str) {
        demand(operation, "bearer");
    }
}
