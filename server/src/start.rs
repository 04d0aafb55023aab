//! From a configuration to a server that answers: listener, database, settings,
//! keys, first administrator, jobs, in this order, each step safe to repeat.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;
use salvo::{
    Listener, Server, Service,
    catcher::Catcher,
    conn::{Acceptor, TcpListener},
    fuse::FuseConfig,
    prelude::CatchPanic,
    server::ServerHandle,
};
use signet_keys::{Entropy, MasterKey, MasterKeyError, OsEntropy};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};

use crate::{
    app::{App, Provide, Remembered, Snapshot},
    bootstrap::{self, FirstAdministrator},
    clients::ClientKeys,
    clock::{Clock, SystemClock},
    config::{Config, MasterKeySource, PublicUrl},
    http::{
        address_limit::AddressLimit,
        catcher::FillIn,
        cors,
        front::Front,
        listener::{Closable, Closer},
        tls,
    },
    jobs,
    keyring::Keyring,
    mail::{Mailer, Outbox, Worker},
    metrics::Metrics,
    outgoing::Errands,
    pages::look::Look,
    password::PasswordPool,
    rotation::{Rotator, policy},
    router::{metrics_router, router},
    store::Store,
    tuning,
};

/// Connections at once, if the system allows the process that many open files; more wait in the listener's backlog.
const MAX_CONNECTIONS: u64 = 20_000;
/// Files that are open beside connections: the database's, above all.
const OTHER_FILES: u64 = 256;
/// Streams at once.
const MAX_STREAMS: usize = 200;
/// How long opening a database may take, its log read and all.
const OPENING: Duration = Duration::from_secs(60);
/// How long requests may take to finish after the word to stop.
const DRAIN: Duration = Duration::from_secs(30);
/// Before that: how long whoever is connected may still ask, and is told with the answer that the connection ends.
const FAREWELL: Duration = Duration::from_millis(750);
/// So long a request's head may take, the next part of a body, and an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
const BODY_GAP: Duration = Duration::from_secs(15);
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// A server that answers.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The issuer.
    pub public_url: PublicUrl,
    /// Who was made administrator, when nobody has a proper password yet.
    pub administrator: Option<FirstAdministrator>,
    app: Arc<App>,
    handle: ServerHandle,
    socket: Closer,
    serving: tokio::task::JoinHandle<()>,
    jobs: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Running {
    /// Until something ends that never should: the listener, or a job.
    pub async fn failed(&mut self) -> anyhow::Error {
        tokio::select! {
            ended = &mut self.serving => anyhow::anyhow!("the listener ended: {ended:?}"),
            ended = self.jobs.join_next() => anyhow::anyhow!("a job ended: {ended:?}"),
            () = self.app.store.broken() => anyhow::anyhow!(
                "the disk failed under the database: see to it, and start again; what was acknowledged is there"
            ),
        }
    }

    /// Turns newcomers away, lets requests finish, then jobs, then closes the database.
    pub async fn stop(mut self) {
        self.app.stopping.send_replace(true);
        // A server that is full accepts nobody, and closes its socket when it ends.
        let _ = tokio::time::timeout(FAREWELL, self.socket.close()).await;
        tokio::time::sleep(FAREWELL).await;
        self.handle.stop_graceful(DRAIN);
        if !self.serving.is_finished() {
            let _ = (&mut self.serving).await;
        }
        let _ = self.stop.send(true);
        let jobs = async { while self.jobs.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, jobs).await.is_err() {
            tracing::warn!("a job did not end in time; what it was at is done again after the next start");
        }
        self.app.store.close().await;
    }
}

/// Starts everything. When it returns, the server answers.
pub async fn start(config: Config) -> anyhow::Result<Running> {
    let tls = config.server.tls.clone().map(|files| tls::load(&files).map(|keys| (files, keys))).transpose()?;
    let https = tls.is_some();
    let listener = TcpListener::new(config.server.listen);
    let cannot_listen = || format!("cannot listen on {}; is another program there?", config.server.listen);
    match tls {
        None => {
            let acceptor = listener.try_bind().await.with_context(cannot_listen)?;
            let address = acceptor.local_addr()?;
            serve(config, acceptor, address, https).await
        }
        Some((files, keys)) => {
            let listener = listener.rustls(Box::pin(tls::reloading(files, keys)));
            let acceptor = listener.try_bind().await.with_context(cannot_listen)?;
            let address = acceptor.inner().local_addr()?;
            serve(config, acceptor, address, https).await
        }
    }
}

async fn serve(
    config: Config,
    acceptor: impl Acceptor + 'static,
    address: SocketAddr,
    https: bool,
) -> anyhow::Result<Running> {
    let public_url = match config.server.public_url.clone() {
        Some(url) => url,
        None => PublicUrl::parse(&format!("{}://{address}", if https { "https" } else { "http" }))?,
    };
    let app = Arc::new(assemble(&config, public_url.clone()).await?);
    let administrator = bootstrap::first_administrator(&app, &config.bootstrap).await?;
    let (stop, stopping) = watch::channel(false);
    let mut jobs = jobs::spawn(&app, &stopping);
    jobs.spawn(Worker { app: Arc::clone(&app) }.run(stopping));
    if let Some(serving) = metrics_listener(&app, &config).await? {
        jobs.spawn(serving);
    }
    let (acceptor, socket) = Closable::new(acceptor);
    let server = Server::new(acceptor).max_connections(max_connections()).fuse_config(fuses());
    let handle = server.handle();
    let serving = tokio::spawn(server.serve(service(&app, &config)));
    Ok(Running { address, public_url, administrator, app, handle, socket, serving, jobs, stop })
}

/// The HTTP service: what every request passes, then the routes.
fn service(app: &Arc<App>, config: &Config) -> Service {
    let trusted_proxies = config.server.trusted_proxies.clone();
    let front = Front { trusted_proxies, https: app.public_url.is_https() };
    let service = Service::new(router())
        .catcher(Catcher::default().hoop(FillIn))
        .hoop(Provide(Arc::clone(app)))
        .hoop(front)
        .hoop(CatchPanic::new());
    match cors::hoop(&config.server.cors_origins) {
        Some(cors) => service.hoop_when(cors, |req, _| cors::is_for_scripts(req.uri().path())),
        None => service,
    }
}

/// The listener for metrics alone, where one is configured: whoever reaches it may read them.
async fn metrics_listener(app: &Arc<App>, config: &Config) -> anyhow::Result<Option<BoxFuture<'static, ()>>> {
    let Some(address) = config.server.metrics_listen else { return Ok(None) };
    let acceptor = TcpListener::new(address).try_bind().await;
    let acceptor =
        acceptor.with_context(|| format!("cannot listen on {address} for metrics; is another program there?"))?;
    let server = Server::new(acceptor).fuse_config(fuses());
    let (handle, mut stopping) = (server.handle(), app.stopping.subscribe());
    let service = Service::new(metrics_router()).hoop(Provide(Arc::clone(app)));
    Ok(Some(Box::pin(async move {
        let stop = async move {
            let _ = stopping.wait_for(|stopping| *stopping).await;
            handle.stop_graceful(FAREWELL);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = server.serve(service) => {}
            () = stop => {}
        }
    })))
}

/// Raises the limit of open files as far as may be, and leaves the database its share: connections alone must not be able
/// to use it up.
fn max_connections() -> usize {
    let files = rlimit::increase_nofile_limit(MAX_CONNECTIONS + OTHER_FILES).unwrap_or(1_024);
    let connections = files.saturating_sub(OTHER_FILES).clamp(64, MAX_CONNECTIONS);
    if connections < MAX_CONNECTIONS {
        tracing::warn!(connections, files, "the limit of open files leaves room for this many connections");
    }
    usize::try_from(connections).unwrap_or(64)
}

fn fuses() -> FuseConfig {
    let mut fuses = FuseConfig::default();
    fuses.http1_header_timeout = Some(HEAD_TIMEOUT);
    fuses.request_body_timeout = Some(BODY_GAP);
    fuses.connection_idle_timeout = Some(IDLE_TIMEOUT);
    fuses.write_stall_timeout = Some(IDLE_TIMEOUT);
    fuses
}

async fn assemble(config: &Config, public_url: PublicUrl) -> anyhow::Result<App> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let started_at = clock.now();
    let store = open_store(config, &entropy, started_at).await?;
    tuning::seed(&store, &config.bootstrap.settings, public_url.is_https(), started_at).await?;
    let (revision, settings) = tuning::read(&store, public_url.is_https()).await?;
    tuning::warn_about(&settings);
    let master_key = master_key(&config.master_key, &store, entropy.as_ref()).await?;
    if !store.is_shared() {
        store.release_leases().await?;
    }
    let (clients_revision, clients) = store.load_clients().await?;
    let policy = policy(&settings, clients.longest_token(), store.is_shared());
    let ring = Rotator::new(&store, &master_key, &entropy, clock.as_ref()).rotate(&settings, &policy).await?;
    let keyring = Keyring::build(&ring, &master_key)?;
    let mut fresh = [0; 32];
    entropy.fill(&mut fresh);
    let pairwise_salt = store.find_or_keep_secret("pairwise", fresh).await?;
    Ok(App {
        cookie_same_site: config.server.cookie_same_site,
        cors_origins: config.server.cors_origins.clone(),
        addresses: AddressLimit::new(settings.address_requests_per_minute),
        settings: Snapshot::new(revision, settings),
        clients: Snapshot::new(clients_revision, clients),
        keyring: ArcSwap::from_pointee(keyring),
        passwords: PasswordPool::new(Arc::clone(&entropy)),
        metrics: Metrics::new(store.latency()),
        totals: Remembered::default(),
        custom_claims: config.claims.clone(),
        discovery: Default::default(),
        look: Look::new(&config.pages)?,
        mailer: Mailer::new(&config.mail)?,
        outbox: Outbox::default(),
        stopping: watch::Sender::new(false),
        pairwise_salt,
        outgoing: Errands::new(config.outgoing.allowed_networks.clone())?,
        client_keys: ClientKeys::default(),
        streams: Arc::new(Semaphore::new(MAX_STREAMS)),
        imports: Arc::new(Semaphore::new(1)),
        master_key,
        store,
        clock,
        entropy,
        started_at,
        public_url,
    })
}

/// Opens the database that the configuration names, and brings its schema up to date.
pub async fn open_store(config: &Config, entropy: &Arc<dyn Entropy>, now: jiff::Timestamp) -> anyhow::Result<Store> {
    let url = &config.database.url;
    let directory = url.strip_prefix("surrealkv://").map(|path| PathBuf::from(path.split('?').next().unwrap_or(path)));
    if let Some(path) = &directory {
        refuse_remains(path)?;
        make_private_directory(path).with_context(|| format!("cannot make the data directory {}", path.display()))?;
    }
    let store = tokio::time::timeout(OPENING, Store::connect(&config.database, Arc::clone(entropy)))
        .await
        .with_context(|| format!("the database {url} did not open within {OPENING:?}; its files may be damaged"))?
        .with_context(|| format!("cannot open the database {url}; is another process using it, or the disk full?"))?;
    let memory = directory.map(|path| path.with_extension("initialised"));
    if let Some(memory) = memory.as_ref().filter(|memory| memory.exists())
        && store.is_new().await?
    {
        anyhow::bail!(
            "the database {url} is empty, though it held data before: its files are damaged or gone; restore them, or, to \
             begin anew with new keys, remove {}",
            memory.display()
        );
    }
    store.migrate(now).await?;
    if let Some(memory) = memory.filter(|memory| !memory.exists()) {
        std::fs::File::create(&memory)
            .and_then(|file| file.sync_all())
            .with_context(|| format!("cannot write {}", memory.display()))?;
    }
    Ok(store)
}

/// Files of a database without the one that lists them: opened, it would count as new, and its files as litter.
fn refuse_remains(path: &Path) -> anyhow::Result<()> {
    let holds = |name: &str| path.join(name).read_dir().is_ok_and(|mut entries| entries.next().is_some());
    let lists = path.join("manifest").read_dir().is_ok_and(|mut entries| entries.next().is_some())
        || path.join("manifest").is_file();
    if !lists && ["sstables", "vlog"].iter().any(|name| holds(name)) {
        anyhow::bail!(
            "the database in {} is incomplete: it has data and no manifest; restore the whole directory",
            path.display()
        );
    }
    Ok(())
}

/// Hashes, keys and codes lie there: a directory that we make is its owner's alone.
pub fn make_private_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The key that opens what the database holds. One is made only for a database that holds nothing yet: a missing or
/// different key is an error, for with it every signing key would be lost.
pub async fn master_key(source: &MasterKeySource, store: &Store, entropy: &dyn Entropy) -> anyhow::Result<MasterKey> {
    let expected = store.master_key_fingerprint().await?;
    let key = match source {
        MasterKeySource::Inline(text) => MasterKey::parse(text).context("keys.master_key")?,
        MasterKeySource::File(path) => match MasterKey::read(path) {
            Err(MasterKeyError::Missing(_)) if expected.is_none() => {
                if let Some(directory) = path.parent() {
                    make_private_directory(directory)
                        .with_context(|| format!("cannot make a directory for the master key {}", path.display()))?;
                }
                MasterKey::create(path, entropy)?
            }
            Err(error @ MasterKeyError::Missing(_)) => {
                return Err(anyhow::Error::from(error).context(
                    "the signing keys in the database are sealed with a master key that is not there; \
                     restore its file, or name it at keys.master_key_file",
                ));
            }
            Ok(key) => {
                if expected.is_none() {
                    tracing::warn!(
                        "the database is new, though a master key was there already: is this the right database?"
                    );
                }
                key
            }
            Err(error) => return Err(error.into()),
        },
    };
    match expected {
        Some(expected) if expected != key.fingerprint() => anyhow::bail!(
            "wrong master key: the signing keys are sealed with {expected}, this one is {}; restore the right one",
            key.fingerprint()
        ),
        _ => Ok(key),
    }
}

/// Brings the schema up to date and closes again.
pub async fn migrate(config: &Config) -> anyhow::Result<()> {
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let store = open_store(config, &entropy, SystemClock.now()).await?;
    store.close().await;
    Ok(())
}
