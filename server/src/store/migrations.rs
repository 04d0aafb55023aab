//! The schema, in numbered steps. A step and the record that it was taken are
//! one transaction, so that a crash leaves it undone and two nodes starting
//! together take it once.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use surrealdb::types::SurrealValue;

use super::{
    connection::{Connection, vars},
    error::StoreError,
    time::millis,
};

const STEPS: &[&str] = &[
    include_str!("migrations/0001_accounts.surql"),
    include_str!("migrations/0002_familiar_user.surql"),
    include_str!("migrations/0003_operators.surql"),
    include_str!("migrations/0004_clients.surql"),
    include_str!("migrations/0005_mail.surql"),
    include_str!("migrations/0006_user_listing.surql"),
    include_str!("migrations/0007_profile.surql"),
    include_str!("migrations/0008_openid.surql"),
];

#[derive(SurrealValue)]
struct Taken {
    checksum: String,
}

/// Whether no step was ever taken.
pub(super) async fn none_taken(connection: &Connection) -> Result<bool, StoreError> {
    connection.script("DEFINE TABLE IF NOT EXISTS migration SCHEMALESS", vars! {}).await?;
    connection.call("RETURN array::len((SELECT VALUE id FROM migration LIMIT 1)) = 0", vars! {}).await
}

pub(super) async fn apply(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    connection.script("DEFINE TABLE IF NOT EXISTS migration SCHEMALESS", vars! {}).await?;
    for (index, step) in STEPS.iter().enumerate() {
        let number = index as i64 + 1;
        let checksum: String = Sha256::digest(step).iter().map(|byte| format!("{byte:02x}")).collect();
        if !is_taken(connection, number, &checksum).await? {
            take(connection, number, &checksum, step, now).await?;
        }
    }
    Ok(())
}

async fn is_taken(connection: &Connection, number: i64, checksum: &str) -> Result<bool, StoreError> {
    const FIND: &str = "SELECT checksum FROM ONLY type::record('migration', $number)";
    match connection.call::<Option<Taken>>(FIND, vars! { number: number }).await? {
        None => Ok(false),
        Some(taken) if taken.checksum == checksum => Ok(true),
        Some(_) => Err(StoreError::Infrastructure(format!(
            "step {number} of the schema is not the one this database was made with; run the version that made it"
        ))),
    }
}

async fn take(
    connection: &Connection,
    number: i64,
    checksum: &str,
    step: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let text = format!(
        "BEGIN;\n{step}\nCREATE type::record('migration', $number) SET checksum = $checksum, applied_at = $now RETURN NONE;\nCOMMIT;"
    );
    let vars = vars! { number: number, checksum: checksum.to_owned(), now: millis(now) };
    match connection.script(&text, vars).await {
        Ok(()) => {
            tracing::info!(number, "the schema was brought up to date");
            Ok(())
        }
        // Another node may have been quicker.
        Err(error) => match is_taken(connection, number, checksum).await {
            Ok(true) => Ok(()),
            _ => Err(error),
        },
    }
}
