//! The program `load fill`: lays down users and spent tokens in a new database,
//! through the store, before a server opens it.

use std::{
    io::Write,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;
use scrypt::{
    Params, Scrypt,
    password_hash::{CustomizedPasswordHasher, phc::PasswordHash},
};
use signet_keys::OsEntropy;
use signet_server::{
    model::{
        password::HashedPassword, secret::PlainRefreshToken, transfer::ImportedUser, user::NewUser, username::Username,
    },
    store::{SpentFamily, Store},
};
use signet_shared::{GrantId, SessionId, UserId};

use crate::{
    process::die_with_parent,
    store::{DAY, new_user, now, open, random, runtime},
    users,
};

/// Batches written at once: while one waits for the disk, another is made.
const WRITERS: usize = 4;
/// Users, or families, handed to the store at once.
const PORTION: usize = 500;
/// Tokens spent in one session.
const FAMILY: usize = 10;

/// Fills the database at `database`.
pub fn fill(database: &Path, users: usize, spent: usize, log_n: u8) -> anyhow::Result<()> {
    die_with_parent();
    anyhow::ensure!(spent == 0 || users > 0, "spent tokens need users who spent them");
    runtime()?.block_on(async {
        let store = open(database).await?;
        let ids = lay_users(&store, users, &hash(log_n)?).await?;
        lay_spent(&store, &ids, spent).await?;
        store.close().await;
        Ok(())
    })
}

/// Everybody's password, hashed once.
fn hash(log_n: u8) -> anyhow::Result<HashedPassword> {
    let params = Params::new(log_n, Params::RECOMMENDED_R, Params::RECOMMENDED_P)
        .map_err(|error| anyhow::anyhow!("scrypt: {error}"))?;
    let hash: PasswordHash = Scrypt::default()
        .hash_password_with_params(users::PASSWORD.as_bytes(), &random::<16>(), params)
        .map_err(|error| anyhow::anyhow!("scrypt: {error}"))?;
    Ok(HashedPassword::from_phc(hash.to_string()))
}

async fn lay_users(store: &Store, count: usize, hash: &HashedPassword) -> anyhow::Result<Vec<UserId>> {
    let progress = &Progress::new("users", count);
    let portions = (0..count).step_by(PORTION).map(|from| async move {
        let users: Vec<_> =
            (from..count.min(from + PORTION)).map(|number| imported(number, hash)).collect::<anyhow::Result<_>>()?;
        let taken = store.import_users(&users, true, &[], now()).await?;
        anyhow::ensure!(taken.is_empty(), "the database held users before");
        progress.advance(users.len())?;
        anyhow::Ok(users.iter().map(|user| user.user.id).collect::<Vec<_>>())
    });
    let ids: Vec<Vec<UserId>> = stream::iter(portions).buffer_unordered(WRITERS).try_collect().await?;
    Ok(ids.into_iter().flatten().collect())
}

fn imported(number: usize, hash: &HashedPassword) -> anyhow::Result<ImportedUser> {
    let user = new_user(number, hash)?;
    let roles = if number.is_multiple_of(10_000) { vec!["editor".to_owned()] } else { Vec::new() };
    let username = Some(Username::parse(&format!("User {number}"))?);
    let user = NewUser { username, roles, email_verified: number.is_multiple_of(3), ..user };
    // A user each minute: a million take about two years.
    let created_at = now() - SignedDuration::from_mins(i64::try_from(number)?);
    Ok(ImportedUser { user, disabled: false, created_at, last_login_at: None })
}

/// Families are dealt round the users, the last one with what is left.
async fn lay_spent(store: &Store, owners: &[UserId], count: usize) -> anyhow::Result<()> {
    let progress = &Progress::new("spent tokens", count);
    let portions = (0..count).step_by(PORTION * FAMILY).map(|from| async move {
        let until = count.min(from + PORTION * FAMILY);
        let families: Vec<_> = (from..until)
            .step_by(FAMILY)
            .map(|first| family(owners, first / FAMILY, FAMILY.min(until - first)))
            .collect::<anyhow::Result<_>>()?;
        store.bulk_spent(&families, now()).await?;
        progress.advance(until - from)
    });
    stream::iter(portions).buffer_unordered(WRITERS).try_collect().await
}

fn family(owners: &[UserId], number: usize, tokens: usize) -> anyhow::Result<SpentFamily> {
    let owner = number.checked_rem(owners.len()).and_then(|place| owners.get(place));
    Ok(SpentFamily {
        user: *owner.context("no user to have spent tokens")?,
        session: SessionId::from_random_bytes(random()),
        grant: GrantId::from_random_bytes(random()),
        tokens: (0..tokens).map(|_| PlainRefreshToken::generate(&OsEntropy).hash()).collect(),
        // Late enough that nothing is swept away while it is measured.
        expires_at: now() + DAY * 30,
        remembered_until: now() + DAY,
    })
}

/// Says on standard error how far a long fill has come.
struct Progress {
    what: &'static str,
    count: usize,
    done: AtomicUsize,
}

impl Progress {
    /// Shorter ones are over before anybody asks.
    const LONG: usize = 50_000;

    fn new(what: &'static str, count: usize) -> Self {
        Self { what, count, done: AtomicUsize::new(0) }
    }

    fn advance(&self, by: usize) -> anyhow::Result<()> {
        let done = self.done.fetch_add(by, Ordering::Relaxed) + by;
        if self.count >= Self::LONG && (done / Self::LONG > (done - by) / Self::LONG || done == self.count) {
            writeln!(std::io::stderr(), "{done} of {} {}", self.count, self.what)?;
        }
        Ok(())
    }
}
