//! What the model looks like: a pure function of it and of the size.

mod body;
mod overlays;

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::{
    binding::{BINDINGS, Binding},
    model::{Connection, Model, Screen},
    theme::{Theme, Tone},
};
use crate::text::{fit, plain, width};

/// Draws everything.
pub fn view(model: &Model, theme: Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.width == 0 || area.height == 0 {
        return;
    }
    let row = |y: u16| Rect { x: area.x, y: area.y + y, width: area.width, height: 1 };
    frame.render_widget(Paragraph::new(head(model, theme, area.width)), row(0));
    if area.height >= 4 {
        frame.render_widget(Paragraph::new(notice(model, theme, area.width)), row(area.height - 2));
    }
    if area.height >= 3 {
        frame.render_widget(Paragraph::new(hints(model, theme, area.width)), row(area.height - 1));
    }
    let taken = if area.height >= 4 { 3 } else { 2 };
    if area.height > taken {
        let body = Rect { y: area.y + 1, height: area.height - taken, ..area };
        body::draw(model, theme, frame, body);
    }
    if let Some(overlay) = model.overlays.last() {
        overlays::draw(overlay, model, theme, frame, area);
    }
}

/// The screens on the left, as far as they fit; server and lock on the right.
fn head(model: &Model, theme: Theme, columns: u16) -> Line<'static> {
    let columns = usize::from(columns);
    let (state, tone) = match &model.connection {
        Connection::Connecting => ("… connecting", Tone::Faint),
        Connection::Live if model.paused => ("‖ paused", Tone::Warn),
        Connection::Live => ("● live", Tone::Good),
        Connection::Stale(..) => ("✗ stale", Tone::Bad),
    };
    let (lock, lock_tone) = match model.unlocked_until {
        _ if model.who.read_only => ("read-only".to_owned(), Tone::Faint),
        Some(until) if until > model.now => {
            let left = (until - model.now).as_secs();
            (format!("unlocked {}:{:02}", left / 60, left % 60), Tone::Warn)
        }
        _ => ("locked".to_owned(), Tone::Faint),
    };
    let right = width(state) + width(&lock) + 3;
    let mut spans = Vec::new();
    let title = |screen: Screen| format!(" {} {} ", screen as usize + 1, screen.title());
    // The one in front is named before any other.
    let in_front = width(&title(model.screen)).min(columns.saturating_sub(right));
    let mut room = columns.saturating_sub(right + in_front);
    for screen in Screen::ALL {
        let (title, shown) = (title(screen), screen == model.screen);
        if width(&title) > room && !shown {
            continue;
        }
        let title = if shown { fit(&title, in_front) } else { title };
        room -= if shown { 0 } else { width(&title) };
        spans.push(Span::styled(title, theme.style(if shown { Tone::Focus } else { Tone::Plain })));
    }
    spans.push(Span::raw(" ".repeat(room)));
    spans.push(Span::styled(format!("{lock} "), theme.style(lock_tone)));
    spans.push(Span::styled(format!("{state} "), theme.style(tone)));
    Line::from(spans)
}

/// What was told, or why what is shown is old.
fn notice(model: &Model, theme: Theme, columns: u16) -> Line<'static> {
    let (text, tone) = match (&model.notice, &model.connection) {
        (Some(notice), _) => (notice.text.clone(), notice.tone),
        (None, Connection::Stale(since, reason)) => {
            (format!("no answer for {} s: {reason}", (model.now - *since).as_secs()), Tone::Bad)
        }
        (None, _) => (String::new(), Tone::Plain),
    };
    Line::styled(fit(&plain(&text), usize::from(columns)), theme.style(tone))
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
