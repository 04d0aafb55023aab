//! One keep-alive HTTP/1.1 connection, and requests whose parts are made once.
//! The generator shares the machine with what it measures, so it does little.

use std::{fmt, net::SocketAddr, time::Duration};

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode, Uri,
    client::conn::http1::{self, SendRequest},
    header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A server on this machine that takes no connection for so long is not there.
const CONNECT: Duration = Duration::from_secs(5);
/// What is shown of an error's body, in characters.
const SHOWN: usize = 200;

/// A request but for its body.
#[derive(Clone)]
pub struct Call {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Call {
    /// A GET.
    pub fn get(target: SocketAddr, path: &'static str) -> anyhow::Result<Self> {
        Self::new(Method::GET, target, path)
    }

    /// A GET of an address that is made for this run.
    pub fn get_at(target: SocketAddr, path: &str) -> anyhow::Result<Self> {
        Ok(Self { uri: path.parse()?, ..Self::get(target, "/")? })
    }

    /// A POST of a form.
    pub fn post_form(target: SocketAddr, path: &'static str) -> anyhow::Result<Self> {
        let call = Self::new(Method::POST, target, path)?;
        Ok(call.with(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")))
    }

    /// A POST of JSON.
    pub fn post(target: SocketAddr, path: &'static str) -> anyhow::Result<Self> {
        let call = Self::new(Method::POST, target, path)?;
        Ok(call.with(CONTENT_TYPE, HeaderValue::from_static("application/json")))
    }

    fn new(method: Method, target: SocketAddr, path: &'static str) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::try_from(target.to_string())?);
        Ok(Self { method, uri: Uri::from_static(path), headers })
    }

    /// The same, made with an access token.
    pub fn authorized(self, token: &str) -> anyhow::Result<Self> {
        Ok(self.with(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}"))?))
    }

    /// The same, made by a client with its secret.
    pub fn by_client(self, id: &str, secret: &str) -> anyhow::Result<Self> {
        let credentials = STANDARD.encode(format!("{id}:{secret}"));
        Ok(self.with(AUTHORIZATION, HeaderValue::try_from(format!("Basic {credentials}"))?))
    }

    /// Another cookie from now on.
    pub fn set_cookie(&mut self, cookie: HeaderValue) {
        self.headers.insert(COOKIE, cookie);
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The request, with this body.
    pub fn request(&self, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body.into()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }
}

/// An answer with a status of failure: the server meant it, as it does not mean a lost connection.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    text: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.status, self.text)
    }
}

impl std::error::Error for Refused {}

/// A connection that is opened again where the server closed it.
pub struct Client {
    target: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    /// Connects.
    pub async fn connect(target: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { target, sender: open(target).await? })
    }

    /// The answer to a request, whole; one with a status of failure is an error, [`Refused`].
    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Bytes>> {
        if self.sender.ready().await.is_err() {
            self.sender = open(self.target).await?;
        }
        let (head, body) = self.sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        if !head.status.is_success() && !head.status.is_redirection() {
            let text = String::from_utf8_lossy(&body).chars().take(SHOWN).collect();
            return Err(Refused { status: head.status, text }.into());
        }
        Ok(Response::from_parts(head, body))
    }
}

async fn open(target: SocketAddr) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let stream = tokio::time::timeout(CONNECT, TcpStream::connect(target))
        .await
        .with_context(|| format!("no connection to {target} within {CONNECT:?}"))?
        .with_context(|| format!("cannot connect to {target}"))?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the sender; what goes wrong on it is told to whoever waits for an answer.
    tokio::spawn(connection);
    Ok(sender)
}
