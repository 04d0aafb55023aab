//! How pages look: name, logo and colours of the operator's choice, made into one stylesheet when the server starts.

use askama::Template;

use super::{language::Language, policy::source_of, texts::Texts};
use crate::config::{Colour, Logo, PagesConfig, READABLE};

/// The look of all pages.
#[derive(Clone, Debug)]
pub struct Look {
    /// What the service calls itself.
    pub name: String,
    /// What it shows beside its name.
    pub logo: Option<Logo>,
    /// The stylesheet that every page holds.
    pub style: String,
    /// What allows it in a policy.
    pub style_source: String,
}

impl Look {
    /// The look that the configuration asks for.
    pub fn new(config: &PagesConfig) -> anyhow::Result<Self> {
        let accent_dark = config.accent_dark.unwrap_or(config.accent.readable_on(DARK.surface));
        let sheet = Stylesheet {
            light: Palette::new(&LIGHT, config.background, config.accent),
            dark: Palette::new(&DARK, config.background_dark, accent_dark),
        };
        let style = sheet.render()?.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        let style_source = source_of(&style);
        Ok(Self { name: config.name.clone(), logo: config.logo.clone(), style, style_source })
    }

    /// In place of a logo.
    pub fn initial(&self) -> String {
        initial(&self.name)
    }

    /// Where a browser may get the logo.
    pub fn image_source(&self) -> Option<String> {
        self.logo.as_ref().map(|logo| match logo {
            Logo::Inline(_) => "data:".to_owned(),
            Logo::Remote(url) => url.origin().ascii_serialization(),
            Logo::Local(_) => "'self'".to_owned(),
        })
    }
}

/// What every page has: a look and a language.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// How it looks.
    pub look: &'a Look,
    /// What it speaks.
    pub language: Language,
    /// What it says.
    pub texts: &'static Texts,
}

impl<'a> Frame<'a> {
    /// A page of this look in this language.
    pub fn new(look: &'a Look, language: Language) -> Self {
        Self { look, language, texts: language.texts() }
    }
}

/// What stands for a name where there is no logo: its first letter or digit.
pub fn initial(name: &str) -> String {
    let first = name.chars().find(|character| character.is_alphanumeric());
    first.map(|character| character.to_uppercase().collect()).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "pages/style.css", escape = "none")]
struct Stylesheet {
    light: Palette,
    dark: Palette,
}

/// Colours that nobody chooses.
struct Shades {
    surface: Colour,
    text: Colour,
    quiet: Colour,
    /// Lines that part things.
    line: Colour,
    /// Lines around what can be used.
    edge: Colour,
    /// Within fields.
    well: Colour,
    /// Behind what is said by the way, and what the pointer is on.
    plain: Colour,
    bad: Colour,
    bad_ground: Colour,
    good: Colour,
    good_ground: Colour,
    warn: Colour,
    warn_ground: Colour,
}

const LIGHT: Shades = Shades {
    surface: Colour::WHITE,
    text: Colour::hex(0x171b21),
    quiet: Colour::hex(0x59636f),
    line: Colour::hex(0xdfe3e8),
    edge: Colour::hex(0x7d8794),
    well: Colour::WHITE,
    plain: Colour::hex(0xf1f3f6),
    bad: Colour::hex(0xb3261e),
    bad_ground: Colour::hex(0xfcedeb),
    good: Colour::hex(0x1b6b3a),
    good_ground: Colour::hex(0xe9f6ee),
    warn: Colour::hex(0x8a5800),
    warn_ground: Colour::hex(0xfff5df),
};

const DARK: Shades = Shades {
    surface: Colour::hex(0x1a1e25),
    text: Colour::hex(0xeceef1),
    quiet: Colour::hex(0xaab3bf),
    line: Colour::hex(0x2f3640),
    edge: Colour::hex(0x747f8d),
    well: Colour::hex(0x12151a),
    plain: Colour::hex(0x262c35),
    bad: Colour::hex(0xffb4a9),
    bad_ground: Colour::hex(0x3a2120),
    good: Colour::hex(0x8ad9a6),
    good_ground: Colour::hex(0x17301f),
    warn: Colour::hex(0xf2c15f),
    warn_ground: Colour::hex(0x33280f),
};

/// All colours of a scheme, with those that follow from the operator's.
struct Palette {
    shades: &'static Shades,
    background: Colour,
    on_background: Colour,
    accent: Colour,
    on_accent: Colour,
    pressed: Colour,
    link: Colour,
}

impl Palette {
    fn new(shades: &'static Shades, background: Colour, accent: Colour) -> Self {
        let readable = shades.text.contrast(background) >= READABLE;
        Self {
            shades,
            background,
            on_background: if readable { shades.text } else { background.ink() },
            accent,
            on_accent: accent.ink(),
            pressed: accent.pressed(),
            link: accent.readable_on(shades.surface),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_can_be_read_and_edges_be_seen() {
        for shades in [&LIGHT, &DARK] {
            for text in [shades.text, shades.quiet, shades.bad, shades.good] {
                assert!(text.contrast(shades.surface) >= READABLE, "{text}");
            }
            for ground in [shades.plain, shades.bad_ground, shades.good_ground, shades.warn_ground, shades.well] {
                assert!(shades.text.contrast(ground) >= READABLE, "{ground}");
            }
            for (line, ground) in
                [(shades.edge, shades.surface), (shades.edge, shades.well), (shades.warn, shades.surface)]
            {
                // What can be used, against what is around it (WCAG 2.2 §1.4.11).
                assert!(line.contrast(ground) >= 3.0, "{line} on {ground}");
            }
        }
    }
}
