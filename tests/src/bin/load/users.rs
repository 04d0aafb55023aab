//! The users that a database is filled with: who they are, and how they log in.

use std::net::SocketAddr;

use bytes::Bytes;
use hyper::{Response, header::HeaderValue};
use serde::Deserialize;
use signet_keys::{Entropy, OsEntropy};

use crate::{
    chains::cookie,
    client::{Call, Client},
};

/// Everybody's. What is measured does not depend on it.
pub const PASSWORD: &str = "measured harbour violin";

/// The address of user `number`.
pub fn email(number: usize) -> String {
    format!("user{number}@example.com")
}

/// The body of a login of user `number`, whose name goes into the field `name`.
pub fn credentials(name: &str, number: usize) -> String {
    format!(r#"{{"{name}":"{}","password":"{PASSWORD}"}}"#, email(number))
}

/// Every so-manieth user, so that connections stay out of each other's way.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    connection: usize,
    connections: usize,
    size: usize,
}

impl Share {
    /// Deals `users` out to `connections`; there must be one for each at least.
    pub fn deal(users: usize, connections: usize) -> anyhow::Result<Vec<Self>> {
        let size = users / connections;
        anyhow::ensure!(size > 0, "{connections} connections need as many users; there are {users}");
        Ok((0..connections).map(|connection| Self { connection, connections, size }).collect())
    }

    /// Any user of the share.
    pub fn pick(&self) -> usize {
        let mut random = [0; 8];
        OsEntropy.fill(&mut random);
        let place = u64::from_le_bytes(random) % self.size as u64;
        self.connection + self.connections * place as usize
    }
}

/// What a login at the token API yields.
#[derive(Deserialize)]
pub struct Tokens {
    /// Serves for the whole run.
    pub access_token: String,
    /// Serves once.
    pub refresh_token: String,
}

/// Registers users who are not there yet.
pub fn register(target: SocketAddr, numbers: &[usize]) -> anyhow::Result<()> {
    post_each(target, &Call::post(target, "/api/register/")?, "email", numbers).map(drop)
}

/// Logs users in at the token API.
pub fn tokens(target: SocketAddr, numbers: &[usize]) -> anyhow::Result<Vec<Tokens>> {
    let answers = post_each(target, &Call::post(target, "/api/login/")?, "email", numbers)?;
    answers.iter().map(|answer| Ok(serde_json::from_slice(answer.body())?)).collect()
}

/// Logs users in at the cookie API.
pub fn cookies(target: SocketAddr, numbers: &[usize]) -> anyhow::Result<Vec<HeaderValue>> {
    post_each(target, &Call::post(target, "/auth")?, "username", numbers)?.iter().map(cookie).collect()
}

/// Sends the credentials of each user to one endpoint.
fn post_each(target: SocketAddr, call: &Call, name: &str, numbers: &[usize]) -> anyhow::Result<Vec<Response<Bytes>>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut client = Client::connect(target).await?;
        let mut answers = Vec::with_capacity(numbers.len());
        for number in numbers {
            answers.push(client.send(call.request(credentials(name, *number))).await?);
        }
        Ok(answers)
    })
}
