//! How the process is, for whoever runs it.

use http::{HeaderValue, StatusCode, header};
use salvo::{
    Response, Writer,
    oapi::{ToSchema, endpoint},
    writing::Json,
};
use serde::Serialize;

use crate::{
    app::{App, Shared},
    error::Problem,
    http::gate::MetricsReader,
};

/// A state in a word.
#[derive(Serialize, ToSchema)]
struct HealthBody {
    /// `OK`, or `ERROR` with what is wrong in `checks`.
    #[salvo(schema(example = "OK"))]
    status: &'static str,
    /// Each part and its state.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<CheckBody>,
}

/// One part.
#[derive(Serialize, ToSchema)]
struct CheckBody {
    /// Which.
    #[salvo(schema(example = "database"))]
    name: &'static str,
    /// Whether it works.
    ok: bool,
}

/// Metrics for Prometheus
///
/// For callers on this machine and for API keys that may read `stats`; `server.metrics_listen` opens a listener for these alone.
#[endpoint(tags("Operation"), responses((status_code = 200, description = "OpenMetrics text")))]
pub async fn metrics(app: Shared, caller: MetricsReader, res: &mut Response) -> Result<(), Problem> {
    let MetricsReader = caller;
    render(&app, res)
}

/// The same, on the listener that is for metrics alone.
#[endpoint]
pub async fn all_metrics(app: Shared, res: &mut Response) -> Result<(), Problem> {
    render(&app, res)
}

fn render(app: &App, res: &mut Response) -> Result<(), Problem> {
    let text = app.metrics.render(app).map_err(anyhow::Error::from)?;
    let media_type = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    res.headers_mut().insert(header::CONTENT_TYPE, media_type);
    res.body(text);
    Ok(())
}

/// Whether the process runs
#[endpoint(tags("Operation"))]
pub async fn healthz() -> Json<HealthBody> {
    Json(HealthBody { status: "OK", checks: Vec::new() })
}

/// Whether the server can do its work
///
/// 503 while the database does not answer or no key can sign.
#[endpoint(tags("Operation"), status_codes(200, 503))]
pub async fn readyz(app: Shared, res: &mut Response) -> Json<HealthBody> {
    let database = app.store.ping().await.is_ok();
    let algorithm = app.settings.get().default_signing_algorithm;
    let signing = app.keyring.load().signer(algorithm).is_some();
    let mail = app.outbox.has_room();
    // Mail that piles up is told, but does not take logins out of service.
    let ready = database && signing;
    if !ready {
        res.status_code(StatusCode::SERVICE_UNAVAILABLE);
    }
    let check = |name, ok| CheckBody { name, ok };
    Json(HealthBody {
        status: if ready { "OK" } else { "ERROR" },
        checks: vec![check("database", database), check("signing_key", signing), check("mail_queue", mail)],
    })
}
