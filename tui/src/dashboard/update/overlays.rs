//! Keys, while something lies over the screen.

use std::path::PathBuf;

use super::{command, command_line, commands::copy, first, open, perform, told};
use crate::{
    actions::{Action, Tier},
    dashboard::{
        binding,
        deeds::{First, finish},
        input::Input,
        key::Key,
        layout,
        message::{Effect, Purpose, Secret, SignIn},
        model::{Model, Screen, with_list},
        overlay::{Choice, Confirm, Deed, Form, Intent, Overlay, Pick, Search},
        theme::Tone,
    },
    keep::Kind,
    text::plain,
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
        // Whoever waits can only leave it.
        Overlay::Asking(..) => open(model, overlay),
        Overlay::Pick(pick) => pick_key(model, pick, key),
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
        list.start_over();
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

fn pick_key(model: &mut Model, mut pick: Pick, key: Key) -> Vec<Effect> {
    let last = pick.choices.len().saturating_sub(1);
    match key {
        Key::Down | Key::Char('j') => pick.selected = (pick.selected + 1).min(last),
        Key::Up | Key::Char('k') => pick.selected = pick.selected.saturating_sub(1),
        Key::Home | Key::Char('g') => pick.selected = 0,
        Key::End | Key::Char('G') => pick.selected = last,
        Key::Enter => {
            return match pick.choices.into_iter().nth(pick.selected) {
                Some((_, Choice::Profile(name))) => vec![Effect::Switch(name)],
                Some((name, Choice::Do(action))) => chosen(model, &name, *action),
                None => Vec::new(),
            };
        }
        _ => {}
    }
    open(model, Overlay::Pick(pick))
}

/// What the server can say beforehand, it is asked.
fn chosen(model: &mut Model, name: &str, action: Action) -> Vec<Effect> {
    let next = match action {
        Action::Settings(_) => First::Review(action),
        _ => First::Ask(Intent::one("Sign with another algorithm, too", vec![name.to_owned()], action, None)),
    };
    first(model, next)
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

/// Nothing that is wrong is sent: the focus goes there.
fn submit(model: &mut Model, mut form: Form) -> Vec<Effect> {
    if let Some(wrong) = form.wrong() {
        form.focus = wrong;
        return open(model, Overlay::Form(form));
    }
    match &form.deed {
        Deed::Unlock => vec![Effect::Unlock(model.ticket(Purpose::Unlock), secret(&form, 0))],
        Deed::SignIn => sign_in(model, &form),
        Deed::Export => export(model, &form),
        Deed::Change(change) => match finish(change, &form.texts()) {
            Ok(next) => first(model, next),
            Err(reason) => {
                form.error = Some(reason);
                open(model, Overlay::Form(form))
            }
        },
    }
}

/// As it was typed, blanks and all.
fn secret(form: &Form, field: usize) -> Secret {
    let text = form.fields.get(field).map(|field| field.input.text()).unwrap_or_default();
    Secret(zeroize::Zeroizing::new(text))
}

fn sign_in(model: &mut Model, form: &Form) -> Vec<Effect> {
    let [email, _, keep] = form.texts().try_into().unwrap_or_default();
    let keep = Kind::ALL.into_iter().find(|kind| kind.as_str() == keep).unwrap_or(Kind::Memory);
    let ticket = model.ticket(Purpose::SignIn(email.clone(), keep));
    model.overlays.push(Overlay::Asking(ticket.generation, "signing in"));
    vec![Effect::SignIn(ticket, SignIn { email, password: secret(form, 1), keep })]
}

fn export(model: &mut Model, form: &Form) -> Vec<Effect> {
    let path = PathBuf::from(form.texts().into_iter().next().unwrap_or_default());
    let ticket = model.ticket(Purpose::Export(path.clone()));
    vec![Effect::Export(ticket, model.audit.first_page(), path)]
}

/// The lock may have come down while it was open: then nothing is done.
fn confirm_key(model: &mut Model, mut confirm: Confirm, key: Key) -> Vec<Effect> {
    if !confirm.hears(model.now) {
        return open(model, Overlay::Confirm(confirm));
    }
    let goes = match (confirm.intent.tier(), key) {
        // The command that does the same, before it is done.
        (tier, Key::Char('Y')) if tier < Tier::Permanent => {
            let lines: Vec<_> = confirm.intent.actions.iter().map(|(action, _)| command_line(action)).collect();
            let copied = copy(model, Some(lines.join("\n")));
            model.overlays.push(Overlay::Confirm(confirm));
            return copied;
        }
        (_, Key::Down | Key::PageDown) => {
            confirm.scroll += 1;
            false
        }
        (_, Key::Up | Key::PageUp) => {
            confirm.scroll = confirm.scroll.saturating_sub(1);
            false
        }
        // As it is shown: what cannot be typed is not asked for.
        (Tier::Permanent, Key::Enter) => confirm.typed.text().trim() == plain(&confirm.intent.word).trim(),
        (Tier::Permanent, key) => {
            confirm.typed.take(key);
            false
        }
        // The focus is on Cancel.
        (_, Key::Enter | Key::Char('n')) => return Vec::new(),
        (_, Key::Char('y')) => true,
        _ => false,
    };
    let (unread, scroll) = layout::unread(&confirm, model.size);
    confirm.scroll = scroll;
    if goes && unread {
        open(model, Overlay::Confirm(confirm));
        return told(model, "there is more to read: \u{2193}", Tone::Warn);
    }
    if !goes {
        return open(model, Overlay::Confirm(confirm));
    }
    if !model.is_unlocked() {
        return told(model, "writes are locked again; nothing was changed", Tone::Warn);
    }
    perform(model, confirm.intent)
}
