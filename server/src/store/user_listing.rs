//! Users as operators see them: one, or a list that is filtered, sorted and read page by page.

use jiff::Timestamp;
use signet_shared::UserId;
use surrealdb::types::{SurrealValue, Variables};

use super::{
    Store, StoreError,
    connection::vars,
    statements::where_all,
    time::{instant, millis},
};
use crate::model::user::{ManagedUser, PasswordState};

/// Which users, in which order.
#[derive(Clone, Debug)]
pub struct UserQuery {
    /// Addresses that begin so, folded.
    pub email: Option<String>,
    /// Names that begin so, folded.
    pub username: Option<String>,
    /// Users with this role.
    pub role: Option<String>,
    /// Disabled ones, or the others.
    pub disabled: Option<bool>,
    /// Those with a confirmed address, or the others.
    pub verified: Option<bool>,
    /// Registered then or later.
    pub since: Option<Timestamp>,
    /// Registered before.
    pub until: Option<Timestamp>,
    /// The order.
    pub sort: UserSort,
    /// Backwards.
    pub descending: bool,
    /// Where the page before ended: the sorted field's value, and the id.
    pub after: Option<(UserPosition, String)>,
    /// Most rows.
    pub limit: i64,
}

/// What users are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserSort {
    /// By folded address.
    Email,
    /// By when they registered.
    CreatedAt,
}

/// A place in a sorted list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserPosition {
    /// An address.
    Email(String),
    /// An instant, in milliseconds.
    CreatedAt(i64),
}

#[derive(SurrealValue)]
struct UserRow {
    key: String,
    email: String,
    email_key: String,
    username: String,
    email_verified: bool,
    pending_email: Option<String>,
    disabled: bool,
    roles: Vec<String>,
    password_hash: String,
    temporary_until: Option<i64>,
    created_at: i64,
    last_login_at: Option<i64>,
    revision: i64,
}

const FIELDS: &str =
    "id, record::id(id) AS key, email, email_key, username, email_verified, pending_email, disabled, roles,
    password_hash, temporary_until, created_at, last_login_at, revision";

impl TryFrom<UserRow> for ManagedUser {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let password = match (row.password_hash.is_empty(), row.temporary_until) {
            (true, _) => PasswordState::None,
            (false, Some(_)) => PasswordState::Temporary,
            (false, None) => PasswordState::Proper,
        };
        Ok(Self {
            id: row.key.parse().map_err(|_| StoreError::Infrastructure("a user's id is no UUID".into()))?,
            email: row.email,
            email_key: row.email_key,
            username: row.username,
            email_verified: row.email_verified,
            pending_email: row.pending_email,
            disabled: row.disabled,
            roles: row.roles,
            password,
            created_at: instant(row.created_at),
            last_login_at: row.last_login_at.map(instant),
            revision: row.revision,
        })
    }
}

impl Store {
    /// A page of users, and one more if there is another page.
    pub async fn list_users(&self, query: &UserQuery) -> Result<Vec<ManagedUser>, StoreError> {
        let (text, vars) = listing(query);
        let rows: Vec<UserRow> = self.connection.select(text, vars).await?;
        rows.into_iter().map(ManagedUser::try_from).collect()
    }

    /// One user.
    pub async fn find_user(&self, user: UserId) -> Result<Option<ManagedUser>, StoreError> {
        let text = format!("SELECT {FIELDS} FROM ONLY type::record('user', $user)");
        let row: Option<UserRow> = self.connection.select(text, vars! { user: user.to_string() }).await?;
        row.map(ManagedUser::try_from).transpose()
    }
}

/// The statement for a listing: put together of constant parts, with every value a parameter. The index is named, for the
/// planner would take one of a flag that half of all users have.
fn listing(query: &UserQuery) -> (String, Variables) {
    let mut vars = vars! { limit: query.limit };
    let mut conditions = Vec::new();
    let mut prefix = |vars: &mut Variables, name: &'static str, value: &Option<String>, text| {
        if let Some(value) = value {
            vars.insert(name, value.clone());
            vars.insert(format!("{name}_end"), format!("{value}\u{10ffff}"));
            conditions.push(text);
        }
    };
    prefix(&mut vars, "email", &query.email, "email_key >= $email AND email_key < $email_end");
    prefix(&mut vars, "username", &query.username, "username_key >= $username AND username_key < $username_end");
    if let Some(role) = &query.role {
        vars.insert("role", role.clone());
        conditions.push("has_roles = true AND $role IN roles");
    }
    let flags = [
        (query.disabled, "disabled = $disabled", "disabled"),
        (query.verified, "email_verified = $verified", "verified"),
    ];
    for (value, text, name) in flags {
        if let Some(value) = value {
            vars.insert(name, value);
            conditions.push(text);
        }
    }
    for (value, text, name) in
        [(query.since, "created_at >= $since", "since"), (query.until, "created_at < $until", "until")]
    {
        if let Some(value) = value {
            vars.insert(name, millis(value));
            conditions.push(text);
        }
    }
    if let Some((position, id)) = &query.after {
        vars.insert("id", id.clone());
        conditions.push(match (position, query.descending) {
            (UserPosition::Email(_), false) => "email_key >= $at AND (email_key > $at OR record::id(id) > $id)",
            (UserPosition::Email(_), true) => "email_key <= $at AND (email_key < $at OR record::id(id) < $id)",
            (UserPosition::CreatedAt(_), false) => "created_at >= $at AND (created_at > $at OR record::id(id) > $id)",
            (UserPosition::CreatedAt(_), true) => "created_at <= $at AND (created_at < $at OR record::id(id) < $id)",
        });
        match position {
            UserPosition::Email(email) => vars.insert("at", email.clone()),
            UserPosition::CreatedAt(at) => vars.insert("at", *at),
        };
    }
    let index = match query {
        UserQuery { email: Some(_), .. } => "user_email_key",
        UserQuery { username: Some(_), .. } => "user_username_key",
        UserQuery { role: Some(_), .. } => "user_has_roles",
        UserQuery { disabled: Some(true), .. } => "user_disabled",
        UserQuery { verified: Some(_), sort: UserSort::CreatedAt, .. } => "user_email_verified",
        UserQuery { sort: UserSort::Email, .. } => "user_email_key",
        UserQuery { sort: UserSort::CreatedAt, .. } => "user_created_at",
    };
    let order = match (query.sort, query.descending) {
        (UserSort::Email, false) => "email_key ASC, id ASC",
        (UserSort::Email, true) => "email_key DESC, id DESC",
        (UserSort::CreatedAt, false) => "created_at ASC, id ASC",
        (UserSort::CreatedAt, true) => "created_at DESC, id DESC",
    };
    let conditions = where_all(&conditions);
    (format!("SELECT {FIELDS} FROM user WITH INDEX {index} {conditions} ORDER BY {order} LIMIT $limit"), vars)
}
