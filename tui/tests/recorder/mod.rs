//! A server that keeps what it is sent, byte for byte, and gives everybody the same answer.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The server.
pub(crate) struct Recorder {
    /// Where it listens.
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    /// One that answers with this JSON.
    pub(crate) async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                // A connection that nobody sends anything on is no request.
                let Some(request) = receive(&mut stream).await else { continue };
                kept.lock().unwrap().push(request);
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
                let reply = format!("{head}\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
                stream.write_all(reply.as_bytes()).await.unwrap();
            }
        });
        Self { url, requests }
    }

    /// What came since this was asked last.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

/// Head and body, as they came.
async fn receive(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    // A character may come in two parts.
    while !std::str::from_utf8(&request).is_ok_and(is_whole) {
        stream.read_buf(&mut request).await.ok().filter(|read| *read > 0)?;
    }
    String::from_utf8(request).ok()
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name).map(str::trim));
    match header("content-length:") {
        Some(length) => body.len() >= length.parse().unwrap(),
        None if header("transfer-encoding:") == Some("chunked") => body.ends_with("0\r\n\r\n"),
        None => true,
    }
}
