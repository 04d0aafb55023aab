//! Users: creation, look-up and the changes they make to themselves.

use jiff::Timestamp;
use signet_shared::{Profile, SessionId, UserId};
use surrealdb::types::{SurrealValue, Variables};

use super::{
    Store, StoreError,
    connection::vars,
    json,
    statements::{audit, end_all_but, enqueue_mail, forget_addresses},
    time::{instant, millis},
};
use crate::model::{
    email::EmailAddress,
    password::HashedPassword,
    session::Origin,
    user::{Credential, NewUser},
    username::Username,
};

/// What came of creating a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "snake_case")]
pub enum Created {
    /// The user is there.
    Created,
    /// Somebody has this address.
    EmailTaken,
    /// Somebody has this name.
    UsernameTaken,
    /// There is a first administrator already.
    AdministratorExists,
}

/// What a user wants changed about themselves; what is `None` stays.
#[derive(Debug)]
pub struct ProfileChange {
    /// Whose profile.
    pub user: UserId,
    /// The session that asks; it must be live, and it stays.
    pub session: SessionId,
    /// A new address.
    pub email: Option<EmailAddress>,
    /// Whether a new address counts only once confirmed.
    pub confirm_email: bool,
    /// A new name; `Some(None)` takes it away.
    pub username: Option<Option<Username>>,
    /// A new profile, and what it was made of.
    pub profile: Option<ProfileEdit>,
    /// A new password, and the one it replaces.
    pub password: Option<PasswordChange>,
    /// Where from.
    pub origin: Origin,
}

/// A new profile, made of one that was looked at before.
#[derive(Debug)]
pub struct ProfileEdit {
    /// The user's revision then.
    pub seen: i64,
    /// What shall stand there.
    pub new: Profile,
}

/// A new password in place of one that was looked at before.
#[derive(Debug)]
pub struct PasswordChange {
    /// What stood there when the change was decided.
    pub seen: HashedPassword,
    /// What shall stand there.
    pub new: HashedPassword,
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "snake_case")]
pub enum Updated {
    /// Done.
    Updated,
    /// Somebody has this address.
    EmailTaken,
    /// Somebody has this name.
    UsernameTaken,
    /// The session has ended, or its user is gone or disabled.
    SessionEnded,
    /// The password was changed meanwhile.
    PasswordChanged,
    /// The user was changed since their profile was looked at.
    ProfileStale,
}

#[derive(SurrealValue)]
struct CredentialRow {
    password_hash: String,
    temporary_until: Option<i64>,
    email_key: String,
    username_key: Option<String>,
}

/// A password on record, with what it must not resemble.
#[derive(Debug)]
pub struct StoredCredential {
    /// The password.
    pub credential: Credential,
    /// The owner's folded address.
    pub email_key: String,
    /// The owner's folded name.
    pub username_key: Option<String>,
}

impl From<CredentialRow> for StoredCredential {
    fn from(row: CredentialRow) -> Self {
        let hash = HashedPassword::from_phc(row.password_hash);
        Self {
            credential: Credential { hash, temporary_until: row.temporary_until.map(instant) },
            email_key: row.email_key,
            username_key: row.username_key,
        }
    }
}

/// Who was made administrator at the first start.
#[derive(Debug)]
pub struct StoredAdministrator {
    /// Who.
    pub user: UserId,
    /// Their folded address.
    pub email_key: String,
    /// Whether they still have the temporary password of a start.
    pub is_unclaimed: bool,
}

#[derive(SurrealValue)]
struct AdministratorRow {
    id: String,
    email_key: String,
    is_unclaimed: bool,
}

impl TryFrom<AdministratorRow> for StoredAdministrator {
    type Error = StoreError;

    fn try_from(row: AdministratorRow) -> Result<Self, StoreError> {
        let user = row.id.parse().map_err(|_| StoreError::Infrastructure("a user's id is no UUID".into()))?;
        Ok(Self { user, email_key: row.email_key, is_unclaimed: row.is_unclaimed })
    }
}

const CREATE: &str = concat!(
    "RETURN {
        IF record::exists(type::record('user_email', $email_key)) { 'email_taken' }
        ELSE IF $username_key IS NOT NONE AND record::exists(type::record('user_name', $username_key)) { 'username_taken' }
        ELSE IF $administrator AND record::exists(bootstrap:administrator) { 'administrator_exists' }
        ELSE {
            CREATE type::record('user_email', $email_key) SET user = $id RETURN NONE;
            IF $username_key IS NOT NONE { CREATE type::record('user_name', $username_key) SET user = $id RETURN NONE };
            CREATE type::record('user', $id) SET email = $email, email_key = $email_key, email_verified = $email_verified,
                username = $username, username_key = $username_key, password_hash = $hash, temporary_until = $temporary_until,
                profile = $profile, attributes = $attributes, password_changed_at = $now, disabled = false, roles = $roles,
                has_roles = array::len($roles) > 0, created_at = $now RETURN NONE;
            IF $familiar_until > 0 {
                UPSERT type::record('familiar', [$id, $lane]) SET user = $id, until = $familiar_until RETURN NONE;
            };
            IF $administrator { CREATE bootstrap:administrator SET user = $id RETURN NONE };
            IF $verify {",
    enqueue_mail!("verify_email", "$email_key", user: "$id"),
    "       };
            IF $administrator {",
    audit!("user.bootstrap", "ok", about: "$id"),
    "       } ELSE {",
    audit!("user.register", "ok", by: "$id"),
    "       };
            'created'
        }
    }"
);

const UPDATE: &str = concat!(
    "RETURN {
        LET $s = (SELECT user, revoked_at FROM ONLY type::record('session', $keep) FOR UPDATE);
        LET $u = (SELECT email_key, username_key, password_hash, disabled, revision FROM ONLY type::record('user', $owner));
        LET $new_email = IF $email_key IS NONE OR $email_key = $u.email_key { NONE } ELSE { $email_key };
        LET $renamed = $rename AND $username_key != $u.username_key;
        IF $s IS NONE OR $u IS NONE OR $s.user != $owner OR $s.revoked_at IS NOT NONE OR $u.disabled { 'session_ended' }
        ELSE IF $hash IS NOT NONE AND $u.password_hash != $seen { 'password_changed' }
        ELSE IF $profile IS NOT NONE AND $u.revision != $profile_seen { 'profile_stale' }
        ELSE IF $new_email IS NOT NONE AND record::exists(type::record('user_email', $new_email)) { 'email_taken' }
        ELSE IF $renamed AND $username_key IS NOT NONE AND record::exists(type::record('user_name', $username_key)) { 'username_taken' }
        ELSE {
            IF $email_key IS NOT NONE AND $new_email IS NONE {
                UPDATE type::record('user', $owner) SET email = $email, pending_email = NONE, pending_email_key = NONE,
                    updated_at = $now, revision += 1 RETURN NONE;
            };
            IF $new_email IS NOT NONE AND !$confirm_email {
                DELETE type::record('user_email', $u.email_key) RETURN NONE;
                CREATE type::record('user_email', $new_email) SET user = $owner RETURN NONE;
                UPDATE type::record('user', $owner) SET email = $email, email_key = $new_email, email_verified = false,
                    pending_email = NONE, pending_email_key = NONE, updated_at = $now, revision += 1 RETURN NONE;",
    audit!("user.email_change", "ok", by: "$owner"),
    "       };
            IF $new_email IS NOT NONE AND $confirm_email {
                UPDATE type::record('user', $owner) SET pending_email = $email, pending_email_key = $new_email, revision += 1 RETURN NONE;",
    enqueue_mail!("verify_email", "$new_email", user: "$owner"),
    "       };
            IF $rename {
                IF $renamed AND $u.username_key IS NOT NONE { DELETE type::record('user_name', $u.username_key) RETURN NONE };
                IF $renamed AND $username_key IS NOT NONE { CREATE type::record('user_name', $username_key) SET user = $owner RETURN NONE };
                UPDATE type::record('user', $owner) SET username = $username, username_key = $username_key,
                    updated_at = $now, revision += 1 RETURN NONE;
            };
            IF $profile IS NOT NONE {
                UPDATE type::record('user', $owner) SET profile = $profile, updated_at = $now, revision += 1 RETURN NONE;
            };
            IF $hash IS NOT NONE {
                UPDATE type::record('user', $owner) SET password_hash = $hash, temporary_until = NONE, password_changed_at = $now, revision += 1 RETURN NONE;
                IF $new_email IS NONE {
                    UPDATE type::record('user', $owner) SET pending_email = NONE, pending_email_key = NONE RETURN NONE;
                };
                LET $rows = (SELECT VALUE id FROM one_time_code WHERE user = $owner AND kind = 'reset'); DELETE $rows RETURN NONE;
                UPDATE type::record('session', $keep) SET restricted = false RETURN NONE;",
    forget_addresses!(),
    end_all_but!(),
    audit!("password.change", "ok", by: "$owner"),
    "       };
            'updated'
        }
    }"
);

// Nobody but a start has set the password: a reset or a change would have moved `password_changed_at`.
const FIND_ADMINISTRATOR: &str = "RETURN {
    LET $owner = (SELECT VALUE user FROM ONLY bootstrap:administrator);
    IF $owner IS NONE { NONE } ELSE {
        (SELECT record::id(id) AS id, email_key, temporary_until IS NOT NONE AND password_changed_at = created_at AS is_unclaimed
            FROM ONLY type::record('user', $owner))
    }
}";

// Whoever logged in with the password before is logged out.
const REPLACE_FIRST_PASSWORD: &str = concat!(
    "RETURN {
        LET $u = (SELECT temporary_until, password_changed_at, created_at FROM ONLY type::record('user', $owner));
        IF $u IS NONE OR $u.temporary_until IS NONE OR $u.password_changed_at != $u.created_at { false }
        ELSE {
            UPDATE type::record('user', $owner) SET password_hash = $hash, temporary_until = $until RETURN NONE;",
    end_all_but!(),
    "       true
        }
    }"
);

const ASK_VERIFICATION: &str = concat!(
    "RETURN {
        LET $u = (SELECT email_key, email_verified, pending_email_key FROM ONLY type::record('user', $owner) WHERE disabled = false);
        LET $target = IF $u IS NONE { NONE } ELSE IF $u.pending_email_key IS NOT NONE { $u.pending_email_key }
            ELSE IF $u.email_verified { NONE } ELSE { $u.email_key };
        IF $target IS NOT NONE {",
    enqueue_mail!("verify_email", "$target", user: "$owner"),
    "   };
        $target IS NOT NONE
    }"
);

impl Store {
    /// Registers a user who comes from somewhere; `verify` asks for the mail that confirms their address.
    pub async fn register_user(
        &self,
        user: &NewUser,
        origin: &Origin,
        familiar_until: Timestamp,
        verify: bool,
        now: Timestamp,
    ) -> Result<Created, StoreError> {
        let mut vars = new_user_vars(user, now)?;
        vars.insert("familiar_until", millis(familiar_until));
        vars.insert("verify", verify);
        vars.insert("administrator", false);
        vars.insert("lane", origin.neighbourhood().to_string());
        vars.insert("ip", origin.address.to_string());
        self.connection.commit(CREATE, vars).await
    }

    /// Creates the first administrator, and notes who it is.
    pub async fn create_administrator(&self, user: &NewUser, now: Timestamp) -> Result<Created, StoreError> {
        let mut vars = new_user_vars(user, now)?;
        vars.insert("familiar_until", 0);
        vars.insert("verify", false);
        vars.insert("administrator", true);
        vars.insert("lane", None::<String>);
        vars.insert("ip", None::<String>);
        self.connection.commit(CREATE, vars).await
    }

    /// Which of these is taken already, so that no hash is computed in vain.
    pub async fn find_taken(
        &self,
        email: &EmailAddress,
        username: Option<&Username>,
    ) -> Result<Option<&'static str>, StoreError> {
        const FIND: &str = "RETURN {
            IF record::exists(type::record('user_email', $email_key)) { 'email' }
            ELSE IF $username_key IS NOT NONE AND record::exists(type::record('user_name', $username_key)) { 'username' }
            ELSE { '' }
        }";
        let vars = vars! {
            email_key: email.key().to_owned(),
            username_key: username.map(|name| name.key().to_owned()),
        };
        let taken: String = self.connection.call(FIND, vars).await?;
        Ok(["email", "username"].into_iter().find(|field| *field == taken))
    }

    /// The password on record of the user behind a live session.
    pub async fn find_credential(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<Option<StoredCredential>, StoreError> {
        const FIND: &str = "RETURN {
            LET $s = (SELECT user, revoked_at FROM ONLY type::record('session', $sid));
            IF $s IS NONE OR $s.user != $owner OR $s.revoked_at IS NOT NONE { NONE } ELSE {
                (SELECT password_hash, temporary_until, email_key, username_key
                    FROM ONLY type::record('user', $owner) WHERE disabled = false)
            }
        }";
        let vars = vars! { owner: user.to_string(), sid: session.to_string() };
        let row: Option<CredentialRow> = self.connection.call(FIND, vars).await?;
        Ok(row.map(Into::into))
    }

    /// Applies a change whole or not at all.
    pub async fn update_profile(&self, change: &ProfileChange, now: Timestamp) -> Result<Updated, StoreError> {
        let username = change.username.as_ref().and_then(Option::as_ref);
        let vars = vars! {
            owner: change.user.to_string(),
            keep: change.session.to_string(),
            email: change.email.as_ref().map(|email| email.as_str().to_owned()),
            email_key: change.email.as_ref().map(|email| email.key().to_owned()),
            confirm_email: change.confirm_email,
            rename: change.username.is_some(),
            username: username.map_or(String::new(), |name| name.as_str().to_owned()),
            username_key: username.map(|name| name.key().to_owned()),
            profile: change.profile.as_ref().map(|edit| json::write(&edit.new)).transpose()?,
            profile_seen: change.profile.as_ref().map(|edit| edit.seen),
            seen: change.password.as_ref().map(|password| password.seen.as_phc().to_owned()),
            hash: change.password.as_ref().map(|password| password.new.as_phc().to_owned()),
            ip: change.origin.address.to_string(),
            now: millis(now),
        };
        self.connection.commit(UPDATE, vars).await
    }

    /// Asks for a mail that confirms the user's address; false when there is nothing to confirm.
    pub async fn ask_verification(&self, user: UserId, now: Timestamp) -> Result<bool, StoreError> {
        self.connection.commit(ASK_VERIFICATION, vars! { owner: user.to_string(), now: millis(now) }).await
    }

    /// Who was made administrator at the first start.
    pub async fn find_first_administrator(&self) -> Result<Option<StoredAdministrator>, StoreError> {
        let row: Option<AdministratorRow> = self.connection.call(FIND_ADMINISTRATOR, vars! {}).await?;
        row.map(StoredAdministrator::try_from).transpose()
    }

    /// Gives the first administrator another temporary password in place of the one they were made with; false when they
    /// have another by now.
    pub async fn replace_first_password(
        &self,
        user: UserId,
        credential: &Credential,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let vars = vars! {
            owner: user.to_string(),
            keep: String::new(),
            now: millis(now),
            hash: credential.hash.as_phc().to_owned(),
            until: credential.temporary_until.map(millis),
        };
        self.connection.commit(REPLACE_FIRST_PASSWORD, vars).await
    }
}

pub(super) fn new_user_vars(user: &NewUser, now: Timestamp) -> Result<Variables, StoreError> {
    Ok(vars! {
        id: user.id.to_string(),
        email: user.email.as_str().to_owned(),
        email_key: user.email.key().to_owned(),
        email_verified: user.email_verified,
        username: user.username.as_ref().map_or(String::new(), |name| name.as_str().to_owned()),
        username_key: user.username.as_ref().map(|name| name.key().to_owned()),
        hash: user.credential.hash.as_phc().to_owned(),
        temporary_until: user.credential.temporary_until.map(millis),
        roles: user.roles.clone(),
        profile: json::write(&user.profile)?,
        attributes: json::write(&user.attributes)?,
        now: millis(now),
    })
}
