//! What every request works with. This is the only reader of the depot's state:
//! handlers take [`Shared`], nothing else.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::{ArcSwap, ArcSwapOption, Guard};
use jiff::{SignedDuration, Timestamp};
use salvo::{
    Depot, Extractible, Request, async_trait,
    extract::Metadata,
    handler::Handler,
    http::StatusError,
    oapi::{Components, EndpointArgRegister, Operation},
    prelude::{FlowCtrl, Response},
};
use signet_keys::{Entropy, MasterKey, RotationPolicy};
use signet_shared::admin::TotalsView;
use tokio::sync::{Mutex, Semaphore, watch};

use crate::{
    clients::ClientKeys,
    clock::Clock,
    config::{PublicUrl, SameSite},
    http::address_limit::AddressLimit,
    keyring::Keyring,
    mail::{Mailer, Outbox},
    metrics::Metrics,
    model::{client::Clients, custom_claims::CustomClaims, setting::Settings},
    oidc::discovery::Document,
    outgoing::Errands,
    pages::look::Look,
    password::PasswordPool,
    rotation::{Rotator, policy},
    store::{KeyRing, Store},
};

/// The running server's parts.
pub struct App {
    /// The issuer.
    pub public_url: PublicUrl,
    /// For the cookie API.
    pub cookie_same_site: SameSite,
    /// Origins of browser apps.
    pub cors_origins: Vec<String>,
    /// Claims of the operator's own.
    pub custom_claims: CustomClaims,
    /// What is told of this provider, as it was last written.
    pub discovery: Document,
    /// How pages look.
    pub look: Look,
    /// Settings in force.
    pub settings: Snapshot<Settings>,
    /// Clients in force.
    pub clients: Snapshot<Clients>,
    /// Keys in force.
    pub keyring: ArcSwap<Keyring>,
    /// Seals the private keys.
    pub master_key: MasterKey,
    /// Everything that is kept.
    pub store: Store,
    /// Where hashes run.
    pub passwords: PasswordPool,
    /// Per-address throttling.
    pub addresses: AddressLimit,
    /// What the process counts.
    pub metrics: Metrics,
    /// Counts of the database, for operators' screens.
    pub totals: Remembered<TotalsView>,
    /// Sends mail.
    pub mailer: Mailer,
    /// Wakes the mail worker.
    pub outbox: Outbox,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// When the process began to serve.
    pub started_at: Timestamp,
    /// True once the server is about to stop.
    pub stopping: watch::Sender<bool>,
    /// The place for an import: it keeps the database busy alone.
    pub imports: Arc<Semaphore>,
    /// Keeps what clients know a user by apart from client to client.
    pub pairwise_salt: String,
    /// Asks what clients' metadata names.
    pub outgoing: Errands,
    /// The keys of clients.
    pub client_keys: ClientKeys,
    /// Places for streams, each of which holds a connection for long.
    pub streams: Arc<Semaphore>,
}

impl App {
    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What changes the key ring.
    pub fn rotator(&self) -> Rotator<'_> {
        Rotator::new(&self.store, &self.master_key, &self.entropy, self.clock.as_ref())
    }

    /// What the keys' plan goes by under these settings.
    pub fn rotation_policy(&self, settings: &Settings) -> RotationPolicy {
        policy(settings, self.clients.get().longest_token(), self.store.is_shared())
    }

    /// Puts a key ring in force, unless a later one is already.
    pub fn install(&self, ring: &KeyRing) -> anyhow::Result<()> {
        let built = Arc::new(Keyring::build(ring, &self.master_key)?);
        self.keyring.rcu(|current| Arc::clone(if current.revision() > built.revision() { current } else { &built }));
        Ok(())
    }

    /// Random bytes, for an identifier.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}

/// A value at one revision, replaced whole when the revision moves.
pub struct Snapshot<T> {
    current: ArcSwap<(i64, T)>,
}

impl<T> Snapshot<T> {
    /// The first value.
    pub fn new(revision: i64, value: T) -> Self {
        Self { current: ArcSwap::from_pointee((revision, value)) }
    }

    /// The value in force.
    pub fn get(&self) -> Current<T> {
        Current(self.current.load())
    }

    /// The revision in force.
    pub fn revision(&self) -> i64 {
        self.current.load().0
    }

    /// Puts another value in force, unless a later one is already.
    pub fn replace(&self, revision: i64, value: T) {
        let other = Arc::new((revision, value));
        self.current.rcu(|current| Arc::clone(if current.0 > revision { current } else { &other }));
    }
}

/// A snapshot's value, held for as long as a request needs it.
pub struct Current<T>(Guard<Arc<(i64, T)>>);

impl<T> Current<T> {
    /// The revision of this very value.
    pub fn revision(&self) -> i64 {
        self.0.0
    }
}

impl<T> std::ops::Deref for Current<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.1
    }
}

/// A value that costs something to find out: found out once for all who ask within a while. While it is found out anew,
/// those who ask are told what it was.
pub struct Remembered<T> {
    found: ArcSwapOption<Found<T>>,
    turn: Arc<Mutex<()>>,
}

struct Found<T> {
    value: T,
    at: Instant,
    took: Duration,
}

/// A value is fresh for so long, and for so many times what it took to find out.
const FRESH: Duration = Duration::from_secs(5);
const FRESH_TIMES: u32 = 20;
/// So many times as old it is told no more.
const TOLD_TIMES: u32 = 4;

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self { found: ArcSwapOption::empty(), turn: Arc::default() }
    }
}

impl<T> Found<T> {
    fn is_fresh(&self) -> bool {
        self.at.elapsed() < self.fresh_for()
    }

    fn may_be_told(&self) -> bool {
        self.at.elapsed() < self.fresh_for() * TOLD_TIMES
    }

    fn fresh_for(&self) -> Duration {
        FRESH.max(self.took * FRESH_TIMES)
    }
}

impl<T: Clone + Send + Sync + 'static> Remembered<T> {
    /// The value that is remembered `of` a context.
    pub async fn get<C, E, F>(
        context: &Arc<C>,
        of: fn(&C) -> &Self,
        find: impl FnOnce(Arc<C>) -> F + Send + 'static,
    ) -> Result<T, E>
    where
        C: Send + Sync + 'static,
        E: Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let remembered = of(context);
        let known = remembered.found.load_full().filter(|found| found.may_be_told());
        let Some(known) = known else {
            let _turn = remembered.turn.lock().await;
            let known = remembered.found.load_full().filter(|found| found.is_fresh());
            return match known {
                Some(known) => Ok(known.value.clone()),
                None => remembered.renew(find(Arc::clone(context))).await,
            };
        };
        if !known.is_fresh()
            && let Ok(turn) = Arc::clone(&remembered.turn).try_lock_owned()
        {
            let context = Arc::clone(context);
            tokio::spawn(async move {
                let _turn = turn;
                if of(&context).renew(find(Arc::clone(&context))).await.is_err() {
                    tracing::warn!(
                        "what is remembered could not be found out anew; whoever asks next has it tried again"
                    );
                }
            });
        }
        Ok(known.value.clone())
    }

    async fn renew<E>(&self, finding: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let begun = Instant::now();
        let value = finding.await?;
        let found = Found { value: value.clone(), at: Instant::now(), took: begun.elapsed() };
        self.found.store(Some(Arc::new(found)));
        Ok(value)
    }
}

/// An instant some whole seconds from another; the far ends of time are as far as it goes.
pub fn after(instant: Timestamp, seconds: i64) -> Timestamp {
    instant.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// The parts, as a handler's argument.
pub struct Shared(Arc<App>);

impl std::ops::Deref for Shared {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}

impl Shared {
    /// The parts, for what outlives the request.
    pub fn handle(&self) -> Arc<App> {
        Arc::clone(&self.0)
    }
}

/// The parts, for hoops and extractors.
pub fn of(depot: &Depot) -> Option<&Arc<App>> {
    depot.get_typed::<Arc<App>>().ok()
}

impl<'ex> Extractible<'ex> for Shared {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(_: &'ex mut Request, depot: &'ex mut Depot) -> Result<Self, StatusError> {
        of(depot).cloned().map(Self).ok_or_else(StatusError::internal_server_error)
    }
}

impl EndpointArgRegister for Shared {
    fn register(_: &mut Components, _: &mut Operation, _: &str) {}
}

/// Gives every request the parts.
pub struct Provide(pub Arc<App>);

#[async_trait]
impl Handler for Provide {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        depot.insert_typed(Arc::clone(&self.0));
        ctrl.call_next(req, depot, res).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Context {
        count: Remembered<u32>,
        asked: std::sync::atomic::AtomicU32,
    }

    async fn ask(context: &Arc<Context>) -> Result<u32, ()> {
        Remembered::get(
            context,
            |context| &context.count,
            |context| async move { Ok(context.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) },
        )
        .await
    }

    /// Makes what is remembered as old as that.
    fn age(context: &Context, by: Duration) {
        let found = context.count.found.load_full().unwrap();
        let at = found.at.checked_sub(by).unwrap();
        context.count.found.store(Some(Arc::new(Found { value: found.value, at, took: found.took })));
    }

    #[tokio::test]
    async fn a_value_is_found_out_once_told_while_it_is_found_out_anew_and_waited_for_when_it_is_old() {
        let context = Arc::new(Context::default());
        assert_eq!((ask(&context).await, ask(&context).await), (Ok(0), Ok(0)));
        age(&context, FRESH);
        assert_eq!(ask(&context).await, Ok(0), "while it is found out anew");
        while context.count.found.load_full().unwrap().value == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask(&context).await, Ok(1));
        age(&context, FRESH * TOLD_TIMES);
        assert_eq!(ask(&context).await, Ok(2), "that old it is told no more");
    }
}
