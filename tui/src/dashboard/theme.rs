//! Colours: the sixteen of the terminal, which its owner chose, or none. A state is a glyph and a word as well.

use ratatui::style::{Color, Modifier, Style};

/// What a piece of text is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// Less important.
    Faint,
    /// As it should be.
    Good,
    /// To be looked at.
    Warn,
    /// Wrong.
    Bad,
    /// Where the focus is.
    Focus,
    /// A heading.
    Title,
}

/// Which colours can be told from the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// None are wanted.
    None,
    /// Those that are read on black.
    Dark,
    /// Those that are read on white.
    Light,
}

/// The palette for a terminal: no colours where `NO_COLOR` says so (<https://no-color.org>), else by what it tells of its own
/// colours in `COLORFGBG`. There the background comes last, as a number; where nothing is told it is dark.
pub fn guess(no_color: bool, colorfgbg: Option<&str>) -> Palette {
    let background = colorfgbg.and_then(|colours| colours.rsplit(';').next()?.parse().ok());
    match background {
        _ if no_color => Palette::None,
        Some(7 | 9..=15) => Palette::Light,
        _ => Palette::Dark,
    }
}

/// How tones look here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    palette: Palette,
    ascii: bool,
}

impl Theme {
    /// With the colours of a palette.
    pub fn new(palette: Palette) -> Self {
        Self { palette, ascii: false }
    }

    /// With nothing but ASCII, or with all of Unicode.
    pub fn in_ascii(self, ascii: bool) -> Self {
        Self { ascii, ..self }
    }

    /// Whether there is nothing but ASCII.
    pub fn is_ascii(self) -> bool {
        self.ascii
    }

    /// The style of a tone. Without colours, weight and reversal tell what colour would.
    ///
    /// On white, green, yellow and cyan cannot be read, dimmed text is nearly gone on some terminals, and bold red or magenta
    /// turns pale on those that show bold colours as bright ones.
    pub fn style(self, tone: Tone) -> Style {
        let style = Style::new();
        match (self.palette, tone) {
            (_, Tone::Plain) => style,
            (_, Tone::Focus) => style.add_modifier(Modifier::REVERSED),
            (Palette::None | Palette::Dark, Tone::Faint) => style.add_modifier(Modifier::DIM),
            (Palette::None, Tone::Good | Tone::Warn) => style,
            (Palette::None, Tone::Bad | Tone::Title) => style.add_modifier(Modifier::BOLD),
            (Palette::Dark, Tone::Good) => style.fg(Color::Green),
            (Palette::Dark, Tone::Warn) => style.fg(Color::LightYellow),
            (Palette::Dark, Tone::Bad) => style.fg(Color::LightRed).add_modifier(Modifier::BOLD),
            (Palette::Dark, Tone::Title) => style.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            (Palette::Light, Tone::Faint) => style.fg(Color::DarkGray),
            (Palette::Light, Tone::Good) => style.fg(Color::Blue),
            (Palette::Light, Tone::Warn) => style.fg(Color::Magenta),
            (Palette::Light, Tone::Bad) => style.fg(Color::Red),
            (Palette::Light, Tone::Title) => style.fg(Color::Blue).add_modifier(Modifier::BOLD),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red, green and blue of the sixteen colours.
    type Sixteen = [u32; 16];

    const XTERM: Sixteen = [
        0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00,
        0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
    ];
    const VGA: Sixteen = [
        0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa, 0x555555, 0xff5555, 0x55ff55,
        0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
    ];
    const TONES: [Tone; 7] = [Tone::Plain, Tone::Faint, Tone::Good, Tone::Warn, Tone::Bad, Tone::Focus, Tone::Title];

    fn number(colour: Color) -> usize {
        use Color::*;
        let all = [
            Black,
            Red,
            Green,
            Yellow,
            Blue,
            Magenta,
            Cyan,
            Gray,
            DarkGray,
            LightRed,
            LightGreen,
            LightYellow,
            LightBlue,
            LightMagenta,
            LightCyan,
            White,
        ];
        all.iter().position(|known| *known == colour).unwrap()
    }

    fn channels(colour: u32) -> [f64; 3] {
        [colour >> 16, colour >> 8, colour].map(|channel| f64::from(channel & 0xff) / 255.0)
    }

    /// WCAG 2.2, "relative luminance" and "contrast ratio".
    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let linear = |channel: f64| {
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        };
        let luminance =
            |[red, green, blue]: [f64; 3]| 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) + 0.05;
        let (one, other) = (luminance(one), luminance(other));
        one.max(other) / one.min(other)
    }

    /// The least contrast that a terminal makes of a style. Bold may turn the first eight colours into the bright ones, and
    /// dimmed text is shown at two thirds.
    fn least(style: Style, sixteen: &Sixteen, text: u32, background: u32) -> f64 {
        let bold = style.add_modifier.contains(Modifier::BOLD);
        let strength = if style.add_modifier.contains(Modifier::DIM) { 2.0 / 3.0 } else { 1.0 };
        let number = style.fg.map(number);
        let bright = number.filter(|number| bold && *number < 8).map(|number| sixteen[number + 8]);
        let seen = [Some(number.map_or(text, |number| sixteen[number])), bright];
        let seen = seen.into_iter().flatten().map(|colour| channels(colour).map(|channel| channel * strength));
        seen.map(|colour| contrast(colour, channels(background))).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((contrast(channels(0), channels(0xffffff)) - 21.0).abs() < 0.001);
        assert!((contrast(channels(0x767676), channels(0xffffff)) - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_tone_can_be_read_on_its_background() {
        for (palette, background, text) in [(Palette::Dark, 0, 7), (Palette::Light, 0xffffff, 0)] {
            for sixteen in [XTERM, VGA] {
                for tone in TONES {
                    // What is faint is said elsewhere or matters less: it has the contrast of large text.
                    let enough = if tone == Tone::Faint { 3.0 } else { 4.5 };
                    let reached = least(Theme::new(palette).style(tone), &sixteen, sixteen[text], background);
                    assert!(reached >= enough, "{tone:?} on {palette:?}: {reached:.2}");
                }
            }
        }
    }

    #[test]
    fn tones_of_a_palette_differ_and_none_has_no_colours() {
        for tone in TONES {
            let style = Theme::new(Palette::None).style(tone);
            assert_eq!((style.fg, style.bg), (None, None), "{tone:?}");
            for palette in [Palette::Dark, Palette::Light] {
                let theme = Theme::new(palette);
                let same = TONES.iter().filter(|other| theme.style(**other) == theme.style(tone));
                assert_eq!(same.count(), 1, "{tone:?} on {palette:?}");
            }
        }
    }

    #[test]
    fn the_palette_is_what_the_terminal_tells() {
        for dark in ["15;0", "15;default;0", "7;6", "0;8", "", ";", "default;default", "15;16", "0;-7", "0; 7"] {
            assert_eq!(guess(false, Some(dark)), Palette::Dark, "{dark}");
        }
        for light in ["0;15", "0;7", "0;default;15", "0;9", "12;14"] {
            assert_eq!(guess(false, Some(light)), Palette::Light, "{light}");
            assert_eq!(guess(true, Some(light)), Palette::None);
        }
        assert_eq!(guess(false, None), Palette::Dark);
        assert_eq!(guess(true, None), Palette::None);
    }
}
