//! What this provider can do, for programs (OpenID Connect Discovery §3, RFC 8414). Written from the same words that the
//! endpoints go by, so that nothing is told that is not so.

use http::{HeaderValue, header};
use salvo::{Response, Writer, oapi::endpoint, writing::Json};
use serde_json::{Value, json};
use signet_keys::Algorithm;
use signet_shared::oauth::{ClientAuthMethod, GrantType, Prompt, ResponseMode, ResponseType, SubjectType};

use super::{authorize::ACR_VALUES, claims};
use crate::{
    app::{App, Shared},
    pages::language::Language,
};

/// What this provider can do
#[endpoint(tags("OpenID Connect"), responses((status_code = 200, description = "provider metadata (OpenID Connect Discovery §3)")))]
pub async fn configuration(app: Shared, res: &mut Response) {
    // Browser apps of any origin may read it.
    res.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    res.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    res.render(Json(metadata(&app)));
}

fn metadata(app: &App) -> Value {
    let url = |path: &str| app.public_url.join(path);
    let algorithms: Vec<_> = signing_algorithms(app);
    let all: Vec<_> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
    let methods: Vec<_> = ClientAuthMethod::ALL.iter().map(|method| method.as_str()).collect();
    let scopes = ["openid", "offline_access"].into_iter().chain(claims::SCOPES.into_iter().map(|(name, _)| name));
    let about_user: Vec<_> = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"]
        .into_iter()
        .chain(claims::supported())
        .collect();
    json!({
        "issuer": app.public_url.as_str(),
        "authorization_endpoint": url("/oauth2/authorize"),
        "token_endpoint": url("/oauth2/token"),
        "userinfo_endpoint": url("/oauth2/userinfo"),
        "jwks_uri": url("/.well-known/jwks.json"),
        "introspection_endpoint": url("/oauth2/introspect"),
        "revocation_endpoint": url("/oauth2/revoke"),
        "pushed_authorization_request_endpoint": url("/oauth2/par"),
        "end_session_endpoint": url("/oauth2/logout"),
        "scopes_supported": scopes.collect::<Vec<_>>(),
        "response_types_supported": ResponseType::ALL,
        "response_modes_supported": ResponseMode::ALL,
        "grant_types_supported": GrantType::ALL.iter().filter(|grant| **grant != GrantType::DeviceCode).collect::<Vec<_>>(),
        "subject_types_supported": SubjectType::ALL,
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "request_object_signing_alg_values_supported": all,
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": all,
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "claims_supported": about_user,
        "claim_types_supported": ["normal"],
        "acr_values_supported": ACR_VALUES,
        "prompt_values_supported": Prompt::ALL,
        "display_values_supported": ["page"],
        "ui_locales_supported": Language::ALL.map(Language::tag),
        "code_challenge_methods_supported": ["S256"],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": true,
        "require_request_uri_registration": true,
        "authorization_response_iss_parameter_supported": true,
    })
}

/// What tokens can be signed with now.
fn signing_algorithms(app: &App) -> Vec<&'static str> {
    let keyring = app.keyring.load();
    Algorithm::ALL.iter().filter(|algorithm| keyring.signer_of(**algorithm).is_some()).map(|one| one.name()).collect()
}
