//! The first screen.

use std::collections::BTreeMap;

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};
use signet_shared::admin::{AuditEvent, KeyView, RateView, StatsView};

use super::body::widths;
use crate::{
    dashboard::{
        clock::left,
        list::{Row, Seen},
        model::{Known, Model},
        theme::{Theme, Tone},
    },
    text::{fit, plain, width},
};

/// The last quarter of an hour, health, totals and what happened last.
pub(super) fn overview(model: &Model, theme: Theme, area: Rect) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let mut lines = vec![Line::styled(
        fit(&format!("{} {}", plain(&model.who.server), plain(caller(model))), columns),
        theme.style(Tone::Title),
    )];
    match &model.stats {
        None => lines.push(match &model.no_stats {
            Some(reason) => Line::styled(fit(&format!("✗ {}", plain(reason)), columns), theme.style(Tone::Bad)),
            None => Line::styled("reading…", theme.style(Tone::Faint)),
        }),
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
    lines.push(Line::styled("signing keys", theme.style(Tone::Title)));
    lines.extend(strip(&model.keys.items, model.clock, theme, columns));
    lines.push(Line::styled("last events", theme.style(Tone::Title)));
    let room = usize::from(area.height).saturating_sub(lines.len());
    lines.extend(model.events.iter().take(room).map(|event| event_line(event, model.clock, theme, columns)));
    lines
}

fn caller(model: &Model) -> &str {
    match &model.who.caller {
        Known::As(email) => email,
        Known::ByToken => "by a key or a token",
        Known::SignedOut => "signed out",
    }
}

/// For each algorithm its keys in the order of their lives, with what is left of each.
fn strip(keys: &[KeyView], clock: i64, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let mut algorithms: Vec<_> = keys.iter().map(|key| key.algorithm.as_str()).collect();
    algorithms.sort_unstable();
    algorithms.dedup();
    let seen = Seen { clock, staged: &BTreeMap::new() };
    let line = |algorithm: &str| {
        let mut spans = vec![Span::styled(fit(algorithm, 7), theme.style(Tone::Faint))];
        let mut room = columns.saturating_sub(7);
        for (state, what) in [("active", "rotates in"), ("next", "signs in"), ("retired", "leaves in")] {
            let of_state = keys.iter().filter(|key| key.algorithm == algorithm && key.state == state);
            for key in of_state {
                let at = key.rotates_at.as_ref().or(key.leaves_at.as_ref());
                let left = at.map(|at| format!(" {what} {}", left(at, clock))).unwrap_or_default();
                let kid: String = key.kid.chars().take(8).collect();
                let cell = &key.cells(&seen)[2];
                let text = format!("{} {kid}{left}   ", cell.text);
                let shown = fit(&text, room.min(width(&text)));
                room -= width(&shown);
                spans.push(Span::styled(shown, theme.style(cell.tone)));
            }
        }
        Line::from(spans)
    };
    algorithms.into_iter().map(line).collect()
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

fn event_line(event: &AuditEvent, clock: i64, theme: Theme, columns: usize) -> Line<'static> {
    let cells = event.cells(&Seen { clock, staged: &BTreeMap::new() });
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
    fn bars_reach_from_nothing_to_the_highest() {
        assert_eq!(sparkline(&[0, 1, 8, 4]), " ▁█▄");
        assert_eq!(sparkline(&[0, 0]), "  ");
        assert_eq!(sparkline(&[]), "");
    }
}
