//! What is known of a person: the standard claims of OpenID Connect Core §5.1 that no other part of an account tells. Their
//! `preferred_username` is the username, and `updated_at` is the server's.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};

use crate::uri::{self, InvalidUri};

/// The longest text, in characters, and the longest address as it is written on an envelope.
const MAX_TEXT: usize = 255;
const MAX_FORMATTED: usize = 1_024;

/// A person's profile. What is not known is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct Profile {
    /// The whole name, as it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The first name or names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The last name or names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// What stands between the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// What friends say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// A page about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Where a picture of them is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// Their own page, or their company's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// In their own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// `YYYY-MM-DD`; `0000-MM-DD` without the year, `YYYY` with nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// A time zone such as `Europe/Paris`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    /// A language such as `en` or `en-US`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// A telephone number such as `+15555550123`, with `;ext=` and an extension behind it where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Whether it was confirmed; there where the number is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_verified: Option<bool>,
    /// Where they get their post.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "some_address")]
    pub address: Option<Address>,
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
pub struct Address {
    /// The whole of it, as it is written on an envelope, with line breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street, house, floor or post box; it may hold line breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// The town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// The state or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// An address of which nothing is known is none.
fn some_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Address>, D::Error> {
    Ok(Option::<Address>::deserialize(deserializer)?.filter(|address| *address != Address::default()))
}

/// Why a member of a profile cannot be what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMember {
    /// Empty, too long, or with characters that cannot be shown.
    #[error("write 1 to {0} characters that can be shown")]
    Text(usize),
    /// No address of a page.
    #[error("{0}")]
    Uri(#[from] InvalidUri),
    /// Core §5.1 takes ISO 8601 alone.
    #[error("write a date as YYYY-MM-DD, as 0000-MM-DD without the year, or the year alone as YYYY")]
    Birthdate,
    /// No name of the IANA's.
    #[error("write a time zone such as Europe/Paris")]
    ZoneInfo,
    /// No tag of BCP 47.
    #[error("write a language such as en or en-US")]
    Locale,
    /// Not of the form E.164, with RFC 3966 for the extension.
    #[error("write a telephone number such as +15555550123 or +15555550123;ext=42")]
    PhoneNumber,
    /// A flag without what it is about.
    #[error("there is no phone_number to confirm")]
    NothingToConfirm,
}

/// What must hold of a member.
type Rule = fn(&str) -> Result<(), InvalidMember>;

/// A member by its name, as it is, with its rule.
type Ruled<'a> = (&'static str, &'a Option<String>, Rule);

impl Profile {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Tells every mistake at once, each with the member that it is in.
    pub fn validate(&self) -> Result<(), Vec<(&'static str, InvalidMember)>> {
        let address = self.address.iter().flat_map(Address::members);
        let broken = |(field, text, rule): Ruled<'_>| Some((field, rule(text.as_deref()?).err()?));
        let mut mistakes: Vec<_> = self.members().into_iter().chain(address).filter_map(broken).collect();
        if self.phone_number.is_none() && self.phone_number_verified.is_some() {
            mistakes.push(("phone_number_verified", InvalidMember::NothingToConfirm));
        }
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
    }

    fn members(&self) -> [Ruled<'_>; 13] {
        [
            ("name", &self.name, line),
            ("given_name", &self.given_name, line),
            ("family_name", &self.family_name, line),
            ("middle_name", &self.middle_name, line),
            ("nickname", &self.nickname, line),
            ("profile", &self.profile, page),
            ("picture", &self.picture, page),
            ("website", &self.website, page),
            ("gender", &self.gender, line),
            ("birthdate", &self.birthdate, birthdate),
            ("zoneinfo", &self.zoneinfo, zoneinfo),
            ("locale", &self.locale, locale),
            ("phone_number", &self.phone_number, phone_number),
        ]
    }
}

impl Address {
    fn members(&self) -> [Ruled<'_>; 6] {
        [
            ("address.formatted", &self.formatted, |written| lines(written, MAX_FORMATTED)),
            ("address.street_address", &self.street_address, |written| lines(written, MAX_TEXT)),
            ("address.locality", &self.locality, line),
            ("address.region", &self.region, line),
            ("address.postal_code", &self.postal_code, line),
            ("address.country", &self.country, line),
        ]
    }
}

fn line(written: &str) -> Result<(), InvalidMember> {
    text(written, MAX_TEXT)
}

/// Core §5.1.1: these two may be written on several lines.
fn lines(written: &str, longest: usize) -> Result<(), InvalidMember> {
    text(&written.replace(['\r', '\n'], " "), longest)
}

fn text(written: &str, longest: usize) -> Result<(), InvalidMember> {
    let fine = written.chars().count() <= longest && !written.trim().is_empty() && !written.contains(is_unprintable);
    if fine { Ok(()) } else { Err(InvalidMember::Text(longest)) }
}

/// Control characters, and those that break a line or turn what follows around: with them a text poses as another.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn page(written: &str) -> Result<(), InvalidMember> {
    line(written)?;
    Ok(uri::web(written)?)
}

fn birthdate(written: &str) -> Result<(), InvalidMember> {
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok()).flatten()
    };
    let parts: Vec<_> = written.split('-').collect();
    let fine = match parts[..] {
        [year] => number(year, 4).is_some_and(|year: i16| year > 0),
        [year, month, day] => is_day(number(year, 4), number(month, 2), number(day, 2)),
        _ => false,
    };
    if fine { Ok(()) } else { Err(InvalidMember::Birthdate) }
}

/// The year 0 stands for one that is not told, and has a 29th of February.
fn is_day(year: Option<i16>, month: Option<i16>, day: Option<i16>) -> bool {
    let byte = |number: Option<i16>| number.and_then(|number| i8::try_from(number).ok());
    let (Some(year), Some(month), Some(day)) = (year, byte(month), byte(day)) else { return false };
    Date::new(year, month, day).is_ok()
}

fn zoneinfo(written: &str) -> Result<(), InvalidMember> {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
    };
    let fine = written.len() <= MAX_TEXT && written.split('/').count() <= 3 && written.split('/').all(is_part);
    if fine { Ok(()) } else { Err(InvalidMember::ZoneInfo) }
}

fn locale(written: &str) -> Result<(), InvalidMember> {
    let (language, rest) = written.split_once('-').map_or((written, None), |(language, rest)| (language, Some(rest)));
    let is_language = (2..=8).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_subtag = |tag: &str| (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let fine = written.len() <= MAX_TEXT && is_language && rest.is_none_or(|rest| rest.split('-').all(is_subtag));
    if fine { Ok(()) } else { Err(InvalidMember::Locale) }
}

fn phone_number(written: &str) -> Result<(), InvalidMember> {
    let (number, extension) = written.split_once(";ext=").map_or((written, None), |(number, ext)| (number, Some(ext)));
    let is_digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = |digits: &str| is_digits(digits, 15) && digits.len() > 1 && !digits.starts_with('0');
    let fine = number.strip_prefix('+').is_some_and(is_number) && extension.is_none_or(|text| is_digits(text, 15));
    if fine { Ok(()) } else { Err(InvalidMember::PhoneNumber) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(members: Value) -> Profile {
        serde_json::from_value(members).unwrap()
    }

    /// The members that break a rule.
    fn broken(members: Value) -> Vec<&'static str> {
        let mistakes = read(members).validate().err().unwrap_or_default();
        mistakes.into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_profile_as_people_have_one_is_taken_and_written_as_it_was_read() {
        let members = json!({
            "name": "Zoë Émilie d'Artagnan-李", "given_name": "Zoë", "family_name": "d'Artagnan", "middle_name": "Émilie",
            "nickname": "Zo", "profile": "https://people.example.com/zoe", "picture": "https://img.example.com/z.png?s=64",
            "website": "http://localhost:3000/", "gender": "female", "birthdate": "0000-02-29",
            "zoneinfo": "America/Argentina/Buenos_Aires", "locale": "zh-Hant-TW", "phone_number": "+15555550123;ext=42",
            "phone_number_verified": true,
            "address": {"formatted": "1 Main Street\r\nSpringfield", "street_address": "1 Main Street\nFloor 2",
                "locality": "Springfield", "region": "IL", "postal_code": "62701", "country": "US"},
        });
        let profile = read(members.clone());
        assert_eq!(profile.validate(), Ok(()));
        assert!(!profile.is_empty());
        assert_eq!(serde_json::to_value(&profile).unwrap(), members);
    }

    #[test]
    fn what_is_not_known_is_absent() {
        assert!(read(json!({})).is_empty());
        assert!(read(json!({"name": null, "address": {}})).is_empty());
        assert_eq!(serde_json::to_string(&Profile::default()).unwrap(), "{}");
        assert!(serde_json::from_value::<Profile>(json!({"shoe_size": 42})).is_err());
        assert!(serde_json::from_value::<Profile>(json!({"address": {"planet": "Mars"}})).is_err());
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let members = json!({"name": "", "birthdate": "yesterday", "address": {"country": "\u{1b}[31m"},
            "phone_number_verified": false});
        assert_eq!(broken(members), ["name", "birthdate", "address.country", "phone_number_verified"]);
    }

    #[test]
    fn a_text_is_short_and_can_be_shown() {
        for (text, fine) in [
            ("x".repeat(255), true),
            ("x".repeat(256), false),
            ("é".repeat(255), true),
            ("  ".to_owned(), false),
            ("a\nb".to_owned(), false),
            ("a\u{0}b".to_owned(), false),
            ("a\u{202e}b".to_owned(), false),
            ("👩\u{200d}🚀".to_owned(), true),
        ] {
            assert_eq!(broken(json!({"nickname": text})).is_empty(), fine, "{text:?}");
        }
        assert!(broken(json!({"address": {"formatted": "x".repeat(1_024)}})).is_empty());
        assert_eq!(broken(json!({"address": {"formatted": "x".repeat(1_025)}})), ["address.formatted"]);
        assert_eq!(broken(json!({"address": {"formatted": "a\u{7}"}})), ["address.formatted"]);
        assert_eq!(broken(json!({"website": format!("https://a.example/{}", "x".repeat(255))})), ["website"]);
    }

    #[test]
    fn each_member_has_a_form_of_its_own() {
        for (member, good, bad) in [
            (
                "birthdate",
                &["1984-02-29", "0000-02-29", "1984"][..],
                &["1983-02-29", "0000-13-01", "0000", "84", "1984-2-9", "19840229", "+984-02-01", "1984-02", ""][..],
            ),
            (
                "zoneinfo",
                &["Europe/Paris", "UTC", "Etc/GMT+10", "EST5EDT", "America/Port-au-Prince"],
                &["", "/Paris", "Europe/", "../etc/passwd", "Europe/Paris/a/b", "+02:00", "Europe Paris"],
            ),
            ("locale", &["en", "en-US", "zh-Hant-TW", "de-1996"], &["", "e", "en_US", "en-", "english language", "1a"]),
            (
                "phone_number",
                &["+15555550123", "+390000000000", "+15555550123;ext=7"],
                &["", "+", "+1", "15555550123", "+0123456789", "+1 555", "+1234567890123456", "+155;ext=", "+155;x=1"],
            ),
            (
                "picture",
                &["https://a.example/x.png", "http://127.0.0.1/x.png"],
                &[
                    "",
                    "/x.png",
                    "javascript:alert(1)",
                    "data:text/html,x",
                    "http://a.example/x.png",
                    "https://a.example/#x",
                ],
            ),
        ] {
            for text in good {
                assert_eq!(broken(json!({ member: text })), [""; 0], "{member}: {text}");
            }
            for text in bad {
                assert_eq!(broken(json!({ member: text })), [member], "{member}: {text}");
            }
        }
    }
}
