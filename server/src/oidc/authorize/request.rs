//! From parameters to a validated request, in the order of the standards (OpenID Connect Core §3.1.2.2, RFC 6749 §4.1.2.1):
//! who asks, where the answer goes, and only then, since errors can be told there, everything else.

use std::{collections::BTreeSet, str::FromStr, sync::Arc};

use serde_json::Value;
use signet_shared::{
    Scope, ScopeSet,
    oauth::{ApplicationType, GrantType, Prompt, ResponseMode, ResponseType},
};
use url::Url;

use super::{
    ACR_VALUES,
    answer::{AuthorizeError, Target},
};
use crate::{
    app::App,
    http::form::Params,
    model::{
        authorization::{AuthorizationRequest, ClaimsRequest},
        client::Client,
    },
    oidc::{claims, error::ErrorCode, hint},
};

/// What is kept while a request waits for its user, and the most bytes that each of it takes.
const KEPT: [&str; 6] = ["state", "nonce", "login_hint", "ui_locales", "claims", "redirect_uri"];
const LONGEST_TEXT: usize = 4_096;
/// The longest scope, in bytes.
const LONGEST_SCOPE: usize = 2_000;
/// The most values that a resource or a prompt list has.
const MOST_VALUES: usize = 10;

/// The client that a request names.
pub fn client(app: &App, params: &Params) -> Result<Arc<Client>, AuthorizeError> {
    let refused = |description: &'static str| AuthorizeError::page(ErrorCode::InvalidClient, description);
    if params.is_repeated("client_id") {
        return Err(AuthorizeError::page(ErrorCode::InvalidRequest, "client_id is there more than once"));
    }
    let id = params.get("client_id").ok_or_else(|| refused("the client_id is missing"))?;
    app.clients.get().find(id).cloned().ok_or_else(|| refused("this client is not known here"))
}

/// Where the answer goes, and whether that was named.
pub fn redirect_uri(client: &Client, params: &Params) -> Result<(String, bool), AuthorizeError> {
    let refused = |description: &'static str| AuthorizeError::page(ErrorCode::InvalidRequest, description);
    if params.is_repeated("redirect_uri") {
        return Err(refused("redirect_uri is there more than once"));
    }
    let registered = &client.metadata.redirect_uris;
    let client_is_native = client.metadata.application_type == ApplicationType::Native;
    match (params.get("redirect_uri"), registered.as_slice()) {
        (Some(uri), _)
            if registered.iter().any(|known| known == uri || client_is_native && is_same_program(known, uri)) =>
        {
            Ok((uri.to_owned(), true))
        }
        (Some(_), _) => Err(refused("this redirect_uri is not registered for this client, to the letter")),
        // OpenID Connect wants it named, always (Core §3.1.2.1).
        (None, [only]) if !is_openid(params) => Ok((only.clone(), false)),
        (None, _) => Err(refused("the redirect_uri is missing")),
    }
}

fn is_openid(params: &Params) -> bool {
    params.get("scope").is_some_and(|scope| scope.split(' ').any(|one| one == Scope::OPENID))
}

/// Whether two addresses differ in nothing but the port of a loopback address, which a native program does not know beforehand
/// (RFC 8252 §7.3).
fn is_same_program(registered: &str, uri: &str) -> bool {
    let without_port = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        let is_loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]")) && url.scheme() == "http";
        if !is_loopback || signet_shared::uri::web(text).is_err() {
            return None;
        }
        url.set_port(None).ok()?;
        Some(url.to_string())
    };
    without_port(registered).is_some_and(|known| without_port(uri).as_ref() == Some(&known))
}

/// Where errors are told from now on: in the way that was asked for, if that can be understood.
pub fn target(params: &Params, redirect_uri: &str) -> Target {
    let kind = params.get("response_type").and_then(|text| text.parse::<ResponseType>().ok());
    let mode = params.get("response_mode").and_then(|text| text.parse::<ResponseMode>().ok());
    // A token in a query would be in logs and histories.
    let mode = mode.filter(|mode| *mode != ResponseMode::Query || kind.is_none_or(|kind| kind == ResponseType::Code));
    let mode = mode.unwrap_or_else(|| kind.map_or(ResponseMode::Query, ResponseType::default_mode));
    let state = params.get("state").filter(|_| !params.is_repeated("state")).map(str::to_owned);
    let ui_locales = params.get("ui_locales").map(str::to_owned);
    Target { redirect_uri: redirect_uri.to_owned(), mode, state, ui_locales }
}

/// The rest of a request, which is told to the client where it is wrong.
pub fn validate(
    app: &App,
    client: &Client,
    params: &Params,
    (redirect_uri, redirect_uri_given): (String, bool),
) -> Result<AuthorizationRequest, AuthorizeError> {
    let target = target(params, &redirect_uri);
    let read = Reading { app, client, params };
    let built = read.request(redirect_uri, redirect_uri_given);
    built.map_err(|(code, description)| AuthorizeError::Redirect(target, code, description.into()))
}

/// A part of a request, or what is wrong with it.
pub type Read<T> = Result<T, (ErrorCode, String)>;

fn wrong<T>(code: ErrorCode, description: impl Into<String>) -> Read<T> {
    Err((code, description.into()))
}

struct Reading<'a> {
    app: &'a App,
    client: &'a Client,
    params: &'a Params,
}

impl Reading<'_> {
    fn request(&self, redirect_uri: String, redirect_uri_given: bool) -> Read<AuthorizationRequest> {
        if let Some(name) = self.params.repeated() {
            return wrong(ErrorCode::InvalidRequest, format!("{name} is there more than once"));
        }
        if self.params.get("registration").is_some() {
            return wrong(ErrorCode::RegistrationNotSupported, "clients do not register with a request here");
        }
        let too_long = |name: &&&str| self.params.get(name).is_some_and(|text| text.len() > LONGEST_TEXT);
        if let Some(name) = KEPT.iter().find(too_long) {
            return wrong(ErrorCode::InvalidRequest, format!("{name} takes at most {LONGEST_TEXT} bytes"));
        }
        let (response_type, response_mode) = self.response()?;
        let scope = self.scope(response_type)?;
        let nonce = self.nonce(response_type, &scope)?;
        let claims = self.claims()?;
        let agreement = agreement(&scope, &claims);
        Ok(AuthorizationRequest {
            client_id: self.client.id.clone(),
            redirect_uri,
            redirect_uri_given,
            response_type,
            response_mode,
            nonce,
            code_challenge: self.challenge(response_type)?,
            prompt: self.prompt()?,
            max_age: self.max_age()?,
            expected_subject: self.expected_subject(&claims)?,
            acr: self.acr(&claims)?,
            claims,
            agreement,
            resources: resources(self.client, self.params)?,
            state: self.text("state"),
            login_hint: self.text("login_hint"),
            ui_locales: self.text("ui_locales"),
            scope,
        })
    }

    fn text(&self, name: &str) -> Option<String> {
        self.params.get(name).map(str::to_owned)
    }

    /// One of a closed set of words; what is not there is `None`.
    fn word<T: FromStr<Err: std::fmt::Display>>(&self, name: &str, code: ErrorCode) -> Read<Option<T>> {
        let parsed = self.params.get(name).map(str::parse).transpose();
        parsed.or_else(|error: T::Err| wrong(code, format!("this {name} is {error}")))
    }

    fn response(&self) -> Read<(ResponseType, ResponseMode)> {
        let kind = self.word("response_type", ErrorCode::UnsupportedResponseType)?;
        let Some(kind) = kind else { return wrong(ErrorCode::InvalidRequest, "the response_type is missing") };
        if !self.client.metadata.response_types.contains(&kind) {
            return wrong(ErrorCode::UnauthorizedClient, "this client is not registered for this response_type");
        }
        let mode = self.word("response_mode", ErrorCode::InvalidRequest)?;
        let mode = mode.unwrap_or_else(|| ResponseType::default_mode(kind));
        if mode == ResponseMode::Query && kind != ResponseType::Code {
            return wrong(ErrorCode::InvalidRequest, "tokens do not travel in a query");
        }
        Ok((kind, mode))
    }

    fn scope(&self, kind: ResponseType) -> Read<ScopeSet> {
        let granted = scope(self.client, self.params.get("scope").unwrap_or_default())?;
        if kind.has_id_token() && !granted.contains(Scope::OPENID) {
            return wrong(ErrorCode::InvalidScope, "an ID token takes the scope openid");
        }
        // Offline access takes a code that is exchanged (Core §11).
        let offline = kind.has_code() && self.client.metadata.grant_types.contains(&GrantType::RefreshToken);
        Ok(if offline { granted } else { granted.without(Scope::OFFLINE_ACCESS) })
    }

    fn nonce(&self, kind: ResponseType, scope: &ScopeSet) -> Read<Option<String>> {
        let nonce = self.text("nonce");
        if kind.has_id_token() && scope.contains(Scope::OPENID) && nonce.is_none() {
            return wrong(ErrorCode::InvalidRequest, "an ID token that comes with the redirect takes a nonce");
        }
        Ok(nonce)
    }

    /// RFC 7636 §4.3; public clients cannot do without (RFC 9700 §2.1.1).
    fn challenge(&self, kind: ResponseType) -> Read<Option<String>> {
        let challenge = self.text("code_challenge");
        let method = self.params.get("code_challenge_method");
        let is_public = self.client.metadata.token_endpoint_auth_method == signet_shared::oauth::ClientAuthMethod::None;
        match (&challenge, method) {
            (Some(_), Some("S256")) if !kind.has_code() => Ok(None),
            (Some(text), Some("S256")) if is_challenge(text) => Ok(challenge),
            (Some(_), Some("S256")) => {
                wrong(ErrorCode::InvalidRequest, "this code_challenge is no SHA-256 in base64url")
            }
            (Some(_), _) => wrong(ErrorCode::InvalidRequest, "the code_challenge_method is S256, and nothing else"),
            (None, Some(_)) => wrong(ErrorCode::InvalidRequest, "the code_challenge is missing"),
            (None, None) if is_public && kind.has_code() => {
                wrong(ErrorCode::InvalidRequest, "a public client sends a code_challenge (PKCE, RFC 7636)")
            }
            (None, None) => Ok(None),
        }
    }

    fn prompt(&self) -> Read<Vec<Prompt>> {
        let words = self.params.get("prompt").unwrap_or_default().split(' ').filter(|word| !word.is_empty());
        let prompts: Result<Vec<Prompt>, _> = words.take(MOST_VALUES).map(str::parse).collect();
        let prompts = prompts.or_else(|error| wrong(ErrorCode::InvalidRequest, format!("this prompt is {error}")))?;
        if prompts.contains(&Prompt::None) && prompts.len() > 1 {
            return wrong(ErrorCode::InvalidRequest, "prompt=none stands alone");
        }
        Ok(prompts)
    }

    fn max_age(&self) -> Read<Option<i64>> {
        let Some(text) = self.params.get("max_age") else { return Ok(self.client.metadata.default_max_age) };
        match text.parse::<i64>() {
            Ok(seconds) if seconds >= 0 => Ok(Some(seconds)),
            _ => wrong(ErrorCode::InvalidRequest, "max_age is a number of seconds"),
        }
    }

    /// Whom the client means, by an ID token of before or by name (Core §5.5.1).
    fn expected_subject(&self, claims: &ClaimsRequest) -> Read<Option<String>> {
        let Some(token) = self.params.get("id_token_hint") else {
            let wish = claims.id_token.get("sub").and_then(Option::as_ref);
            return Ok(wish.and_then(|wish| wish.value.as_ref()?.as_str()).map(str::to_owned));
        };
        match hint::read(self.app, token) {
            Some(hint) => Ok(Some(hint.sub)),
            None => wrong(ErrorCode::InvalidRequest, "this id_token_hint is no ID token of ours"),
        }
    }

    /// The first that we know. One that is wished for is never an error (Core §3.1.2.1); one that is essential is, where we
    /// cannot give it (Core §5.5.1.1).
    fn acr(&self, claims: &ClaimsRequest) -> Read<Option<String>> {
        let known = |value: &str| ACR_VALUES.contains(&value).then(|| value.to_owned());
        let wish = claims.id_token.get("acr").and_then(Option::as_ref);
        let named = wish.iter().flat_map(|wish| wish.value.iter().chain(wish.values.iter().flatten()));
        let named: Vec<_> = named.filter_map(Value::as_str).collect();
        let found = named.iter().copied().find_map(known);
        if found.is_none() && !named.is_empty() && wish.is_some_and(|wish| wish.essential) {
            return wrong(
                ErrorCode::UnmetAuthenticationRequirements,
                "none of the essential acr values can be met here",
            );
        }
        let asked = self.params.get("acr_values").unwrap_or_default();
        Ok(found.or_else(|| asked.split(' ').find_map(known)))
    }

    fn claims(&self) -> Read<ClaimsRequest> {
        let Some(text) = self.params.get("claims") else { return Ok(ClaimsRequest::default()) };
        let value: Result<Value, _> = serde_json::from_str(text);
        let read = value.ok().filter(Value::is_object).and_then(|value| serde_json::from_value(value).ok());
        let mut read: ClaimsRequest = read.ok_or_else(|| {
            (ErrorCode::InvalidRequest, "claims is no JSON object of the form of Core \u{a7}5.5".to_owned())
        })?;
        // By name nobody gets what they may not have by scope.
        if let Some(allowed) = self.client.metadata.scope.as_deref().and_then(|scope| scope.parse::<ScopeSet>().ok()) {
            let may = |name: &String| claims::scope_of(name).is_none_or(|scope| allowed.contains(scope));
            read.userinfo.retain(|name, _| may(name));
            read.id_token.retain(|name, _| may(name));
        }
        Ok(read)
    }
}

/// A scope, and those that stand for claims.
fn agreement(scope: &ScopeSet, claims: &ClaimsRequest) -> ScopeSet {
    let named = claims.userinfo.keys().chain(claims.id_token.keys());
    let scopes: BTreeSet<_> = named.filter_map(|name| claims::scope_of(name)).collect();
    scopes.into_iter().filter_map(|name| name.parse().ok()).fold(scope.clone(), |all, one| all.union(&one))
}

/// Of the scopes that are asked for, those that a client may have.
pub fn scope(client: &Client, text: &str) -> Read<ScopeSet> {
    if text.len() > LONGEST_SCOPE {
        return wrong(ErrorCode::InvalidScope, "this is more scope than anybody needs");
    }
    let asked: ScopeSet = text.parse().or_else(|error| wrong(ErrorCode::InvalidScope, format!("{error}")))?;
    // Words of our own, which open the account APIs.
    let asked = asked.without(Scope::ACCOUNT).without(Scope::PASSWORD_CHANGE);
    let granted = match &client.metadata.scope {
        Some(allowed) => asked.common(&allowed.parse().unwrap_or_default()),
        None => asked.clone(),
    };
    if granted.is_empty() && !asked.is_empty() {
        return wrong(ErrorCode::InvalidScope, "this client may ask for none of these scopes");
    }
    Ok(granted)
}

/// What access tokens shall be for (RFC 8707 §2).
pub fn resources(client: &Client, params: &Params) -> Read<Vec<String>> {
    let resources = params.resources();
    if client.registered_itself() && !resources.is_empty() {
        return wrong(
            ErrorCode::InvalidTarget,
            "a client that registered itself gets no tokens for others than this server",
        );
    }
    let is_fine =
        |text: &String| text.len() <= LONGEST_TEXT && Url::parse(text).is_ok_and(|url| url.fragment().is_none());
    if resources.len() > MOST_VALUES || !resources.iter().all(is_fine) {
        return wrong(ErrorCode::InvalidTarget, "a resource is an absolute URI without a fragment");
    }
    Ok(resources.to_vec())
}

/// 43 characters of base64url (RFC 7636 §4.2).
fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_native_program_may_listen_on_any_port_of_its_loopback_address_and_nothing_else_differs() {
        for other in
            ["https://a.example/cb/", "https://a.example/cb?x=1", "https://A.example/cb", "https://a.example:443/cb"]
        {
            assert!(!is_same_program("https://a.example/cb", other), "{other}");
        }
        assert!(is_same_program("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"));
        assert!(is_same_program("http://[::1]:1/cb", "http://[::1]:2/cb"));
        for other in
            ["http://127.0.0.1:1/other", "http://127.0.0.2:1/cb", "http://user@127.0.0.1:1/cb", "http://localhost:1/cb"]
        {
            assert!(!is_same_program("http://127.0.0.1/cb", other), "{other}");
        }
        assert!(!is_same_program("http://localhost/cb", "http://localhost:1/cb"), "a name may lead elsewhere");
    }
}
