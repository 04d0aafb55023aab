//! Request objects (OpenID Connect Core §6, RFC 9101): parameters in a JWT that the client signed, sent along or fetched from
//! an address that it registered.

use serde_json::{Map, Value};
use signet_keys::{Algorithm, UnverifiedToken};

use super::{answer::AuthorizeError, request};
use crate::{app::App, http::form::Params, model::client::Client, oidc::error::ErrorCode};

/// The longest object that is fetched, in bytes.
const LONGEST: usize = 8 * 1024;
/// What another machine's clock may be off, in seconds.
const SKEW: i64 = 30;

/// Parameters with those of the object in place of the ones beside it.
pub async fn unfold(app: &App, client: &Client, params: Params) -> Result<Params, AuthorizeError> {
    let found = match (params.get("request"), params.get("request_uri")) {
        (None, None) => return Ok(params),
        (Some(_), Some(_)) => Err((ErrorCode::InvalidRequest, "request and request_uri exclude each other")),
        (Some(object), None) => inner(app, client, object).await,
        (None, Some(uri)) => match fetch(app, client, uri).await {
            Ok(object) => inner(app, client, &object).await,
            Err(refused) => Err(refused),
        },
    };
    match found {
        Ok(inner) if differs(&params, &inner) => {
            let description = "the response_type beside the request object is another than the one in it";
            Err(told(client, &params, ErrorCode::InvalidRequestObject, description))
        }
        Ok(inner) => {
            let mut params = params.overlaid(inner);
            params.remove("request");
            params.remove("request_uri");
            Ok(params)
        }
        Err((code, description)) => Err(told(client, &params, code, description)),
    }
}

/// What is said twice is said alike (Core §6.1).
fn differs(beside: &Params, inner: &Params) -> bool {
    let [beside, inner] = [beside, inner].map(|params| params.get("response_type"));
    beside.zip(inner).is_some_and(|(beside, inner)| beside != inner)
}

/// To the client, where the parameters beside the object say where that is.
fn told(client: &Client, params: &Params, code: ErrorCode, description: &'static str) -> AuthorizeError {
    match request::redirect_uri(client, params) {
        Ok((uri, true)) => AuthorizeError::Redirect(request::target(params, &uri), code, description.into()),
        _ => AuthorizeError::page(code, description),
    }
}

type Refused = (ErrorCode, &'static str);

async fn fetch(app: &App, client: &Client, uri: &str) -> Result<String, Refused> {
    let without_fragment = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
    let is_registered = client
        .metadata
        .request_uris
        .iter()
        .any(|known| known == uri || without_fragment(known) == without_fragment(uri));
    if !is_registered {
        return Err((ErrorCode::InvalidRequestUri, "this request_uri is not registered for this client"));
    }
    // Why it could not be fetched would tell what is inside the network.
    let fetched = app.outgoing.objects.get(uri, "application/oauth-authz-req+jwt", LONGEST).await;
    let bytes = fetched.map_err(|error| {
        tracing::warn!(client = client.id, error = %error, "a request object could not be fetched");
        (ErrorCode::InvalidRequestUri, "nothing could be fetched from this request_uri")
    })?;
    String::from_utf8(bytes.to_vec()).map_err(|_| (ErrorCode::InvalidRequestObject, "the request object is no JWT"))
}

async fn inner(app: &App, client: &Client, object: &str) -> Result<Params, Refused> {
    let invalid = |description| (ErrorCode::InvalidRequestObject, description);
    let token = UnverifiedToken::parse(object.trim()).map_err(|_| invalid("the request object is no signed JWT"))?;
    let keys = app.client_keys.of(&app.outgoing.keys, client, token.kid(), app.now()).await;
    let keys = keys.map_err(|_| invalid("this client has no keys that the request object could be checked with"))?;
    let claims: Map<String, Value> =
        keys.verify(&token, &Algorithm::ALL).map_err(|_| invalid("the request object's signature is wrong"))?;
    check(app, client, &claims)?;
    let mut params = Params::default();
    for (name, value) in claims {
        match (name.as_str(), value) {
            ("resource", Value::Array(several)) => {
                several.iter().filter_map(Value::as_str).for_each(|one| params.add_resource(one.to_owned()));
            }
            ("resource", Value::String(one)) => params.add_resource(one),
            (_, value) => {
                if let Some(text) = parameter(&name, value) {
                    params.set(&name, text);
                }
            }
        }
    }
    Ok(params)
}

/// RFC 9101 §10.2, §6.3: for us, in its time, of this client, and with no object within.
fn check(app: &App, client: &Client, claims: &Map<String, Value>) -> Result<(), Refused> {
    let invalid = |description| Err((ErrorCode::InvalidRequestObject, description));
    let is = |name: &str, wanted: &str| claims.get(name).is_none_or(|value| value == wanted);
    let names_us = match claims.get("aud") {
        Some(Value::Array(several)) => several.iter().any(|one| one == app.public_url.as_str()),
        Some(one) => one == app.public_url.as_str(),
        None => true,
    };
    // What proves who the client is was not meant to ask for anything (RFC 9101 §10.8).
    if claims.get("sub").is_some_and(|sub| *sub == client.id) {
        return invalid("this is what the client proves itself with, and no request object");
    }
    let now = app.now().as_second();
    if ["exp", "nbf"].iter().any(|name| claims.get(*name).is_some_and(|value| !value.is_i64())) {
        return invalid("exp and nbf are numbers of seconds");
    }
    let second = |name: &str| claims.get(name).and_then(Value::as_i64);
    if claims.contains_key("request") || claims.contains_key("request_uri") {
        return invalid("a request object holds no other");
    }
    if !is("iss", &client.id) || !is("client_id", &client.id) || !names_us {
        return invalid("the request object is of another client, or for another server");
    }
    if second("exp").is_some_and(|exp| exp <= now - SKEW) || second("nbf").is_some_and(|nbf| nbf > now + SKEW) {
        return invalid("the request object is not in its time");
    }
    Ok(())
}

/// As it would be written beside the object; what is about the object itself is none.
fn parameter(name: &str, value: Value) -> Option<String> {
    match (name, value) {
        ("iss" | "aud" | "exp" | "nbf" | "iat" | "jti" | "sub", _) => None,
        (_, Value::String(text)) => Some(text),
        (_, Value::Number(number)) => Some(number.to_string()),
        (_, Value::Bool(flag)) => Some(flag.to_string()),
        (_, value @ Value::Object(_)) => Some(value.to_string()),
        _ => None,
    }
}
