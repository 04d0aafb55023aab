//! Filters as operators write them: terms such as `role:admin disabled:false`, all of which must hold. A value with
//! spaces stands in quotes; a word without a field looks for names.

use jiff::{SignedDuration, Timestamp};

/// The longest filter.
const MAX_LENGTH: usize = 512;

/// One term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The field; empty for a bare word.
    pub field: String,
    /// What it must be.
    pub value: String,
}

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilter {
    /// Longer than anybody writes.
    #[error("a filter has at most {MAX_LENGTH} characters")]
    TooLong,
    /// A quote that does not end.
    #[error("a quote in the filter does not end")]
    Unbalanced,
    /// Two terms for one field.
    #[error("`{0}` is a second term for the same field")]
    Repeated(String),
    /// A field that this list does not have.
    #[error("there is no field `{0}` to filter by; there are {1}")]
    UnknownField(String, &'static str),
    /// A value that its field cannot have.
    #[error("`{0}` takes {1}")]
    BadValue(&'static str, &'static str),
}

/// Reads the terms.
pub fn parse(text: &str) -> Result<Vec<Term>, InvalidFilter> {
    if text.chars().count() > MAX_LENGTH {
        return Err(InvalidFilter::TooLong);
    }
    let mut terms = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (field, after) = match rest.find([':', ' ', '"']) {
            Some(at) if rest[at..].starts_with(':') => (&rest[..at], &rest[at + 1..]),
            _ => ("", rest),
        };
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or(InvalidFilter::Unbalanced)?,
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        if terms.iter().any(|term: &Term| term.field == field) {
            return Err(InvalidFilter::Repeated(if field.is_empty() { value } else { field }.to_owned()));
        }
        terms.push(Term { field: field.to_owned(), value: value.to_owned() });
        rest = after.trim_start();
    }
    Ok(terms)
}

impl Term {
    /// The value as yes or no.
    pub fn boolean(&self, field: &'static str) -> Result<bool, InvalidFilter> {
        self.value.parse().map_err(|_| InvalidFilter::BadValue(field, "true or false"))
    }

    /// The value as an instant: RFC 3339, or how long ago, such as `1h`.
    pub fn instant(&self, field: &'static str, now: Timestamp) -> Result<Timestamp, InvalidFilter> {
        let bad =
            || InvalidFilter::BadValue(field, "an instant such as 2026-12-01T03:00:00Z, or a time ago such as 1h");
        if let Ok(instant) = self.value.parse() {
            return Ok(instant);
        }
        let seconds = signet_shared::parse_seconds(&self.value).map_err(|_| bad())?;
        now.checked_sub(SignedDuration::from_secs(seconds)).map_err(|_| bad())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap().into_iter().map(|term| (term.field, term.value)).collect()
    }

    fn term(field: &str, value: &str) -> (String, String) {
        (field.to_owned(), value.to_owned())
    }

    #[test]
    fn terms_are_fields_and_values_or_bare_words() {
        assert_eq!(terms(""), []);
        assert_eq!(terms(" ann  role:admin "), [term("", "ann"), term("role", "admin")]);
        assert_eq!(
            terms("username:\"John Smith\" disabled:true"),
            [term("username", "John Smith"), term("disabled", "true")]
        );
        assert_eq!(terms("ip:2001:db8::1"), [term("ip", "2001:db8::1")]);
        assert_eq!(terms("\"two words\""), [term("", "two words")]);
        assert_eq!(parse("email:\"ann"), Err(InvalidFilter::Unbalanced));
        assert_eq!(parse("role:a role:b"), Err(InvalidFilter::Repeated("role".to_owned())));
        assert_eq!(parse("ann bob"), Err(InvalidFilter::Repeated("bob".to_owned())));
        assert_eq!(parse(&"x".repeat(513)), Err(InvalidFilter::TooLong));
    }

    #[test]
    fn instants_are_dates_or_ages() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let at = |value: &str| Term { field: String::new(), value: value.to_owned() }.instant("since", now);
        assert_eq!(at("1h").unwrap().to_string(), "2026-11-24T11:00:00Z");
        assert_eq!(at("2026-01-01T00:00:00Z").unwrap().to_string(), "2026-01-01T00:00:00Z");
        assert!(at("yesterday").is_err());
    }
}
