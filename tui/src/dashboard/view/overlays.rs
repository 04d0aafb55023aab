//! What lies over a screen.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Clear, Paragraph},
};

use crate::{
    actions::Tier,
    dashboard::{
        binding::{BINDINGS, Binding, search},
        input::Input,
        layout,
        list::Row,
        model::{Model, Screen, with_list},
        overlay::{Confirm, Field, Form, Overlay, Pick, Search, Told},
        theme::{Theme, Tone},
    },
    text::{fit, plain, width, wrap},
};

pub(super) fn draw(overlay: &Overlay, model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let room = layout::box_room(area.width);
    let (title, lines) = match overlay {
        Overlay::Filter(input) => filter(input, model, theme, room),
        Overlay::Palette(found) => palette(found, model.screen, theme, room),
        Overlay::Help(found) => help(found, model.screen, theme, room),
        Overlay::Pick(pick) => choices(pick, theme, room),
        Overlay::Form(form) => fields(form, theme, room),
        Overlay::Confirm(confirm) => question(confirm, model, theme, room, area.height),
        Overlay::Asking(_, what) => {
            ("Please wait".to_owned(), vec![Line::raw(fit(&format!("{what}…  Esc leaves it"), room))])
        }
        Overlay::Told(told) => values(told, theme, room),
    };
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(area.height);
    let width = layout::box_width(area.width);
    let place = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 3, width, height };
    frame.render_widget(Clear, place);
    let block = Block::bordered().title(Line::styled(format!(" {} ", fit_in(&title, room)), theme.style(Tone::Title)));
    frame.render_widget(Paragraph::new(lines).block(block), place);
}

fn fit_in(text: &str, room: usize) -> String {
    fit(&plain(text), width(text).min(room)).trim_end().to_owned()
}

/// A line that is typed, with the place in it; of one that is too long the part around that.
fn typed(input: &Input, secret: bool, theme: Theme, room: usize) -> Vec<Span<'static>> {
    let text: String =
        if secret { "•".repeat(input.text().chars().count()) } else { plain(&input.text()).into_owned() };
    let before: String = text.chars().take(input.place).collect();
    let skip = before.chars().count().saturating_sub(room.saturating_sub(2));
    let before: String = before.chars().skip(skip).collect();
    let mut after = text.chars().skip(input.place);
    let at = after.next().unwrap_or(' ').to_string();
    let rest = room.saturating_sub(width(&before) + width(&at));
    let after: String = fit(&after.collect::<String>(), rest).trim_end().to_owned();
    vec![Span::raw(before), Span::styled(at, theme.style(Tone::Focus)), Span::raw(after)]
}

type Boxed = (String, Vec<Line<'static>>);

fn filter(input: &Input, model: &Model, theme: Theme, room: usize) -> Boxed {
    fn of<T: Row>(_: &crate::dashboard::list::List<T>) -> Option<&'static str> {
        T::FILTER
    }
    let hint = with_list!(ref model, model.screen, list => of(list), else None).unwrap_or_default();
    let lines =
        vec![Line::from(typed(input, false, theme, room)), Line::styled(fit(hint, room), theme.style(Tone::Faint))];
    ("Filter: Enter looks, Esc leaves it".to_owned(), lines)
}

/// Rows shown of what was found.
const FOUND: usize = 12;

fn palette(found: &Search, screen: Screen, theme: Theme, room: usize) -> Boxed {
    let mut lines = vec![Line::from(typed(&found.query, false, theme, room))];
    let first = found.selected.saturating_sub(FOUND - 1);
    for (number, binding) in search(&found.query.text(), screen).into_iter().enumerate().skip(first).take(FOUND) {
        let keys: Vec<_> = binding.keys.iter().map(ToString::to_string).collect();
        let text = fit(&format!("{:<26}{}", binding.name, keys.join(" ")), room);
        let tone = if number == found.selected { Tone::Focus } else { Tone::Plain };
        lines.push(Line::styled(text, theme.style(tone)));
    }
    ("Command".to_owned(), lines)
}

fn choices(pick: &Pick, theme: Theme, room: usize) -> Boxed {
    let first = pick.selected.saturating_sub(FOUND - 1);
    let rows = pick.choices.iter().enumerate().skip(first).take(FOUND).map(|(number, (name, _))| {
        let tone = if number == pick.selected { Tone::Focus } else { Tone::Plain };
        Line::styled(fit(&plain(name), room), theme.style(tone))
    });
    let mut lines: Vec<_> = rows.collect();
    lines.push(Line::styled(fit("Enter chooses, Esc leaves it", room), theme.style(Tone::Faint)));
    (pick.title.clone(), lines)
}

/// This screen's keys first, then those that hold everywhere, then those of other screens.
fn help(found: &Search, screen: Screen, theme: Theme, room: usize) -> Boxed {
    let query = found.query.text().to_lowercase();
    let order = |binding: &&Binding| (!binding.holds_on(screen), binding.screens.is_empty());
    let mut rows: Vec<_> = BINDINGS.iter().filter(|binding| binding.name.contains(&query)).collect();
    rows.sort_by_key(order);
    let mut lines = vec![Line::from(typed(&found.query, false, theme, room))];
    if rows.is_empty() {
        lines.push(Line::styled("no key does that", theme.style(Tone::Faint)));
    }
    for binding in rows.iter().skip(found.selected.min(rows.len().saturating_sub(1))) {
        let keys: Vec<_> = binding.keys.iter().map(ToString::to_string).collect();
        let elsewhere = if binding.holds_on(screen) { "" } else { binding.screens[0].title() };
        let mark = if binding.mutates() { "changes" } else { "" };
        let text = format!("{:<14}{:<28}{mark:<9}{elsewhere}", keys.join(" "), binding.name);
        lines.push(Line::raw(fit(&text, room)));
    }
    (format!("Keys of {}: type to search, ↓ goes on, Esc closes", screen.title()), lines)
}

fn fields(form: &Form, theme: Theme, room: usize) -> Boxed {
    const LABEL: usize = 15;
    let mut lines = Vec::new();
    let beneath = |text: &str, tone: Tone| {
        let lines = wrap(&plain(text), room.saturating_sub(LABEL));
        lines.into_iter().map(move |line| Line::styled(format!("{:LABEL$}{line}", ""), theme.style(tone)))
    };
    for (number, field) in form.fields.iter().enumerate() {
        let focused = number == form.focus;
        let tone = if focused { Tone::Title } else { Tone::Faint };
        let mut spans = vec![Span::styled(fit(field.label, LABEL), theme.style(tone))];
        match focused {
            true => spans.extend(typed(&field.input, field.secret, theme, room.saturating_sub(LABEL))),
            false if field.secret => spans.push(Span::raw("•".repeat(field.input.text().chars().count()))),
            false => spans.push(Span::raw(fit(&plain(&field.input.text()), room.saturating_sub(LABEL)))),
        }
        lines.push(Line::from(spans));
        if focused && !field.hint.is_empty() {
            lines.extend(beneath(&field.hint, Tone::Faint));
        }
        lines.extend(judgement(field).into_iter().flat_map(|(text, tone)| beneath(&text, tone)));
    }
    let error = form.error.as_deref().map(|error| wrap(&plain(error), room)).unwrap_or_default();
    lines.extend(error.into_iter().map(|line| Line::styled(line, theme.style(Tone::Bad))));
    lines.push(Line::styled(fit("Enter goes on, Tab to the next, Esc leaves it", room), theme.style(Tone::Faint)));
    (form.title.clone(), lines)
}

/// What a field comes to, as soon as anything is typed there.
fn judgement(field: &Field) -> Option<(String, Tone)> {
    let text = field.input.text();
    if text.trim().is_empty() {
        return None;
    }
    match field.check.judge(text.trim()) {
        Ok(note) if note.is_empty() => None,
        Ok(note) => Some((format!("✓ {note}"), Tone::Good)),
        Err(reason) => Some((format!("✗ {reason}"), Tone::Bad)),
    }
}

fn question(confirm: &Confirm, model: &Model, theme: Theme, room: usize, rows: u16) -> Boxed {
    let intent = &confirm.intent;
    let all = layout::question(intent, room);
    let shown = layout::question_rows(intent, room, rows);
    let (unread, scroll) = layout::unread(confirm, (model.size.0, rows));
    let mut lines: Vec<_> = all.into_iter().skip(scroll).take(shown).map(Line::raw).collect();
    lines.push(if unread { Line::styled("↓ there is more", theme.style(Tone::Warn)) } else { Line::raw("") });
    let demand = layout::demand(intent, room).into_iter();
    lines.extend(demand.map(|line| Line::styled(line, theme.style(Tone::Bad))));
    if intent.tier() == Tier::Permanent {
        lines.push(Line::from(typed(&confirm.typed, false, theme, room)));
        return (intent.title.clone(), lines);
    }
    let tone = if intent.tier() == Tier::Disruptive { Tone::Warn } else { Tone::Plain };
    let waits = if confirm.hears(model.now) { "" } else { " …" };
    lines.push(Line::from(vec![
        Span::styled(" Cancel (Enter) ", theme.style(Tone::Focus)),
        Span::styled(format!("   y does it{waits}"), theme.style(tone)),
        Span::styled("   Y copies the command", theme.style(Tone::Faint)),
    ]));
    (intent.title.clone(), lines)
}

fn values(told: &Told, theme: Theme, room: usize) -> Boxed {
    let mut lines = Vec::new();
    for (name, value) in &told.lines {
        lines.push(Line::styled(fit(&plain(name), room), theme.style(Tone::Faint)));
        lines.extend(wrap(&plain(value), room).into_iter().map(Line::raw));
    }
    lines.push(Line::styled(fit("y copies the first, Esc closes", room), theme.style(Tone::Faint)));
    (told.title.clone(), lines)
}
