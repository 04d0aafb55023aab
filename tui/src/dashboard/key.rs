//! Keys, as bindings name them.

use std::fmt;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// What it writes.
    Char(char),
    /// With Control.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
}

/// The mouse was used, at a column and a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// Its left button was pressed.
    Click(u16, u16),
    /// Its wheel was turned: down if above zero.
    Wheel(isize),
}

impl Mouse {
    /// What a terminal's event tells of the mouse, if it is of use.
    pub fn of(event: &Event) -> Option<Self> {
        let Event::Mouse(event) = event else { return None };
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Self::Click(event.column, event.row)),
            MouseEventKind::ScrollDown => Some(Self::Wheel(3)),
            MouseEventKind::ScrollUp => Some(Self::Wheel(-3)),
            _ => None,
        }
    }
}

impl Key {
    /// The key of a terminal's event, if it is one that anything is bound to.
    pub fn of(event: &Event) -> Option<Self> {
        let Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press | KeyEventKind::Repeat, .. }) = event
        else {
            return None;
        };
        Some(match code {
            KeyCode::Char(character) if modifiers.contains(KeyModifiers::CONTROL) => {
                Self::Ctrl(character.to_ascii_lowercase())
            }
            // Esc, and what was typed so soon behind it that both came at once: terminals write one as they write the other.
            KeyCode::Char(_) if modifiers.contains(KeyModifiers::ALT) => Self::Esc,
            KeyCode::Char(character) => Self::Char(*character),
            KeyCode::Enter => Self::Enter,
            KeyCode::Esc => Self::Esc,
            KeyCode::Tab => Self::Tab,
            KeyCode::BackTab => Self::BackTab,
            KeyCode::Backspace => Self::Backspace,
            KeyCode::Up => Self::Up,
            KeyCode::Down => Self::Down,
            KeyCode::Left => Self::Left,
            KeyCode::Right => Self::Right,
            KeyCode::PageUp => Self::PageUp,
            KeyCode::PageDown => Self::PageDown,
            KeyCode::Home => Self::Home,
            KeyCode::End => Self::End,
            _ => return None,
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Char(' ') => "Space",
            Self::Char(character) => return write!(f, "{character}"),
            Self::Ctrl(character) => return write!(f, "^{}", character.to_ascii_uppercase()),
            Self::Enter => "Enter",
            Self::Esc => "Esc",
            Self::Tab => "Tab",
            Self::BackTab => "S-Tab",
            Self::Backspace => "Backspace",
            Self::Up => "↑",
            Self::Down => "↓",
            Self::Left => "←",
            Self::Right => "→",
            Self::PageUp => "PgUp",
            Self::PageDown => "PgDn",
            Self::Home => "Home",
            Self::End => "End",
        };
        f.write_str(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_right_behind_esc_is_not_taken_for_itself() {
        let pressed = |modifiers| Key::of(&Event::Key(KeyEvent::new(KeyCode::Char('y'), modifiers)));
        assert_eq!(pressed(KeyModifiers::NONE), Some(Key::Char('y')));
        assert_eq!(pressed(KeyModifiers::ALT), Some(Key::Esc));
        assert_eq!(pressed(KeyModifiers::CONTROL), Some(Key::Ctrl('y')));
    }
}
