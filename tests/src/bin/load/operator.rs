//! What an operator's screens wait for in a database of some size: lists of users in every order, and the counts.

use std::{net::SocketAddr, time::Duration, time::Instant};

use bytes::Bytes;
use serde::Serialize;

use crate::{
    client::{Call, Client},
    signet::{OPERATOR, OPERATOR_PASSWORD},
    users::Tokens,
};

/// Times each page is asked for.
const ROUNDS: usize = 31;
/// Between two looks at the counts: they are found out anew every few seconds, and some of them have to fall into that.
const PAUSE: Duration = Duration::from_millis(400);
/// What is asked for, in the words of the admin API. Addresses are `user0@…` to the last; every third user's is confirmed,
/// every ten-thousandth user is an editor, and none is disabled.
const PAGES: &[(&str, &str)] = &[
    ("newest", "/admin/v1/users"),
    ("newest, 200", "/admin/v1/users?limit=200"),
    ("oldest", "/admin/v1/users?sort=created_at"),
    ("by address", "/admin/v1/users?sort=email"),
    ("address prefix", "/admin/v1/users?filter=email:user77"),
    ("its newest", "/admin/v1/users?filter=email:user77&sort=-created_at"),
    ("name prefix", "/admin/v1/users?filter=username:%22user%2077%22"),
    ("a role", "/admin/v1/users?filter=role:editor"),
    ("a role, by address", "/admin/v1/users?filter=role:editor&sort=email"),
    ("disabled", "/admin/v1/users?filter=disabled:true"),
    ("disabled, by address", "/admin/v1/users?filter=disabled:true&sort=email"),
    ("unconfirmed", "/admin/v1/users?filter=verified:false"),
    ("of a day", "/admin/v1/users?filter=since:1d"),
    ("before all", "/admin/v1/users?filter=until:3650d&sort=email"),
];

/// How long one screen took.
#[derive(Clone, Debug, Serialize)]
pub struct Screen {
    /// Which.
    pub name: &'static str,
    /// Half of them were quicker.
    pub p50_ms: f64,
    /// None was slower.
    pub max_ms: f64,
}

/// Asks for each page in turn, one request at a time, then looks at the counts for a while.
pub fn measure(target: SocketAddr) -> anyhow::Result<Vec<Screen>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut client = Client::connect(target).await?;
        let token = log_in(&mut client, target).await?;
        let mut screens = Vec::new();
        for (name, path) in PAGES {
            let call = Call::get(target, path)?.authorized(&token)?;
            screens.push(time(name, &mut client, &call, Duration::ZERO).await?);
        }
        let call = Call::get(target, "/admin/v1/stats")?.authorized(&token)?;
        screens.push(time("counts", &mut client, &call, PAUSE).await?);
        Ok(screens)
    })
}

async fn log_in(client: &mut Client, target: SocketAddr) -> anyhow::Result<String> {
    let body = serde_json::json!({ "email": OPERATOR, "password": OPERATOR_PASSWORD }).to_string();
    let answer = client.send(Call::post(target, "/api/login/")?.request(body)).await?;
    Ok(serde_json::from_slice::<Tokens>(answer.body())?.access_token)
}

async fn time(name: &'static str, client: &mut Client, call: &Call, pause: Duration) -> anyhow::Result<Screen> {
    let mut took = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        client.send(call.request(Bytes::new())).await?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(pause).await;
    }
    took.sort_by(f64::total_cmp);
    Ok(Screen { name, p50_ms: took[ROUNDS / 2], max_ms: took[ROUNDS - 1] })
}
