//! Somebody who calls the admin API.

use serde_json::Value;

use super::{Answer, PASSWORD, Program, ProgramBuilder, Tokens};

/// Who the first administrator is in programs started with one.
pub(crate) const ADMIN: &str = "root@example.com";

impl ProgramBuilder {
    /// With an administrator who has a password, and tokens that last as long as a test.
    pub(crate) fn with_admin(self) -> Self {
        self.env("SIGNET__BOOTSTRAP__ADMIN_EMAIL", ADMIN)
            .env("SIGNET__BOOTSTRAP__ADMIN_PASSWORD", PASSWORD)
            .setting("access_token_lifetime", "600")
    }
}

/// A token, and the program it is for.
pub(crate) struct Operator<'a> {
    program: &'a Program,
    pub(crate) token: String,
}

impl Program {
    /// The first administrator, logged in.
    pub(crate) async fn admin(&self) -> Operator<'_> {
        let Tokens { access, .. } = self.login(ADMIN).await;
        self.operator(access)
    }

    /// Whoever has this token.
    pub(crate) fn operator(&self, token: String) -> Operator<'_> {
        Operator { program: self, token }
    }
}

impl Operator<'_> {
    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let url = self.program.url(&format!("/admin/v1/{path}"));
        self.program.client.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.program.send(self.request("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.program.send(self.request("POST", path).json(&body)).await
    }

    /// Lines of JSON, as an import takes them.
    pub(crate) async fn import(&self, query: &str, lines: String) -> Answer {
        let request = self.request("POST", &format!("users/import{query}"));
        self.program.send(request.header("content-type", "application/x-ndjson").body(lines)).await
    }

    /// A creation that may be repeated.
    pub(crate) async fn create(&self, path: &str, key: &str, body: Value) -> Answer {
        self.program.send(self.request("POST", path).header("idempotency-key", key).json(&body)).await
    }

    /// A change of whatever is there.
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.change("PATCH", path, Some("*"), body).await
    }

    /// A change of what has this entity tag; `None` leaves the header out.
    pub(crate) async fn change(&self, method: &str, path: &str, etag: Option<&str>, body: Value) -> Answer {
        let request = self.request(method, path).json(&body);
        let request = match etag {
            Some(etag) => request.header("if-match", etag),
            None => request,
        };
        self.program.send(request).await
    }
}
