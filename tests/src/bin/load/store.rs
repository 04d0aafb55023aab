//! The server's store, opened with no server around it. Each use of it is a
//! process of its own, so that its memory and its lock end with it.

use std::{
    io::Write,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use signet_keys::{Entropy, OsEntropy};
use signet_server::{
    model::{
        email::EmailAddress,
        password::HashedPassword,
        secret::PlainRefreshToken,
        session::{Keeping, NewSession, Origin, Rotated, Rotation},
        user::{Attributes, Credential, NewUser},
    },
    store::{Created, DatabaseConfig, Store},
};
use signet_shared::{BUILT_IN_CLIENT, GrantId, Profile, SessionId, UserId};
use tokio::task::JoinSet;

use crate::{
    process::die_with_parent,
    report::Row,
    scenario::Scenario,
    tally::{Tally, Window},
    usage::Usage,
    users,
};

/// The default life of a refresh token.
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The default memory of a spent one.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The default grace.
const GRACE: SignedDuration = SignedDuration::from_secs(10);
/// As long as a sealed successor is in base64.
const SEALED_LENGTH: usize = 102;

/// The program `load rotate`: rotates in a new database at `database`, and prints a [`Row`].
pub fn rotate(database: &Path, connections: usize, seconds: u64) -> anyhow::Result<()> {
    die_with_parent();
    let row = runtime()?.block_on(async {
        let store = Arc::new(open(database).await?);
        let mut families = Vec::with_capacity(connections);
        for number in 0..connections {
            families.push(log_in(&store, number).await?);
        }
        let before = Usage::of("self")?;
        let window = Window::opening(seconds);
        let mut tasks: JoinSet<_> =
            families.into_iter().map(|token| follow(Arc::clone(&store), token, window)).collect();
        let mut total = Tally::new()?;
        while let Some(tally) = tasks.join_next().await {
            total.add(tally??)?;
        }
        let row = Row::new(Scenario::Rotate, total.figures(seconds), Some((before, Usage::of("self")?)));
        store.close().await;
        anyhow::Ok(row)
    })?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&row)?)?;
    Ok(())
}

/// With the stacks that the server gives the database.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(10 * 1024 * 1024).build()?)
}

/// The database at a path, as a server with no configuration would open it.
pub async fn open(database: &Path) -> anyhow::Result<Store> {
    std::fs::create_dir_all(database)?;
    let config = DatabaseConfig {
        url: url(database),
        namespace: "signet".to_owned(),
        name: "signet".to_owned(),
        credentials: None,
    };
    Ok(Store::open(&config, Arc::new(OsEntropy), now()).await?)
}

/// How configurations name the database at a path.
pub fn url(database: &Path) -> String {
    format!("surrealkv://{}", database.display())
}

/// The clock of this program.
#[expect(clippy::disallowed_methods, reason = "it measures, and nothing that it does depends on the time it is")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Bytes that nobody else has.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsEntropy.fill(&mut bytes);
    bytes
}

/// User `number`, with a password hashed before.
pub fn new_user(number: usize, hash: &HashedPassword) -> anyhow::Result<NewUser> {
    Ok(NewUser {
        id: UserId::from_random_bytes(random()),
        email: EmailAddress::parse(&users::email(number))?,
        username: None,
        credential: Credential { hash: hash.clone(), temporary_until: None },
        roles: Vec::new(),
        email_verified: false,
        profile: Profile::default(),
        attributes: Attributes::new(),
    })
}

fn origin() -> Origin {
    Origin { address: std::net::Ipv4Addr::LOCALHOST.into(), user_agent: String::new() }
}

/// Registers user `number` and opens a session; its first refresh token.
async fn log_in(store: &Store, number: usize) -> anyhow::Result<PlainRefreshToken> {
    // No password is looked at, so nothing has to match it.
    let hash = HashedPassword::from_phc("$scrypt$ln=10,r=8,p=1$c2FsdA$aGFzaA".to_owned());
    let (user, now) = (new_user(number, &hash)?, now());
    let created = store.register_user(&user, &origin(), now + MONTH, false, now).await?;
    anyhow::ensure!(created == Created::Created, "user {number} is there already");
    let first = PlainRefreshToken::generate(&OsEntropy);
    let grant = GrantId::from_random_bytes(random());
    let session = NewSession {
        id: SessionId::from_random_bytes(random()),
        user: user.id,
        verified_hash: hash,
        rehashed: None,
        restricted: false,
        expires_at: now + MONTH,
        keeping: Keeping::RefreshTokens { grant, first: first.clone(), expires_at: now + MONTH },
        origin: origin(),
    };
    let subject = store.open_session(&session, now + MONTH, now).await?;
    anyhow::ensure!(subject.is_some(), "user {number} could not log in");
    Ok(first)
}

async fn follow(store: Arc<Store>, mut token: PlainRefreshToken, window: Window) -> anyhow::Result<Tally> {
    let mut tally = Tally::new()?;
    loop {
        let successor = PlainRefreshToken::generate(&OsEntropy);
        let now = now();
        let rotation = rotation(&token, &successor, now);
        let begun = Instant::now();
        if window.is_over(begun) {
            return Ok(tally);
        }
        let outcome = match store.rotate(&rotation, now).await {
            Ok(Rotated::Fresh(_)) => {
                token = successor;
                Ok(())
            }
            Ok(other) => Err(anyhow::anyhow!("a live token was answered with {other:?}")),
            Err(error) => Err(error.into()),
        };
        tally.record(&window, begun, outcome);
    }
}

fn rotation(token: &PlainRefreshToken, successor: &PlainRefreshToken, now: Timestamp) -> Rotation {
    Rotation {
        presented: token.hash(),
        client: BUILT_IN_CLIENT.to_owned(),
        successor: successor.hash(),
        sealed_successor: "s".repeat(SEALED_LENGTH),
        successor_expires_at: now + MONTH,
        idle_since: Timestamp::UNIX_EPOCH,
        grace_since: now - GRACE,
        memory_since: now - DAY,
        remembered_until: now + DAY,
        origin: origin(),
    }
}

/// How long a part in a process of its own may take beyond what it was asked to.
pub const SLACK: Duration = Duration::from_secs(120);
