//! Cursors: where a page of a list ended. Each is sealed, with what was listed, filtered and sorted by: nobody can make one
//! up, change one, or take one to another list.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use salvo::oapi::ToParameters;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use signet_shared::admin::Page;

use crate::{app::App, error::Refusal};

/// Items on a page unless told otherwise.
const DEFAULT_LIMIT: i64 = 50;
/// Most items on a page.
const MAX_LIMIT: i64 = 200;

/// Which page of a list.
#[derive(Clone, Debug, Default, Deserialize, ToParameters)]
#[serde(default, deny_unknown_fields)]
#[salvo(parameters(default_parameter_in = Query))]
pub struct PageQuery {
    /// Most items to answer with: 50 unless told, 200 at most.
    pub limit: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page that was asked for.
pub struct PageRequest<P> {
    /// Most items on it.
    pub limit: i64,
    /// Where the page before ended.
    pub after: Option<P>,
    context: String,
}

impl PageQuery {
    /// Reads it, for one list in one order.
    pub fn read<P: DeserializeOwned>(&self, app: &App, list: &str, order: &str) -> Result<PageRequest<P>, Refusal> {
        let context = format!("{list} {order}");
        let limit = match &self.limit {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| Refusal::field("limit", format!("limit is a number from 1 to {MAX_LIMIT}")))?,
        };
        let after = self.cursor.as_deref().map(|cursor| open(app, cursor, &context)).transpose()?;
        Ok(PageRequest { limit, after, context })
    }
}

impl<P: Serialize> PageRequest<P> {
    /// The page, of items of which there is one more than fit if there is another page.
    pub fn finish<T>(&self, app: &App, mut items: Vec<T>, position: impl Fn(&T) -> P) -> Result<Page<T>, Refusal> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|last| seal(app, &position(last), &self.context)).transpose()?;
        Ok(Page { items, next_cursor })
    }
}

fn seal(app: &App, position: &impl Serialize, context: &str) -> anyhow::Result<String> {
    let plain = serde_json::to_vec(position)?;
    let key = app.master_key.derive("admin cursors");
    Ok(URL_SAFE_NO_PAD.encode(key.seal(&plain, context.as_bytes(), app.entropy.as_ref())))
}

fn open<P: DeserializeOwned>(app: &App, cursor: &str, context: &str) -> Result<P, Refusal> {
    let sealed = URL_SAFE_NO_PAD.decode(cursor).ok();
    let key = app.master_key.derive("admin cursors");
    let plain = sealed.and_then(|sealed| key.open(&sealed, context.as_bytes()).ok());
    plain
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .ok_or_else(|| Refusal::field("cursor", "this cursor is none that the same list, filter and order gave"))
}
