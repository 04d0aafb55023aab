//! What this provider can do, for programs (OpenID Connect Discovery §3, RFC 8414). Written from the same words that the
//! endpoints go by, so that nothing is told that is not so.

use std::{collections::BTreeSet, sync::Arc};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http::{HeaderValue, header};
use salvo::{Response, Writer, oapi::endpoint};
use serde_json::{Value, json};
use signet_keys::Algorithm;
use signet_shared::oauth::{ClientAuthMethod, GrantType, Prompt, ResponseMode, ResponseType, SubjectType};

use super::{authorize::ACR_VALUES, claims};
use crate::{
    app::{App, Shared},
    error::{Problem, Refusal},
    model::setting::ClientRegistration,
    pages::language::Language,
};

/// The document, and what it was written from.
struct Written {
    settings: i64,
    keys: i64,
    text: Bytes,
}

/// The document as it was last written: it is asked for far more often than anything in it changes.
#[derive(Default)]
pub struct Document(ArcSwapOption<Written>);

impl Document {
    fn current(&self, app: &App) -> anyhow::Result<Bytes> {
        let (settings, keys) = (app.settings.revision(), app.keyring.load().revision());
        if let Some(written) = self.0.load().as_ref().filter(|it| it.settings == settings && it.keys == keys) {
            return Ok(written.text.clone());
        }
        let text = Bytes::from(serde_json::to_vec(&metadata(app))?);
        self.0.store(Some(Arc::new(Written { settings, keys, text: text.clone() })));
        Ok(text)
    }
}

/// What this provider can do
#[endpoint(tags("OpenID Connect"), responses((status_code = 200, description = "provider metadata (OpenID Connect Discovery §3)")))]
pub async fn configuration(app: Shared, res: &mut Response) -> Result<(), Problem> {
    let text = app.discovery.current(&app).map_err(Refusal::from)?;
    // Browser apps of any origin may read it.
    res.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    res.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    res.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    res.body(text);
    Ok(())
}

fn metadata(app: &App) -> Value {
    let url = |path: &str| app.public_url.join(path);
    let algorithms: Vec<_> = signing_algorithms(app);
    let all = Algorithm::VERIFIED;
    let proving = ClientAuthMethod::ALL.iter().filter(|method| **method != ClientAuthMethod::None);
    let proving: Vec<_> = proving.map(|method| method.as_str()).collect();
    let methods: Vec<_> = ClientAuthMethod::ALL.iter().map(|method| method.as_str()).collect();
    let scopes = ["openid", "offline_access"].into_iter().chain(claims::SCOPES.into_iter().map(|(name, _)| name));
    let scopes: BTreeSet<_> = scopes.chain(app.custom_claims.scopes()).collect();
    let about_user: Vec<_> = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"]
        .into_iter()
        .chain(claims::supported())
        .chain(app.custom_claims.names())
        .collect();
    let settings = app.settings.get();
    let may_be_asked = |prompt: &&Prompt| **prompt != Prompt::Create || settings.registration_open;
    let mut metadata = json!({
        "issuer": app.public_url.as_str(),
        "authorization_endpoint": url("/oauth2/authorize"),
        "token_endpoint": url("/oauth2/token"),
        "userinfo_endpoint": url("/oauth2/userinfo"),
        "jwks_uri": url("/.well-known/jwks.json"),
        "introspection_endpoint": url("/oauth2/introspect"),
        "revocation_endpoint": url("/oauth2/revoke"),
        "pushed_authorization_request_endpoint": url("/oauth2/par"),
        "device_authorization_endpoint": url("/oauth2/device_authorization"),
        "end_session_endpoint": url("/oauth2/logout"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "scopes_supported": scopes,
        "response_types_supported": ResponseType::ALL,
        "response_modes_supported": ResponseMode::ALL,
        "grant_types_supported": GrantType::ALL,
        "subject_types_supported": SubjectType::ALL,
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "request_object_signing_alg_values_supported": all,
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": all,
        "introspection_endpoint_auth_methods_supported": proving,
        "introspection_endpoint_auth_signing_alg_values_supported": all,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": all,
        "claims_supported": about_user,
        "claim_types_supported": ["normal"],
        "acr_values_supported": ACR_VALUES,
        "prompt_values_supported": Prompt::ALL.iter().filter(may_be_asked).collect::<Vec<_>>(),
        "display_values_supported": ["page"],
        "ui_locales_supported": Language::ALL.map(Language::tag),
        "code_challenge_methods_supported": ["S256"],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": true,
        "require_request_uri_registration": true,
        "authorization_response_iss_parameter_supported": true,
    });
    // One that refuses everybody is not told of.
    if settings.client_registration != ClientRegistration::Closed {
        metadata["registration_endpoint"] = url("/oauth2/register").into();
    }
    metadata
}

/// What tokens can be signed with now.
fn signing_algorithms(app: &App) -> Vec<&'static str> {
    let keyring = app.keyring.load();
    Algorithm::ALL.iter().filter(|algorithm| keyring.signer_of(**algorithm).is_some()).map(|one| one.name()).collect()
}
