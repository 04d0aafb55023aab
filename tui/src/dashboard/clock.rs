//! Instants and spans for people. The time is passed in, as seconds since 1970; what cannot be read becomes an empty text.

use jiff::Timestamp;

/// Units in seconds, the longest first. Years and months are those of the calendar on average.
const UNITS: [(u64, &str); 6] =
    [(31_556_952, "y"), (2_629_746, "mo"), (86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
/// Seconds that nobody counts.
const MOMENT: u64 = 5;

/// The time of day, in seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "here it comes from")]
pub fn now() -> i64 {
    Timestamp::now().as_second()
}

/// Seconds since 1970 at an instant as the server writes it (RFC 3339).
pub fn unix(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

/// How long ago that was, in the largest unit: `now`, `12s`, `5d`; of what is to come `in 3m`.
pub fn ago(text: &str, now: i64) -> String {
    let Some(at) = unix(text) else { return String::new() };
    match at.abs_diff(now) {
        away if away < MOMENT => "now".to_owned(),
        away if at > now => format!("in {}", spelled(away, 1)),
        away => spelled(away, 1),
    }
}

/// What is left until then, in the two largest units: `12d 4h`, `3m 20s`, or `over`.
pub fn left(until: &str, now: i64) -> String {
    match unix(until) {
        None => String::new(),
        Some(until) if until <= now => "over".to_owned(),
        Some(until) => spelled(until.abs_diff(now), 2),
    }
}

/// A span of a second or more in its largest unit and those next to it; what is less is cut off, and noughts are not told.
fn spelled(span: u64, units: usize) -> String {
    let largest = UNITS.iter().skip_while(|(size, _)| *size > span);
    let mut rest = span;
    let counts = largest.take(units).map(|(size, unit)| {
        let count = rest / size;
        rest %= size;
        (count, unit)
    });
    let told = counts.filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}"));
    told.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-01T12:00:00Z.
    const NOW: i64 = 1_772_366_400;

    fn at(seconds: i64) -> String {
        Timestamp::from_second(NOW + seconds).unwrap().to_string()
    }

    #[test]
    fn an_instant_is_read_in_any_zone_and_to_any_fraction() {
        assert_eq!(unix("2026-03-01T12:00:00Z"), Some(NOW));
        assert_eq!(unix("2026-03-01T12:00:00.999Z"), Some(NOW));
        assert_eq!(unix("2026-03-01T13:30:00+01:30"), Some(NOW));
        assert_eq!(unix("2024-02-29T00:00:00Z"), Some(1_709_164_800));
        assert_eq!(unix("1969-12-31T23:59:59Z"), Some(-1));
        for unreadable in
            ["", "soon", "2026-03-01", "2026-02-29T00:00:00Z", "2026-03-01T12:00:00", "99999-01-01T00:00:00Z"]
        {
            assert_eq!(unix(unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn what_was_is_told_in_one_unit_rounded_down() {
        let told = [
            (0, "now"),
            (4, "now"),
            (5, "5s"),
            (59, "59s"),
            (60, "1m"),
            (119, "1m"),
            (3_599, "59m"),
            (7_200, "2h"),
            (86_399, "23h"),
            (5 * 86_400, "5d"),
            (30 * 86_400, "30d"),
            (31 * 86_400, "1mo"),
            (365 * 86_400, "11mo"),
            (366 * 86_400, "1y"),
            (20 * 366 * 86_400, "20y"),
        ];
        for (seconds, text) in told {
            assert_eq!(ago(&at(-seconds), NOW), text, "{seconds} s ago");
        }
    }

    #[test]
    fn a_leap_day_is_a_day() {
        let leap = "2024-02-29T12:00:00Z";
        assert_eq!(ago(leap, unix("2024-03-01T12:00:00Z").unwrap()), "1d");
        assert_eq!(left(leap, unix("2024-02-28T11:00:00Z").unwrap()), "1d 1h");
        assert_eq!(left("2024-03-01T00:00:00Z", unix("2024-02-28T00:00:00Z").unwrap()), "2d");
        assert_eq!(left("2025-03-01T00:00:00Z", unix("2025-02-28T00:00:00Z").unwrap()), "1d");
    }

    #[test]
    fn what_is_to_come_is_told_as_such() {
        assert_eq!(ago(&at(3), NOW), "now");
        assert_eq!(ago(&at(200), NOW), "in 3m");
        assert_eq!(ago(&at(100 * 86_400), NOW), "in 3mo");
    }

    #[test]
    fn what_is_left_is_told_in_two_units_that_follow_each_other() {
        let told = [
            (-1, "over"),
            (0, "over"),
            (1, "1s"),
            (60, "1m"),
            (200, "3m 20s"),
            (3_600, "1h"),
            (3_601, "1h"),
            (5_400, "1h 30m"),
            (12 * 86_400 + 4 * 3_600 + 59, "12d 4h"),
            (40 * 86_400, "1mo 9d"),
            (400 * 86_400, "1y 1mo"),
        ];
        for (seconds, text) in told {
            assert_eq!(left(&at(seconds), NOW), text, "{seconds} s left");
        }
    }

    #[test]
    fn what_cannot_be_read_is_empty_and_nothing_overflows() {
        for unreadable in ["", "never", "9999999999"] {
            assert!(ago(unreadable, NOW).is_empty() && left(unreadable, NOW).is_empty(), "{unreadable}");
        }
        for text in ["-009999-01-02T01:59:59Z", "1970-01-01T00:00:00Z", "9999-12-30T22:00:00Z"] {
            let (first, last) = (ago(text, i64::MIN), ago(text, i64::MAX));
            assert!(first.starts_with("in 29227") && last.starts_with("29227"), "{first} {last}");
            assert!(left(text, i64::MIN).starts_with("29227"));
            assert_eq!(left(text, i64::MAX), "over");
        }
    }
}
