//! What a field has to be, looked at while it is typed. The server has the last word; this one comes sooner.

use signet_shared::{Scope, format_seconds, oauth::ClientAuthMethod, parse_seconds, uri};

/// What is asked of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Nothing.
    Free,
    /// That there is one.
    Needed,
    /// That it is an email address.
    Email,
    /// That each of its words is an address that users can be sent back to.
    RedirectUris,
    /// That it is a scope, or nothing.
    Scopes,
    /// That it names a way for a client to show who it is.
    AuthMethod,
    /// That it is a span of time.
    Span,
    /// That it is a span of time, or `default`.
    SpanOrDefault,
    /// That it is an instant, or nothing.
    Instant,
    /// That it lies between two spans of time, in seconds.
    SpanWithin(i64, i64),
    /// That it is a whole number between two.
    Within(i64, i64),
    /// That it is one of these words.
    OneOf(Vec<String>),
}

/// What a text comes to, or why it does not do.
pub type Judged = Result<String, String>;

impl Check {
    /// Looks at a text. A word about what was read may come back, such as seconds for a span.
    pub fn judge(&self, text: &str) -> Judged {
        match self {
            Self::Free => said(""),
            Self::Needed => some(text),
            Self::Email => email(text),
            Self::RedirectUris => redirect_uris(text),
            Self::Scopes => {
                let wrong = text.split_whitespace().find_map(|word| word.parse::<Scope>().err());
                wrong.map_or_else(|| said(""), |error| Err(error.to_string()))
            }
            Self::AuthMethod => match text.parse::<ClientAuthMethod>() {
                Ok(_) => said(""),
                Err(_) => Err(format!("one of {}", words(ClientAuthMethod::ALL.iter().map(|method| method.as_str())))),
            },
            Self::Span => span(text).map(seconds),
            Self::SpanOrDefault if text == "default" => said("what the setting says"),
            Self::SpanOrDefault => span(text).map(seconds),
            Self::Instant if text.is_empty() => said("an earlier plan is taken back"),
            Self::Instant => match text.parse::<jiff::Timestamp>() {
                Ok(at) => Ok(format!("{at}")),
                Err(_) => Err("write an instant such as 2026-12-01T03:00:00Z".to_owned()),
            },
            Self::SpanWithin(least, most) => {
                let found = span(text)?;
                within(found, *least, *most, format_seconds).map(|()| seconds(found))
            }
            Self::Within(least, most) => {
                let found = text.parse().map_err(|_| "write a whole number".to_owned())?;
                within(found, *least, *most, |number| number.to_string()).map(|()| String::new())
            }
            Self::OneOf(choices) if choices.iter().any(|choice| choice == text) => said(""),
            Self::OneOf(choices) => Err(format!("one of {}", words(choices.iter().map(String::as_str)))),
        }
    }
}

fn said(text: &str) -> Judged {
    Ok(text.to_owned())
}

fn some(text: &str) -> Judged {
    if text.is_empty() { Err("this is needed".to_owned()) } else { said("") }
}

fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

fn seconds(seconds: i64) -> String {
    format!("{seconds} seconds")
}

fn span(text: &str) -> Result<i64, String> {
    parse_seconds(text).map_err(|error| error.to_string())
}

fn within(found: i64, least: i64, most: i64, write: impl Fn(i64) -> String) -> Result<(), String> {
    let fits = (least..=most).contains(&found);
    if fits { Ok(()) } else { Err(format!("between {} and {}", write(least), write(most))) }
}

fn email(text: &str) -> Judged {
    let parts = text.rsplit_once('@');
    let fine =
        parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) && !text.contains(char::is_whitespace);
    if fine { said("") } else { Err("write an address such as name@example.com".to_owned()) }
}

/// As for a native client, which may name everything that a web client may, and schemes of its own.
fn redirect_uris(text: &str) -> Judged {
    for one in text.split_whitespace() {
        uri::redirect(one, true, false).map_err(|error| format!("{one}: {error}"))?;
    }
    match text.split_whitespace().count() {
        0 => said("none: for programs that log nobody in"),
        1 => said("one address"),
        count => Ok(format!("{count} addresses")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_judged_as_the_server_would() {
        let fine = |check: Check, text: &str| check.judge(text).is_ok();
        assert_eq!(Check::Span.judge("10m").unwrap(), "600 seconds");
        assert!(fine(Check::SpanWithin(1, 86_400), "1d") && !fine(Check::SpanWithin(1, 86_400), "2d"));
        assert_eq!(Check::SpanWithin(60, 3_600).judge("1s").unwrap_err(), "between 1m and 1h");
        assert!(fine(Check::SpanOrDefault, "default") && !fine(Check::Span, "default"));
        assert!(fine(Check::Within(1, 5), "5") && !fine(Check::Within(1, 5), "6") && !fine(Check::Within(1, 5), "x"));
        assert!(fine(Check::Email, "ann@example.com") && !fine(Check::Email, "ann@") && !fine(Check::Email, "a b@c"));
        assert!(
            fine(Check::Instant, "") && fine(Check::Instant, "2026-12-01T03:00:00Z") && !fine(Check::Instant, "soon")
        );
        assert!(fine(Check::AuthMethod, "none") && !fine(Check::AuthMethod, "password"));
        assert!(fine(Check::Scopes, "openid email") && !fine(Check::Scopes, "a\"b"));
        assert!(fine(Check::OneOf(vec!["true".into()]), "true") && !fine(Check::OneOf(vec!["true".into()]), "tru"));
    }

    #[test]
    fn the_address_that_is_wrong_is_named() {
        let judged = Check::RedirectUris.judge("https://a.example/cb http://b.example/cb");
        assert!(judged.unwrap_err().starts_with("http://b.example/cb: this must be https"));
        assert_eq!(Check::RedirectUris.judge("https://a.example/ com.example.app:/cb").unwrap(), "2 addresses");
    }
}
