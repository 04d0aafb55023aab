//! The language of a page: what the client asks for, else what the browser does, else English.

use super::texts::{ENGLISH, FRENCH, GERMAN, SPANISH, Texts};

/// So many wishes are looked at; nobody speaks more.
const MAX_RANGES: usize = 32;

/// A language that the pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// For whoever asks for none of the others.
    #[default]
    English,
    /// Deutsch.
    German,
    /// Français.
    French,
    /// Español.
    Spanish,
}

impl Language {
    /// Every language, each once; `ui_locales_supported` is made of it.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
        }
    }

    /// What is said in it.
    pub fn texts(self) -> &'static Texts {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
            Self::French => &FRENCH,
            Self::Spanish => &SPANISH,
        }
    }

    /// Chooses by the `ui_locales` of a request, then by the browser's `Accept-Language`.
    pub fn choose(ui_locales: Option<&str>, accept_language: Option<&str>) -> Self {
        let asked = ui_locales.and_then(|tags| tags.split_ascii_whitespace().take(MAX_RANGES).find_map(Self::lookup));
        asked.or_else(|| accept_language.and_then(Self::accepted)).unwrap_or_default()
    }

    /// RFC 4647 §3.4: a range is cut from its end until it fits. Our tags have one part, so the first part decides.
    fn lookup(range: &str) -> Option<Self> {
        let first = range.split('-').next()?;
        Self::ALL.into_iter().find(|language| first.eq_ignore_ascii_case(language.tag()))
    }

    /// RFC 9110 §12.5.4: the heaviest range that we have a language for; of equals the first.
    fn accepted(header: &str) -> Option<Self> {
        let ranges = header.split(',').take(MAX_RANGES).filter_map(|item| {
            let (range, weight) = item.split_once(';').unwrap_or((item, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
            (weight > 0.0).then_some((Self::lookup(range.trim())?, weight))
        });
        ranges.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_decides_before_the_browser() {
        let accept = Some("fr");
        assert_eq!(Language::choose(Some("de"), accept), Language::German);
        assert_eq!(Language::choose(Some("xx de-AT es"), accept), Language::German);
        assert_eq!(Language::choose(Some("zh-Hant-TW"), accept), Language::French);
        assert_eq!(Language::choose(Some(""), accept), Language::French);
        assert_eq!(Language::choose(None, None), Language::English);
    }

    #[test]
    fn the_browser_weighs_its_languages() {
        let choose = |header| Language::choose(None, Some(header));
        assert_eq!(choose("es-MX,es;q=0.9,en;q=0.8"), Language::Spanish);
        assert_eq!(choose("en;q=0.5, DE-de;q=0.9"), Language::German);
        assert_eq!(choose("de;q=0, fr;q=0.1"), Language::French);
        assert_eq!(choose("ja, *;q=0.5"), Language::English);
        assert_eq!(choose("de;q=none,;;,fr ; q=0.2"), Language::French);
    }

    #[test]
    fn a_long_list_of_wishes_ends_somewhere() {
        let wishes = "xx ".repeat(100_000) + "de";
        assert_eq!(Language::choose(Some(&wishes), None), Language::English);
    }
}
