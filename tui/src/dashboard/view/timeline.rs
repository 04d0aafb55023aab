//! Signing keys in time: a bar each, with now in the middle.
//!
//! Keys sign for months, but what an operator waits for comes in minutes: a next key becomes ready, a retired one leaves. So
//! the scale is logarithmic on both sides of now, and its marks say where it is.

use ratatui::text::{Line, Span};
use signet_shared::{admin::KeyView, format_seconds};

use crate::{
    dashboard::{
        clock::unix,
        theme::{Theme, Tone},
    },
    text::{fit, plain, width},
};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// What lies further away is cut off.
const FURTHEST: u64 = 3_650 * DAY;
/// What the scale may end at, and what is marked on it.
const ROUND: [u64; 10] = [MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY, FURTHEST];
/// So much of a key's name is shown.
const KID: usize = 8;

/// One column of the terminal.
type Cell = (char, Tone);

const BLANK: Cell = (' ', Tone::Plain);
const PUBLISHED: Cell = ('░', Tone::Plain);
const SIGNING: Cell = ('▓', Tone::Good);
/// Published for as long as tokens need it, and how long that is, is not known yet.
const OPEN: Cell = ('·', Tone::Faint);
const REVOKED: Cell = ('✗', Tone::Bad);
const NOW: Cell = ('│', Tone::Title);

/// Two lines of scale, a line for each key that is not gone, and one that says what the signs are. A revoked key is shown
/// as long as the others' scale reaches back to its end.
pub(super) fn timeline(keys: &[KeyView], now: i64, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    if columns == 0 {
        return Vec::new();
    }
    let span = span(keys, now);
    let mut shown: Vec<_> = keys.iter().filter(|key| is_shown(key, now, span)).collect();
    shown.sort_by_cached_key(|key| (&key.algorithm, unix(&key.created_at)));
    let names: Vec<_> = shown.iter().map(|key| name(key)).collect();
    let longest = names.iter().map(|name| width(name) + 1).max().unwrap_or(0);
    // On a narrow terminal the bars are worth more than whole names.
    let margin = longest.min(columns / 3);
    let scale = Scale { now, span, half: (columns - margin - 1) / 2 };

    let line = |name: &str, cells: &[Cell]| {
        let mut spans = vec![Span::raw(fit(&fit(name, margin.saturating_sub(1)), margin))];
        spans.extend(runs(cells, theme));
        Line::from(spans)
    };
    let mut lines: Vec<_> = scale.marks().iter().map(|cells| line("", cells)).collect();
    lines.extend(names.iter().zip(shown).map(|(name, key)| line(name, &bar(key, scale))));
    lines.push(Line::from(runs(&legend(columns), theme)));
    lines
}

/// How far the scale reaches: to the first round span that holds all that is known of keys that are there.
fn span(keys: &[KeyView], now: i64) -> u64 {
    let there = keys.iter().filter(|key| key.state != "gone");
    let instants = there.flat_map(|key| {
        let others = [&key.activated_at, &key.retired_at, &key.rotates_at, &key.leaves_at];
        others.into_iter().flatten().chain([&key.created_at]).filter_map(|text| unix(text))
    });
    let furthest = instants.map(|at| at.abs_diff(now)).max().unwrap_or(0).max(HOUR);
    ROUND.into_iter().find(|round| *round >= furthest).unwrap_or(FURTHEST)
}

fn is_shown(key: &KeyView, now: i64, span: u64) -> bool {
    let ended = key.gone_at.as_deref().and_then(unix);
    key.state != "gone" || key.revoked && ended.is_some_and(|at| at.abs_diff(now) <= span)
}

fn name(key: &KeyView) -> String {
    let kid: String = plain(&key.kid).chars().take(KID).collect();
    format!("{kid} {}", plain(&key.algorithm))
}

/// Time on a row of cells: so many on either side of the one that is now.
#[derive(Clone, Copy)]
struct Scale {
    now: i64,
    span: u64,
    half: usize,
}

impl Scale {
    /// The cell of an instant, counted from now. Only now itself is in the middle: a moment ago is left of it and a moment
    /// from now right.
    fn cell(self, at: i64) -> isize {
        let cells = self.cells(at.abs_diff(self.now)) as isize;
        if at < self.now { -cells } else { cells }
    }

    /// Cells from now to what is so far away; one more than there are to what lies beyond.
    fn cells(self, away: u64) -> usize {
        let logarithm = |seconds: u64| (seconds as f64 / MINUTE as f64).ln_1p();
        match away > self.span {
            true => self.half + 1,
            false => (self.half as f64 * (logarithm(away) / logarithm(self.span))).ceil() as usize,
        }
    }

    fn blank(self) -> Vec<Cell> {
        vec![BLANK; 2 * self.half + 1]
    }

    /// Paints from one cell to before another, as far as they are in sight.
    fn paint(self, cells: &mut [Cell], from: isize, to: isize, with: Cell) {
        let index = |cell: isize| (cell + self.half as isize).clamp(0, cells.len() as isize) as usize;
        let (from, to) = (index(from), index(to));
        if from < to {
            cells[from..to].fill(with);
        }
    }

    /// Round spans, and below each the place where it is: the ends, then the longest that there is room for. The right is
    /// the left in a mirror.
    fn marks(self) -> [Vec<Cell>; 2] {
        let (mut words, mut axis) = (self.blank(), vec![('─', Tone::Faint); 2 * self.half + 1]);
        let middle = self.half;
        axis[0].0 = '├';
        axis[2 * middle].0 = '┤';
        axis[middle] = ('┼', NOW.1);
        if middle > 0 {
            write(&mut words, middle - 1, "now", NOW.1);
        }
        for round in ROUND.into_iter().rev().filter(|round| *round <= self.span) {
            let cells = self.cells(round);
            let name = format_seconds(round as i64);
            let (length, from) = (name.len() + 1, (middle - cells).saturating_sub(name.len() / 2));
            // Nothing but the end is told at the end.
            if (cells == middle && round < self.span) || !is_free(&words, from, length) {
                continue;
            }
            let mirrored = words.len() - from - length;
            write(&mut words, from, &format!("-{name}"), Tone::Faint);
            write(&mut words, mirrored, &format!("+{name}"), Tone::Faint);
            if cells < middle {
                axis[middle - cells].0 = '┴';
                axis[middle + cells].0 = '┴';
            }
        }
        [words, axis]
    }
}

/// Whether there is room for a word and a blank on either side.
fn is_free(cells: &[Cell], from: usize, length: usize) -> bool {
    let around = from.saturating_sub(1)..(from + length + 1).min(cells.len());
    from + length <= cells.len() && cells[around].iter().all(|cell| *cell == BLANK)
}

fn write(cells: &mut [Cell], from: usize, word: &str, tone: Tone) {
    for (cell, character) in cells[from..].iter_mut().zip(word.chars()) {
        *cell = (character, tone);
    }
}

/// What a key was, is, and as far as that is known will be. What is too short for a cell is shown in one all the same.
fn bar(key: &KeyView, scale: Scale) -> Vec<Cell> {
    let cell = |text: &Option<String>| text.as_deref().and_then(unix).map(|at| scale.cell(at));
    let beyond = scale.half as isize + 1;
    let mut cells = scale.blank();
    // A rotation that is due comes at once.
    let rotation = cell(&key.rotates_at).map(|cell| cell.max(0));
    let is_next = key.state == "next";
    let ended = cell(&key.gone_at);
    let leaves = ended.or(cell(&key.leaves_at));
    if let Some(published) = unix(&key.created_at).map(|at| scale.cell(at)) {
        scale.paint(&mut cells, published, leaves.map_or(beyond, |cell| cell + 1), PUBLISHED);
    }
    let begins = cell(&key.activated_at).or(rotation.filter(|_| is_next));
    // Of a key that is gone, nobody knows when it stopped signing.
    if let Some(begins) = begins.filter(|_| ended.is_none()) {
        let stops = cell(&key.retired_at).or(rotation.filter(|_| !is_next));
        let stops = stops.map_or(beyond, |cell| cell.max(begins + 1));
        scale.paint(&mut cells, begins, stops, SIGNING);
        if leaves.is_none() {
            scale.paint(&mut cells, stops, beyond, OPEN);
        }
    }
    scale.paint(&mut cells, 0, 1, NOW);
    if let Some(ended) = ended {
        scale.paint(&mut cells, ended, ended + 1, REVOKED);
    }
    cells
}

fn legend(columns: usize) -> Vec<Cell> {
    let signs =
        [(PUBLISHED, "published"), (SIGNING, "signing"), (OPEN, "open end"), (NOW, "now"), (REVOKED, "revoked")];
    let mut cells = Vec::new();
    for (sign, word) in signs {
        if cells.len() + word.len() + 2 <= columns {
            cells.push(sign);
            cells.extend(format!(" {word}  ").chars().map(|character| (character, Tone::Faint)));
        }
    }
    cells.truncate(columns);
    cells
}

/// Neighbours of the same tone in one piece.
fn runs(cells: &[Cell], theme: Theme) -> Vec<Span<'static>> {
    let piece = |run: &[Cell]| {
        Span::styled(run.iter().map(|(character, _)| character).collect::<String>(), theme.style(run[0].1))
    };
    cells.chunk_by(|one, other| one.1 == other.1).map(piece).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::{option, prelude::*};

    use super::*;
    use crate::dashboard::theme::Palette;

    /// 2026-03-01T12:00:00Z.
    const NOW: i64 = 1_772_366_400;

    fn at(from_now: i64) -> String {
        Timestamp::from_second(NOW + from_now).unwrap().to_string()
    }

    fn key(kid: &str, algorithm: &str, state: &str, created: i64) -> KeyView {
        KeyView {
            kid: kid.into(),
            algorithm: algorithm.into(),
            state: state.into(),
            created_at: at(created),
            activated_at: None,
            retired_at: None,
            gone_at: None,
            revoked: false,
            ready_at: None,
            rotates_at: None,
            leaves_at: None,
        }
    }

    /// Rotated twenty minutes ago: one key leaves in forty, its successor signs for thirty days, and the next was just made.
    fn ring() -> Vec<KeyView> {
        const MINUTE: i64 = 60;
        const DAY: i64 = 86_400;
        let rotated = -20 * MINUTE;
        vec![
            KeyView { rotates_at: Some(at(rotated + 30 * DAY)), ..key("N2mJxPqRst", "ES256", "next", rotated) },
            KeyView {
                activated_at: Some(at(-40 * DAY)),
                rotates_at: Some(at(20 * DAY)),
                ..key("8fKd0aLmno", "RS256", "active", -41 * DAY)
            },
            KeyView {
                activated_at: Some(at(rotated)),
                rotates_at: Some(at(rotated + 30 * DAY)),
                ..key("aQ3v9TzUvw", "ES256", "active", rotated - DAY)
            },
            KeyView {
                activated_at: Some(at(rotated - 30 * DAY)),
                retired_at: Some(at(rotated)),
                leaves_at: Some(at(40 * MINUTE)),
                ..key("Zc71bYxAbc", "ES256", "retired", rotated - 31 * DAY)
            },
        ]
    }

    fn drawn(keys: &[KeyView], columns: usize) -> Vec<String> {
        timeline(keys, NOW, Theme::new(Palette::None), columns).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_ring_after_a_rotation() {
        assert_eq!(
            drawn(&ring(), 60),
            [
                "               -90d   -1d   -1h     now     +1h   +1d   +90d",
                "               ├───────┴─────┴───────┼───────┴─────┴───────┤",
                "Zc71bYxA ES256  ░▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░│░░░░░░░               ",
                "aQ3v9TzU ES256         ░░░░░░░░▓▓▓▓▓▓│▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓···",
                "N2mJxPqR ES256                 ░░░░░░│░░░░░░░░░░░░░░░░░░░▓▓▓",
                "8fKd0aLm RS256  ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓│▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓···",
                "░ published  ▓ signing  · open end  │ now  ✗ revoked  ",
            ]
        );
    }

    #[test]
    fn a_narrow_one_gives_its_columns_to_the_bars() {
        assert_eq!(
            drawn(&ring(), 30),
            [
                "          -90d    now    +90d",
                "          ├────────┼────────┤",
                "Zc71bYxA… ▓▓▓▓▓▓░░░│░░░      ",
                "aQ3v9TzU…    ░░░▓▓▓│▓▓▓▓▓▓▓▓·",
                "N2mJxPqR…       ░░░│░░░░░░░░▓",
                "8fKd0aLm… ▓▓▓▓▓▓▓▓▓│▓▓▓▓▓▓▓··",
                "░ published  ▓ signing  │ now ",
            ]
        );
        assert_eq!(drawn(&ring(), 1), [" ", "┼", "│", "│", "│", "│", ""]);
        assert!(drawn(&ring(), 0).is_empty());
    }

    #[test]
    fn without_keys_the_scale_is_short() {
        assert_eq!(
            drawn(&[], 40),
            [
                "-1h   -10m    -1m now +1m    +10m   +1h",
                "├──────┴───────┴───┼───┴───────┴──────┤",
                "░ published  ▓ signing  · open end  ",
            ]
        );
    }

    #[test]
    fn a_revoked_key_is_seen_as_far_as_the_scale_goes_and_one_that_left_is_not() {
        let ended = |kid: &str, revoked: bool, end: i64| KeyView {
            activated_at: Some(at(end - 86_400)),
            gone_at: Some(at(end)),
            revoked,
            ..key(kid, "ES256", "gone", end - 2 * 86_400)
        };
        let mut keys = ring();
        keys.extend([
            ended("revoked.", true, -7_200),
            ended("left....", false, -7_200),
            ended("long.ago", true, -91 * 86_400),
        ]);
        let drawn = drawn(&keys, 60);
        assert_eq!(drawn.len(), 8);
        assert_eq!(drawn[3], "revoked. ES256        ░░░░░░✗        │                      ");
    }

    #[test]
    fn seconds_are_seen_beside_now() {
        let keys = [
            KeyView {
                activated_at: Some(at(-86_400)),
                retired_at: Some(at(-1)),
                leaves_at: Some(at(1)),
                ..key("a", "A", "retired", -86_400)
            },
            // It is due, but not done yet.
            KeyView { activated_at: Some(at(-60)), rotates_at: Some(at(-1)), ..key("b", "A", "active", -3_600) },
            KeyView { rotates_at: Some(at(-1)), ..key("c", "A", "next", -60) },
            // No next key is there: nothing is known of an end.
            KeyView { activated_at: Some(at(-60)), ..key("d", "A", "active", -60) },
        ];
        assert_eq!(
            drawn(&keys, 20)[2..6],
            ["a A ▓▓▓▓▓▓░│░      ", "b A    ░░░▓│·······", "c A       ░│▓▓▓▓▓▓▓", "d A       ▓│▓▓▓▓▓▓▓",]
        );
    }

    #[test]
    fn marks_are_where_their_instants_are() {
        for half in 0..150 {
            let scale = Scale { now: NOW, span: 365 * DAY, half };
            let [words, axis] = scale.marks().map(|row| row.iter().map(|(sign, _)| sign).collect::<String>());
            for (round, name) in [(MINUTE, "1m"), (HOUR, "1h"), (DAY, "1d"), (30 * DAY, "30d")] {
                let told = words.split_whitespace().any(|word| word.strip_prefix('+') == Some(name));
                let cell = scale.cells(round);
                let (before, after) = (axis.chars().nth(half - cell), axis.chars().nth(half + cell));
                assert!(!told || (before, after) == (Some('┴'), Some('┴')), "{name} at {half}: {axis}");
            }
        }
    }

    #[test]
    fn what_signs_stands_out_and_what_is_revoked_more() {
        let theme = Theme::new(Palette::Dark);
        let lines = timeline(&ring(), NOW, theme, 60);
        let style = |sign: char| {
            let span = lines.iter().flatten().find(|span| span.content.contains(sign)).unwrap();
            span.style
        };
        assert_eq!(
            [style('▓'), style('✗'), style('│')],
            [Tone::Good, Tone::Bad, Tone::Title].map(|tone| theme.style(tone))
        );
    }

    /// Near, far, unreadable or missing.
    fn instant() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => (-8_000_000_i64..8_000_000).prop_map(at),
            1 => (-377_705_023_201_i64..=253_402_207_200)
                .prop_map(|at| Timestamp::from_second(at).unwrap().to_string()),
            1 => "\\PC{0,8}",
        ]
    }

    prop_compose! {
        fn any_key()(
            kid in "\\PC{0,12}",
            algorithm in "(ES256|RS256|\\PC{0,4})",
            state in "(next|active|retired|gone|\\PC{0,3})",
            created_at in instant(),
            rest in prop::array::uniform6(option::of(instant())),
            revoked: bool,
        ) -> KeyView {
            let [activated_at, retired_at, gone_at, ready_at, rotates_at, leaves_at] = rest;
            KeyView {
                kid, algorithm, state, created_at, activated_at, retired_at, gone_at, revoked, ready_at, rotates_at, leaves_at,
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn whatever_the_keys_are_now_is_in_the_middle_and_nothing_is_too_wide(
            keys in prop_oneof![4 => prop::collection::vec(any_key(), 0..8), 1 => prop::collection::vec(any_key(), 0..500)],
            now in prop_oneof![4 => (NOW - 100_000_000)..(NOW + 100_000_000), 1 => any::<i64>()],
            columns in 0_usize..300,
        ) {
            let lines = timeline(&keys, now, Theme::new(Palette::None), columns);
            prop_assert_eq!(lines.is_empty(), columns == 0);
            prop_assert!(lines.iter().all(|line| line.width() <= columns));
            let Some(bars) = lines.len().checked_sub(1).map(|legend| &lines[2..legend]) else { return Ok(()) };
            let middle = lines[1].to_string().chars().position(|sign| sign == '┼').unwrap_or(0);
            for bar in bars {
                prop_assert_eq!(bar.width(), lines[1].width());
                let behind = bar.to_string().chars().rev().nth(lines[1].width() - middle - 1);
                prop_assert!(matches!(behind, Some('│' | '✗')), "{}", bar);
            }
        }
    }
}
