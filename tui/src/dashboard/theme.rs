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

/// How tones look here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    coloured: bool,
}

impl Theme {
    /// Without colours where `NO_COLOR` says so (<https://no-color.org>).
    pub fn new(coloured: bool) -> Self {
        Self { coloured }
    }

    /// The style of a tone. Without colours, weight and reversal tell what colour would.
    pub fn style(self, tone: Tone) -> Style {
        let colour = |colour| if self.coloured { Style::new().fg(colour) } else { Style::new() };
        match tone {
            Tone::Plain => Style::new(),
            Tone::Faint => Style::new().add_modifier(Modifier::DIM),
            Tone::Good => colour(Color::Green),
            Tone::Warn => colour(Color::Yellow),
            Tone::Bad => colour(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Focus => Style::new().add_modifier(Modifier::REVERSED),
            Tone::Title => colour(Color::Cyan).add_modifier(Modifier::BOLD),
        }
    }
}
