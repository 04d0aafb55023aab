//! All users, one JSON object a line, as an import takes them.

use std::io;

use futures_util::{Stream, stream};
use http::{HeaderValue, header};
use salvo::{
    Response, Writer,
    oapi::{ToParameters, endpoint},
};
use serde::Deserialize;
use serde_json::json;
use signet_shared::{
    UserId,
    admin::{Permission, Resource, UserLine},
};

use super::{demand_recent_login, is_privileged, live::Watch, protected};
use crate::{
    app::Shared,
    error::{Problem, Refusal},
    http::{gate::Caller, lines::NDJSON, query::Query},
    model::audit::{Event, EventType},
    store::ExportedUser,
};

/// Users read at once.
const PAGE: i64 = 500;

/// What to export.
#[derive(Deserialize, ToParameters)]
#[serde(deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
pub(super) struct ExportQuery {
    /// `true` for the hashes of their passwords, too: administrators alone, after a recent login.
    #[serde(default)]
    hashes: bool,
}

/// Export users
///
/// One JSON object a line, in no order that means anything. An answer that breaks off is not whole.
#[endpoint(tags("Admin: users"))]
pub(super) async fn export_users(
    app: Shared,
    caller: Caller,
    query: Query<ExportQuery>,
    res: &mut Response,
) -> Result<(), Problem> {
    let hashes = query.0.hashes;
    if hashes {
        if !is_privileged(&caller.0) {
            return Err(protected().into());
        }
        demand_recent_login(&app, &caller.0)?;
    }
    let event = Event::by(&caller.0, EventType::UserExport).changing(None, json!({ "hashes": hashes }));
    app.store.record(&event, app.now()).await?;
    let watch = Watch::begin(app.handle(), caller.0, Permission::read(Resource::Users))?;
    res.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    let name = HeaderValue::from_static("attachment; filename=\"users.ndjson\"");
    res.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    res.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    res.stream(pages(watch, hashes));
    Ok(())
}

/// Where an export is.
enum Place {
    Behind(Option<UserId>),
    Done,
}

fn pages(watch: Watch, hashes: bool) -> impl Stream<Item = io::Result<Vec<u8>>> + Send {
    stream::unfold((watch, Place::Behind(None)), move |(mut watch, place)| async move {
        let Place::Behind(after) = place else { return None };
        // An export that ends early must not look whole.
        let broken = |reason: String| Some(Err(io::Error::other(reason)));
        if !watch.may_go_on().await {
            return broken("the caller may not read users any more, or the server stops".into())
                .map(|error| (error, (watch, Place::Done)));
        }
        let users = match watch.app().store.export_users(after, PAGE).await {
            Ok(users) => users,
            Err(error) => return broken(error.to_string()).map(|error| (error, (watch, Place::Done))),
        };
        let last = users.last()?;
        let place = Place::Behind(Some(last.id));
        match users.into_iter().map(|user| line(user, hashes)).collect::<Result<Vec<_>, _>>() {
            Ok(lines) => Some((Ok(lines.concat()), (watch, place))),
            Err(error) => broken(error.message()).map(|error| (error, (watch, Place::Done))),
        }
    })
}

fn line(user: ExportedUser, hashes: bool) -> Result<Vec<u8>, Refusal> {
    let line = UserLine {
        id: Some(user.id.to_string()),
        email: user.email,
        username: Some(user.username).filter(|name| !name.is_empty()),
        email_verified: user.email_verified,
        disabled: user.disabled,
        roles: user.roles,
        profile: Some(user.profile).filter(|profile| !profile.is_empty()),
        attributes: Some(user.attributes).filter(|attributes| !attributes.is_empty()),
        created_at: Some(user.created_at.to_string()),
        last_login_at: user.last_login_at.map(|at| at.to_string()),
        password_hash: user.password_hash.filter(|_| hashes),
    };
    let mut text = serde_json::to_vec(&line).map_err(anyhow::Error::from)?;
    text.push(b'\n');
    Ok(text)
}
