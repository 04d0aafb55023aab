//! What client metadata must be: RFC 7591 §2, OpenID Connect Dynamic Client Registration §2, RFC 8252 and RFC 9700 §2.1. All
//! mistakes are told at once.

use std::{collections::BTreeSet, fmt::Display};

use serde_json::Value;
use signet_keys::{Algorithm, ForeignKeys};
use signet_shared::{
    ScopeSet,
    admin::{ClientLifetimes, ClientMetadata},
    oauth::{ApplicationType, ClientAuthMethod, GrantType, SubjectType},
    uri::{self, InvalidUri},
};

use crate::{
    error::{FieldError, Refusal},
    model::{
        email::EmailAddress,
        setting::{Kind, Settings},
    },
};

/// The longest name, in characters.
const MAX_NAME: usize = 100;
/// The most values a list holds.
const MAX_VALUES: usize = 50;
/// The most bytes that keys take which a client keeps here.
const MAX_JWKS: usize = 16 * 1024;
/// The longest scope, in bytes.
const MAX_SCOPE: usize = 2_000;

/// Checks metadata as a whole.
pub(super) fn validate(metadata: &ClientMetadata) -> Result<(), Refusal> {
    let mut found = Findings::default();
    describe(metadata, &mut found);
    flows(metadata, &mut found);
    redirects(metadata, &mut found);
    subjects(metadata, &mut found);
    logouts(metadata, &mut found);
    authentication(metadata, &mut found);
    algorithms(metadata, &mut found);
    lifetimes(&metadata.lifetimes, &mut found);
    if found.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(found.0)) }
}

/// The mistakes so far.
#[derive(Default)]
struct Findings(Vec<FieldError>);

impl Findings {
    fn add(&mut self, field: &'static str, message: impl Display) {
        self.0.push(FieldError::new(field, message));
    }

    fn unless(&mut self, holds: bool, field: &'static str, message: &'static str) {
        if !holds {
            self.add(field, message);
        }
    }

    fn uri(&mut self, field: &'static str, checked: Result<(), InvalidUri>) {
        if let Err(error) = checked {
            self.add(field, error);
        }
    }

    /// A list is short, and holds nothing twice.
    fn list<T: Ord>(&mut self, field: &'static str, values: &[T]) {
        let distinct: BTreeSet<_> = values.iter().collect();
        let fine = values.len() <= MAX_VALUES && distinct.len() == values.len();
        self.unless(fine, field, "at most 50 values, none of them twice");
    }
}

fn describe(metadata: &ClientMetadata, found: &mut Findings) {
    let proper =
        |name: &String| (1..=MAX_NAME).contains(&name.trim().chars().count()) && !name.chars().any(char::is_control);
    let named = metadata.client_name.as_ref().is_none_or(proper);
    found.unless(named, "client_name", "a name has 1 to 100 characters, none of them a control character");
    for (field, uri) in [
        ("client_uri", &metadata.client_uri),
        ("logo_uri", &metadata.logo_uri),
        ("policy_uri", &metadata.policy_uri),
        ("tos_uri", &metadata.tos_uri),
        ("initiate_login_uri", &metadata.initiate_login_uri),
        ("backchannel_logout_uri", &metadata.backchannel_logout_uri),
        ("frontchannel_logout_uri", &metadata.frontchannel_logout_uri),
    ] {
        if let Some(uri) = uri {
            found.uri(field, uri::web(uri));
        }
    }
    found.list("contacts", &metadata.contacts);
    for contact in &metadata.contacts {
        if let Err(error) = EmailAddress::parse(contact) {
            found.add("contacts", error);
        }
    }
}

fn flows(metadata: &ClientMetadata, found: &mut Findings) {
    let grants = &metadata.grant_types;
    found.list("grant_types", grants);
    found.list("response_types", &metadata.response_types);
    found.unless(!grants.is_empty(), "grant_types", "a client that may get no tokens opens nothing; name some");
    let needed = metadata.response_types.iter().flat_map(|response| response.needed_grant_types());
    for grant in needed.filter(|grant| !grants.contains(grant)).collect::<BTreeSet<_>>() {
        found.add("grant_types", format!("the response types need {grant}, too"));
    }
    let starts_in_browser = [GrantType::AuthorizationCode, GrantType::Implicit];
    for grant in starts_in_browser.into_iter().filter(|grant| grants.contains(grant)) {
        let used = metadata.response_types.iter().any(|response| response.needed_grant_types().contains(&grant));
        if !used {
            found.add("response_types", format!("{grant} takes a response type that uses it"));
        }
    }
    if let Some(scope) = &metadata.scope {
        let fine = scope.len() <= MAX_SCOPE && scope.parse::<ScopeSet>().is_ok();
        found.unless(
            fine,
            "scope",
            "scopes are printable ASCII without quotes and backslashes, with single spaces between",
        );
    }
    found.unless(metadata.default_max_age.is_none_or(|age| age >= 0), "default_max_age", "this is 0 seconds or more");
}

fn redirects(metadata: &ClientMetadata, found: &mut Findings) {
    let implicit = metadata.grant_types.contains(&GrantType::Implicit);
    let needed = implicit || metadata.grant_types.contains(&GrantType::AuthorizationCode);
    let some = !needed || !metadata.redirect_uris.is_empty();
    found.unless(some, "redirect_uris", "users of this client have to be sent back somewhere; name at least one");
    for (field, list) in
        [("redirect_uris", &metadata.redirect_uris), ("post_logout_redirect_uris", &metadata.post_logout_redirect_uris)]
    {
        found.list(field, list);
        for uri in list {
            let native = metadata.application_type == ApplicationType::Native;
            found.uri(field, uri::redirect(uri, native, implicit && !native));
        }
    }
    found.list("request_uris", &metadata.request_uris);
    for uri in &metadata.request_uris {
        found.uri("request_uris", uri::web(uri));
    }
}

/// Front-Channel Logout §2: where it is told of logouts is where its users come back to.
fn logouts(metadata: &ClientMetadata, found: &mut Findings) {
    let Some(uri) = &metadata.frontchannel_logout_uri else { return };
    let origin = |uri: &String| url::Url::parse(uri).ok().map(|url| url.origin().ascii_serialization());
    let is_home = metadata.redirect_uris.iter().any(|redirect| origin(redirect) == origin(uri));
    found.unless(is_home, "frontchannel_logout_uri", "this has the scheme, host and port of one of the redirect URIs");
}

fn subjects(metadata: &ClientMetadata, found: &mut Findings) {
    if let Some(uri) = &metadata.sector_identifier_uri {
        found.uri("sector_identifier_uri", uri::https(uri));
    } else if metadata.subject_type == SubjectType::Pairwise {
        // OpenID Connect Core §8.1: without one, the host of the redirect URIs is the sector.
        let hosts: BTreeSet<_> = metadata.redirect_uris.iter().filter_map(|uri| uri::host(uri)).collect();
        let one = hosts.len() <= 1;
        found.unless(one, "sector_identifier_uri", "redirect URIs on several hosts need one for pairwise subjects");
    }
}

fn authentication(metadata: &ClientMetadata, found: &mut Findings) {
    let method = metadata.token_endpoint_auth_method;
    let grants = &metadata.grant_types;
    // RFC 6749 §4.4: only confidential clients.
    let proves = method != ClientAuthMethod::None || !grants.contains(&GrantType::ClientCredentials);
    found.unless(proves, "token_endpoint_auth_method", "client_credentials takes a client that proves who it is");
    let keys = (&metadata.jwks, &metadata.jwks_uri);
    // RFC 7591 §2: not both.
    found.unless(!matches!(keys, (Some(_), Some(_))), "jwks", "keys are here or at jwks_uri, not both");
    let has_keys = method != ClientAuthMethod::PrivateKeyJwt || !matches!(keys, (None, None));
    found.unless(has_keys, "jwks", "private_key_jwt takes the client's public keys, here or at jwks_uri");
    if let Some(uri) = &metadata.jwks_uri {
        found.uri("jwks_uri", uri::web(uri));
    }
    if let Some(jwks) = &metadata.jwks {
        keys_here(jwks, found);
    }
}

fn keys_here(jwks: &Value, found: &mut Findings) {
    found.unless(jwks.to_string().len() <= MAX_JWKS, "jwks", "a JWK set of at most 16 KiB");
    match ForeignKeys::parse(jwks) {
        Err(error) => found.add("jwks", error),
        Ok(keys) => found.unless(
            !keys.is_empty(),
            "jwks",
            "none of these keys can check a signature; there are RSA of 2048 bits or more, EC on P-256, and Ed25519",
        ),
    }
}

fn algorithms(metadata: &ClientMetadata, found: &mut Findings) {
    for (field, algorithm) in [
        ("id_token_signed_response_alg", &metadata.id_token_signed_response_alg),
        ("userinfo_signed_response_alg", &metadata.userinfo_signed_response_alg),
    ] {
        if let Some(Err(error)) = algorithm.as_deref().map(str::parse::<Algorithm>) {
            found.add(field, error);
        }
    }
}

/// Each in the range of the setting that it stands in for.
fn lifetimes(lifetimes: &ClientLifetimes, found: &mut Findings) {
    let mut check = |setting: &'static str, field: &'static str, seconds: Option<i64>| {
        let definition = Settings::DEFINITIONS.iter().find(|definition| definition.key == setting);
        if let (Some(Kind::Duration { min, max }), Some(seconds)) = (definition.map(|it| it.kind), seconds)
            && !(min..=max).contains(&seconds)
        {
            let write = signet_shared::format_seconds;
            found.add(field, format!("this takes a duration from {} to {}", write(min), write(max)));
        }
    };
    macro_rules! check {
        ($($name:ident),+) => {
            $(check(stringify!($name), concat!("lifetimes.", stringify!($name)), lifetimes.$name);)+
        };
    }
    check!(access_token_lifetime, id_token_lifetime, refresh_token_lifetime);
    check!(refresh_token_idle_lifetime, authorization_code_lifetime);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The fields of what is wrong with it.
    fn faults(metadata: Value) -> Vec<String> {
        match validate(&serde_json::from_value(metadata).unwrap()) {
            Ok(()) => Vec::new(),
            Err(Refusal::Invalid(fields)) => fields.into_iter().map(|error| error.field.into_owned()).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn clients_as_people_have_them_are_taken() {
        let ed25519 = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        for metadata in [
            json!({"redirect_uris": ["https://app.example.com/callback"]}),
            json!({"redirect_uris": ["http://localhost:3000/cb"], "token_endpoint_auth_method": "none",
                   "grant_types": ["authorization_code", "refresh_token"]}),
            json!({"application_type": "native", "redirect_uris": ["com.example.app:/cb", "http://127.0.0.1/cb"],
                   "token_endpoint_auth_method": "none"}),
            json!({"grant_types": ["client_credentials"], "response_types": []}),
            json!({"grant_types": ["implicit", "authorization_code"], "redirect_uris": ["https://a.example/"],
                   "response_types": ["code id_token", "id_token"]}),
            json!({"grant_types": ["client_credentials"], "response_types": [], "scope": "read write",
                   "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "EC", "x": "a"}, ed25519]}}),
            json!({"redirect_uris": ["https://a.example/cb"], "lifetimes": {"access_token_lifetime": "10m"}}),
        ] {
            assert_eq!(faults(metadata.clone()), [""; 0], "{metadata}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_named() {
        let callback = json!(["https://a.example/cb"]);
        let ed25519 = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        for (metadata, field) in [
            (json!({}), "redirect_uris"),
            (json!({"redirect_uris": callback, "grant_types": ["refresh_token"]}), "grant_types"),
            (json!({"redirect_uris": callback, "response_types": ["id_token"]}), "grant_types"),
            (json!({"redirect_uris": callback, "response_types": []}), "response_types"),
            (json!({"redirect_uris": callback, "grant_types": []}), "grant_types"),
            (
                json!({"grant_types": ["client_credentials"], "response_types": [],
                    "token_endpoint_auth_method": "none"}),
                "token_endpoint_auth_method",
            ),
            (json!({"redirect_uris": callback, "token_endpoint_auth_method": "private_key_jwt"}), "jwks"),
            (json!({"redirect_uris": callback, "jwks": {"keys": [{"kty": "EC", "d": "x"}]}}), "jwks"),
            (json!({"redirect_uris": callback, "jwks": {"keys": []}}), "jwks"),
            (json!({"redirect_uris": callback, "jwks": {"keys": [{"kty": "EC", "x": "a"}]}}), "jwks"),
            (json!({"redirect_uris": callback, "jwks": {"keys": [ed25519], "x": "x".repeat(MAX_JWKS)}}), "jwks"),
            (
                json!({"redirect_uris": ["https://a.example/", "https://b.example/"], "subject_type": "pairwise"}),
                "sector_identifier_uri",
            ),
            (
                json!({"redirect_uris": callback, "id_token_signed_response_alg": "none"}),
                "id_token_signed_response_alg",
            ),
            (
                json!({"redirect_uris": callback, "lifetimes": {"access_token_lifetime": 0}}),
                "lifetimes.access_token_lifetime",
            ),
            (json!({"redirect_uris": callback, "scope": "a  b\""}), "scope"),
            (json!({"redirect_uris": callback, "client_name": "x\u{1b}[31m"}), "client_name"),
            (json!({"redirect_uris": callback, "contacts": ["nobody"]}), "contacts"),
            (json!({"redirect_uris": callback, "logo_uri": "javascript:alert(1)"}), "logo_uri"),
            (json!({"redirect_uris": ["https://a.example/cb", "https://a.example/cb"]}), "redirect_uris"),
        ] {
            let found = faults(metadata.clone());
            assert!(found.contains(&field.to_owned()), "{metadata}: {found:?}");
        }
    }
}
