//! A server for tests, which says what it is told to, however wrong.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Serves on a loopback address: each request, as text, goes to the handler with its connection.
pub(crate) async fn serve<F: Future<Output = ()> + Send>(
    answer: impl Fn(String, TcpStream) -> F + Clone + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let (request, stream) = read(stream).await;
                answer(request, stream).await;
            });
        }
    });
    address
}

/// Reads head and body.
async fn read(mut stream: TcpStream) -> (String, TcpStream) {
    let mut request = String::new();
    loop {
        let mut part = [0; 4096];
        let length = stream.read(&mut part).await.unwrap_or(0);
        request.push_str(&String::from_utf8_lossy(&part[..length]));
        let whole = request.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let announced =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            body.len() >= announced.unwrap_or(0)
        });
        if whole || length == 0 {
            return (request, stream);
        }
    }
}

/// A whole answer.
pub(crate) fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

/// Says it, and hangs up.
pub(crate) async fn say(mut stream: TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}
