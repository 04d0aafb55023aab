//! Text that came from outside, on a terminal: nothing in it moves the cursor, changes colours or reorders what stands beside
//! it, and its width is what the terminal makes of it.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Without control, bidirectional and zero-width characters; tabs and line ends are blanks.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().all(|character| !is_blank(character) && !is_harmful(character)) {
        return Cow::Borrowed(text);
    }
    let kept = text.chars().filter(|character| is_blank(*character) || !is_harmful(*character));
    Cow::Owned(kept.map(|character| if is_blank(character) { ' ' } else { character }).collect())
}

fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r')
}

/// Unicode's control and format characters that change how others are shown: C0 and C1, bidirectional marks, embeddings,
/// overrides and isolates, zero-width ones, tags and the byte order mark.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Columns that a text takes: those of what a person takes for its characters (UAX #29), as it is drawn.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Cut to so many columns, with a mark where something is missing, and filled with blanks up to them.
pub fn fit(text: &str, columns: usize) -> String {
    let mut fitted = String::new();
    let mut taken = 0;
    let cut = width(text) > columns;
    let room = if cut { columns.saturating_sub(1) } else { columns };
    for grapheme in text.graphemes(true) {
        if taken + width(grapheme) > room {
            break;
        }
        fitted.push_str(grapheme);
        taken += width(grapheme);
    }
    if cut && columns > 0 {
        fitted.push('…');
        taken += 1;
    }
    fitted.extend(std::iter::repeat_n(' ', columns.saturating_sub(taken)));
    fitted
}

/// Broken into lines of at most so many columns, between words where that goes.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let line = lines.last().map_or(0, |line| width(line));
        if line > 0 && line + width(word.trim_end()) > columns {
            lines.push(String::new());
        }
        push_broken(&mut lines, word, columns);
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Puts a word at the end, broken wherever it does not fit.
fn push_broken(lines: &mut Vec<String>, word: &str, columns: usize) {
    for grapheme in word.graphemes(true) {
        let full = |line: &String| grapheme != " " && !line.is_empty() && width(line) + width(grapheme) > columns;
        if lines.last().is_some_and(full) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(grapheme);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_or_reorders_is_left() {
        assert_eq!(plain("John Smith"), "John Smith");
        assert_eq!(plain("a\u{1b}[31mred\u{7}"), "a[31mred");
        assert_eq!(plain("one\ntwo\tthree"), "one two three");
        assert_eq!(plain("abc\u{202e}fed\u{2066}\u{200b}"), "abcfed");
        assert_eq!(plain("你好 🦀 é"), "你好 🦀 é");
    }

    #[test]
    fn lines_are_broken_between_words_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("你好吗", 4), ["你好", "吗"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("ab", 0), ["a", "b"]);
    }

    #[test]
    fn a_text_is_cut_at_columns_and_not_at_characters() {
        assert_eq!(fit("abc", 5), "abc  ");
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("你好吗", 4), "你… ");
        assert_eq!(fit("你好", 4), "你好");
        assert_eq!(fit("abc", 0), "");
        assert_eq!(fit("abc", 1), "…");
        for emoji in ["❤️", "👍🏽", "👩‍👩‍👧"] {
            assert_eq!(width(emoji), 2, "{emoji}");
            assert_eq!(width(&fit(&emoji.repeat(3), 5)), 5);
        }
    }
}
