//! Users as operators change them. What users do to themselves is in `users`.

use jiff::Timestamp;
use signet_shared::{Profile, UserId};
use surrealdb::types::{SurrealValue, Variables};

use super::{
    Store, StoreError,
    audit::EventRow,
    connection::vars,
    creation::{CreatedOnce, Creation},
    json,
    statements::{create_once, end_all_but, enqueue_mail, forget_addresses, other_administrators, record_event},
    time::millis,
    users::new_user_vars,
};
use crate::model::{
    audit::Event,
    email::EmailAddress,
    idempotency::Idempotency,
    user::{Attributes, Credential, NewUser},
    username::Username,
};

/// What an operator wants changed; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// Another address.
    pub email: Option<EmailAddress>,
    /// Another name; `Some(None)` takes it away.
    pub username: Option<Option<Username>>,
    /// Whether the address counts as confirmed.
    pub email_verified: Option<bool>,
    /// Whether they are disabled.
    pub disabled: Option<bool>,
    /// All their roles.
    pub roles: Option<Vec<String>>,
    /// Another profile.
    pub profile: Option<Profile>,
    /// All their attributes.
    pub attributes: Option<Attributes>,
}

impl UserChange {
    /// Whether it names what `updated_at` tells of.
    fn is_dated(&self) -> bool {
        self.email.is_some() || self.username.is_some() || self.email_verified.is_some() || self.profile.is_some()
    }
}

/// What came of an operator's change of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "snake_case")]
pub enum Managed {
    /// Done.
    Done,
    /// There is no such user.
    Missing,
    /// Somebody changed them first.
    Stale,
    /// Somebody has this address.
    EmailTaken,
    /// Somebody has this name.
    UsernameTaken,
    /// Nobody could administer any more.
    LastAdministrator,
    /// The user has or would get a role, and the caller may not touch such.
    Protected,
}

/// What came of creating one.
#[derive(Clone, Debug)]
pub enum Created {
    /// It is there.
    Created,
    /// The same was asked for before; this was the answer.
    Repeated(String),
    /// The key of an earlier request came with another body.
    KeyReused,
    /// Somebody has this address.
    EmailTaken,
    /// Somebody has this name.
    UsernameTaken,
}

const CREATE: &str = concat!(
    "RETURN {",
    create_once!(
        "IF record::exists(type::record('user_email', $email_key)) { 'email_taken' }
         ELSE IF $username_key IS NOT NONE AND record::exists(type::record('user_name', $username_key)) { 'username_taken' }
         ELSE {
             CREATE type::record('user_email', $email_key) SET user = $id RETURN NONE;
             IF $username_key IS NOT NONE { CREATE type::record('user_name', $username_key) SET user = $id RETURN NONE };
             CREATE type::record('user', $id) SET email = $email, email_key = $email_key, email_verified = $email_verified,
                 username = $username, username_key = $username_key, password_hash = $hash, temporary_until = $temporary_until,
                 profile = $profile, attributes = $attributes, password_changed_at = $now, disabled = false, roles = $roles,
                 has_roles = array::len($roles) > 0, created_at = $now RETURN NONE;
             IF $invite {",
        enqueue_mail!("invitation", "$email_key", user: "$id"),
        "    };",
        record_event!(),
        "    'created'
         }"
    ),
    "}"
);

const CHANGE: &str = concat!(
    "RETURN {
        LET $row = type::record('user', $owner);
        LET $u = (SELECT email, email_key, username_key, roles, has_roles, disabled, revision FROM ONLY $row FOR UPDATE);
        LET $new_roles = $roles ?? $u.roles;
        LET $new_disabled = $disabled ?? $u.disabled;
",
    other_administrators!(demoted: "$new_disabled OR 'admin' NOT IN $new_roles"),
    "   LET $new_email = IF $email_key IS NOT NONE AND $u IS NOT NONE AND $u.email_key != $email_key { $email_key } ELSE { NONE };
        LET $new_name = $rename AND $u IS NOT NONE AND $u.username_key != $username_key;
        IF $u IS NONE { 'missing' }
        ELSE IF $seen IS NOT NONE AND $seen != $u.revision { 'stale' }
        ELSE IF !$privileged AND ($u.has_roles OR $new_roles != $u.roles) { 'protected' }
        ELSE IF $demotes AND !$others { 'last_administrator' }
        ELSE IF $new_email IS NOT NONE AND record::exists(type::record('user_email', $new_email)) { 'email_taken' }
        ELSE IF $new_name AND $username_key IS NOT NONE AND record::exists(type::record('user_name', $username_key)) { 'username_taken' }
        ELSE {
            IF $new_email IS NOT NONE {
                DELETE type::record('user_email', $u.email_key) RETURN NONE;
                CREATE type::record('user_email', $new_email) SET user = $owner RETURN NONE;
                LET $rows = (SELECT VALUE id FROM one_time_code WHERE user = $owner); DELETE $rows RETURN NONE;
            };
            IF $new_name {
                IF $u.username_key IS NOT NONE { DELETE type::record('user_name', $u.username_key) RETURN NONE };
                IF $username_key IS NOT NONE { CREATE type::record('user_name', $username_key) SET user = $owner RETURN NONE };
            };
            UPDATE $row SET
                email = $email ?? email, email_key = $email_key ?? email_key,
                pending_email = IF $email IS NOT NONE { NONE } ELSE { pending_email },
                pending_email_key = IF $email IS NOT NONE { NONE } ELSE { pending_email_key },
                username = IF $rename { $username } ELSE { username },
                username_key = IF $rename { $username_key } ELSE { username_key },
                email_verified = $email_verified ?? (IF $new_email IS NOT NONE { false } ELSE { email_verified }),
                profile = $profile ?? profile, attributes = $attributes ?? attributes,
                updated_at = IF $is_dated { $now } ELSE { updated_at },
                disabled = $new_disabled, roles = $new_roles, has_roles = array::len($new_roles) > 0,
                revision += 1 RETURN NONE;
            LET $keep = '';
            IF $new_disabled AND !$u.disabled {",
    end_all_but!(),
    "       };",
    record_event!(),
    "       'done'
        }
    }"
);

const SET_PASSWORD: &str = concat!(
    "RETURN {
        LET $u = (SELECT has_roles FROM ONLY type::record('user', $owner) FOR UPDATE);
        LET $keep = '';
        IF $u IS NONE { 'missing' }
        ELSE IF $u.has_roles AND !$privileged { 'protected' }
        ELSE {
            UPDATE type::record('user', $owner) SET password_hash = $hash, temporary_until = $temporary_until,
                password_changed_at = $now, revision += 1 RETURN NONE;
            LET $rows = (SELECT VALUE id FROM one_time_code WHERE user = $owner AND kind = 'reset'); DELETE $rows RETURN NONE;",
    forget_addresses!(),
    end_all_but!(),
    record_event!(),
    "       'done'
        }
    }"
);

const END_SESSIONS: &str = concat!(
    "RETURN {
        LET $u = (SELECT has_roles FROM ONLY type::record('user', $owner));
        LET $keep = '';
        IF $u IS NONE { 'missing' }
        ELSE IF $u.has_roles AND !$privileged { 'protected' }
        ELSE {",
    end_all_but!(),
    record_event!(),
    "       'done'
        }
    }"
);

const DELETE: &str = concat!(
    "RETURN {
        LET $row = type::record('user', $owner);
        LET $u = (SELECT email_key, username_key, roles, has_roles, disabled, revision FROM ONLY $row FOR UPDATE);
",
    other_administrators!(demoted: "true"),
    "   IF $u IS NONE { 'missing' }
        ELSE IF $seen IS NOT NONE AND $seen != $u.revision { 'stale' }
        ELSE IF $u.has_roles AND !$privileged { 'protected' }
        ELSE IF $demotes AND !$others { 'last_administrator' }
        ELSE {
            DELETE type::record('user_email', $u.email_key) RETURN NONE;
            IF $u.username_key IS NOT NONE { DELETE type::record('user_name', $u.username_key) RETURN NONE };
            LET $rows = (SELECT VALUE id FROM one_time_code WHERE user = $owner); DELETE $rows RETURN NONE;
            LET $rows = (SELECT VALUE id FROM grant WHERE user = $owner); DELETE $rows RETURN NONE;
            LET $rows = (SELECT VALUE id FROM session WHERE user = $owner); DELETE $rows RETURN NONE;
            LET $rows = (SELECT VALUE id FROM consent WHERE user = $owner); DELETE $rows RETURN NONE;",
    forget_addresses!(),
    "       DELETE $row RETURN NONE;",
    record_event!(),
    "       'done'
        }
    }"
);

const ASK_MAIL: &str = concat!(
    "RETURN {
        LET $u = (SELECT email_key, has_roles, disabled FROM ONLY type::record('user', $owner));
        IF $u IS NONE { 'missing' }
        ELSE IF $u.has_roles AND !$privileged { 'protected' }
        ELSE {
            IF $invite {",
    enqueue_mail!("invitation", "$u.email_key", user: "$owner"),
    "       } ELSE {",
    enqueue_mail!("password_reset", "$u.email_key", user: "NONE"),
    "       };",
    record_event!(),
    "       'done'
        }
    }"
);

impl Store {
    /// Creates a user whom an operator wants; `answer` is what a repetition of the request is told.
    pub async fn create_user(
        &self,
        user: &NewUser,
        invite: bool,
        idempotency: &Idempotency,
        answer: &str,
        event: &Event,
        now: Timestamp,
    ) -> Result<Created, StoreError> {
        let mut vars = new_user_vars(user, now)?;
        vars.insert("invite", invite);
        idempotency.bind(answer, &mut vars);
        vars.insert("event", Some(EventRow::from(event)));
        let created: CreatedOnce = self.connection.commit(CREATE, vars).await?;
        Ok(match created.read()? {
            Creation::Created => Created::Created,
            Creation::Repeated(answer) => Created::Repeated(answer),
            Creation::KeyReused => Created::KeyReused,
            Creation::Refused(reason) if reason == "email_taken" => Created::EmailTaken,
            Creation::Refused(_) => Created::UsernameTaken,
        })
    }

    /// Changes a user who is at the revision seen (any, if `None`). `privileged` callers may touch users with roles.
    pub async fn change_user(
        &self,
        user: UserId,
        seen: Option<i64>,
        change: &UserChange,
        privileged: bool,
        event: &Event,
        now: Timestamp,
    ) -> Result<Managed, StoreError> {
        let username = change.username.as_ref().and_then(Option::as_ref);
        let vars = vars! {
            owner: user.to_string(),
            seen: seen,
            email: change.email.as_ref().map(|email| email.as_str().to_owned()),
            email_key: change.email.as_ref().map(|email| email.key().to_owned()),
            rename: change.username.is_some(),
            username: username.map_or(String::new(), |name| name.as_str().to_owned()),
            username_key: username.map(|name| name.key().to_owned()),
            email_verified: change.email_verified,
            disabled: change.disabled,
            roles: change.roles.clone(),
            profile: change.profile.as_ref().map(json::write).transpose()?,
            attributes: change.attributes.as_ref().map(json::write).transpose()?,
            is_dated: change.is_dated(),
            privileged: privileged,
            event: Some(EventRow::from(event)),
            now: millis(now),
        };
        self.connection.commit(CHANGE, vars).await
    }

    /// Gives a user another password, and ends their sessions.
    pub async fn set_password(
        &self,
        user: UserId,
        credential: &Credential,
        privileged: bool,
        event: &Event,
        now: Timestamp,
    ) -> Result<Managed, StoreError> {
        let mut vars = managing(user, privileged, event, now);
        vars.insert("hash", credential.hash.as_phc().to_owned());
        vars.insert("temporary_until", credential.temporary_until.map(millis));
        self.connection.commit(SET_PASSWORD, vars).await
    }

    /// Ends all of a user's sessions at an operator's wish.
    pub async fn end_users_sessions(
        &self,
        user: UserId,
        privileged: bool,
        event: &Event,
        now: Timestamp,
    ) -> Result<Managed, StoreError> {
        self.connection.commit(END_SESSIONS, managing(user, privileged, event, now)).await
    }

    /// Removes a user with all that refers to them; only the audit log remembers.
    pub async fn delete_user(
        &self,
        user: UserId,
        seen: Option<i64>,
        privileged: bool,
        event: &Event,
        now: Timestamp,
    ) -> Result<Managed, StoreError> {
        let mut vars = managing(user, privileged, event, now);
        vars.insert("seen", seen);
        self.connection.commit(DELETE, vars).await
    }

    /// Asks for a mail with which a user can set a password: an invitation, or a reset.
    pub async fn ask_password_mail(
        &self,
        user: UserId,
        invite: bool,
        privileged: bool,
        event: &Event,
        now: Timestamp,
    ) -> Result<Managed, StoreError> {
        let mut vars = managing(user, privileged, event, now);
        vars.insert("invite", invite);
        self.connection.commit(ASK_MAIL, vars).await
    }
}

/// What every operator's change of a user takes.
fn managing(user: UserId, privileged: bool, event: &Event, now: Timestamp) -> Variables {
    vars! {
        owner: user.to_string(),
        privileged: privileged,
        event: Some(EventRow::from(event)),
        now: millis(now),
    }
}
