//! The screen in front: a list with its detail, or the overview.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::{overview::overview, timeline::timeline};
use crate::{
    dashboard::{
        layout,
        list::{Column, List, Row, Seen, State},
        model::{Model, Screen, with_list},
        theme::{Theme, Tone},
    },
    text::{fit, plain, wrap},
};

/// Between columns.
const GAP: usize = 1;

pub(super) fn draw(model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    if model.screen == Screen::Overview {
        return frame.render_widget(Paragraph::new(overview(model, theme, area)), area);
    }
    let detail = if model.detail { model.focus_detail() } else { Vec::new() };
    let parts = layout::body(area, !detail.is_empty());
    if let Some(area) = parts.list {
        let seen = Seen { clock: model.clock, staged: &model.staged };
        let mut lines = with_list!(ref model, model.screen, list => lines(list, seen, theme, area), else Vec::new());
        if model.screen == Screen::Keys {
            lines.push(Line::raw(""));
            lines.extend(timeline(&model.keys.items, model.clock, theme, usize::from(area.width)));
        }
        frame.render_widget(Paragraph::new(lines), area);
    }
    if let (Some(list), Some(_)) = (parts.list, parts.detail) {
        let line = Rect { x: list.x + list.width + layout::GAP / 2, width: 1, ..area };
        let lines = vec![Line::styled("│", theme.style(Tone::Faint)); usize::from(area.height)];
        frame.render_widget(Paragraph::new(lines), line);
    }
    if let Some(area) = parts.detail {
        let lines = detail.iter().flat_map(|(name, value)| detail_lines(name, value, theme, area.width));
        frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
    }
}

/// A name and its value, broken where it does not fit.
fn detail_lines(name: &str, value: &str, theme: Theme, columns: u16) -> Vec<Line<'static>> {
    const NAME: usize = 15;
    let room = usize::from(columns).saturating_sub(NAME + 1).max(1);
    let parts = wrap(&plain(value), room);
    let names = std::iter::once(name).chain(std::iter::repeat(""));
    names
        .zip(parts)
        .map(|(name, part)| {
            Line::from(vec![Span::styled(format!("{} ", fit(name, NAME)), theme.style(Tone::Faint)), Span::raw(part)])
        })
        .collect()
}

fn lines<T: Row>(list: &List<T>, seen: Seen<'_>, theme: Theme, area: Rect) -> Vec<Line<'static>> {
    let widths = widths(T::COLUMNS, usize::from(area.width).saturating_sub(2));
    let heading = T::COLUMNS.iter().zip(&widths).map(|(column, width)| fit(column.title, *width));
    let heading = heading.collect::<Vec<_>>().join(" ");
    let mut lines =
        vec![status(list, theme, area.width), Line::styled(format!("  {heading}"), theme.style(Tone::Title))];
    let room = usize::from(area.height).saturating_sub(lines.len());
    let first = layout::first_row(list.selected, area.height);
    for (number, item) in list.items.iter().enumerate().skip(first).take(room) {
        let focused = number == list.selected;
        let marked = if list.marks.contains(&item.id()) { '•' } else { ' ' };
        let pointer = if focused { '›' } else { ' ' };
        let mut spans = vec![Span::raw(format!("{pointer}{marked}"))];
        for (index, (cell, width)) in item.cells(&seen).into_iter().zip(&widths).enumerate() {
            if *width == 0 {
                continue;
            }
            if index > 0 {
                spans.push(Span::raw(" "));
            }
            // Where the focus is, colours would be patches.
            let tone = if focused { Tone::Focus } else { cell.tone };
            spans.push(Span::styled(fit(&plain(&cell.text), *width), theme.style(tone)));
        }
        let line = Line::from(spans);
        lines.push(if focused { line.patch_style(theme.style(Tone::Focus)) } else { line });
    }
    lines
}

/// What is looked for and how far the list goes, or why there is none.
fn status<T: Row>(list: &List<T>, theme: Theme, columns: u16) -> Line<'static> {
    let more = if list.next_cursor.is_some() { "+" } else { "" };
    let mut parts = vec![format!("{}{more}", list.items.len())];
    if !list.filter.is_empty() {
        parts.push(format!("filter {}", plain(&list.filter)));
    }
    if let Some(sort) = T::SORTS.get(list.sort).filter(|_| list.sort > 0) {
        parts.push(format!("sorted by {sort}"));
    }
    if !list.marks.is_empty() {
        parts.push(format!("{} marked", list.marks.len()));
    }
    let (state, tone) = match &list.state {
        State::New | State::Loading if list.items.is_empty() => ("reading…".to_owned(), Tone::Faint),
        State::Failed(reason) => (format!("✗ {}", plain(reason)), Tone::Bad),
        State::Loaded if list.items.is_empty() => ("nothing here".to_owned(), Tone::Faint),
        _ => (parts.join(" · "), Tone::Faint),
    };
    Line::styled(fit(&state, usize::from(columns)), theme.style(tone))
}

/// Each what it needs, in order, as far as the width goes; what is left is shared.
pub(super) fn widths(columns: &[Column], room: usize) -> Vec<usize> {
    let mut left = room;
    let mut widths: Vec<usize> = columns
        .iter()
        .map(|column| {
            let width = usize::from(column.least).min(left);
            left = left.saturating_sub(width + GAP);
            width
        })
        .collect();
    let shares: usize = columns.iter().map(|column| usize::from(column.share)).sum();
    let spare = left;
    for (width, column) in widths.iter_mut().zip(columns).filter(|(width, _)| **width > 0) {
        *width += spare * usize::from(column.share) / shares.max(1);
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_take_what_there_is_and_no_more() {
        let columns = [
            Column { title: "A", least: 10, share: 1 },
            Column { title: "B", least: 5, share: 0 },
            Column { title: "C", least: 5, share: 3 },
        ];
        assert_eq!(widths(&columns, 22), [10, 5, 5]);
        assert_eq!(widths(&columns, 30), [11, 5, 10]);
        assert_eq!(widths(&columns, 12), [10, 1, 0]);
        assert_eq!(widths(&columns, 0), [0, 0, 0]);
    }
}
