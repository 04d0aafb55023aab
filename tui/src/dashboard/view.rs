//! What the model looks like: a pure function of it and of the size.

mod body;
mod overlays;
mod overview;
mod timeline;

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Clear, Paragraph},
};

use super::{
    ascii::to_ascii,
    binding::{BINDINGS, Binding},
    layout::{body_area, titles},
    model::{Connection, Known, Model},
    theme::{Theme, Tone},
};
use crate::text::{fit, plain, width, wrap};

/// Draws everything.
pub fn view(model: &Model, theme: Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.width == 0 || area.height == 0 {
        return;
    }
    let row = |y: u16| Rect { x: area.x, y: area.y + y, width: area.width, height: 1 };
    frame.render_widget(Paragraph::new(head(model, theme, area.width)), row(0));
    if area.height >= 3 {
        frame.render_widget(Paragraph::new(hints(model, theme, area.width)), row(area.height - 1));
    }
    if let Some(body) = body_area(area) {
        body::draw(model, theme, frame, body);
    }
    // What takes more than its line covers the end of the body for as long as it is told.
    let told = notice(model, theme, area.width);
    let lines = u16::try_from(told.len()).unwrap_or(NOTICE_LINES);
    if area.height >= 3 + lines {
        let place = Rect { y: area.y + area.height - 1 - lines, height: lines, ..area };
        frame.render_widget(Clear, place);
        frame.render_widget(Paragraph::new(told), place);
    }
    if let Some(overlay) = model.overlays.last() {
        overlays::draw(overlay, model, theme, frame, area);
    }
    if theme.is_ascii() {
        to_ascii(frame.buffer_mut());
    }
}

/// What stands at the right of the head: the lock, and how the server is heard.
fn standing(model: &Model) -> [(String, Tone); 2] {
    let (state, tone) = match &model.connection {
        _ if model.who.caller == Known::SignedOut => ("○ signed out", Tone::Faint),
        Connection::Connecting => ("… connecting", Tone::Faint),
        Connection::Stale(..) => ("✗ stale", Tone::Bad),
        Connection::Live if model.paused => ("‖ paused", Tone::Warn),
        Connection::Live => ("● live", Tone::Good),
    };
    let (lock, lock_tone) = match model.unlocked_until {
        _ if model.who.read_only => ("read-only".to_owned(), Tone::Faint),
        Some(until) if until > model.now => {
            let left = (until - model.now).as_secs();
            (format!("unlocked {}:{:02}", left / 60, left % 60), Tone::Warn)
        }
        _ => ("locked".to_owned(), Tone::Faint),
    };
    [(lock, lock_tone), (state.to_owned(), tone)]
}

/// Columns that are left for the titles of screens.
pub(super) fn room_for_titles(model: &Model, columns: u16) -> usize {
    let taken: usize = standing(model).iter().map(|(text, _)| width(text) + 1).sum();
    usize::from(columns).saturating_sub(taken + 1)
}

/// The screens on the left, as far as they fit; lock and server on the right.
fn head(model: &Model, theme: Theme, columns: u16) -> Line<'static> {
    let room = room_for_titles(model, columns);
    let mut taken = 0;
    let mut spans = Vec::new();
    for (screen, _, title) in titles(model.screen, room) {
        taken += width(&title);
        let tone = if screen == model.screen { Tone::Focus } else { Tone::Plain };
        spans.push(Span::styled(title, theme.style(tone)));
    }
    spans.push(Span::raw(" ".repeat(room.saturating_sub(taken) + 1)));
    spans.extend(standing(model).into_iter().map(|(text, tone)| Span::styled(format!("{text} "), theme.style(tone))));
    Line::from(spans)
}

/// The most lines for what is told.
const NOTICE_LINES: u16 = 3;

/// What was told, or why what is shown is old.
fn notice(model: &Model, theme: Theme, columns: u16) -> Vec<Line<'static>> {
    let (text, tone) = match (&model.notice, &model.connection) {
        (Some(notice), _) => (notice.text.clone(), notice.tone),
        (None, Connection::Stale(since, reason)) => {
            (format!("no answer for {} s: {reason}", (model.now - *since).as_secs()), Tone::Bad)
        }
        (None, _) => (String::new(), Tone::Plain),
    };
    let lines = wrap(&plain(&text), usize::from(columns)).into_iter().take(usize::from(NOTICE_LINES));
    lines.map(|line| Line::styled(fit(&line, usize::from(columns)), theme.style(tone))).collect()
}

/// Keys from the table: those that hold everywhere always, and those of this screen as far as they fit.
fn hints(model: &Model, theme: Theme, columns: u16) -> Line<'static> {
    let told = BINDINGS.iter().filter(|binding| binding.holds_on(model.screen) && !binding.hint.is_empty());
    let (everywhere, here): (Vec<_>, Vec<_>) = told.partition(|binding| binding.screens.is_empty());
    let needed = |binding: &'static Binding| width(&binding.keys[0].to_string()) + width(binding.hint) + 3;
    let mut room = usize::from(columns).saturating_sub(everywhere.iter().copied().map(needed).sum());
    let fitting = here.into_iter().filter(|binding| {
        let fits = needed(binding) <= room;
        room -= if fits { needed(binding) } else { 0 };
        fits
    });
    let shown: Vec<_> = fitting.collect();
    let spans = shown.into_iter().chain(everywhere).flat_map(|binding| {
        let key = Span::styled(binding.keys[0].to_string(), theme.style(Tone::Title));
        [key, Span::styled(format!(" {}  ", binding.hint), theme.style(Tone::Faint))]
    });
    Line::from(spans.collect::<Vec<_>>())
}
