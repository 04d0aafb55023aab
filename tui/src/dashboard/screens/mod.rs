//! What each screen shows: one file a screen.

mod audit;
mod clients;
mod keys;
mod sessions;
mod settings;
mod users;

pub use settings::value_text;

/// An instant as the server writes it, to the second.
pub(super) fn instant(text: &str) -> String {
    let seconds = text.split('.').next().unwrap_or(text);
    seconds.trim_end_matches('Z').replace('T', " ")
}

fn maybe(text: Option<&String>) -> String {
    text.map(|text| instant(text)).unwrap_or_default()
}
