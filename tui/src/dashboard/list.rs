//! Lists: what six of the seven screens are.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::theme::Tone;
use crate::{api::Answer, call::Call};

/// Items of a page that is asked for.
const PAGE: u16 = 100;
/// Items kept at the most: more are found with a filter.
const MOST: usize = 10_000;
/// Items that are read again at the most.
const MOST_AGAIN: usize = 1_000;
/// So near to the end the next page is asked for.
const AHEAD: usize = 20;

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Columns of the terminal that it needs.
    pub least: u16,
    /// Its share of what is left over.
    pub share: u16,
}

/// What stands in a row and a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The text, as it came: it is cleaned where it is shown.
    pub text: Cow<'static, str>,
    /// What it is about.
    pub tone: Tone,
}

impl Cell {
    /// A text with nothing special about it.
    pub fn plain(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    /// A text about something.
    pub fn toned(text: impl Into<Cow<'static, str>>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }
}

/// What rows are looked at with.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The time of day, in seconds since 1970.
    pub clock: i64,
    /// New values of settings that were noted.
    pub staged: &'a BTreeMap<String, String>,
}

/// What a list is made of.
pub trait Row: DeserializeOwned + Clone {
    /// Where it is read, below `/admin/v1/`.
    const PATH: &'static str;
    /// The member of the answer that holds the items.
    const MEMBER: &'static str = "items";
    /// The orders there are, the usual one first.
    const SORTS: &'static [&'static str] = &[];
    /// What a filter may say, where the server takes one.
    const FILTER: Option<&'static str> = None;
    /// The columns.
    const COLUMNS: &'static [Column];

    /// What tells it from others.
    fn id(&self) -> String;
    /// How a person names it.
    fn name(&self) -> String;
    /// One cell for each column.
    fn cells(&self, seen: &Seen<'_>) -> Vec<Cell>;
    /// Everything there is to say, line by line.
    fn detail(&self) -> Vec<(&'static str, String)>;
}

/// How a list stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing was asked for yet.
    #[default]
    New,
    /// An answer is under way.
    Loading,
    /// It is there.
    Loaded,
    /// It is not, for this reason. What was there before still is.
    Failed(String),
}

/// A list, as far as it was read.
#[derive(Clone, Debug)]
pub struct List<T> {
    /// The items.
    pub items: Vec<T>,
    /// The tag of the whole, where it has one.
    pub etag: Option<String>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// What is looked for.
    pub filter: String,
    /// Which of the orders.
    pub sort: usize,
    /// Where the focus is.
    pub selected: usize,
    /// What was marked.
    pub marks: BTreeSet<String>,
    /// How it stands.
    pub state: State,
    /// Which answer is waited for.
    pub generation: u64,
    /// How far it had been read, and where the focus was, before it is read anew.
    again: Option<(usize, String)>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            etag: None,
            next_cursor: None,
            filter: String::new(),
            sort: 0,
            selected: 0,
            marks: BTreeSet::new(),
            state: State::New,
            generation: 0,
            again: None,
        }
    }
}

impl<T: Row> List<T> {
    /// It is read anew, as far as it had been read, so that focus and marks stay on what they are on.
    pub fn begin_again(&mut self) {
        let focus = self.focused().map(T::id);
        let reach = self.items.len().min(MOST_AGAIN);
        // One that is being read anew already goes on as far as it was to.
        self.again = self.again.take().or(focus.map(|focus| (reach, focus)));
    }

    /// The request for the first page.
    pub fn first_page(&self) -> Call {
        let filter = T::FILTER.and(Some(self.filter.as_str()).filter(|filter| !filter.is_empty()));
        let limit = T::FILTER.map(|_| PAGE);
        let call = Call::get(T::PATH).with("filter", filter).with("limit", limit);
        // The usual order is the server's own.
        call.with("sort", T::SORTS.get(self.sort).filter(|_| self.sort > 0))
    }

    /// The request for the next page, if it is time for it.
    pub fn next_page(&self) -> Option<Call> {
        let near = self.selected + AHEAD >= self.items.len() && self.items.len() < MOST;
        let near = near || self.is_read_again();
        let cursor = self.next_cursor.as_ref().filter(|_| near && self.state == State::Loaded)?;
        Some(self.first_page().from_cursor(cursor))
    }

    /// Takes an answer: the first page replaces what was there, the focus staying on its item, and others are added.
    pub fn take(&mut self, answer: Answer, first: bool) {
        let Answer { etag, mut json } = answer;
        let items = match json.get_mut(T::MEMBER).map(Value::take) {
            Some(items) => serde_json::from_value::<Vec<T>>(items),
            None => Ok(Vec::new()),
        };
        let items = match items {
            Ok(items) => items,
            Err(error) => {
                self.state = State::Failed(format!("the server's answer is not understood: {error}"));
                return;
            }
        };
        if first {
            self.items = items;
        } else {
            self.items.extend(items);
        }
        self.next_cursor = json["next_cursor"].as_str().map(str::to_owned);
        self.etag = etag;
        self.state = State::Loaded;
        if !self.is_read_again() {
            self.settle();
        }
    }

    /// It will be another list: it is read from its beginning.
    pub fn start_over(&mut self) {
        self.selected = 0;
        self.marks.clear();
        self.again = Some((0, String::new()));
    }

    /// Whether it is being read anew and not yet as far as it was.
    pub fn is_read_again(&self) -> bool {
        let far = self.again.as_ref().is_some_and(|(far, _)| self.items.len() < *far);
        far && self.next_cursor.is_some()
    }

    /// Puts the focus back on its item, and takes marks from what is gone.
    fn settle(&mut self) {
        let focus = self.again.take().map(|(_, focus)| focus);
        let kept = focus.and_then(|focus| self.items.iter().position(|item| item.id() == focus));
        self.selected = kept.unwrap_or(self.selected).min(self.items.len().saturating_sub(1));
        let there: BTreeSet<_> = self.items.iter().map(T::id).collect();
        self.marks.retain(|mark| there.contains(mark));
    }

    /// The item in focus.
    pub fn focused(&self) -> Option<&T> {
        self.items.get(self.selected)
    }

    /// What was marked, else what is in focus.
    pub fn chosen(&self) -> Vec<&T> {
        if self.marks.is_empty() {
            return self.focused().into_iter().collect();
        }
        self.items.iter().filter(|item| self.marks.contains(&item.id())).collect()
    }

    /// Moves the focus.
    pub fn step(&mut self, by: isize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.items.len().saturating_sub(1));
        let moved = self.focused().map(T::id);
        if let (Some((_, focus)), Some(moved)) = (&mut self.again, moved) {
            *focus = moved;
        }
    }

    /// Marks what is in focus, or takes the mark away, and goes on.
    pub fn mark(&mut self) {
        let Some(id) = self.focused().map(T::id) else { return };
        if !self.marks.remove(&id) {
            self.marks.insert(id);
        }
        self.step(1);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Clone, Deserialize)]
    struct Letter {
        id: String,
    }

    impl Row for Letter {
        const PATH: &'static str = "letters";
        const FILTER: Option<&'static str> = Some("any");
        const SORTS: &'static [&'static str] = &["-written", "written"];
        const COLUMNS: &'static [Column] = &[];

        fn id(&self) -> String {
            self.id.clone()
        }

        fn name(&self) -> String {
            self.id.clone()
        }

        fn cells(&self, _: &Seen<'_>) -> Vec<Cell> {
            Vec::new()
        }

        fn detail(&self) -> Vec<(&'static str, String)> {
            Vec::new()
        }
    }

    fn page(ids: &[&str], next: Option<&str>) -> Answer {
        let items: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        Answer { etag: None, json: json!({ "items": items, "next_cursor": next }) }
    }

    #[test]
    fn the_focus_stays_on_its_item_and_marks_on_what_is_there() {
        let mut list = List::<Letter>::default();
        list.take(page(&["a", "b", "c"], None), true);
        list.step(1);
        list.mark();
        list.step(-1);
        assert_eq!((list.selected, list.chosen()[0].id()), (1, "b".to_owned()));
        list.begin_again();
        list.take(page(&["x", "a"], Some("more")), true);
        assert!(list.is_read_again() && list.next_page().is_some(), "as far as it had been read");
        list.take(page(&["b"], None), false);
        assert_eq!((list.selected, list.marks.len()), (2, 1));
        list.begin_again();
        list.take(page(&["a"], None), true);
        assert_eq!((list.selected, list.marks.len()), (0, 0));
        list.step(-5);
        list.step(7);
        assert_eq!(list.selected, 0);
    }

    #[test]
    fn the_next_page_is_asked_for_near_the_end_and_with_the_same_filter() {
        let mut list = List::<Letter> { filter: "from:x".into(), sort: 1, ..List::default() };
        list.take(page(&["a", "b"], Some("more")), true);
        let call = list.next_page().unwrap();
        let query: Vec<_> = call.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(query, ["filter=from:x", "limit=100", "sort=written", "cursor=more"]);
        list.take(page(&["c"], None), false);
        assert_eq!((list.items.len(), list.next_page()), (3, None));
    }

    #[test]
    fn an_answer_that_is_not_understood_leaves_what_was_there() {
        let mut list = List::<Letter>::default();
        list.take(page(&["a"], None), true);
        list.take(Answer { etag: None, json: json!({ "items": [{ "no": 1 }] }) }, true);
        assert!(list.items.len() == 1 && matches!(list.state, State::Failed(_)));
    }
}
