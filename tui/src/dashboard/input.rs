//! A line that is typed.

use zeroize::Zeroize;

use super::key::Key;

/// The longest line, in characters.
const LONGEST: usize = 1_024;

/// A line and the place in it, in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    characters: Vec<char>,
    /// Where the next character goes.
    pub place: usize,
}

impl Input {
    /// With a text in it, the place behind it.
    pub fn of(text: &str) -> Self {
        let characters: Vec<_> = text.chars().take(LONGEST).collect();
        Self { place: characters.len(), characters }
    }

    /// The line.
    pub fn text(&self) -> String {
        self.characters.iter().collect()
    }

    /// Takes a key; false if it is not one for typing.
    pub fn take(&mut self, key: Key) -> bool {
        match key {
            Key::Char(character) if self.characters.len() < LONGEST => {
                self.characters.insert(self.place, character);
                self.place += 1;
            }
            Key::Char(_) => {}
            Key::Backspace if self.place > 0 => {
                self.place -= 1;
                self.characters.remove(self.place);
            }
            Key::Backspace => {}
            Key::Ctrl('u') => {
                self.characters.zeroize();
                self.characters.clear();
                self.place = 0;
            }
            Key::Left => self.place = self.place.saturating_sub(1),
            Key::Right => self.place = (self.place + 1).min(self.characters.len()),
            Key::Home | Key::Ctrl('a') => self.place = 0,
            Key::End | Key::Ctrl('e') => self.place = self.characters.len(),
            _ => return false,
        }
        true
    }
}

/// It may hold a secret.
impl Drop for Input {
    fn drop(&mut self) {
        self.characters.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_typed_and_mended_whatever_its_characters() {
        let mut input = Input::of("aé");
        for key in [Key::Char('🦀'), Key::Left, Key::Left, Key::Backspace, Key::Char('x'), Key::End, Key::Right] {
            assert!(input.take(key));
        }
        assert_eq!((input.text().as_str(), input.place), ("xé🦀", 3));
        assert!(!input.take(Key::Enter));
        input.take(Key::Ctrl('u'));
        assert_eq!(input.text(), "");
        input.take(Key::Backspace);
    }
}
