//! Keys, while something lies over the screen.

use super::{command, first, open, perform, told};
use crate::{
    actions::Tier,
    dashboard::{
        binding,
        deed::finish,
        input::Input,
        key::Key,
        message::{Effect, Purpose, Secret},
        model::{Model, Screen, with_list},
        overlay::{Confirm, Deed, Form, Intent, Overlay, Search},
        theme::Tone,
    },
};

pub(super) fn overlay_key(model: &mut Model, overlay: Overlay, key: Key) -> Vec<Effect> {
    if key == Key::Ctrl('c') {
        return vec![Effect::Quit];
    }
    // Whatever is open, Esc closes it and nothing else.
    if key == Key::Esc {
        return Vec::new();
    }
    match overlay {
        Overlay::Filter(input) => filter_key(model, input, key),
        Overlay::Palette(search) => palette_key(model, search, key),
        Overlay::Help(mut search) => {
            if key == Key::Enter {
                return Vec::new();
            }
            search_key(&mut search, key);
            open(model, Overlay::Help(search))
        }
        Overlay::Form(form) => form_key(model, form, key),
        Overlay::Confirm(confirm) => confirm_key(model, confirm, key),
        Overlay::Told(told) => {
            if key == Key::Char('y') {
                let value = told.lines.first().map(|(_, value)| value.clone());
                model.overlays.push(Overlay::Told(told));
                return value.map(Effect::Copy).into_iter().collect();
            }
            open(model, Overlay::Told(told))
        }
    }
}

fn search_key(search: &mut Search, key: Key) {
    match key {
        Key::Down => search.selected += 1,
        Key::Up => search.selected = search.selected.saturating_sub(1),
        key => {
            if search.query.take(key) {
                search.selected = 0;
            }
        }
    }
}

fn filter_key(model: &mut Model, mut input: Input, key: Key) -> Vec<Effect> {
    if key != Key::Enter {
        input.take(key);
        return open(model, Overlay::Filter(input));
    }
    let (screen, text) = (model.screen, input.text().trim().to_owned());
    with_list!(mut model, screen, list => {
        list.filter = text;
        list.selected = 0;
        list.marks.clear();
    }, else ());
    model.load(screen)
}

fn palette_key(model: &mut Model, mut search: Search, key: Key) -> Vec<Effect> {
    let found = binding::search(&search.query.text(), model.screen);
    if key == Key::Enter {
        return match found.get(search.selected.min(found.len().saturating_sub(1))) {
            Some(binding) => command(model, binding.command),
            None => Vec::new(),
        };
    }
    search_key(&mut search, key);
    let found = binding::search(&search.query.text(), model.screen).len();
    search.selected = search.selected.min(found.saturating_sub(1));
    open(model, Overlay::Palette(search))
}

fn form_key(model: &mut Model, mut form: Form, key: Key) -> Vec<Effect> {
    let count = form.fields.len();
    match key {
        Key::Tab | Key::Down => form.focus = (form.focus + 1) % count,
        Key::BackTab | Key::Up => form.focus = (form.focus + count - 1) % count,
        Key::Enter if form.focus + 1 < count => form.focus += 1,
        Key::Enter => return submit(model, form),
        key => {
            form.error = None;
            form.fields[form.focus].input.take(key);
        }
    }
    open(model, Overlay::Form(form))
}

fn submit(model: &mut Model, mut form: Form) -> Vec<Effect> {
    let texts: Vec<_> = form.fields.iter().map(|field| field.input.text()).collect();
    if form.deed == Deed::Unlock {
        let password = Secret(zeroize::Zeroizing::new(texts.into_iter().next().unwrap_or_default()));
        let ticket = model.ticket(Purpose::Unlock);
        return vec![Effect::Unlock(ticket, password)];
    }
    match finish(&form.deed, &texts) {
        Ok(next) => first(model, next),
        Err(reason) => {
            form.error = Some(reason);
            open(model, Overlay::Form(form))
        }
    }
}

/// The lock may have come down while it was open: then nothing is done.
fn confirm_key(model: &mut Model, mut confirm: Confirm, key: Key) -> Vec<Effect> {
    if !confirm.hears(model.now) {
        return open(model, Overlay::Confirm(confirm));
    }
    let goes = match (confirm.intent.tier(), key) {
        (Tier::Permanent, Key::Enter) => confirm.typed.text() == confirm.intent.word,
        (Tier::Permanent, key) => {
            confirm.typed.take(key);
            false
        }
        // The focus is on Cancel.
        (_, Key::Enter | Key::Char('n')) => return Vec::new(),
        (_, Key::Char('y')) => true,
        _ => false,
    };
    if !goes {
        return open(model, Overlay::Confirm(confirm));
    }
    if !model.is_unlocked() {
        return told(model, "writes are locked again; nothing was changed", Tone::Warn);
    }
    let Intent { title, actions, .. } = confirm.intent;
    perform(model, actions, &title)
}
