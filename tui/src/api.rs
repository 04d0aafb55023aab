//! The admin API, called: who calls, what is answered, and what went wrong in words for an operator.

use std::{fmt, path::Path, time::Duration};

use futures_util::TryStreamExt;
use reqwest::{StatusCode, Url, header};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::{
    call::{ADMIN, Body, Call},
    device::Refused,
    exit::Exit,
    keep::{Keep, KeepError},
    profile::ProfileError,
    session::{Caller, sign_in_and_keep},
};

/// Names a key to the admin API in the environment.
pub const API_KEY: &str = "SIGNETCTL_API_KEY";
/// Names an access token there.
pub const TOKEN: &str = "SIGNETCTL_TOKEN";
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take; streams and transfers take as long as they do.
const ANSWER: Duration = Duration::from_secs(60);

/// What the server answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The entity tag, for the next change.
    pub etag: Option<String>,
    /// The body; `Null` where there is none.
    pub json: Value,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// For scripts.
    pub exit: Exit,
    /// The server's stable code, where it answered.
    pub code: String,
    /// For people.
    pub message: String,
    /// What is there, where somebody was quicker.
    pub current: Option<Box<Value>>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

impl ApiError {
    fn new(exit: Exit, code: &str, message: impl Into<String>) -> Self {
        Self { exit, code: code.to_owned(), message: message.into(), current: None }
    }

    /// A file that cannot be read or written.
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::new(Exit::Usage, "file", format!("cannot use {}: {error}", path.display()))
    }

    /// What cannot be printed. A reader that has seen enough is no failure.
    pub fn output(error: &std::io::Error) -> Self {
        let is_closed = error.kind() == std::io::ErrorKind::BrokenPipe;
        let exit = if is_closed { Exit::Ok } else { Exit::Failed };
        Self::new(exit, "output", format!("cannot write: {error}"))
    }

    /// A command that cannot be carried out as it stands.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    fn signed_out() -> Self {
        let message = format!("you are not signed in; run signetctl login --store file, or set {API_KEY} or {TOKEN}");
        Self::new(Exit::NotAllowed, NOT_SIGNED_IN, message)
    }

    fn network(error: &reqwest::Error) -> Self {
        let mut message = format!("the server cannot be reached: {error}");
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Self::new(Exit::Network, "network", message)
    }
}

impl From<ProfileError> for ApiError {
    fn from(error: ProfileError) -> Self {
        Self::new(Exit::Failed, "profile", error.to_string())
    }
}

impl From<KeepError> for ApiError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::File(error) => error.into(),
            KeepError::Keyring(error) => Self::new(Exit::Failed, "keyring", error.to_string()),
        }
    }
}

/// The body of RFC 9457.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    detail: String,
    current: Option<Value>,
}

/// The code of a call that nobody signed in for, or nobody any more.
pub const NOT_SIGNED_IN: &str = "not_signed_in";

/// A server, and who calls it.
pub struct Api {
    http: reqwest::Client,
    server: Url,
    caller: Mutex<Caller>,
}

/// Reads a server's address. Secrets travel over https, or do not leave this machine.
pub fn read_server(text: &str) -> Result<Url, ApiError> {
    let refuse = |message: &str| ApiError::new(Exit::Usage, "server", format!("the server `{text}` {message}"));
    let url = Url::parse(text).map_err(|_| refuse("is no URL; write https://id.example.com"))?;
    let host = url.host_str().unwrap_or_default();
    let is_local = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local => Ok(url),
        "http" => Err(refuse("is http: what you type could be read on the way; use https")),
        _ => Err(refuse("is neither http nor https")),
    }
}

pub(crate) fn http() -> Result<reqwest::Client, ApiError> {
    let client = reqwest::Client::builder().connect_timeout(CONNECT).redirect(reqwest::redirect::Policy::none());
    let client = client.user_agent(concat!("signetctl/", env!("CARGO_PKG_VERSION"))).build();
    client.map_err(|error| ApiError::network(&error))
}

fn join(server: &Url, path: &str) -> String {
    format!("{}{path}", server.as_str().trim_end_matches('/'))
}

/// Sends JSON to a call that takes no token.
pub(crate) async fn post<T: serde::de::DeserializeOwned>(
    http: &reqwest::Client,
    server: &Url,
    path: &str,
    body: &Value,
) -> Result<T, ApiError> {
    let sent = http.post(join(server, path)).timeout(ANSWER).json(body).send().await;
    judge(sent).await?.json().await.map_err(|error| ApiError::network(&error))
}

/// Sends a form to an OAuth 2.0 endpoint, which refuses in a way of its own.
pub(crate) async fn post_form<T: serde::de::DeserializeOwned>(
    http: &reqwest::Client,
    server: &Url,
    path: &str,
    form: &[(&str, &str)],
) -> Result<Result<T, Refused>, ApiError> {
    let sent = http.post(join(server, path)).timeout(ANSWER).form(form).send().await;
    let response = sent.map_err(|error| ApiError::network(&error))?;
    let status = response.status();
    if status.is_success() {
        return response.json().await.map(Ok).map_err(|error| ApiError::network(&error));
    }
    let refused = response.json().await.ok().and_then(Refused::of).filter(|_| !status.is_server_error());
    let broken = || ApiError::new(Exit::Network, "network", format!("the server answered {status}"));
    refused.map(Err).ok_or_else(broken)
}

/// Reads what a token opens.
pub(crate) async fn get_as<T: serde::de::DeserializeOwned>(
    http: &reqwest::Client,
    server: &Url,
    path: &str,
    token: &str,
) -> Result<T, ApiError> {
    let sent = http.get(join(server, path)).timeout(ANSWER).bearer_auth(token).send().await;
    judge(sent).await?.json().await.map_err(|error| ApiError::network(&error))
}

/// The answer, unless it is a refusal.
async fn judge(sent: reqwest::Result<reqwest::Response>) -> Result<reqwest::Response, ApiError> {
    let response = sent.map_err(|error| ApiError::network(&error))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let problem: Option<Problem> = response.json().await.ok();
    // A proxy whose server is gone has no word of ours.
    let is_gone = status.is_server_error() && problem.is_none();
    let problem = problem.unwrap_or_default();
    let exit = match status {
        _ if is_gone => Exit::Network,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::NotAllowed,
        StatusCode::NOT_FOUND => Exit::NotFound,
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => Exit::Conflict,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Exit::Network,
        status if status.is_client_error() => Exit::Refused,
        _ => Exit::Failed,
    };
    let code = problem.kind.rsplit(':').next().unwrap_or_default().to_owned();
    let message = if problem.detail.is_empty() { format!("the server answered {status}") } else { problem.detail };
    Err(ApiError { exit, code, message, current: problem.current.map(Box::new) })
}

impl Api {
    /// A server, called by somebody.
    pub fn new(server: Url, caller: Caller) -> Result<Self, ApiError> {
        Ok(Self { http: http()?, server, caller: Mutex::new(caller) })
    }

    /// Sends a request whose answer is JSON, or nothing.
    pub async fn send(&self, call: &Call) -> Result<Answer, ApiError> {
        let patience = if matches!(call.body, Body::Lines(_)) { None } else { Some(ANSWER) };
        let response = self.exchange(call, &[], patience).await?;
        let etag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let bytes = response.bytes().await.map_err(|error| ApiError::network(&error))?;
        let json = if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&bytes) };
        let json = json.map_err(|_| ApiError::new(Exit::Failed, "answer", "the server's answer is no JSON"))?;
        Ok(Answer { etag, json })
    }

    /// Sends a request whose answer is read as it comes.
    pub async fn open(&self, call: &Call, last_event: Option<&str>) -> Result<reqwest::Response, ApiError> {
        let headers: Vec<_> = last_event.map(|id| ("last-event-id", id)).into_iter().collect();
        self.exchange(call, &headers, None).await
    }

    /// An access token may have expired since the last request: then another is fetched, once.
    async fn exchange(
        &self,
        call: &Call,
        headers: &[(&str, &str)],
        patience: Option<Duration>,
    ) -> Result<reqwest::Response, ApiError> {
        let token = self.token(None).await?;
        match judge(self.request(call, headers, patience, &token).await?.send().await).await {
            Err(error) if error.code == "invalid_token" && self.is_session().await => {
                let token = self.token(Some(&token)).await?;
                judge(self.request(call, headers, patience, &token).await?.send().await).await
            }
            done => done,
        }
    }

    async fn request(
        &self,
        call: &Call,
        headers: &[(&str, &str)],
        patience: Option<Duration>,
        token: &str,
    ) -> Result<reqwest::RequestBuilder, ApiError> {
        let url = join(&self.server, &format!("{ADMIN}{}", call.path));
        let mut request = self.http.request(call.method.clone(), url).bearer_auth(token).query(&call.query);
        if let Some(patience) = patience {
            request = request.timeout(patience);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(tag) = &call.if_match {
            request = request.header(header::IF_MATCH, tag);
        }
        if let Some(key) = &call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        Ok(match &call.body {
            Body::None => request,
            Body::Json(body) => request.json(body),
            Body::Lines(path) => {
                let lines = crate::cli::transfer::upload(path).await.map_err(|error| ApiError::file(path, &error))?;
                request.header(header::CONTENT_TYPE, "application/x-ndjson").body(lines)
            }
        })
    }

    /// Signs the same operator in anew: what cannot be undone takes a recent login. The session of before is ended.
    pub async fn sign_in_again(&self, password: &str) -> Result<(), ApiError> {
        match &mut *self.caller.lock().await {
            Caller::Session(session) => session.sign_in_again(&self.http, password).await,
            Caller::Token(_) => Err(ApiError::usage("a key or a token has no password to show")),
            Caller::Nobody => Err(ApiError::signed_out()),
        }
    }

    /// Signs somebody in, who calls from now on.
    pub async fn sign_in(&self, email: &str, password: &str, keep: Keep) -> Result<(), ApiError> {
        let mut caller = self.caller.lock().await;
        *caller = sign_in_and_keep(&self.server, email, password, keep).await?;
        Ok(())
    }

    /// Ends the session and forgets it, even if the server cannot be reached: then it is ended when its time is over.
    pub async fn sign_out(&self) -> Result<(), ApiError> {
        // Held until the end: who signs in meanwhile is not forgotten with who signs out.
        let mut caller = self.caller.lock().await;
        let Caller::Session(session) = std::mem::replace(&mut *caller, Caller::Nobody) else { return Ok(()) };
        let ended = session.end().await;
        session.forget().await?;
        ended
    }

    /// Ends a session that is kept in memory alone, since nobody can take it up again. Any other caller stays as they are.
    pub async fn close(&self) -> Result<(), ApiError> {
        match &*self.caller.lock().await {
            Caller::Session(session) if session.is_in_memory() => session.end().await,
            _ => Ok(()),
        }
    }

    async fn is_session(&self) -> bool {
        matches!(*self.caller.lock().await, Caller::Session(_))
    }

    /// What the caller shows. A session's token is fetched where there is none, or the one that there is was `refused`.
    async fn token(&self, refused: Option<&str>) -> Result<Zeroizing<String>, ApiError> {
        match &mut *self.caller.lock().await {
            Caller::Nobody => Err(ApiError::signed_out()),
            Caller::Token(token) => Ok(token.clone()),
            Caller::Session(session) => session.token(&self.http, refused).await,
        }
    }
}

/// Events of a stream (the `text/event-stream` of WHATWG HTML §9.2), as they come.
pub struct Events {
    response: reqwest::Response,
    waiting: Vec<u8>,
}

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// From where to go on.
    pub id: Option<String>,
    /// What it tells.
    pub data: String,
}

impl Events {
    /// The events of an answer.
    pub fn new(response: reqwest::Response) -> Self {
        Self { response, waiting: Vec::new() }
    }

    /// The next one; `None` at the end of the stream.
    pub async fn next(&mut self) -> Result<Option<Event>, ApiError> {
        loop {
            if let Some((event, rest)) = split_event(&self.waiting) {
                self.waiting = rest;
                if !event.data.is_empty() {
                    return Ok(Some(event));
                }
                continue;
            }
            match self.response.chunk().await.map_err(|error| ApiError::network(&error))? {
                Some(chunk) => self.waiting.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }
}

/// What stands before the first blank line, read, and what stands behind it.
fn split_event(bytes: &[u8]) -> Option<(Event, Vec<u8>)> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n")?;
    let mut event = Event::default();
    for line in String::from_utf8_lossy(&bytes[..end]).lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => event.id = Some(value.to_owned()),
            "data" if event.data.is_empty() => event.data = value.to_owned(),
            "data" => event.data = format!("{}\n{value}", event.data),
            _ => {}
        }
    }
    Some((event, bytes[end + 2..].to_vec()))
}

/// Copies an answer's body to a writer, whole; an answer that breaks off is an error.
pub async fn copy(response: reqwest::Response, out: &mut (impl tokio::io::AsyncWrite + Unpin)) -> Result<(), ApiError> {
    use tokio::io::AsyncWriteExt;
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.try_next().await.map_err(|error| ApiError::network(&error))? {
        out.write_all(&chunk).await.map_err(|error| ApiError::output(&error))?;
    }
    out.flush().await.map_err(|error| ApiError::output(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_apart_wherever_the_network_cut_them() {
        assert_eq!(split_event(b": hello\nid: 1\ndata: {\"a\":1}\n"), None);
        let (event, rest) = split_event(b": hello\nid: 1\ndata: a\ndata: b\n\nid: 2").unwrap();
        assert_eq!(event, Event { id: Some("1".into()), data: "a\nb".into() });
        assert_eq!(rest, b"id: 2");
    }

    #[test]
    fn secrets_travel_over_https_or_stay_on_this_machine() {
        for good in ["https://id.example.com", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:1"] {
            assert!(read_server(good).is_ok(), "{good}");
        }
        for bad in ["http://id.example.com", "ftp://id.example.com", "id.example.com", ""] {
            assert_eq!(read_server(bad).unwrap_err().exit, Exit::Usage, "{bad}");
        }
    }
}
