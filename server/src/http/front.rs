//! The first and last station of every request: its id, the caller's address,
//! the log line, and the headers that every answer carries.

use std::{net::IpAddr, time::Instant};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header};
use ipnet::IpNet;
use salvo::{Depot, Request, Response, async_trait, handler::Handler, prelude::FlowCtrl};
use tracing::Instrument;

use super::{origin::ClientAddress, proxy::client_address};
use crate::app;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The hoop.
pub struct Front {
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether to send HSTS.
    pub https: bool,
}

#[async_trait]
impl Handler for Front {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        let started = Instant::now();
        let peer = req.remote_addr().ip().unwrap_or(IpAddr::from([127, 0, 0, 1]));
        let address = client_address(peer, req.headers(), &self.trusted_proxies);
        depot.insert_typed(ClientAddress(address));
        let id = self.request_id(address != peer.to_canonical(), req, depot);
        // Only where somebody debugs: what goes wrong is logged with the id anyway.
        let span = tracing::debug_span!("request", id = id.to_str().unwrap_or_default());
        depot.insert_typed(RequestId(id.clone()));
        ctrl.call_next(req, depot, res).instrument(span.clone()).await;
        self.dress(res.headers_mut(), id);
        count(req, depot, res, started);
        // HTTP/2 has a frame of its own for that, which the stop itself sends.
        let stopping = app::of(depot).is_some_and(|app| *app.stopping.borrow());
        if stopping && req.version() <= Version::HTTP_11 {
            res.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        // The path alone: a query may hold a code.
        tracing::debug!(
            parent: &span,
            method = %req.method(),
            path = ?req.uri().path(),
            status = res.status_code.map_or(0, |status| status.as_u16()),
            %address,
            elapsed = ?started.elapsed(),
            "answered"
        );
    }
}

/// The id of a request, put there by the front.
#[derive(Clone)]
struct RequestId(HeaderValue);

/// The id of a request, for the log.
pub fn request_id(depot: &Depot) -> &str {
    depot.get_typed::<RequestId>().ok().and_then(|id| id.0.to_str().ok()).unwrap_or_default()
}

fn count(req: &Request, depot: &Depot, res: &Response, started: Instant) {
    let Some(app) = app::of(depot) else { return };
    let status = res.status_code.map_or(200, |status| status.as_u16());
    // A path that matches nothing is the caller's choice, and no label.
    let route = match req.matched_path() {
        "" => "none".to_owned(),
        path => format!("/{path}"),
    };
    app.metrics.request(known_method(req), &route, status, started.elapsed());
}

/// A method, unless it is one that somebody made up.
fn known_method(req: &Request) -> &str {
    let method = req.method();
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if known.contains(method) { method.as_str() } else { "other" }
}

impl Front {
    /// The id a trusted proxy gave, or a new one.
    fn request_id(&self, proxied: bool, req: &Request, depot: &Depot) -> HeaderValue {
        let is_id = |value: &&HeaderValue| {
            let bytes = value.as_bytes();
            (8..=64).contains(&bytes.len()) && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        };
        if let Some(given) = req.headers().get(&REQUEST_ID).filter(|_| proxied).filter(is_id) {
            return given.clone();
        }
        let bytes: [u8; 8] = app::of(depot).map(|app| app.random()).unwrap_or_default();
        HeaderValue::try_from(format!("{:016x}", u64::from_le_bytes(bytes)))
            .unwrap_or_else(|_| HeaderValue::from_static("unknown"))
    }

    /// Headers for every answer; a handler that set one of them itself knows better.
    fn dress(&self, headers: &mut HeaderMap, id: HeaderValue) {
        headers.insert(REQUEST_ID, id);
        let defaults = [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        for (name, value) in defaults {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if self.https {
            headers
                .entry(header::STRICT_TRANSPORT_SECURITY)
                .or_insert(HeaderValue::from_static("max-age=31536000; includeSubDomains"));
        }
    }
}
