//! The outbox. Any node may work on it: a row is claimed by a write that moves
//! its due time, so a node that dies leaves it to be claimed again.

use jiff::Timestamp;
use signet_shared::UserId;
use surrealdb::types::SurrealValue;

use super::{Store, StoreError, connection::vars, statements::enqueue_mail, time::millis};
use crate::model::mail::{ClaimedMail, MailKind};

#[derive(SurrealValue)]
struct MailRow {
    kind: String,
    email_key: String,
    user: Option<String>,
    attempts: i64,
}

/// Whom a mail goes to.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// Whose code it will carry.
    pub user: UserId,
    /// The address as they write it.
    pub email: String,
    /// Their name; may be empty.
    pub username: String,
}

#[derive(SurrealValue)]
struct RecipientRow {
    id: String,
    email: String,
    username: String,
}

const ASK_RESET: &str = concat!("RETURN {", enqueue_mail!("password_reset", "$email_key", user: "NONE"), "true }");

const CLAIM: &str = "RETURN {
    LET $due = (SELECT VALUE id FROM mail WHERE due_at <= $now LIMIT $limit);
    UPDATE $due SET due_at = $until, attempts += 1, claim = $claim RETURN AFTER
}";

const FIND_RECIPIENT: &str = "RETURN {
    LET $owner = (SELECT VALUE user FROM ONLY type::record('user_email', $email_key));
    IF $owner IS NONE { NONE } ELSE {
        (SELECT record::id(id) AS id, email, username FROM ONLY type::record('user', $owner) WHERE disabled = false)
    }
}";

impl Store {
    /// Notes that somebody wants a reset at this address. The same write whether it is known or not: who exists
    /// shows neither in the answer nor in its time.
    pub async fn ask_reset(&self, email_key: &str, now: Timestamp) -> Result<(), StoreError> {
        let vars = vars! { email_key: email_key.to_owned(), now: millis(now) };
        self.connection.commit::<bool>(ASK_RESET, vars).await.map(drop)
    }

    /// Claims mails that are due, until an instant by which they must be done.
    pub async fn claim_mails(
        &self,
        claim: &str,
        limit: i64,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>, StoreError> {
        let vars = vars! { claim: claim.to_owned(), limit: limit, until: millis(until), now: millis(now) };
        let rows: Vec<MailRow> = self.connection.commit(CLAIM, vars).await?;
        let claimed = rows.into_iter().filter_map(|row| {
            Some(ClaimedMail {
                claim: claim.to_owned(),
                kind: MailKind::from_name(&row.kind)?,
                email_key: row.email_key,
                user: row.user.and_then(|user| user.parse().ok()),
                attempts: row.attempts,
            })
        });
        Ok(claimed.collect())
    }

    /// Takes a mail out of the outbox: it was sent, or there is nobody to send it to, or it was given up.
    pub async fn remove_mail(&self, mail: &ClaimedMail) -> Result<(), StoreError> {
        const REMOVE: &str = "RETURN {
            DELETE type::record('mail', [$kind, $email_key, $user]) WHERE claim = $claim RETURN NONE;
            true
        }";
        self.connection.commit::<bool>(REMOVE, mail_vars(mail)).await.map(drop)
    }

    /// Puts a mail off after a failure, and keeps the reason for operators.
    pub async fn postpone_mail(&self, mail: &ClaimedMail, reason: &str, due_at: Timestamp) -> Result<(), StoreError> {
        const POSTPONE: &str = "RETURN {
            UPDATE type::record('mail', [$kind, $email_key, $user]) SET due_at = $due_at, claim = '', last_error = $reason WHERE claim = $claim RETURN NONE;
            true
        }";
        let mut vars = mail_vars(mail);
        vars.insert("due_at", millis(due_at));
        vars.insert("reason", reason.to_owned());
        self.connection.commit::<bool>(POSTPONE, vars).await.map(drop)
    }

    /// Takes all claims back: for a worker that starts alone on its database, where whoever claimed is dead.
    pub async fn release_mails(&self, now: Timestamp) -> Result<(), StoreError> {
        const RELEASE: &str = "RETURN {
            UPDATE mail SET due_at = $now, claim = '' WHERE claim != '' RETURN NONE;
            true
        }";
        self.connection.commit::<bool>(RELEASE, vars! { now: millis(now) }).await.map(drop)
    }

    /// How many mails wait.
    pub async fn count_mails(&self) -> Result<i64, StoreError> {
        const COUNT: &str = "RETURN array::len((SELECT VALUE attempts FROM mail LIMIT 10001))";
        self.connection.call(COUNT, vars! {}).await
    }

    /// The enabled user whose address this is.
    pub async fn find_recipient(&self, email_key: &str) -> Result<Option<Recipient>, StoreError> {
        let row = self.connection.call(FIND_RECIPIENT, vars! { email_key: email_key.to_owned() }).await?;
        recipient(row)
    }

    /// An enabled user whose address this is, or will be once confirmed.
    pub async fn find_unconfirmed(&self, user: UserId, email_key: &str) -> Result<Option<Recipient>, StoreError> {
        const FIND: &str = "SELECT record::id(id) AS id, IF email_key = $email_key { email } ELSE { pending_email } AS email, username
            FROM ONLY type::record('user', $user) WHERE disabled = false AND (email_key = $email_key OR pending_email_key = $email_key)";
        let vars = vars! { user: user.to_string(), email_key: email_key.to_owned() };
        recipient(self.connection.call(FIND, vars).await?)
    }
}

fn mail_vars(mail: &ClaimedMail) -> surrealdb::types::Variables {
    vars! {
        kind: mail.kind.name().to_owned(),
        email_key: mail.email_key.clone(),
        user: mail.user.map_or(String::new(), |user| user.to_string()),
        claim: mail.claim.clone(),
    }
}

fn recipient(row: Option<RecipientRow>) -> Result<Option<Recipient>, StoreError> {
    row.map(|row| {
        let user = row.id.parse().map_err(|_| StoreError::Infrastructure("a user's id is no UUID".into()))?;
        Ok(Recipient { user, email: row.email, username: row.username })
    })
    .transpose()
}
