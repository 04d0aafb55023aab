//! The floors: what there is to be had on this machine without Signet.

use std::{io::Write, net::SocketAddr, path::Path, sync::OnceLock, time::Duration};

use salvo::{Listener, Router, Server, conn::TcpListener, handler, http::StatusError};
use scrypt::Params;
use serde::Serialize;
use signet_keys::{Algorithm, PrivateKey, Signer};

use crate::{
    drive,
    process::{Process, die_with_parent},
    report::Row,
    scenario::{Sample, Scenario},
    signet::LISTENING,
    store::SLACK,
    usage::Usage,
    users,
};

/// Measures one floor; `directory` is for a database, on the disk where the server has its own.
pub fn measure(floor: Scenario, sample: &Sample, seconds: u64, directory: &Path) -> anyhow::Result<Row> {
    match floor {
        Scenario::Hello | Scenario::Signed => hello(floor, sample, seconds),
        Scenario::Signatures => signatures(seconds),
        Scenario::Scrypt => scrypt(seconds),
        Scenario::Rotate => rotate(sample, seconds, directory),
        other => anyhow::bail!("{} is no floor", other.name()),
    }
}

fn hello(floor: Scenario, sample: &Sample, seconds: u64) -> anyhow::Result<Row> {
    let process = Process::start_own("hello", &["--port", "0"])?;
    let target = process.wait_for(LISTENING, SLACK)?.parse()?;
    let chains = floor.chains(target, sample)?;
    let before = process.usage()?;
    let figures = drive::follow_all(target, chains, seconds)?;
    Ok(Row::new(floor, figures, Some((before, process.usage()?))))
}

/// The claims of an access token, as to length.
#[derive(Serialize)]
struct Claims {
    iss: &'static str,
    sub: &'static str,
    aud: &'static str,
    exp: i64,
    iat: i64,
    nbf: i64,
    jti: &'static str,
    client_id: &'static str,
    scope: &'static str,
    sid: &'static str,
    auth_time: i64,
    roles: [&'static str; 0],
    user_id: &'static str,
    username: &'static str,
}

const ID: &str = "3f0e5f0a-6f5c-4f8e-9c0e-0a4c8f2b7d11";
const CLAIMS: Claims = Claims {
    iss: "http://127.0.0.1:8080",
    sub: ID,
    aud: "http://127.0.0.1:8080",
    exp: 1_800_000_030,
    iat: 1_800_000_000,
    nbf: 1_800_000_000,
    jti: ID,
    client_id: "signet",
    scope: "account",
    sid: ID,
    auth_time: 1_800_000_000,
    roles: [],
    user_id: ID,
    username: "",
};

fn signatures(seconds: u64) -> anyhow::Result<Row> {
    let signer = PrivateKey::generate(Algorithm::Es256)?.signer()?;
    let before = Usage::of("self")?;
    let sign = || {
        // So that the work cannot be left out.
        std::hint::black_box(signer.sign("at+jwt", &CLAIMS)?);
        Ok(())
    };
    let figures = drive::repeat(1, seconds, sign)?;
    Ok(Row::new(Scenario::Signatures, figures, Some((before, Usage::of("self")?))).without_memory())
}

fn scrypt(seconds: u64) -> anyhow::Result<Row> {
    let before = Usage::of("self")?;
    let hash = || {
        let mut out = [0; Params::RECOMMENDED_LEN];
        scrypt::scrypt(users::PASSWORD.as_bytes(), b"a salt of 16 byte", &Params::RECOMMENDED, &mut out)
            .map_err(|error| anyhow::anyhow!("scrypt: {error}"))?;
        std::hint::black_box(out);
        Ok(())
    };
    let figures = drive::repeat(drive::cores(), seconds, hash)?;
    Ok(Row::new(Scenario::Scrypt, figures, Some((before, Usage::of("self")?))).without_memory())
}

fn rotate(sample: &Sample, seconds: u64, directory: &Path) -> anyhow::Result<Row> {
    let database = directory.join("rotate").display().to_string();
    let (seconds_text, connections) = (seconds.to_string(), sample.connections.to_string());
    let arguments = ["--database", &database, "--seconds", &seconds_text, "--connections", &connections];
    let process = Process::start_own("rotate", &arguments)?;
    Ok(serde_json::from_str(&process.finish(Duration::from_secs(seconds) + SLACK)?)?)
}

#[handler]
async fn greet() -> &'static str {
    "Hello, world"
}

static SIGNER: OnceLock<Signer> = OnceLock::new();

/// What an access token costs where nothing is asked and nothing is looked up.
#[handler]
async fn greet_signed() -> Result<String, StatusError> {
    let signer = SIGNER.get().ok_or_else(StatusError::internal_server_error)?;
    signer.sign("at+jwt", &CLAIMS).map_err(|_| StatusError::internal_server_error())
}

/// The program `load hello`: the framework, a route with a constant and one with a signature.
pub fn serve_hello(port: u16) -> anyhow::Result<()> {
    let signer = PrivateKey::generate(Algorithm::Es256)?.signer()?;
    die_with_parent();
    SIGNER.get_or_init(|| signer);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let acceptor = TcpListener::new(SocketAddr::from(([127, 0, 0, 1], port))).try_bind().await?;
        writeln!(std::io::stdout(), "{LISTENING} {}", acceptor.local_addr()?)?;
        Server::new(acceptor).serve(Router::new().get(greet).push(Router::with_path("signed").get(greet_signed))).await;
        Ok(())
    })
}
