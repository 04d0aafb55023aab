//! The real program, started on a free port with data of its own, and typed callers of it.

mod mail;
mod operator;
mod program;
mod relying_party;
mod screen;
mod smtp;
mod terminal;
mod token;
mod website;

pub(crate) use mail::Mail;
pub(crate) use operator::{ADMIN, Operator};
pub(crate) use program::{Answer, Program, ProgramBuilder, executable};
pub(crate) use relying_party::{Browser, CALLBACK, Page, RelyingParty, VERIFIER, parameters};
pub(crate) use screen::{CTRL_U, CTRL_Z, ENTER, ESC, Screen};
pub(crate) use smtp::{Behaviour, Sink, SinkTls};
pub(crate) use terminal::Terminal;
pub(crate) use token::{verify_with_jwks, verify_with_pem};
pub(crate) use website::Website;

use serde_json::json;

/// A password that every policy takes.
pub(crate) const PASSWORD: &str = "tangled-harbour-violin";

/// A pair of tokens, as the token API hands them out.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Tokens {
    pub(crate) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let member = |name: &str| answer.json[name].as_str().expect("a token").to_owned();
        Self { access: member("access_token"), refresh: member("refresh_token") }
    }
}

/// The steps that nearly every test begins with.
impl Program {
    pub(crate) async fn register(&self, email: &str) -> String {
        let answer = self.post("/api/register/", json!({"email": email, "password": PASSWORD})).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn try_login(&self, email: &str, password: &str) -> Answer {
        self.post("/api/login/", json!({"email": email, "password": password})).await
    }

    pub(crate) async fn login(&self, email: &str) -> Tokens {
        Tokens::of(&self.try_login(email, PASSWORD).await)
    }

    /// A registered user who is logged in.
    pub(crate) async fn user(&self, email: &str) -> Tokens {
        self.register(email).await;
        self.login(email).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("/api/refresh/", json!({"refresh_token": token})).await
    }

    pub(crate) async fn me(&self, access: &str) -> Answer {
        self.send(self.client.get(self.url("/api/me/")).bearer_auth(access)).await
    }

    /// Logs in at the cookie API.
    pub(crate) async fn auth(&self, username: &str, password: &str) -> Answer {
        self.post("/auth", json!({"username": username, "password": password})).await
    }

    pub(crate) async fn renew(&self, jwt: &str) -> Answer {
        let request = self.client.post(self.url("/renew_token")).header("cookie", format!("jwt_token={jwt}"));
        self.send(request.header("content-type", "application/json")).await
    }
}

/// What `look` finds, as soon as it finds it. For states that come by themselves: an expiry, a job's next round.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(look: impl Fn() -> F) -> T {
    let mut rounds = tokio::time::interval(std::time::Duration::from_millis(100));
    for _ in 0..300 {
        rounds.tick().await;
        if let Some(found) = look().await {
            return found;
        }
    }
    panic!("it did not come to pass within half a minute");
}
