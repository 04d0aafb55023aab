//! The `pages` section: how the pages for people look.

use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use url::Url;

use super::{Colour, ConfigError};

/// The largest logo: every page carries it where it comes from a file.
const MAX_LOGO: u64 = 64 * 1024;
/// The longest name that still fits a page's head.
const MAX_NAME: usize = 64;

/// How the pages look.
#[derive(Clone, Debug)]
pub struct PagesConfig {
    /// What the service calls itself.
    pub name: String,
    /// What it shows beside its name.
    pub logo: Option<Logo>,
    /// Of buttons and links.
    pub accent: Colour,
    /// The same in the dark; made of the other where it is not given.
    pub accent_dark: Option<Colour>,
    /// Behind everything.
    pub background: Colour,
    /// The same in the dark.
    pub background_dark: Colour,
}

impl Default for PagesConfig {
    fn default() -> Self {
        Self {
            name: "Signet".into(),
            logo: None,
            accent: Colour::hex(0x1f4ed8),
            accent_dark: None,
            background: Colour::hex(0xf2f4f7),
            background_dark: Colour::hex(0x101318),
        }
    }
}

/// A picture, and whom a browser has to ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logo {
    /// A `data:` URL: nobody.
    Inline(String),
    /// An https URL: its origin.
    Remote(Url),
    /// A path on our own origin, which something in front of us serves.
    Local(String),
}

impl Logo {
    /// Its address in a page.
    pub fn address(&self) -> &str {
        match self {
            Self::Inline(address) | Self::Local(address) => address,
            Self::Remote(url) => url.as_str(),
        }
    }

    fn parse(text: &str) -> Result<Self, ConfigError> {
        if text.starts_with("data:image/") && text.contains(',') {
            return Ok(Self::Inline(text.to_owned()));
        }
        if text.starts_with('/') && !text.starts_with("//") {
            return Ok(Self::Local(text.to_owned()));
        }
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "https");
        url.map(Self::Remote).ok_or_else(|| {
            ConfigError(format!(
                "pages.logo_uri is `{text}`; write an https URL, a data:image/ URL, or a path such as /logo.svg"
            ))
        })
    }

    fn read(file: &Path) -> Result<Self, ConfigError> {
        let bad = |reason: String| ConfigError(format!("pages.logo_file {} {reason}", file.display()));
        let media_type = match file.extension().and_then(|extension| extension.to_str()) {
            Some("svg") => "image/svg+xml",
            Some("png") => "image/png",
            Some("webp") => "image/webp",
            Some("jpg" | "jpeg") => "image/jpeg",
            _ => return Err(bad("ends with none of .svg, .png, .webp, .jpg".into())),
        };
        let size = std::fs::metadata(file).map_err(|error| bad(format!("cannot be read: {error}")))?.len();
        if size > MAX_LOGO {
            return Err(bad(format!("has {size} bytes; a logo has at most {MAX_LOGO}")));
        }
        let bytes = std::fs::read(file).map_err(|error| bad(format!("cannot be read: {error}")))?;
        Ok(Self::Inline(format!("data:{media_type};base64,{}", STANDARD.encode(bytes))))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawPages {
    name: Option<String>,
    logo_uri: Option<String>,
    logo_file: Option<PathBuf>,
    accent_color: Option<String>,
    accent_color_dark: Option<String>,
    background_color: Option<String>,
    background_color_dark: Option<String>,
}

impl RawPages {
    pub(super) fn resolve(self) -> Result<PagesConfig, ConfigError> {
        let logo = match (self.logo_uri, self.logo_file) {
            (Some(_), Some(_)) => {
                return Err(ConfigError("pages.logo_uri and pages.logo_file exclude each other".into()));
            }
            (Some(uri), None) => Some(Logo::parse(&uri)?),
            (None, Some(file)) => Some(Logo::read(&file)?),
            (None, None) => None,
        };
        let default = PagesConfig::default();
        Ok(PagesConfig {
            name: self.name.map_or(Ok(default.name), name)?,
            logo,
            accent: colour("pages.accent_color", self.accent_color, default.accent)?,
            accent_dark: optional("pages.accent_color_dark", self.accent_color_dark)?,
            background: colour("pages.background_color", self.background_color, default.background)?,
            background_dark: colour(
                "pages.background_color_dark",
                self.background_color_dark,
                default.background_dark,
            )?,
        })
    }
}

fn name(given: String) -> Result<String, ConfigError> {
    let name = given.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
        return Err(ConfigError(format!("pages.name is `{name}`; a name has 1 to {MAX_NAME} visible characters")));
    }
    Ok(name.to_owned())
}

fn optional(key: &str, given: Option<String>) -> Result<Option<Colour>, ConfigError> {
    let read = |text: String| {
        Colour::parse(&text).ok_or_else(|| ConfigError(format!("{key} is `{text}`; write a colour such as #1f4ed8")))
    };
    given.map(read).transpose()
}

fn colour(key: &str, given: Option<String>, default: Colour) -> Result<Colour, ConfigError> {
    Ok(optional(key, given)?.unwrap_or(default))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_word_there_is_a_look() {
        let pages = RawPages::default().resolve().unwrap();
        assert_eq!((pages.name.as_str(), pages.logo, pages.accent.to_string()), ("Signet", None, "#1f4ed8".into()));
    }

    #[test]
    fn what_could_break_out_of_the_stylesheet_is_refused() {
        for bad in ["red", "#fff", "#12345;", "#000000}</style>"] {
            let raw = RawPages { accent_color: Some(bad.into()), ..RawPages::default() };
            assert!(raw.resolve().unwrap_err().to_string().contains("pages.accent_color"), "{bad}");
        }
    }

    #[test]
    fn a_logo_is_of_one_of_three_kinds() {
        assert!(matches!(Logo::parse("https://cdn.example.com/a.svg"), Ok(Logo::Remote(_))));
        assert!(matches!(Logo::parse("data:image/png;base64,AAAA"), Ok(Logo::Inline(_))));
        assert!(matches!(Logo::parse("/logo.svg"), Ok(Logo::Local(_))));
        for bad in
            ["//cdn.example.com/a.svg", "http://a.b/c.png", "javascript:alert(1)", "data:text/html,x", "logo.svg"]
        {
            assert!(Logo::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_logo_from_a_file_travels_in_the_page() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("logo.svg");
        std::fs::write(&file, "<svg/>").unwrap();
        assert_eq!(Logo::read(&file).unwrap().address(), "data:image/svg+xml;base64,PHN2Zy8+");
        std::fs::write(&file, vec![b' '; 70_000]).unwrap();
        assert!(Logo::read(&file).unwrap_err().to_string().contains("at most"));
        assert!(Logo::read(&dir.path().join("logo.exe")).is_err());
    }
}
