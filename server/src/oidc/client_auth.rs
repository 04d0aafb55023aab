//! Who a client is: client authentication (RFC 6749 §2.3, OpenID Connect Core §9, RFC 7523 §3).

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use salvo::{Request, http::header};
use signet_shared::oauth::ClientAuthMethod;

use super::{assertion, error::OAuthError};
use crate::{app::App, http::form::Params, model::client::Client};

/// What a client shows.
enum Shown {
    Basic { id: String, secret: String },
    Post { id: String, secret: String },
    Assertion { id: Option<String>, assertion: String },
    Nothing { id: String },
}

/// The client that sends a request, which proved it in the way that it is registered with.
pub async fn authenticate(app: &App, req: &Request, params: &Params) -> Result<Arc<Client>, OAuthError> {
    let basic = basic(req);
    let is_basic = basic.is_some();
    let refused = || OAuthError::unknown_client(is_basic);
    let shown = shown(basic, params).ok_or_else(refused)?;
    let clients = app.clients.get();
    let find = |id: &str| clients.find(id).cloned().ok_or_else(refused);
    let with_secret = |id: &str, secret: &str| {
        find(id).map(|client| Some(client).filter(|client| client.has_secret(secret, app.now())))
    };
    let (client, method) = match shown {
        Shown::Basic { id, secret } => (with_secret(&id, &secret)?, ClientAuthMethod::ClientSecretBasic),
        Shown::Post { id, secret } => (with_secret(&id, &secret)?, ClientAuthMethod::ClientSecretPost),
        Shown::Nothing { id } => (Some(find(&id)?), ClientAuthMethod::None),
        Shown::Assertion { id, assertion } => {
            let id = id.or_else(|| assertion::issuer(&assertion)).ok_or_else(refused)?;
            let client = find(&id)?;
            drop(clients);
            let proved = assertion::proves(app, &client, &assertion).await?;
            (proved.then_some(client), ClientAuthMethod::PrivateKeyJwt)
        }
    };
    client.filter(|client| client.metadata.token_endpoint_auth_method == method).ok_or_else(refused)
}

fn shown(basic: Option<Option<(String, String)>>, params: &Params) -> Option<Shown> {
    let id = params.get("client_id").map(str::to_owned);
    let secret = params.get("client_secret");
    let assertion = params.get("client_assertion");
    match (basic, secret, assertion) {
        // One way at a time (RFC 6749 §2.3).
        (Some(Some((basic_id, secret))), None, None) => {
            id.is_none_or(|id| id == basic_id).then_some(Shown::Basic { id: basic_id, secret })
        }
        (None, Some(secret), None) => Some(Shown::Post { id: id?, secret: secret.to_owned() }),
        (None, None, Some(assertion)) if params.get("client_assertion_type") == Some(assertion::TYPE) => {
            Some(Shown::Assertion { id, assertion: assertion.to_owned() })
        }
        (None, None, None) => Some(Shown::Nothing { id: id? }),
        _ => None,
    }
}

/// Id and secret of the header; `Some(None)` where there is one that cannot be read. Both are form-encoded within
/// (RFC 6749 §2.3.1).
fn basic(req: &Request) -> Option<Option<(String, String)>> {
    let (scheme, credentials) = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(credentials.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    Some(decoded.and_then(|text| {
        let (id, secret) = text.split_once(':')?;
        Some((form_decoded(id)?, form_decoded(secret)?))
    }))
}

fn form_decoded(text: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    let (name, value) = pairs.next().unwrap_or_default();
    // A text with = or & in it was not encoded, and is taken as it stands.
    if value.is_empty() && pairs.next().is_none() && !text.contains('=') {
        Some(name.into_owned())
    } else {
        Some(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_secrets_are_form_encoded_within_the_header() {
        assert_eq!(form_decoded("a%3Ab+c").as_deref(), Some("a:b c"));
        assert_eq!(form_decoded("signet_secret_x-_").as_deref(), Some("signet_secret_x-_"));
        assert_eq!(form_decoded("").as_deref(), Some(""));
        assert_eq!(form_decoded("a=b").as_deref(), Some("a=b"));
    }
}
