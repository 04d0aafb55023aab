//! Users by the thousand: taken over batch by batch, and read out page by page.

use jiff::Timestamp;
use signet_shared::{Profile, UserId};
use surrealdb::types::{RecordId, SurrealValue};

use super::{
    Store, StoreError,
    audit::EventRow,
    connection::vars,
    json,
    statements::record_event,
    time::{instant, millis},
};
use crate::model::{
    audit::Event,
    transfer::{ImportedUser, TakenKeys},
    user::Attributes,
};

#[derive(SurrealValue)]
struct UserRow {
    id: String,
    email: String,
    email_key: String,
    email_verified: bool,
    username: String,
    username_key: Option<String>,
    password_hash: String,
    temporary_until: Option<i64>,
    password_changed_at: i64,
    disabled: bool,
    roles: Vec<String>,
    has_roles: bool,
    profile: String,
    attributes: String,
    created_at: i64,
    last_login_at: Option<i64>,
}

impl UserRow {
    fn new(imported: &ImportedUser, now: Timestamp) -> Result<Self, StoreError> {
        let user = &imported.user;
        Ok(Self {
            id: user.id.to_string(),
            email: user.email.as_str().to_owned(),
            email_key: user.email.key().to_owned(),
            email_verified: user.email_verified,
            username: user.username.as_ref().map_or(String::new(), |name| name.as_str().to_owned()),
            username_key: user.username.as_ref().map(|name| name.key().to_owned()),
            password_hash: user.credential.hash.as_phc().to_owned(),
            temporary_until: user.credential.temporary_until.map(millis),
            password_changed_at: millis(now),
            disabled: imported.disabled,
            has_roles: !user.roles.is_empty(),
            roles: user.roles.clone(),
            profile: json::write(&user.profile)?,
            attributes: json::write(&user.attributes)?,
            created_at: millis(imported.created_at),
            last_login_at: imported.last_login_at.map(millis),
        })
    }
}

/// A row of `user_email` or `user_name`.
#[derive(SurrealValue)]
struct KeyRow {
    id: String,
    user: String,
}

#[derive(SurrealValue)]
struct TakenRow {
    ids: Vec<String>,
    emails: Vec<String>,
    usernames: Vec<String>,
}

/// Rows that are there are found by id; with none in the way the batch is written, whole.
const IMPORT: &str = concat!(
    "RETURN {
        LET $ids = (SELECT VALUE record::id(id) FROM $user_rows);
        LET $emails = (SELECT VALUE record::id(id) FROM $email_rows);
        LET $usernames = (SELECT VALUE record::id(id) FROM $name_rows);
        IF $write AND array::len($ids) + array::len($emails) + array::len($usernames) = 0 {
            INSERT INTO user $users RETURN NONE;
            INSERT INTO user_email $keys RETURN NONE;
            INSERT INTO user_name $names RETURN NONE;
            FOR $event IN $events {",
    record_event!(),
    "       };
        };
        { ids: $ids, emails: $emails, usernames: $usernames }
    }"
);

/// A user read out, with all that an import takes.
#[derive(Clone, Debug)]
pub struct ExportedUser {
    /// The subject of their tokens.
    pub id: UserId,
    /// As written.
    pub email: String,
    /// Empty until set.
    pub username: String,
    /// Whether the address is confirmed.
    pub email_verified: bool,
    /// Whether they can do nothing.
    pub disabled: bool,
    /// Roles that tokens carry.
    pub roles: Vec<String>,
    /// What is known of the person.
    pub profile: Profile,
    /// What operators note about them.
    pub attributes: Attributes,
    /// When they registered.
    pub created_at: Timestamp,
    /// When they last logged in.
    pub last_login_at: Option<Timestamp>,
    /// Their proper password's hash.
    pub password_hash: Option<String>,
}

#[derive(SurrealValue)]
struct ExportedRow {
    key: String,
    email: String,
    username: String,
    email_verified: bool,
    disabled: bool,
    roles: Vec<String>,
    profile: Option<String>,
    attributes: Option<String>,
    created_at: i64,
    last_login_at: Option<i64>,
    password_hash: String,
    temporary_until: Option<i64>,
}

impl TryFrom<ExportedRow> for ExportedUser {
    type Error = StoreError;

    fn try_from(row: ExportedRow) -> Result<Self, StoreError> {
        let is_proper = row.temporary_until.is_none() && !row.password_hash.is_empty();
        Ok(Self {
            id: row.key.parse().map_err(|_| StoreError::Infrastructure("a user's id is no UUID".into()))?,
            email: row.email,
            username: row.username,
            email_verified: row.email_verified,
            disabled: row.disabled,
            roles: row.roles,
            profile: json::read(row.profile)?,
            attributes: json::read(row.attributes)?,
            created_at: instant(row.created_at),
            last_login_at: row.last_login_at.map(instant),
            password_hash: is_proper.then_some(row.password_hash),
        })
    }
}

impl Store {
    /// Takes users over: all of them, unless what one is known by is taken, and then none. Within the batch nothing may be
    /// there twice. Without `write` it only looks.
    pub async fn import_users(
        &self,
        users: &[ImportedUser],
        write: bool,
        events: &[Event],
        now: Timestamp,
    ) -> Result<TakenKeys, StoreError> {
        let key_row =
            |key: &str, imported: &ImportedUser| KeyRow { id: key.to_owned(), user: imported.user.id.to_string() };
        let keys: Vec<_> = users.iter().map(|imported| key_row(imported.user.email.key(), imported)).collect();
        let named = |imported: &ImportedUser| Some(key_row(imported.user.username.as_ref()?.key(), imported));
        let names: Vec<_> = users.iter().filter_map(named).collect();
        let ids = |table: &'static str, rows: &[KeyRow]| -> Vec<_> {
            rows.iter().map(|row| RecordId::new(table, row.id.clone())).collect()
        };
        let vars = vars! {
            write: write,
            user_rows: users.iter().map(|user| RecordId::new("user", user.user.id.to_string())).collect::<Vec<_>>(),
            email_rows: ids("user_email", &keys),
            name_rows: ids("user_name", &names),
            users: users.iter().map(|imported| UserRow::new(imported, now)).collect::<Result<Vec<_>, _>>()?,
            keys: keys,
            names: names,
            events: events.iter().map(EventRow::from).collect::<Vec<_>>(),
            now: millis(now),
        };
        let taken: TakenRow = self.connection.commit_bulk(IMPORT, vars).await?;
        Ok(TakenKeys { ids: taken.ids, emails: taken.emails, usernames: taken.usernames })
    }

    /// A page of all users in the order of their ids, from behind one: a piece of the table itself, so that the last page costs
    /// no more than the first, whatever users have in common.
    pub async fn export_users(&self, after: Option<UserId>, limit: i64) -> Result<Vec<ExportedUser>, StoreError> {
        // An id is a UUID, which cannot be anything else in the statement.
        let range = after.map_or("user".to_owned(), |id| format!("user:⟨{id}⟩>.."));
        let text = format!(
            "SELECT record::id(id) AS key, email, username, email_verified, disabled, roles, profile, attributes, created_at,
                 last_login_at, password_hash, temporary_until FROM {range} LIMIT $limit"
        );
        let rows: Vec<ExportedRow> = self.connection.select(text, vars! { limit: limit }).await?;
        rows.into_iter().map(ExportedUser::try_from).collect()
    }
}
