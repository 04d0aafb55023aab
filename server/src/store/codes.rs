//! One-time codes that reach their owner by mail.

use jiff::Timestamp;
use signet_shared::UserId;
use surrealdb::types::SurrealValue;

use super::{
    Store, StoreError,
    connection::vars,
    statements::{audit, end_all_but, forget_addresses},
    time::millis,
};
use crate::model::{secret::SecretHash, session::Origin, user::Credential};

/// What a code opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    /// A new password.
    Reset,
    /// The proof that an address is its owner's.
    Verify,
}

impl CodeKind {
    fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Verify => "verify",
        }
    }
}

/// Whom a live reset code belongs to, and what their password must not resemble.
#[derive(Debug, SurrealValue)]
pub struct Redeemed {
    /// The folded address.
    pub email_key: String,
    /// The folded name.
    pub username_key: Option<String>,
}

// A code counts only while the address it was sent to is still its owner's.
const FIND_RESET: &str = "RETURN {
    LET $c = (SELECT user, email_key FROM ONLY type::record('one_time_code', $code) WHERE kind = 'reset' AND expires_at > $now);
    IF $c IS NONE { NONE } ELSE {
        (SELECT email_key, username_key FROM ONLY type::record('user', $c.user) WHERE email_key = $c.email_key AND disabled = false)
    }
}";

// Whoever resets a password may have lost control before: every other code, and an address that waits to be confirmed, go
// with the sessions.
const REDEEM_RESET: &str = concat!(
    "RETURN {
        LET $c = (SELECT user, email_key FROM ONLY type::record('one_time_code', $code) WHERE kind = 'reset' AND expires_at > $now);
        LET $owner = IF $c IS NONE { NONE } ELSE { $c.user };
        LET $u = IF $c IS NONE { NONE } ELSE { (SELECT email_key, disabled FROM ONLY type::record('user', $owner)) };
        IF $u IS NONE OR $u.disabled OR $u.email_key != $c.email_key { false }
        ELSE {
            LET $keep = '';
            DELETE type::record('one_time_code', $code) RETURN NONE;
            LET $rows = (SELECT VALUE id FROM one_time_code WHERE user = $owner); DELETE $rows RETURN NONE;
            UPDATE type::record('user', $owner) SET password_hash = $hash, temporary_until = $temporary_until,
                password_changed_at = $now, updated_at = IF email_verified { updated_at } ELSE { $now }, email_verified = true,
                pending_email = NONE, pending_email_key = NONE, revision += 1 RETURN NONE;
",
    forget_addresses!(),
    "       UPSERT type::record('familiar', [$owner, $lane]) SET user = $owner, until = $familiar_until RETURN NONE;
            DELETE type::record('attempt', [$owner, $lane]) RETURN NONE;",
    end_all_but!(),
    audit!("password.reset", "ok", by: "$owner"),
    "       true
        }
    }"
);

const CONFIRM_EMAIL: &str = concat!(
    "RETURN {
        LET $c = (SELECT user, email_key FROM ONLY type::record('one_time_code', $code) WHERE kind = 'verify' AND expires_at > $now);
        LET $owner = IF $c IS NONE { NONE } ELSE { $c.user };
        LET $u = IF $c IS NONE { NONE } ELSE { (SELECT email_key, pending_email, pending_email_key, disabled FROM ONLY type::record('user', $owner)) };
        LET $taken = $u IS NOT NONE AND $u.pending_email_key = $c.email_key AND record::exists(type::record('user_email', $c.email_key));
        IF $u IS NONE OR $u.disabled OR $taken OR ($u.email_key != $c.email_key AND $u.pending_email_key != $c.email_key) { false }
        ELSE {
            DELETE type::record('one_time_code', $code) RETURN NONE;
            IF $u.email_key = $c.email_key {
                UPDATE type::record('user', $owner) SET email_verified = true, updated_at = $now, revision += 1 RETURN NONE;
            } ELSE {
                DELETE type::record('user_email', $u.email_key) RETURN NONE;
                CREATE type::record('user_email', $c.email_key) SET user = $owner RETURN NONE;
                UPDATE type::record('user', $owner) SET email = $u.pending_email, email_key = $c.email_key, email_verified = true,
                    pending_email = NONE, pending_email_key = NONE, updated_at = $now, revision += 1 RETURN NONE;
            };",
    audit!("user.email_verify", "ok", by: "$owner"),
    "       true
        }
    }"
);

impl Store {
    /// Remembers a code that is about to be mailed.
    pub async fn create_code(
        &self,
        kind: CodeKind,
        code: &SecretHash,
        user: UserId,
        email_key: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        const CREATE: &str = "RETURN {
            CREATE type::record('one_time_code', $code) SET kind = $kind, user = $user, email_key = $email_key,
                expires_at = $expires_at RETURN NONE;
            true
        }";
        let vars = vars! {
            code: code.as_str().to_owned(),
            kind: kind.name().to_owned(),
            user: user.to_string(),
            email_key: email_key.to_owned(),
            expires_at: millis(expires_at),
        };
        self.connection.commit::<bool>(CREATE, vars).await.map(drop)
    }

    /// Looks at a reset code without spending it.
    pub async fn find_reset_code(&self, code: &SecretHash, now: Timestamp) -> Result<Option<Redeemed>, StoreError> {
        self.connection.call(FIND_RESET, vars! { code: code.as_str().to_owned(), now: millis(now) }).await
    }

    /// Spends a reset code: sets the password, ends every session. False when somebody was quicker.
    pub async fn redeem_reset_code(
        &self,
        code: &SecretHash,
        credential: &Credential,
        familiar_until: Timestamp,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let vars = vars! {
            code: code.as_str().to_owned(),
            hash: credential.hash.as_phc().to_owned(),
            temporary_until: credential.temporary_until.map(millis),
            familiar_until: millis(familiar_until),
            lane: origin.neighbourhood().to_string(),
            ip: origin.address.to_string(),
            now: millis(now),
        };
        self.connection.commit(REDEEM_RESET, vars).await
    }

    /// Spends a confirmation link. False when it is wrong, expired or spent, or its address was taken meanwhile.
    pub async fn confirm_email(&self, code: &SecretHash, origin: &Origin, now: Timestamp) -> Result<bool, StoreError> {
        let vars = vars! { code: code.as_str().to_owned(), ip: origin.address.to_string(), now: millis(now) };
        self.connection.commit(CONFIRM_EMAIL, vars).await
    }
}
