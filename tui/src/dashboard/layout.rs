//! Where things stand: for those who draw them, and for the mouse.

use ratatui::layout::Rect;

use super::{
    model::{Model, Screen},
    overlay::{Confirm, Intent},
};
use crate::{
    actions::Tier,
    text::{fit, plain, width, wrap},
};

/// From this width on the detail stands beside the list.
const BESIDE: u16 = 100;

/// Columns between the two, with a line in the middle.
pub const GAP: u16 = 3;

/// The parts of the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The list, where it is shown.
    pub list: Option<Rect>,
    /// The detail, where it is shown.
    pub detail: Option<Rect>,
}

/// What is left of a terminal beneath the head and above notice and hints.
pub fn body_area(area: Rect) -> Option<Rect> {
    let taken = if area.height >= 4 { 3 } else { 2 };
    (area.height > taken).then(|| Rect { y: area.y + 1, height: area.height - taken, ..area })
}

/// List and detail: beside each other where there is room, else one of them.
pub fn body(area: Rect, has_detail: bool) -> Body {
    match has_detail {
        false => Body { list: Some(area), detail: None },
        true if area.width >= BESIDE => {
            let half = area.width / 2;
            let detail = Rect { x: area.x + half + GAP, width: area.width - half - GAP, ..area };
            Body { list: Some(Rect { width: half, ..area }), detail: Some(detail) }
        }
        true => Body { list: None, detail: Some(area) },
    }
}

/// Lines above the rows of a list: how it stands, and the headings.
pub const ABOVE_ROWS: u16 = 2;

/// The first item that is shown, so that the one in focus is.
pub fn first_row(selected: usize, height: u16) -> usize {
    let room = usize::from(height.saturating_sub(ABOVE_ROWS));
    selected.saturating_sub(room.saturating_sub(1))
}

/// The titles that fit into so many columns, each with the column where it begins. The one in front fits before any other.
pub fn titles(front: Screen, columns: usize) -> Vec<(Screen, usize, String)> {
    let title = |screen: Screen| format!(" {} {} ", screen as usize + 1, screen.title());
    let in_front = width(&title(front)).min(columns);
    let mut room = columns - in_front;
    let mut at = 0;
    let mut shown = Vec::new();
    for screen in Screen::ALL {
        let title = if screen == front { fit(&title(screen), in_front) } else { title(screen) };
        let needed = width(&title);
        if screen != front {
            if needed > room {
                continue;
            }
            room -= needed;
        }
        shown.push((screen, at, title));
        at += needed;
    }
    shown
}

/// The widest a box over the screen gets.
const WIDEST: u16 = 84;

/// Columns for text in a box over a screen of so many.
pub fn box_room(columns: u16) -> usize {
    usize::from(columns.min(WIDEST).saturating_sub(4))
}

/// Columns of such a box.
pub fn box_width(columns: u16) -> u16 {
    columns.min(WIDEST)
}

/// What there is to know before a question is answered, as it is broken into lines of so many columns.
pub fn question(intent: &Intent, room: usize) -> Vec<String> {
    intent.lines.iter().flat_map(|line| wrap(&plain(line), room)).collect()
}

/// What is asked at its end.
pub fn demand(intent: &Intent, room: usize) -> Vec<String> {
    match intent.tier() {
        Tier::Permanent => wrap(&format!("This is for good. Type {} and press Enter:", plain(&intent.word)), room),
        _ => Vec::new(),
    }
}

/// How many lines of a question are shown on so many rows.
pub fn question_rows(intent: &Intent, room: usize, rows: u16) -> usize {
    // The frame, a blank line, and the line that answers.
    usize::from(rows).saturating_sub(4 + demand(intent, room).len())
}

/// Whether there are lines of a question beneath what is shown, and how far it can be scrolled at the most. A terminal of
/// which nothing is known yet shows everything.
pub fn unread(confirm: &Confirm, (columns, rows): (u16, u16)) -> (bool, usize) {
    if rows == 0 {
        return (false, 0);
    }
    let room = box_room(columns);
    let lines = question(&confirm.intent, room).len();
    let beyond = lines.saturating_sub(question_rows(&confirm.intent, room, rows));
    let scroll = confirm.scroll.min(beyond);
    (scroll < beyond, scroll)
}

/// What lies under the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The title of a screen.
    Title(Screen),
    /// An item of the list.
    Item(usize),
}

/// What is shown at a column and a row.
pub fn spot(model: &Model, column: u16, row: u16) -> Option<Spot> {
    let (columns, rows) = model.size;
    let area = Rect { x: 0, y: 0, width: columns, height: rows };
    if row == 0 {
        let titles = titles(model.screen, super::view::room_for_titles(model, columns));
        let hit = |(_, at, title): &&(Screen, usize, String)| (*at..*at + width(title)).contains(&usize::from(column));
        return titles.iter().find(hit).map(|(screen, ..)| Spot::Title(*screen));
    }
    let list = body(body_area(area)?, model.detail && !model.focus_detail().is_empty()).list?;
    let (count, selected) = model.list_place()?;
    let inside = (list.x..list.x + list.width).contains(&column) && (list.y..list.y + list.height).contains(&row);
    let line = row.checked_sub(list.y + ABOVE_ROWS).filter(|_| inside)?;
    let item = first_row(selected, list.height) + usize::from(line);
    (item < count).then_some(Spot::Item(item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_in_front_is_named_even_where_no_other_fits() {
        let names = |columns| titles(Screen::Keys, columns).into_iter().map(|(_, _, title)| title).collect::<Vec<_>>();
        assert_eq!(names(8), [" 5 Keys "]);
        assert_eq!(names(4), [" 5 …"]);
        assert_eq!(names(20), [" 1 Overview ", " 5 Keys "]);
        assert_eq!(names(200).len(), 7);
    }

    #[test]
    fn the_one_in_focus_is_always_in_sight() {
        assert_eq!(first_row(0, 10), 0);
        assert_eq!(first_row(7, 10), 0);
        assert_eq!(first_row(8, 10), 1);
        assert_eq!(first_row(9, 0), 9);
    }
}
