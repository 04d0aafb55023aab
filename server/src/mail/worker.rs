//! The worker that empties the outbox. The code or link of a mail is made here,
//! remembered as a hash, and forgotten in the plain the moment the mail has left.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::sync::watch;

use super::{reason, templates::Context};
use crate::{
    app::{App, after},
    model::{
        audit::{Event, EventType},
        mail::{ClaimedMail, MailKind},
        secret::PlainCode,
    },
    store::{AttemptLimit, CodeKind, Recipient, StoreError},
};

/// Mails taken at a time, and of these on their way at once: most are settled at once, for nobody has their address.
const BATCH: i64 = 48;
const IN_FLIGHT: usize = 16;
/// A claim, in seconds, outlives a batch of mails that each take as long as they may.
const CLAIM: i64 = 180;
/// How often to look without being woken: for mails put off, and for those of other nodes.
const PERIOD: Duration = Duration::from_secs(1);
/// Users whose whole budgets one address takes.
const MOST_ASKERS: i64 = 5;
/// With the waits between them this is most of a day.
const MAX_ATTEMPTS: i64 = 20;
/// The most that is kept of why a mail was put off, in characters.
const MAX_REASON: usize = 300;

/// Sends what the outbox holds.
pub struct Worker {
    /// The server's parts.
    pub app: Arc<App>,
}

impl Worker {
    /// Works until told to stop; mails on their way are seen through.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        if !self.app.store.is_shared()
            && let Err(error) = self.app.store.release_mails(self.app.now()).await
        {
            tracing::warn!(%error, "mails that were under way before are tried again when their claims end");
        }
        while !*stop.borrow() {
            match self.send_due().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the outbox cannot be read"),
            }
            tokio::select! {
                () = self.app.outbox.woken() => {}
                () = tokio::time::sleep(PERIOD) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Sends one batch; true when there was one.
    async fn send_due(&self) -> Result<bool, StoreError> {
        let now = self.app.now();
        self.app.outbox.note_length(self.app.store.count_mails().await?);
        let claim = uuid::Builder::from_random_bytes(self.app.random()).into_uuid().to_string();
        let claimed = self.app.store.claim_mails(&claim, BATCH, after(now, CLAIM), now).await?;
        let found = !claimed.is_empty();
        stream::iter(claimed).for_each_concurrent(IN_FLIGHT, |mail| self.deal_with(mail)).await;
        Ok(found)
    }

    async fn deal_with(&self, mail: ClaimedMail) {
        let outcome = match self.send(&mail).await {
            Ok(()) => self.app.store.remove_mail(&mail).await,
            Err(error) if mail.attempts >= MAX_ATTEMPTS => {
                tracing::error!(error = format!("{error:#}"), kind = mail.kind.name(), "a mail was given up");
                self.give_up(&mail, &reason(&error)).await
            }
            Err(error) => {
                let wait = backoff(mail.attempts);
                tracing::warn!(error = format!("{error:#}"), kind = mail.kind.name(), wait, "a mail was put off");
                // A server's answer may be long; what an operator needs is at its beginning.
                let reason: String = reason(&error).chars().take(MAX_REASON).collect();
                self.app.store.postpone_mail(&mail, &reason, after(self.app.now(), wait)).await
            }
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "a mail's state could not be written; it will be claimed again");
        }
    }

    /// Told first, then removed: one that is told twice is better than one that nobody hears of.
    async fn give_up(&self, mail: &ClaimedMail, reason: &str) -> Result<(), StoreError> {
        let event = Event {
            kind: EventType::MailGiveUp,
            actor: None,
            subject: mail.user.map(|user| user.to_string()),
            ip: None,
            before: None,
            after: Some(json!({ "kind": mail.kind.name(), "to": mail.email_key, "reason": reason })),
        };
        self.app.store.record(&event, self.app.now()).await?;
        self.app.store.remove_mail(mail).await
    }

    async fn send(&self, mail: &ClaimedMail) -> anyhow::Result<()> {
        let store = &self.app.store;
        let recipient = match (mail.kind, mail.user) {
            (MailKind::PasswordReset, _) => store.find_recipient(&mail.email_key).await?,
            (MailKind::EmailVerification | MailKind::Invitation, Some(user)) => {
                store.find_unconfirmed(user, &mail.email_key).await?
            }
            (MailKind::EmailVerification | MailKind::Invitation, None) => None,
        };
        // Nobody has this address: that was the answer to give, and nobody has seen it.
        let Some(recipient) = recipient else { return Ok(()) };
        if mail.attempts == 1 && !self.within_budget(mail).await? {
            tracing::info!(kind = mail.kind.name(), "a mail was dropped: this address was sent enough of them");
            return Ok(());
        }
        let code = self.make_code(mail, &recipient).await?;
        let page = match mail.kind {
            MailKind::PasswordReset | MailKind::Invitation => "/set_password",
            MailKind::EmailVerification => "/verify_email",
        };
        let context = Context {
            username: &recipient.username,
            email: &recipient.email,
            code: code.expose(),
            link: &self.app.public_url.join(&format!("{page}?token={}", code.expose())),
            expires_in: &signet_shared::format_seconds(self.lifetime(mail.kind)),
            public_url: self.app.public_url.as_str(),
        };
        let name = format!("{:013}-{}", self.app.now().as_millisecond(), &code.hash().as_str()[..16]);
        self.app.mailer.send(mail.kind.into(), &context, &name).await
    }

    /// Nobody's inbox can be flooded through us: as many mails of a kind as an account may see logins fail, and a few times
    /// that where different users ask for one address.
    async fn within_budget(&self, mail: &ClaimedMail) -> Result<bool, StoreError> {
        // Counted apart first, so that nobody uses up another's budget alone.
        let asker = mail.user.map_or(String::new(), |user| user.to_string());
        let subject = format!("mail {} {}", mail.kind.name(), mail.email_key);
        Ok(self.reserve(&format!("{subject} {asker}"), 1).await? && self.reserve(&subject, MOST_ASKERS).await?)
    }

    async fn reserve(&self, subject: &str, times: i64) -> Result<bool, StoreError> {
        let now = self.app.now();
        let account = AttemptLimit::from_settings(&self.app.settings.get(), now);
        let limit = AttemptLimit { attempts: account.attempts * times, ..account };
        self.app.store.reserve_event(subject, limit, now).await
    }

    async fn make_code(&self, mail: &ClaimedMail, recipient: &Recipient) -> Result<PlainCode, StoreError> {
        let code = PlainCode::generate(self.app.entropy.as_ref());
        let kind = match mail.kind {
            MailKind::PasswordReset | MailKind::Invitation => CodeKind::Reset,
            MailKind::EmailVerification => CodeKind::Verify,
        };
        let expires_at = after(self.app.now(), self.lifetime(mail.kind));
        self.app.store.create_code(kind, &code.hash(), recipient.user, &mail.email_key, expires_at).await?;
        Ok(code)
    }

    fn lifetime(&self, kind: MailKind) -> i64 {
        let settings = self.app.settings.get();
        match kind {
            MailKind::PasswordReset => settings.reset_code_lifetime,
            MailKind::EmailVerification | MailKind::Invitation => settings.verification_link_lifetime,
        }
    }
}

/// Seconds: 5, 10, 20 … up to two hours.
fn backoff(attempts: i64) -> i64 {
    (5_i64 << attempts.clamp(1, 20).saturating_sub(1)).min(7_200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_two_hours() {
        assert_eq!([1, 2, 3].map(backoff), [5, 10, 20]);
        assert_eq!(backoff(50), 7_200);
    }
}
