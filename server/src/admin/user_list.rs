//! Users, found: filtered, sorted and read page by page.

use jiff::Timestamp;
use salvo::{
    Writer,
    oapi::{ToParameters, endpoint},
    writing::Json,
};
use serde::{Deserialize, Serialize};
use signet_shared::admin::{Page, UserView};

use super::{cursor::PageQuery, users::view};
use crate::{
    app::Shared,
    error::{Problem, Refusal},
    http::{gate::Caller, query::Query},
    model::{
        filter::{self, InvalidFilter},
        user::ManagedUser,
    },
    store::{UserPosition, UserQuery, UserSort},
};

/// Which users to list.
#[derive(Deserialize, ToParameters)]
#[serde(default, deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
#[derive(Default)]
pub(super) struct ListQuery {
    /// Terms that must all hold: `email:` and `username:` (how they begin; a bare word is an email), `role:`, `disabled:`,
    /// `verified:` (true or false), `since:` and `until:` (registered; an instant or a time ago such as `7d`).
    filter: Option<String>,
    /// `created_at`, `email` or, with a filter by it, `username`, with `-` before it for the reverse. Unless told, `email` or
    /// `username` where the filter says how that begins, `-created_at` elsewhere.
    sort: Option<String>,
    /// Most items to answer with: 50 unless told, 200 at most.
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Position(Option<String>, i64, String);

fn read_filter(text: &str, now: Timestamp) -> Result<UserQuery, InvalidFilter> {
    let mut query = UserQuery {
        email: None,
        username: None,
        role: None,
        disabled: None,
        verified: None,
        since: None,
        until: None,
        sort: UserSort::CreatedAt,
        descending: true,
        after: None,
        limit: 0,
    };
    for term in filter::parse(text)? {
        match term.field.as_str() {
            "" | "email" => query.email = Some(term.value.to_lowercase()),
            "username" => query.username = Some(term.value.to_lowercase()),
            "role" => query.role = Some(term.value),
            "disabled" => query.disabled = Some(term.boolean("disabled")?),
            "verified" => query.verified = Some(term.boolean("verified")?),
            "since" => query.since = Some(term.instant("since", now)?),
            "until" => query.until = Some(term.instant("until", now)?),
            _ => {
                let known = "email, username, role, disabled, verified, since, until";
                return Err(InvalidFilter::UnknownField(term.field, known));
            }
        }
    }
    Ok(query)
}

/// List users
#[endpoint(tags("Admin: users"))]
pub(super) async fn list_users(
    app: Shared,
    _caller: Caller,
    query: Query<ListQuery>,
) -> Result<Json<Page<UserView>>, Problem> {
    let ListQuery { filter, sort, limit, cursor } = query.0;
    let filter = filter.unwrap_or_default();
    let read = read_filter(&filter, app.now()).map_err(|error| Refusal::field("filter", error))?;
    let (sort_by, descending) = read_sort(sort.as_deref(), &read)?;
    let order = format!("{filter} {sort_by:?} {descending}");
    let page = PageQuery { limit, cursor }.read::<Position>(&app, "users", &order)?;
    let position = |Position(text, at, id): &Position| {
        (text.clone().map_or(UserPosition::CreatedAt(*at), UserPosition::Text), id.clone())
    };
    let after = page.after.as_ref().map(position);
    let query = UserQuery { sort: sort_by, descending, after, limit: page.limit + 1, ..read };
    let users = app.store.list_users(&query).await?;
    let place = |user: &ManagedUser| {
        let text = match sort_by {
            UserSort::Email => Some(user.email_key.clone()),
            UserSort::Username => Some(user.username_key.clone()),
            UserSort::CreatedAt => None,
        };
        Position(text, user.created_at.as_millisecond(), user.id.to_string())
    };
    let page = page.finish(&app, users, place)?;
    Ok(Json(Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor }))
}

/// The order, and whether it is reversed.
fn read_sort(text: Option<&str>, filter: &UserQuery) -> Result<(UserSort, bool), Refusal> {
    let Some(text) = text else {
        return Ok(match filter {
            UserQuery { email: Some(_), .. } => (UserSort::Email, false),
            UserQuery { username: Some(_), .. } => (UserSort::Username, false),
            _ => (UserSort::CreatedAt, true),
        });
    };
    let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
    let sort = match name {
        "created_at" => UserSort::CreatedAt,
        "email" => UserSort::Email,
        // Not everybody has a name.
        "username" if filter.username.is_some() => UserSort::Username,
        _ => {
            let rule =
                "users are sorted by created_at, email or, with a filter by it, username, with or without - before it";
            return Err(Refusal::field("sort", rule));
        }
    };
    Ok((sort, descending))
}
