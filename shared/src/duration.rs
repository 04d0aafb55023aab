//! Durations as people write them: `90s`, `15m`, `8h`, `30d`, `1h30m`, or plain seconds.

use std::fmt;

use jiff::{SpanRelativeTo, Unit, fmt::friendly::SpanParser};
use serde::{Deserialize, Deserializer, de::Error as _};

/// Text that is not a duration of whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDuration(String);

impl fmt::Display for InvalidDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no duration; write 90s, 15m, 8h, 30d, 1h30m or a number of seconds", self.0)
    }
}

impl std::error::Error for InvalidDuration {}

/// Reads a duration in whole seconds. Days are 24 hours, weeks seven days.
pub fn parse_seconds(text: &str) -> Result<i64, InvalidDuration> {
    let invalid = || InvalidDuration(text.chars().take(40).collect());
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Ok(seconds);
    }
    let span = SpanParser::new().parse_span(text).map_err(|_| invalid())?;
    let seconds = span.total((Unit::Second, SpanRelativeTo::days_are_24_hours())).map_err(|_| invalid())?;
    if seconds.fract() != 0.0 {
        return Err(invalid());
    }
    Ok(seconds as i64)
}

/// Writes whole seconds the way a person would: `1h30m`, `30d`, `0s`.
pub fn format_seconds(seconds: i64) -> String {
    let mut rest = seconds.unsigned_abs();
    let mut text = String::from(if seconds < 0 { "-" } else { "" });
    for (size, unit) in [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')] {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    if seconds == 0 { "0s".to_owned() } else { text }
}

/// A member that may be absent, a number of seconds, or a duration as people write it.
pub(crate) fn seconds_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a number of whole seconds, or a duration such as 15m")]
    enum Written {
        Seconds(i64),
        Text(String),
    }
    Ok(match Option::<Written>::deserialize(deserializer)? {
        None => None,
        Some(Written::Seconds(seconds)) => Some(seconds),
        Some(Written::Text(text)) => Some(parse_seconds(&text).map_err(D::Error::custom)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("8h", 28_800),
            ("30d", 2_592_000),
            ("1h30m", 5_400),
            ("45", 45),
            ("1w", 604_800),
        ] {
            assert_eq!(parse_seconds(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_number_of_seconds_is_refused() {
        for text in ["", "soon", "1.5s", "10ms", "1 fortnight", "1y", "--3"] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_written_duration_reads_back() {
        for seconds in [0, 1, 59, 60, 5_400, 86_400, 2_592_000, 90_061] {
            assert_eq!(parse_seconds(&format_seconds(seconds)), Ok(seconds));
        }
    }
}
