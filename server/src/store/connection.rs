//! One way to run a block of statements, on an embedded or a remote database:
//! with a time limit, and with conflicts retried a bounded number of times.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use prometheus_client::metrics::histogram::Histogram;
use signet_keys::Entropy;
use surrealdb::{
    Surreal,
    engine::any::Any,
    opt::auth::Root,
    types::{SurrealValue, Value, Variables},
};
use surrealdb_cnf::ConfigMap;
use surrealdb_core::{dbs::Session, syn};
use surrealdb_engine_local::{Datastore, EngineOptions};
use surrealdb_sql::Ast;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::error::{Fault, StoreError};
use crate::metrics::database_latency;

/// Where the database is.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `surrealkv://PATH`, `mem://`, `ws://HOST:PORT` or `wss://HOST:PORT`.
    pub url: String,
    /// SurrealDB namespace.
    pub namespace: String,
    /// SurrealDB database name.
    pub name: String,
    /// For a remote database.
    pub credentials: Option<DatabaseCredentials>,
}

/// How to sign in to a remote database.
#[derive(Clone)]
pub struct DatabaseCredentials {
    /// The user's name.
    pub username: String,
    /// Their password.
    pub password: Zeroizing<String>,
}

impl std::fmt::Debug for DatabaseCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseCredentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Named parameters of a statement block.
macro_rules! vars {
    ($($name:ident: $value:expr),* $(,)?) => {{
        #[allow(unused_mut)]
        let mut variables = surrealdb::types::Variables::new();
        $(variables.insert(stringify!($name), $value);)*
        variables
    }};
}
pub(super) use vars;

/// Over ws one connection answers its queries one after another.
const REMOTE_CONNECTIONS: usize = 8;
const REMOTE_TIMEOUT: Duration = Duration::from_secs(2);
/// The other end hashes a password for it.
const REMOTE_SIGN_IN_TIMEOUT: Duration = Duration::from_secs(10);
/// An embedded database is slow only when the disk is; waiting beats failing.
const EMBEDDED_TIMEOUT: Duration = Duration::from_secs(10);
/// A change of the schema looks at whole tables.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(300);
/// A batch of an import is some thousand rows, and nobody's login waits for it.
const BULK_TIMEOUT: Duration = Duration::from_secs(30);
/// Sixty-four writers of one row get through; a livelock does not last.
const MAX_TRIES: u32 = 100;

/// What each of several statements came to.
type Answers = Vec<Result<Value, surrealdb::Error>>;

/// A database that runs text. A trait object, for the compiler's sake: proving again and again that the driver's types
/// may cross threads takes it minutes, and behind `dyn` it need not.
trait Engine: Send + Sync {
    /// Runs one statement.
    fn run(&self, statement: &'static str, vars: Variables) -> BoxFuture<'_, surrealdb::Result<Answers>>;
    /// Runs several.
    fn script(&self, text: String, vars: Variables) -> BoxFuture<'_, surrealdb::Result<Answers>>;
    /// How long an answer may take.
    fn patience(&self) -> Duration;
    /// Whether other processes may use the same database.
    fn is_shared(&self) -> bool;
    /// Flushes what there is to flush.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The database in this process. It is asked directly: the driver would hand each statement to a task of its own, and the
/// text would be parsed each time.
struct Embedded {
    datastore: Arc<Datastore>,
    session: Session,
    parsed: RwLock<HashMap<&'static str, Ast>>,
}

impl Embedded {
    fn parse(&self, statement: &'static str) -> surrealdb::Result<Ast> {
        if let Some(ast) = self.parsed.read().ok().and_then(|parsed| parsed.get(statement).cloned()) {
            return Ok(ast);
        }
        let ast = syn::parse(statement).map_err(|error| surrealdb::Error::internal(error.to_string()))?;
        if let Ok(mut parsed) = self.parsed.write() {
            // Statements are constants of this program, so there are only so many.
            parsed.insert(statement, ast.clone());
        }
        Ok(ast)
    }
}

impl Engine for Embedded {
    fn run(&self, statement: &'static str, vars: Variables) -> BoxFuture<'_, surrealdb::Result<Answers>> {
        Box::pin(async move {
            let ast = self.parse(statement)?;
            let results = self.datastore.process(ast, &self.session, Some(vars)).await?;
            Ok(results.into_iter().map(|result| result.result).collect())
        })
    }

    fn script(&self, text: String, vars: Variables) -> BoxFuture<'_, surrealdb::Result<Answers>> {
        Box::pin(async move {
            let results = self.datastore.execute(&text, &self.session, Some(vars)).await?;
            Ok(results.into_iter().map(|result| result.result).collect())
        })
    }

    fn patience(&self) -> Duration {
        EMBEDDED_TIMEOUT
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Err(error) = self.datastore.shutdown().await {
                tracing::warn!(%error, "the database did not close cleanly");
            }
        })
    }
}

struct Remote {
    sessions: Vec<Surreal<Any>>,
    next: AtomicUsize,
}

impl Remote {
    async fn ask(&self, text: Cow<'static, str>, vars: Variables) -> surrealdb::Result<Answers> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.sessions.len();
        let mut results = self.sessions[turn].query(text).bind(vars).await?;
        let (count, mut errors) = (results.num_statements(), results.take_errors());
        let answer = |index| match errors.remove(&index) {
            Some(error) => Err(error),
            None => results.take::<Value>(index),
        };
        Ok((0..count).map(answer).collect())
    }
}

impl Engine for Remote {
    fn run(&self, statement: &'static str, vars: Variables) -> BoxFuture<'_, surrealdb::Result<Answers>> {
        Box::pin(self.ask(statement.into(), vars))
    }

    fn script(&self, text: String, vars: Variables) -> BoxFuture<'_, surrealdb::Result<Answers>> {
        Box::pin(self.ask(text.into(), vars))
    }

    fn patience(&self) -> Duration {
        REMOTE_TIMEOUT
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

pub(super) struct Connection {
    engine: Box<dyn Engine>,
    entropy: Arc<dyn Entropy>,
    broken: watch::Sender<bool>,
    pub(super) latency: Histogram,
}

impl Connection {
    pub(super) async fn open(config: &DatabaseConfig, entropy: Arc<dyn Entropy>) -> Result<Self, StoreError> {
        let is_remote = config.url.starts_with("ws://") || config.url.starts_with("wss://");
        let engine: Box<dyn Engine> =
            if is_remote { Box::new(open_remote(config).await?) } else { Box::new(open_embedded(config).await?) };
        Ok(Self { engine, entropy, broken: watch::Sender::new(false), latency: database_latency() })
    }

    pub(super) fn is_shared(&self) -> bool {
        self.engine.is_shared()
    }

    pub(super) fn patience(&self) -> Duration {
        self.engine.patience()
    }

    pub(super) async fn close(&self) {
        self.engine.close().await;
    }

    /// Runs one statement block and reads what it returns. Dropping the future may leave the block undone or done.
    pub(super) async fn call<T: SurrealValue>(&self, block: &'static str, vars: Variables) -> Result<T, StoreError> {
        self.call_within(self.patience(), block, vars).await
    }

    async fn call_within<T: SurrealValue>(
        &self,
        limit: Duration,
        block: &'static str,
        vars: Variables,
    ) -> Result<T, StoreError> {
        for attempt in 0..MAX_TRIES {
            match self.once(block, vars.clone(), limit).await {
                Ok(value) => {
                    return value.into_t().map_err(|error| StoreError::Infrastructure(error.to_string()));
                }
                Err(Fault::Retry) => tokio::time::sleep(self.backoff(attempt)).await,
                Err(Fault::Final(error)) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Runs one statement that was put together of constant parts, and reads what it returns.
    pub(super) async fn select<T: SurrealValue>(&self, text: String, vars: Variables) -> Result<T, StoreError> {
        let answers = self.ask(self.engine.script(text, vars), self.patience()).await.map_err(StoreError::from)?;
        let value = answers.into_iter().next().unwrap_or(Ok(Value::None)).map_err(StoreError::from)?;
        value.into_t().map_err(|error| StoreError::Infrastructure(error.to_string()))
    }

    /// Like [`Self::call`], to its end even when the caller goes away: for writes that must not stop half-way
    /// between two tries because a client hung up.
    pub(super) async fn commit<T: SurrealValue + Send + 'static>(
        self: &Arc<Self>,
        block: &'static str,
        vars: Variables,
    ) -> Result<T, StoreError> {
        self.commit_within(self.patience(), block, vars).await
    }

    /// Like [`Self::commit`], for thousands of rows.
    pub(super) async fn commit_bulk<T: SurrealValue + Send + 'static>(
        self: &Arc<Self>,
        block: &'static str,
        vars: Variables,
    ) -> Result<T, StoreError> {
        self.commit_within(BULK_TIMEOUT, block, vars).await
    }

    async fn commit_within<T: SurrealValue + Send + 'static>(
        self: &Arc<Self>,
        limit: Duration,
        block: &'static str,
        vars: Variables,
    ) -> Result<T, StoreError> {
        let this = Arc::clone(self);
        tokio::spawn(async move { this.call_within(limit, block, vars).await })
            .await
            .map_err(|error| StoreError::Infrastructure(error.to_string()))?
    }

    /// Several statements, for migrations. Conflicts with another node's are tried again.
    pub(super) async fn script(&self, text: &str, vars: Variables) -> Result<(), StoreError> {
        for attempt in 0..MAX_TRIES {
            match self.script_once(text.to_owned(), vars.clone()).await {
                Err(StoreError::Conflict) => tokio::time::sleep(self.backoff(attempt)).await,
                done => return done,
            }
        }
        Err(StoreError::Conflict)
    }

    async fn script_once(&self, text: String, vars: Variables) -> Result<(), StoreError> {
        let answers = self.ask(self.engine.script(text, vars), SCRIPT_TIMEOUT).await.map_err(StoreError::from)?;
        let errors: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
        // The first error with a reason of its own; the others only say that the transaction failed.
        let reason = errors.iter().position(|error| error.query_details().is_none()).unwrap_or(0);
        errors.into_iter().nth(reason).map_or(Ok(()), |error| Err(error.into()))
    }

    async fn once(&self, statement: &'static str, vars: Variables, limit: Duration) -> Result<Value, Fault> {
        let answers = self.ask(self.engine.run(statement, vars), limit).await?;
        answers.into_iter().next().unwrap_or(Ok(Value::None)).map_err(|error| self.judge(error))
    }

    async fn ask(&self, asking: BoxFuture<'_, surrealdb::Result<Answers>>, limit: Duration) -> Result<Answers, Fault> {
        if *self.broken.borrow() {
            return Err(Fault::Final(StoreError::Unavailable("the disk failed under the database".into())));
        }
        let begun = Instant::now();
        let answer = tokio::time::timeout(limit, asking).await;
        self.latency.observe(begun.elapsed().as_secs_f64());
        match answer {
            Ok(answers) => answers.map_err(|error| self.judge(error)),
            Err(_) => Err(Fault::Final(StoreError::Unavailable(format!("no answer within {limit:?}")))),
        }
    }

    /// A write that the operating system refused half-way leaves a torn record in the log, and whatever is written after it
    /// would be lost at the next crash. So nothing is, until the log has been read anew: see [`Self::broken`].
    fn judge(&self, error: surrealdb::Error) -> Fault {
        let text = error.to_string();
        // ENFILE and EMFILE: a file was not opened, so none was torn.
        let no_file = ["(os error 23)", "(os error 24)"].iter().any(|code| text.contains(code));
        if !self.is_shared() && text.contains("os error") && !no_file {
            tracing::error!(%error, "the disk failed under the database; nothing more is written to it");
            self.broken.send_replace(true);
            return Fault::Final(StoreError::Unavailable(text));
        }
        error.into()
    }

    /// Until the disk has failed under an embedded database.
    pub(super) async fn broken(&self) {
        // The sender is ours, so that this ends only when the condition holds.
        let _ = self.broken.subscribe().wait_for(|broken| *broken).await;
    }

    /// Full jitter, so that racers spread out: up to 0.3 ms at first, up to 20 ms later on.
    fn backoff(&self, attempt: u32) -> Duration {
        let mut random = [0; 4];
        self.entropy.fill(&mut random);
        let ceiling = 300 * u64::from(attempt + 1).min(66);
        Duration::from_micros(u64::from(u32::from_le_bytes(random)) % ceiling)
    }
}

async fn open_remote(config: &DatabaseConfig) -> Result<Remote, StoreError> {
    let one = || async {
        let session = tokio::time::timeout(REMOTE_SIGN_IN_TIMEOUT, sign_in(config)).await;
        session.map_err(|_| StoreError::Unavailable(format!("no sign-in within {REMOTE_SIGN_IN_TIMEOUT:?}")))?
    };
    // The first makes namespace and database where they are not there; another node may be at that, too. The others all at
    // once, for the other end hashes a password for each.
    let mut sessions = Vec::with_capacity(REMOTE_CONNECTIONS);
    for tries_left in (0..10).rev() {
        match one().await {
            Ok(first) => {
                sessions.push(first);
                break;
            }
            Err(StoreError::Conflict) if tries_left > 0 => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(error) => return Err(error),
        }
    }
    sessions.extend(futures_util::future::try_join_all((1..REMOTE_CONNECTIONS).map(|_| one())).await?);
    Ok(Remote { sessions, next: AtomicUsize::new(0) })
}

async fn sign_in(config: &DatabaseConfig) -> Result<Surreal<Any>, StoreError> {
    let session = surrealdb::engine::any::connect(&config.url).await?;
    if let Some(credentials) = &config.credentials {
        let password = credentials.password.as_str().to_owned();
        session.signin(Root { username: credentials.username.clone(), password }).await?;
    }
    session.use_ns(&config.namespace).use_db(&config.name).await?;
    Ok(session)
}

async fn open_embedded(config: &DatabaseConfig) -> Result<Embedded, StoreError> {
    if config.url.starts_with("surrealkv://") {
        // After a crash or a full disk the log may end in a torn record, and what is written behind it would be lost at
        // the next crash. Closing writes what the log holds into tables; the next opening begins a log of its own.
        build(&config.url).await?.shutdown().await.map_err(infrastructure)?;
    }
    let datastore = build(if config.url == "mem://" { "memory" } else { &config.url }).await?;
    datastore.check_version().await.map_err(infrastructure)?;
    datastore.bootstrap().await.map_err(infrastructure)?;
    datastore.start_maintenance_tasks();
    let mut session = Session::owner();
    let (namespace, name) = (config.namespace.clone(), config.name.clone());
    datastore.process_use(None, &mut session, Some(namespace), Some(name)).await?;
    Ok(Embedded { session, datastore, parsed: RwLock::default() })
}

fn infrastructure(error: impl std::fmt::Display) -> StoreError {
    StoreError::Infrastructure(error.to_string())
}

async fn build(path: &str) -> Result<Arc<Datastore>, StoreError> {
    // The engine's own defaults size both by the machine's memory (gigabytes); these bound it, and bound how much
    // of the log a start after a crash has to replay.
    let limits = ConfigMap::empty()
        .with_key_value("surrealkv_block_cache_capacity", (256 << 20).to_string())
        .with_key_value("surrealkv_max_memtable_size", (64 << 20).to_string());
    // One process owns an embedded database: its membership heartbeat only wears the disk.
    let options = EngineOptions::default().with_node_membership_refresh_interval(Duration::from_secs(3_600));
    Datastore::builder()
        .with_config(limits)
        .with_engine_options(options)
        // The version key has to be there before any maintenance task writes.
        .without_maintenance_tasks()
        .build_with_path(path)
        .await
        .map_err(infrastructure)
}
