//! Work done over and over for a while: requests on many connections, or a
//! computation on many threads.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{
    chains::Chain,
    client::Client,
    interrupt,
    tally::{Figures, Tally, Window},
};

/// How long after the window an answer may still come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Follows every chain on a connection of its own. Each thread has its connections to itself, so that no request
/// crosses from one core to another on our side.
pub fn follow_all(target: SocketAddr, chains: Vec<Box<dyn Chain>>, seconds: u64) -> anyhow::Result<Figures> {
    let mut shares: Vec<Vec<Box<dyn Chain>>> = (0..cores().min(chains.len())).map(|_| Vec::new()).collect();
    let threads = shares.len();
    for (number, chain) in chains.into_iter().enumerate() {
        shares[number % threads].push(chain);
    }
    let window = Window::opening(seconds);
    let share = |chains| move || follow_share(target, chains, window);
    Ok(on_threads(shares.into_iter().map(share))?.figures(seconds))
}

/// Does one thing again and again on so many threads.
pub fn repeat(threads: usize, seconds: u64, work: impl Fn() -> anyhow::Result<()> + Sync) -> anyhow::Result<Figures> {
    let window = Window::opening(seconds);
    let work = &work;
    let loops = (0..threads).map(|_| {
        move || {
            let mut tally = Tally::new()?;
            loop {
                let begun = Instant::now();
                if window.is_over(begun) {
                    return Ok(tally);
                }
                tally.record(&window, begun, work());
            }
        }
    });
    Ok(on_threads(loops)?.figures(seconds))
}

/// As many threads as can run at once.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn on_threads<W>(work: impl Iterator<Item = W>) -> anyhow::Result<Tally>
where
    W: FnOnce() -> anyhow::Result<Tally> + Send,
{
    std::thread::scope(|scope| {
        let threads: Vec<_> = work.map(|work| scope.spawn(work)).collect();
        let mut total = Tally::new()?;
        for thread in threads {
            total.add(thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked")))?)?;
        }
        interrupt::check()?;
        Ok(total)
    })
}

fn follow_share(target: SocketAddr, chains: Vec<Box<dyn Chain>>, window: Window) -> anyhow::Result<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connections: JoinSet<_> = chains.into_iter().map(|chain| follow(target, chain, window)).collect();
        let limit = tokio::time::Instant::from_std(window.end() + PATIENCE);
        let mut total = Tally::new()?;
        loop {
            match tokio::time::timeout_at(limit, connections.join_next()).await {
                Ok(Some(tally)) => total.add(tally??)?,
                Ok(None) => return Ok(total),
                Err(_) => {
                    total.fail(format!("{} requests without an answer after {PATIENCE:?}", connections.len()));
                    return Ok(total);
                }
            }
        }
    })
}

async fn follow(target: SocketAddr, mut chain: Box<dyn Chain>, window: Window) -> anyhow::Result<Tally> {
    let mut client = Client::connect(target).await?;
    let mut tally = Tally::new()?;
    loop {
        let request = chain.request();
        let begun = Instant::now();
        if window.is_over(begun) {
            return Ok(tally);
        }
        let outcome = client.send(request).await.and_then(|answer| chain.learn(&answer));
        tally.record(&window, begun, outcome);
    }
}
