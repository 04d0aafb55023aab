//! Users as operators see them: one, or a list that is filtered, sorted and read page by page.

use jiff::Timestamp;
use signet_shared::UserId;
use surrealdb::types::{SurrealValue, Variables};

use super::{
    Store, StoreError,
    connection::vars,
    json,
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
    /// By folded name; those without one come nowhere.
    Username,
    /// By when they registered.
    CreatedAt,
}

/// A place in a sorted list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserPosition {
    /// An address or a name.
    Text(String),
    /// An instant, in milliseconds.
    CreatedAt(i64),
}

/// Matches of one term that are sorted where no index has them in order. With more it is quicker to walk an index that is in
/// order and to pass over what does not match: among a million users both take about as long here.
const SORTED: i64 = 4_000;

#[derive(SurrealValue)]
struct UserRow {
    key: String,
    email: String,
    email_key: String,
    username: String,
    username_key: Option<String>,
    email_verified: bool,
    pending_email: Option<String>,
    disabled: bool,
    roles: Vec<String>,
    profile: Option<String>,
    attributes: Option<String>,
    password_hash: String,
    temporary_until: Option<i64>,
    created_at: i64,
    updated_at: Option<i64>,
    last_login_at: Option<i64>,
    revision: i64,
}

const FIELDS: &str =
    "id, record::id(id) AS key, email, email_key, username, username_key, email_verified, pending_email, disabled, roles,
    profile, attributes, password_hash, temporary_until, created_at, updated_at, last_login_at, revision";

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
            username_key: row.username_key.unwrap_or_default(),
            email_verified: row.email_verified,
            pending_email: row.pending_email,
            disabled: row.disabled,
            roles: row.roles,
            profile: json::read(row.profile)?,
            attributes: json::read(row.attributes)?,
            password,
            created_at: instant(row.created_at),
            updated_at: instant(row.updated_at.unwrap_or(row.created_at)),
            last_login_at: row.last_login_at.map(instant),
            revision: row.revision,
        })
    }
}

impl Store {
    /// A page of users, and one more if there is another page.
    pub async fn list_users(&self, query: &UserQuery) -> Result<Vec<ManagedUser>, StoreError> {
        let selection = Selection::of(query);
        let mut index = selection.ordered_index(query);
        // A range out of order: worth sorting where it is short.
        for range in selection.ranges.iter().filter(|range| range.sort != query.sort) {
            let text = format!(
                "RETURN array::len((SELECT VALUE id FROM user WITH INDEX {} WHERE {} LIMIT {}))",
                range.index,
                range.conditions.join(" AND "),
                SORTED + 1
            );
            let matching: i64 = self.connection.select(text, selection.vars.clone()).await?;
            if matching <= SORTED {
                index = range.index;
                break;
            }
        }
        let (text, vars) = selection.page(query, index);
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

/// What a listing selects: put together of constant parts, with every value a parameter.
struct Selection {
    vars: Variables,
    /// Terms that are a piece of an index.
    ranges: Vec<Range>,
    /// Terms that halve the users, or nearly take them all.
    flags: Vec<&'static str>,
}

/// A piece of an index: users from one place in an order to another.
struct Range {
    sort: UserSort,
    index: &'static str,
    conditions: Vec<&'static str>,
}

impl Selection {
    fn of(query: &UserQuery) -> Self {
        let mut selection = Self { vars: vars! {}, ranges: Vec::new(), flags: Vec::new() };
        let email = ["email_key >= $email", "email_key < $email_end"];
        selection.prefix(UserSort::Email, "user_email_key", "email", &query.email, email);
        let username = ["username_key >= $username", "username_key < $username_end"];
        selection.prefix(UserSort::Username, "user_username_key", "username", &query.username, username);
        let mut conditions = Vec::new();
        let dates = [(query.since, "created_at >= $since", "since"), (query.until, "created_at < $until", "until")];
        for (value, text, name) in dates {
            if let Some(value) = value {
                selection.vars.insert(name, millis(value));
                conditions.push(text);
            }
        }
        if !conditions.is_empty() {
            selection.ranges.push(Range { sort: UserSort::CreatedAt, index: "user_created_at", conditions });
        }
        if let Some(role) = &query.role {
            selection.vars.insert("role", role.clone());
            selection.flags.push("has_roles = true AND $role IN roles");
        }
        let flags = [
            (query.disabled, "disabled = $disabled", "disabled"),
            (query.verified, "email_verified = $verified", "verified"),
        ];
        for (value, text, name) in flags {
            if let Some(value) = value {
                selection.vars.insert(name, value);
                selection.flags.push(text);
            }
        }
        selection
    }

    fn prefix(
        &mut self,
        sort: UserSort,
        index: &'static str,
        name: &'static str,
        value: &Option<String>,
        conditions: [&'static str; 2],
    ) {
        if let Some(value) = value {
            self.vars.insert(name, value.clone());
            self.vars.insert(format!("{name}_end"), format!("{value}\u{10ffff}"));
            self.ranges.push(Range { sort, index, conditions: conditions.into() });
        }
    }

    /// The index that has users in the order wanted: those with the rarest flag, where there is one for it. It is named, for
    /// the planner would take one of a flag that half of all users have.
    fn ordered_index(&self, query: &UserQuery) -> &'static str {
        let flagged = match query {
            UserQuery { role: Some(_), .. } => Some(("user_has_roles", "user_has_roles_email")),
            UserQuery { disabled: Some(true), .. } => Some(("user_disabled", "user_disabled_email")),
            UserQuery { verified: Some(_), .. } => Some(("user_email_verified", "user_email_verified_email")),
            _ => None,
        };
        match (query.sort, flagged) {
            (UserSort::Username, _) => "user_username_key",
            (UserSort::CreatedAt, Some((by_date, _))) => by_date,
            (UserSort::CreatedAt, None) => "user_created_at",
            (UserSort::Email, Some((_, by_email))) => by_email,
            (UserSort::Email, None) => "user_email_key",
        }
    }

    /// The statement for one page.
    fn page(self, query: &UserQuery, index: &str) -> (String, Variables) {
        let Self { mut vars, ranges, flags } = self;
        let mut conditions: Vec<_> = ranges.into_iter().flat_map(|range| range.conditions).chain(flags).collect();
        vars.insert("limit", query.limit);
        let (field, direction) = (query.sort.field(), if query.descending { "DESC" } else { "ASC" });
        let behind = match query.descending {
            false => format!("{field} >= $at AND ({field} > $at OR record::id(id) > $id)"),
            true => format!("{field} <= $at AND ({field} < $at OR record::id(id) < $id)"),
        };
        if let Some((position, id)) = &query.after {
            vars.insert("id", id.clone());
            match position {
                UserPosition::Text(text) => vars.insert("at", text.clone()),
                UserPosition::CreatedAt(at) => vars.insert("at", *at),
            };
            conditions.push(&behind);
        }
        let conditions = where_all(&conditions);
        let text = format!(
            "SELECT {FIELDS} FROM user WITH INDEX {index} {conditions} ORDER BY {field} {direction}, id {direction} LIMIT $limit"
        );
        (text, vars)
    }
}

impl UserSort {
    fn field(self) -> &'static str {
        match self {
            Self::Email => "email_key",
            Self::Username => "username_key",
            Self::CreatedAt => "created_at",
        }
    }
}
