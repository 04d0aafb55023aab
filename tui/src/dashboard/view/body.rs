//! The screen in front: a list with its detail, or the overview.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};
use signet_shared::admin::{AuditEvent, RateView, StatsView};

use crate::{
    dashboard::{
        list::{Column, List, Row, State},
        model::{Model, Screen, with_list},
        theme::{Theme, Tone},
    },
    text::{fit, plain, width},
};

/// From this width on the detail stands beside the list.
const BESIDE: u16 = 100;
/// Between columns.
const GAP: usize = 1;

pub(super) fn draw(model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    if model.screen == Screen::Overview {
        return frame.render_widget(Paragraph::new(overview(model, theme, area)), area);
    }
    let detail = if model.detail { model.focus_detail() } else { Vec::new() };
    let (list_area, detail_area) = match detail.is_empty() {
        true => (Some(area), None),
        false if area.width >= BESIDE => {
            let half = area.width / 2;
            let right = Rect { x: area.x + half + 1, width: area.width - half - 1, ..area };
            (Some(Rect { width: half, ..area }), Some(right))
        }
        false => (None, Some(area)),
    };
    if let Some(area) = list_area {
        let lines = with_list!(ref model, model.screen, list => lines(list, theme, area), else Vec::new());
        frame.render_widget(Paragraph::new(lines), area);
    }
    if let Some(area) = detail_area {
        let lines = detail.iter().flat_map(|(name, value)| detail_lines(name, value, theme, area.width));
        frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
    }
}

/// A name and its value, broken where it does not fit.
fn detail_lines(name: &str, value: &str, theme: Theme, columns: u16) -> Vec<Line<'static>> {
    const NAME: usize = 15;
    let room = usize::from(columns).saturating_sub(NAME + 1).max(1);
    let value = plain(value).into_owned();
    let mut parts = vec![String::new()];
    for character in value.chars() {
        let full = parts.last().is_some_and(|part| width(part) + width(character.encode_utf8(&mut [0; 4])) > room);
        if full {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    let names = std::iter::once(name).chain(std::iter::repeat(""));
    names
        .zip(parts)
        .map(|(name, part)| {
            Line::from(vec![Span::styled(format!("{} ", fit(name, NAME)), theme.style(Tone::Faint)), Span::raw(part)])
        })
        .collect()
}

fn lines<T: Row>(list: &List<T>, theme: Theme, area: Rect) -> Vec<Line<'static>> {
    let widths = widths(T::COLUMNS, usize::from(area.width).saturating_sub(2));
    let heading = T::COLUMNS.iter().zip(&widths).map(|(column, width)| fit(column.title, *width));
    let heading = heading.collect::<Vec<_>>().join(" ");
    let mut lines =
        vec![status(list, theme, area.width), Line::styled(format!("  {heading}"), theme.style(Tone::Title))];
    let room = usize::from(area.height).saturating_sub(lines.len());
    // The focus is always in sight.
    let first = list.selected.saturating_sub(room.saturating_sub(1));
    for (number, item) in list.items.iter().enumerate().skip(first).take(room) {
        let focused = number == list.selected;
        let marked = if list.marks.contains(&item.id()) { '•' } else { ' ' };
        let pointer = if focused { '›' } else { ' ' };
        let mut spans = vec![Span::raw(format!("{pointer}{marked}"))];
        for (index, (cell, width)) in item.cells().into_iter().zip(&widths).enumerate() {
            if *width == 0 {
                continue;
            }
            if index > 0 {
                spans.push(Span::raw(" "));
            }
            spans.push(Span::styled(fit(&plain(&cell.text), *width), theme.style(cell.tone)));
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
fn widths(columns: &[Column], room: usize) -> Vec<usize> {
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

/// The last quarter of an hour, health, totals and what happened last.
fn overview(model: &Model, theme: Theme, area: Rect) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let mut lines = vec![Line::styled(
        fit(
            &format!("{} {}", plain(&model.who.server), model.who.email.as_deref().map(plain).unwrap_or_default()),
            columns,
        ),
        theme.style(Tone::Title),
    )];
    match &model.stats {
        None => lines.push(Line::styled("reading…", theme.style(Tone::Faint))),
        Some(stats) => {
            lines.push(health(stats, theme));
            lines.push(Line::raw(fit(
                &format!(
                    "users {}  refresh sessions {}  cookie sessions {}  mail waiting {}  keys {}",
                    stats.totals.users,
                    stats.totals.refresh_sessions,
                    stats.totals.cookie_sessions,
                    stats.totals.mail_waiting,
                    stats.totals.published_keys
                ),
                columns,
            )));
            lines.extend(rates(stats, theme, columns));
        }
    }
    lines.push(Line::styled("last events", theme.style(Tone::Title)));
    let room = usize::from(area.height).saturating_sub(lines.len());
    lines.extend(model.events.iter().take(room).map(|event| event_line(event, theme, columns)));
    lines
}

fn health(stats: &StatsView, theme: Theme) -> Line<'static> {
    let parts =
        [("database", stats.health.database), ("signing key", stats.health.signing_key), ("mail", stats.health.mail)];
    let span = |(name, fine): (&str, bool)| match fine {
        true => Span::styled(format!("✓ {name}  "), theme.style(Tone::Good)),
        false => Span::styled(format!("✗ {name}  "), theme.style(Tone::Bad)),
    };
    Line::from(parts.into_iter().map(span).collect::<Vec<_>>())
}

fn rates(stats: &StatsView, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    type Pick = fn(&RateView) -> u64;
    let rows: [(&str, Pick, Tone); 8] = [
        ("requests", |rate| rate.requests, Tone::Plain),
        ("logins", |rate| rate.logins_ok, Tone::Good),
        ("failed logins", |rate| rate.logins_failed, Tone::Warn),
        ("refreshes", |rate| rate.refreshes, Tone::Plain),
        ("token reuse", |rate| rate.refresh_reuse, Tone::Bad),
        ("4xx", |rate| rate.client_errors, Tone::Faint),
        ("429", |rate| rate.throttled, Tone::Warn),
        ("5xx", |rate| rate.server_errors, Tone::Bad),
    ];
    const NAME: usize = 14;
    const NUMBER: usize = 9;
    let room = columns.saturating_sub(NAME + NUMBER + 2);
    rows.into_iter()
        .map(|(name, pick, tone)| {
            let values: Vec<_> = stats.rates.iter().map(pick).collect();
            let latest = values.last().copied().unwrap_or(0) as f64 / stats.interval.max(1) as f64;
            let shown = &values[values.len().saturating_sub(room)..];
            Line::from(vec![
                Span::styled(fit(name, NAME), theme.style(Tone::Faint)),
                Span::raw(format!("{latest:>7.1}/s ")),
                Span::styled(sparkline(shown), theme.style(tone)),
            ])
        })
        .collect()
}

/// Each value as a bar of up to eight eighths of the highest.
fn sparkline(values: &[u64]) -> String {
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let highest = values.iter().copied().max().unwrap_or(0).max(1);
    values.iter().map(|value| BARS[(value * 8).div_ceil(highest).min(8) as usize]).collect()
}

fn event_line(event: &AuditEvent, theme: Theme, columns: usize) -> Line<'static> {
    let cells = event.cells();
    let widths = widths(AuditEvent::COLUMNS, columns);
    let mut spans = Vec::new();
    for (cell, width) in cells.into_iter().zip(widths).filter(|(_, width)| *width > 0) {
        spans.push(Span::styled(fit(&plain(&cell.text), width), theme.style(cell.tone)));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
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

    #[test]
    fn bars_reach_from_nothing_to_the_highest() {
        assert_eq!(sparkline(&[0, 1, 8, 4]), " ▁█▄");
        assert_eq!(sparkline(&[0, 0]), "  ");
        assert_eq!(sparkline(&[]), "");
    }
}
