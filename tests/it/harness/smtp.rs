//! A mail server that keeps what it is given, and can be told to behave badly.

use std::{path::Path, sync::Arc, time::Duration};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use super::Mail;

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SinkTls {
    None,
    StartTls,
    Implicit,
}

/// What the server does with a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Takes mail.
    Accept,
    /// Takes mail only after AUTH.
    DemandAuth,
    /// Says no to every recipient, for a while.
    Refuse,
    /// Accepts the connection and says nothing.
    Hang,
    /// Never ends its greeting.
    EndlessBanner,
}

/// A running mail server.
pub(crate) struct Sink {
    pub(crate) port: u16,
    mails: mpsc::UnboundedReceiver<Mail>,
    attempts: mpsc::UnboundedReceiver<()>,
    certificate: String,
}

#[derive(Clone)]
struct Server {
    tls: SinkTls,
    behaviour: Behaviour,
    acceptor: TlsAcceptor,
    mails: mpsc::UnboundedSender<Mail>,
}

impl Sink {
    pub(crate) async fn start(tls: SinkTls, behaviour: Behaviour) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("a TLS configuration");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, mails) = mpsc::unbounded_channel();
        let (attempted, attempts) = mpsc::unbounded_channel();
        let server = Server { tls, behaviour, acceptor: TlsAcceptor::from(Arc::new(config)), mails: sender };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = attempted.send(());
                tokio::spawn(server.clone().serve(stream));
            }
        });
        Self { port, mails, attempts, certificate: cert.pem() }
    }

    /// The next mail.
    pub(crate) async fn mail(&mut self) -> Mail {
        self.mail_within(Duration::from_secs(30)).await
    }

    /// The next mail, for which there may be long to wait.
    pub(crate) async fn mail_within(&mut self, patience: Duration) -> Mail {
        tokio::time::timeout(patience, self.mails.recv()).await.expect("a mail in time").expect("a mail")
    }

    /// The next time somebody connects.
    pub(crate) async fn attempt(&mut self) {
        let patience = Duration::from_secs(30);
        tokio::time::timeout(patience, self.attempts.recv()).await.expect("an attempt in time").expect("an attempt");
    }

    /// Whether a mail has come that nobody asked for yet.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.mails.try_recv().is_err()
    }

    /// The certificate, for a sender to trust.
    pub(crate) fn write_certificate(&self, path: &Path) {
        std::fs::write(path, &self.certificate).expect("a file");
    }
}

impl Server {
    async fn serve(self, stream: TcpStream) {
        let done = match (self.behaviour, self.tls) {
            (Behaviour::Hang, _) => hang(stream).await,
            (Behaviour::EndlessBanner, _) => endless(stream).await,
            (_, SinkTls::Implicit) => match self.acceptor.clone().accept(stream).await {
                Ok(stream) => self.greet_and_talk(stream).await,
                Err(error) => Err(error),
            },
            (_, SinkTls::None) => self.greet_and_talk(stream).await,
            (_, SinkTls::StartTls) => self.start_tls(stream).await,
        };
        // A sender that goes away is its own business.
        drop(done);
    }

    async fn start_tls(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 sink ready\r\n").await?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            if line.to_uppercase().starts_with("EHLO") {
                stream.write_all(b"250-sink\r\n250 STARTTLS\r\n").await?;
            } else if line.to_uppercase().starts_with("STARTTLS") {
                stream.write_all(b"220 go on\r\n").await?;
                let stream = self.acceptor.accept(stream.into_inner()).await?;
                return self.talk(stream).await;
            } else {
                stream.write_all(b"530 5.7.0 Must issue a STARTTLS command first\r\n").await?;
            }
        }
    }

    async fn greet_and_talk<S>(&self, mut stream: S) -> std::io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        stream.write_all(b"220 sink ready\r\n").await?;
        self.talk(stream).await
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut authenticated = self.behaviour != Behaviour::DemandAuth;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let verb = line.split_whitespace().next().unwrap_or_default().to_uppercase();
            let answer = match verb.as_str() {
                "EHLO" => "250-sink\r\n250 AUTH PLAIN LOGIN\r\n",
                "AUTH" => {
                    // "\0user\0secret", the only one this server knows.
                    authenticated = line.trim().ends_with("AHVzZXIAc2VjcmV0");
                    if authenticated { "235 welcome\r\n" } else { "535 no\r\n" }
                }
                "MAIL" if !authenticated => "530 5.7.0 Authentication required\r\n",
                "RCPT" if self.behaviour == Behaviour::Refuse => "451 4.7.1 Later\r\n",
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let raw = read_data(&mut stream).await?;
                    let _ = self.mails.send(Mail::parse(&raw));
                    "250 kept\r\n"
                }
                "QUIT" => {
                    stream.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => "250 fine\r\n",
            };
            stream.write_all(answer.as_bytes()).await?;
        }
    }
}

async fn read_data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    loop {
        let start = raw.len();
        if stream.read_until(b'\n', &mut raw).await? == 0 || &raw[start..] == b".\r\n" {
            raw.truncate(start);
            return Ok(raw);
        }
        // RFC 5321 §4.5.2: a leading dot was doubled on its way.
        if raw[start..].starts_with(b"..") {
            raw.remove(start);
        }
    }
}

async fn hang(stream: TcpStream) -> std::io::Result<()> {
    std::future::pending::<()>().await;
    drop(stream);
    Ok(())
}

async fn endless(mut stream: TcpStream) -> std::io::Result<()> {
    loop {
        stream.write_all(b"220-and another thing\r\n").await?;
    }
}
