//! Colours, and whether one can be read on another (WCAG 2.2).

use std::fmt;

/// What text needs on what is behind it, at every size (WCAG 2.2 §1.4.3).
pub const READABLE: f64 = 4.5;
/// In so many steps a colour goes to black or white.
const STEPS: u8 = 50;

/// A colour without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

impl Colour {
    /// Nothing is darker.
    pub const BLACK: Self = Self::hex(0);
    /// Nothing is lighter.
    pub const WHITE: Self = Self::hex(0xff_ff_ff);

    /// Of its three parts in one number, as in `0xrrggbb`.
    pub const fn hex(parts: u32) -> Self {
        let [_, red, green, blue] = parts.to_be_bytes();
        Self { red, green, blue }
    }

    /// Reads `#rrggbb`, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u32::from_str_radix(digits, 16).ok().map(Self::hex)
    }

    /// How different two colours are in brightness: from 1 for none to 21 for black and white (WCAG 2.2).
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// White or black, whichever is easier to read on this: one of the two always is readable.
    pub fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= READABLE { Self::WHITE } else { Self::BLACK }
    }

    /// This colour, made darker or lighter until it can be read on another.
    pub fn readable_on(self, ground: Self) -> Self {
        let steps = (0..=STEPS).map(|step| self.towards(ground.ink(), step));
        steps.into_iter().find(|colour| colour.contrast(ground) >= READABLE).unwrap_or(ground.ink())
    }

    /// A button's colour under the pointer: a little away from the ink on it, so that it reads even better.
    pub fn pressed(self) -> Self {
        let away = if self.ink() == Self::WHITE { Self::BLACK } else { Self::WHITE };
        self.towards(away, STEPS / 6)
    }

    /// This many steps on the way to another colour.
    fn towards(self, other: Self, step: u8) -> Self {
        let mix = |from: u8, to: u8| {
            let mixed = u32::from(from) * u32::from(STEPS - step) + u32::from(to) * u32::from(step);
            u8::try_from(mixed / u32::from(STEPS)).unwrap_or(to)
        };
        Self { red: mix(self.red, other.red), green: mix(self.green, other.green), blue: mix(self.blue, other.blue) }
    }

    /// From 0 for black to 1 for white.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Colours from all over the cube.
    fn samples() -> impl Iterator<Item = Colour> {
        (0..=0xff_ff_ff).step_by(4_099).map(Colour::hex)
    }

    #[test]
    fn colours_are_six_digits_behind_a_hash() {
        assert_eq!(Colour::parse("#0a5CfF").unwrap().to_string(), "#0a5cff");
        for bad in ["", "#fff", "0a5cff", "#0a5cff0", "#0a5cfg", "red", "#+a5cff", "#0a5cff;}"] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let near = |one: f64, two: f64| (one - two).abs() < 0.01;
        assert!(near(Colour::BLACK.contrast(Colour::WHITE), 21.0));
        assert!(near(Colour::WHITE.contrast(Colour::WHITE), 1.0));
        assert!(near(Colour::parse("#767676").unwrap().contrast(Colour::WHITE), 4.54));
    }

    #[test]
    fn whatever_the_colour_what_is_on_it_can_be_read() {
        for colour in samples() {
            assert!(colour.contrast(colour.ink()) >= READABLE, "{colour}");
            let pressed = colour.pressed();
            assert!(pressed.contrast(colour.ink()) >= colour.contrast(colour.ink()), "{colour} pressed is {pressed}");
        }
    }

    #[test]
    fn whatever_the_colour_it_is_made_readable_on_light_and_dark() {
        for ground in [Colour::WHITE, Colour::BLACK, Colour::hex(0x1a1e25)] {
            for colour in samples() {
                assert!(colour.readable_on(ground).contrast(ground) >= READABLE, "{colour} on {ground}");
            }
        }
        let blue = Colour::hex(0x143cc8);
        assert_eq!(blue.readable_on(Colour::WHITE), blue, "what can be read stays as it is");
    }
}
