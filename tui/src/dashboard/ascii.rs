//! What was drawn, on terminals or for readers that know ASCII only.

use ratatui::buffer::Buffer;

use crate::text::width;

/// What has no counterpart.
const UNKNOWN: char = '?';

/// Replaces whatever is not ASCII by something of the same width that says the same, as far as there is such a thing.
pub fn to_ascii(buffer: &mut Buffer) {
    let columns = usize::from(buffer.area.width).max(1);
    for row in buffer.content.chunks_mut(columns) {
        let mut at = 0;
        while at < row.len() {
            // A wide symbol lies over the cells that follow: whatever they hold, it would come to light.
            let taken = width(row[at].symbol()).clamp(1, row.len() - at);
            if !is_ascii(row[at].symbol()) {
                let mut cell = row[at].clone();
                cell.set_char(counterpart(cell.symbol()));
                row[at..at + taken].fill(cell);
            }
            at += taken;
        }
    }
}

fn is_ascii(symbol: &str) -> bool {
    matches!(symbol.as_bytes(), [b' '..=b'~'])
}

fn counterpart(symbol: &str) -> char {
    let mut characters = symbol.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => replacement(character),
        _ => UNKNOWN,
    }
}

/// The table. Signs that tell states apart in the same place stay apart.
fn replacement(character: char) -> char {
    match character {
        '─' | '━' | '┄' | '┅' | '┈' | '┉' | '╌' | '╍' | '═' | '╴' | '╶' | '╸' | '╺' => '-',
        '│' | '┃' | '┆' | '┇' | '┊' | '┋' | '╎' | '╏' | '║' | '╵' | '╷' | '╹' | '╻' => '|',
        // The rest of box drawing: corners, rounded ones too, and where lines meet.
        '\u{2500}'..='\u{257f}' => '+',
        // Bars of eight heights. The highest is the full block as well.
        '▁' => '_',
        '▂' => '.',
        '▃' => '-',
        '▄' => '=',
        '▅' => '+',
        '▆' => '*',
        '▇' => '%',
        '█' | '▓' => '#',
        '▒' => '%',
        '░' => ':',
        '·' => '.',
        '✓' => 'v',
        '✗' | '×' => 'x',
        '○' => 'o',
        '●' | '•' => '*',
        '‖' => '=',
        '…' => '~',
        '›' | '→' | '▶' => '>',
        '‹' | '←' | '◀' => '<',
        '↑' | '▲' => '^',
        '↓' | '▼' => 'v',
        '–' | '—' => '-',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use ratatui::{
        layout::Rect,
        style::{Modifier, Style},
        text::Line,
        widgets::{Block, BorderType, Clear, Paragraph, Widget},
    };

    use super::*;

    fn drawn(text: &str, columns: u16) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, 1));
        buffer.set_string(0, 0, text, Style::new());
        buffer
    }

    fn row(buffer: &Buffer) -> String {
        buffer.content.iter().map(|cell| cell.symbol()).collect()
    }

    fn converted(text: &str, columns: u16) -> String {
        let mut buffer = drawn(text, columns);
        to_ascii(&mut buffer);
        row(&buffer)
    }

    /// Characters beyond ASCII in what the program may show: its sources without comments and tests.
    fn shown(folder: &Path) -> BTreeSet<char> {
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(shown(&path));
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            found.extend(lines.flat_map(str::chars).filter(|character| !character.is_ascii()));
        }
        found
    }

    #[test]
    fn every_sign_that_is_shown_has_its_counterpart() {
        let signs = shown(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        assert!(signs.contains(&'✗') && signs.contains(&'░'));
        for sign in signs {
            let ascii = converted(&sign.to_string(), 1);
            assert!(ascii.len() == 1 && ascii.is_ascii() && ascii != "?", "{sign} became {ascii}");
        }
    }

    #[test]
    fn signs_of_one_place_stay_apart() {
        let places = ["✓✗○", "░▓▒✗·", "…‖●✗", "•› ", " ▁▂▃▄▅▆▇█", " ░▓·│✗", "─┴│", "↑↓←→"];
        for place in places {
            let ascii: BTreeSet<_> = converted(place, 9).trim_end().chars().chain([' ']).collect();
            let before: BTreeSet<_> = place.chars().chain([' ']).collect();
            assert_eq!(ascii.len(), before.len(), "{place}: {ascii:?}");
        }
    }

    #[test]
    fn a_text_keeps_its_columns() {
        assert_eq!(converted("a → b · c", 9), "a > b . c");
        assert_eq!(converted("你好 x", 6), "???? x");
        assert_eq!(converted("a🦀b", 4), "a??b");
        assert_eq!(converted("e\u{301}x", 2), "?x");
        assert_eq!(converted("abc~", 4), "abc~");
    }

    #[test]
    fn a_wide_symbol_covers_what_lay_below_it_in_its_own_style() {
        let mut buffer = drawn("secret", 6);
        let focus = Style::new().add_modifier(Modifier::REVERSED);
        Paragraph::new(Line::styled("你", focus)).render(buffer.area, &mut buffer);
        to_ascii(&mut buffer);
        assert_eq!(row(&buffer), "??cret");
        assert!(buffer.content[1].modifier.contains(Modifier::REVERSED));
        // Where the row ends in the middle of it.
        let mut cut = drawn("", 1);
        cut.content[0].set_symbol("你");
        to_ascii(&mut cut);
        assert_eq!(row(&cut), "?");
    }

    #[test]
    fn boxes_stay_boxes() {
        for border in [BorderType::Plain, BorderType::Rounded, BorderType::Double, BorderType::Thick] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 3));
            Clear.render(buffer.area, &mut buffer);
            Block::bordered().border_type(border).render(buffer.area, &mut buffer);
            to_ascii(&mut buffer);
            assert_eq!(row(&buffer), "+--+|  |+--+");
        }
        to_ascii(&mut Buffer::empty(Rect::ZERO));
    }
}
