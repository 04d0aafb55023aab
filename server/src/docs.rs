//! The documentation that comes with the server: the OpenAPI document, rendered
//! once from the handlers themselves, and a browser for it with assets of ours.

use bytes::Bytes;
use http::{HeaderValue, header};
use salvo::{
    Depot, Request, Response, Router, async_trait,
    handler::Handler,
    oapi::{
        Info, OpenApi, SecurityScheme,
        naming::{FlexNamer, set_namer},
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme},
        swagger_ui::SwaggerUi,
    },
    prelude::FlowCtrl,
};

use crate::http::caller::COOKIE;

/// `/openapi.json` and `/docs/`, describing these routes.
pub fn router(described: &Router) -> Router {
    let ui = SwaggerUi::new("/openapi.json").title("Signet API");
    Router::new()
        .push(Router::with_path("openapi.json").get(Document(render(described))))
        .push(Router::new().hoop(AllowAssets).push(ui.into_router("docs")))
}

fn render(described: &Router) -> Bytes {
    // Schemas are named after what they are, not after where their code lies.
    set_namer(FlexNamer::new().short_mode(true));
    let info = Info::new("Signet", env!("CARGO_PKG_VERSION")).description(
        "Logs users in, issues and rotates JWTs, publishes the keys to verify them with. \
         Times are RFC 3339 UTC or whole seconds. Every path works with and without a trailing slash.",
    );
    let document = OpenApi::with_info(info)
        .add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer).bearer_format("JWT")))
        .add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE))))
        .merge_router(described);
    // It consists of strings, numbers and maps with string keys, all of which have a JSON form.
    document.to_json().unwrap_or_default().into()
}

struct Document(Bytes);

#[async_trait]
impl Handler for Document {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        res.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        res.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        res.body(self.0.clone());
    }
}

/// The API browser brings inline script and style; it may load and call nothing but us.
struct AllowAssets;

#[async_trait]
impl Handler for AllowAssets {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        ctrl.call_next(req, depot, res).await;
        res.headers_mut().insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; connect-src 'self'; img-src 'self' data:; script-src 'self' 'unsafe-inline'; \
                 style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
            ),
        );
    }
}
