//! The documents that come with the server are complete, and come from the server.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::ProgramBuilder;

/// Sections A and B of the contract, and what operators' tools call.
const OPERATIONS: &[(&str, &str)] = &[
    ("post", "/auth"),
    ("post", "/register"),
    ("post", "/update_profile"),
    ("post", "/renew_token"),
    ("post", "/request_password_reset"),
    ("post", "/reset_password"),
    ("get", "/liveliness"),
    ("get", "/get_public_cert"),
    ("get", "/verify_email"),
    ("get", "/set_password"),
    ("post", "/set_password"),
    ("post", "/api/register"),
    ("post", "/api/login"),
    ("post", "/api/refresh"),
    ("post", "/api/logout"),
    ("get", "/api/me"),
    ("put", "/api/me"),
    ("patch", "/api/me"),
    ("get", "/api/me/sessions"),
    ("delete", "/api/me/sessions"),
    ("delete", "/api/me/sessions/{id}"),
    ("post", "/api/me/verify-email"),
    ("get", "/.well-known/jwks.json"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
];

/// Section D.
const ADMIN_OPERATIONS: &[(&str, &str)] = &[
    ("get", "/admin/v1/api-keys"),
    ("post", "/admin/v1/api-keys"),
    ("get", "/admin/v1/api-keys/{id}"),
    ("delete", "/admin/v1/api-keys/{id}"),
    ("get", "/admin/v1/audit"),
    ("get", "/admin/v1/audit/stream"),
    ("get", "/admin/v1/clients"),
    ("post", "/admin/v1/clients"),
    ("get", "/admin/v1/clients/{id}"),
    ("patch", "/admin/v1/clients/{id}"),
    ("delete", "/admin/v1/clients/{id}"),
    ("post", "/admin/v1/clients/{id}/secret"),
    ("get", "/admin/v1/keys"),
    ("post", "/admin/v1/keys"),
    ("delete", "/admin/v1/keys/algorithms/{algorithm}"),
    ("post", "/admin/v1/keys/rotate"),
    ("post", "/admin/v1/keys/schedule"),
    ("post", "/admin/v1/keys/{kid}/revoke"),
    ("get", "/admin/v1/mail"),
    ("post", "/admin/v1/mail/retry"),
    ("post", "/admin/v1/mail/test"),
    ("post", "/admin/v1/mail/{id}/retry"),
    ("get", "/admin/v1/sessions"),
    ("post", "/admin/v1/sessions/revoke"),
    ("get", "/admin/v1/sessions/{id}"),
    ("delete", "/admin/v1/sessions/{id}"),
    ("get", "/admin/v1/settings"),
    ("patch", "/admin/v1/settings"),
    ("get", "/admin/v1/settings/revisions"),
    ("post", "/admin/v1/settings/revisions/{revision}/restore"),
    ("get", "/admin/v1/stats"),
    ("get", "/admin/v1/stats/stream"),
    ("get", "/admin/v1/users"),
    ("post", "/admin/v1/users"),
    ("get", "/admin/v1/users/export"),
    ("post", "/admin/v1/users/import"),
    ("get", "/admin/v1/users/{id}"),
    ("patch", "/admin/v1/users/{id}"),
    ("delete", "/admin/v1/users/{id}"),
    ("post", "/admin/v1/users/{id}/invite"),
    ("post", "/admin/v1/users/{id}/password"),
    ("post", "/admin/v1/users/{id}/reset"),
    ("delete", "/admin/v1/users/{id}/sessions"),
];

/// Operations of other methods than GET and DELETE that take no body, or none that is JSON.
const WITHOUT_BODY: &[&str] = &[
    "/renew_token",
    "/api/me/verify-email",
    "/admin/v1/keys/{kid}/revoke",
    "/admin/v1/mail/retry",
    "/admin/v1/mail/{id}/retry",
    "/admin/v1/settings/revisions/{revision}/restore",
    "/admin/v1/users/import",
    "/admin/v1/users/{id}/invite",
    "/admin/v1/users/{id}/reset",
    "/set_password",
];

/// Their parameters are the standards', in forms.
const OPENID_OPERATIONS: &[(&str, &str)] = &[
    ("get", "/.well-known/openid-configuration"),
    ("get", "/.well-known/oauth-authorization-server"),
    ("get", "/account"),
    ("post", "/account/consents"),
    ("post", "/account/password"),
    ("post", "/account/profile"),
    ("post", "/account/sessions"),
    ("get", "/device"),
    ("post", "/device"),
    ("get", "/forgotten"),
    ("post", "/forgotten"),
    ("get", "/oauth2/authorize"),
    ("post", "/oauth2/authorize"),
    ("get", "/oauth2/interaction/{id}"),
    ("post", "/oauth2/interaction/{id}"),
    ("get", "/oauth2/interaction/{id}/register"),
    ("post", "/oauth2/interaction/{id}/register"),
    ("post", "/oauth2/device_authorization"),
    ("post", "/oauth2/register"),
    ("get", "/oauth2/register/{id}"),
    ("put", "/oauth2/register/{id}"),
    ("delete", "/oauth2/register/{id}"),
    ("post", "/oauth2/par"),
    ("post", "/oauth2/token"),
    ("get", "/oauth2/userinfo"),
    ("post", "/oauth2/userinfo"),
    ("post", "/oauth2/introspect"),
    ("post", "/oauth2/revoke"),
    ("get", "/oauth2/logout"),
    ("post", "/oauth2/logout"),
];

#[tokio::test]
async fn every_endpoint_is_described_with_schemas_examples_and_errors() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let document = program.get("/openapi.json").await.json;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (method, path) in OPERATIONS.iter().chain(ADMIN_OPERATIONS).copied() {
        let operation = &document["paths"][path][method];
        assert!(operation.is_object(), "{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path} has no summary");
        let takes_body = ["post", "put", "patch"].contains(&method) && !WITHOUT_BODY.contains(&path);
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(schema.is_object(), takes_body, "{method} {path}: its body");
        if path.starts_with("/api/") || path.starts_with("/admin/") {
            let problem = &operation["responses"]["422"]["content"]["application/problem+json"]["schema"];
            assert!(problem.is_object(), "{method} {path}: its errors");
        }
    }
    for (method, path) in OPENID_OPERATIONS.iter().copied() {
        let summary = &document["paths"][path][method]["summary"];
        assert!(summary.as_str().is_some_and(|text| !text.is_empty()), "{method} {path} has no summary");
    }
    let described: BTreeSet<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
    let expected = OPERATIONS.iter().chain(ADMIN_OPERATIONS).chain(OPENID_OPERATIONS);
    let expected: BTreeSet<_> = expected.map(|(_, path)| (*path).to_owned()).collect();
    assert_eq!(described, expected);
    assert!(document.to_string().contains("\"examples\":[\"user@example.com\"]"));
    assert_references_resolve(&document, &document);
}

fn assert_references_resolve(document: &Value, value: &Value) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#').expect("a reference within the document");
                assert!(document.pointer(pointer).is_some(), "{reference}");
            }
            members.values().for_each(|member| assert_references_resolve(document, member));
        }
        Value::Array(items) => items.iter().for_each(|item| assert_references_resolve(document, item)),
        _ => {}
    }
}

#[tokio::test]
async fn the_browser_for_it_loads_nothing_from_elsewhere() {
    let program = ProgramBuilder::new().in_memory().start().await;
    let page = program.get("/docs/").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let attribute = regex::Regex::new(r#"(?:src|href)="([^"]+)""#).unwrap();
    let assets: Vec<_> = attribute.captures_iter(&page.text).map(|found| found[1].to_owned()).collect();
    assert!(!assets.is_empty());
    for asset in assets {
        assert!(!asset.contains("//"), "{asset}");
        let path = format!("/docs/{}", asset.trim_start_matches("./"));
        assert_eq!(program.get(&path).await.status, 200, "{path}");
    }
    assert!(page.text.contains("/openapi.json"));
    assert!(page.header("content-security-policy").contains("connect-src 'self'"));
    let bare = program.get("/docs").await;
    assert!([200, 301, 302, 307, 308].contains(&bare.status), "{}", bare.status);
}
