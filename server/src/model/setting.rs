//! The settings an operator may change while the server runs: one table that says
//! everything about each, and a typed snapshot generated from it.

use serde_json::Value;
use signet_keys::Algorithm;

/// What a setting holds, and between which bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole seconds; people may write `15m`.
    Duration {
        /// Least, in seconds.
        min: i64,
        /// Most, in seconds.
        max: i64,
    },
    /// A whole number.
    Integer {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// Yes or no.
    Boolean,
    /// One of a few words.
    Choice(&'static [&'static str]),
}

/// One setting, described.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Its name everywhere.
    pub key: &'static str,
    /// Type and range.
    pub kind: Kind,
    /// What it does, in a sentence.
    pub effect: &'static str,
}

/// A value that a setting cannot take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// There is no such setting.
    #[error("there is no setting `{0}`")]
    Unknown(String),
    /// Wrong type or out of range; the text says what is allowed.
    #[error("{key} takes {allowed}")]
    OutOfRange {
        /// The setting.
        key: &'static str,
        /// What it takes.
        allowed: String,
    },
    /// It contradicts another setting.
    #[error("{0}")]
    Contradiction(&'static str),
}

/// Whether clients may register themselves (RFC 7591).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientRegistration {
    /// Only an operator creates clients.
    Closed,
    /// With an initial access token.
    Token,
    /// Anyone.
    Open,
}

impl ClientRegistration {
    const NAMES: &'static [&'static str] = &["closed", "token", "open"];
}

const ALGORITHMS: &[&str] = &["ES256", "RS256", "PS256", "EdDSA"];

/// How a field of [`Settings`] is written in JSON.
trait SettingValue: Sized {
    fn to_json(&self) -> Value;
    fn from_json(value: &Value, kind: Kind) -> Option<Self>;
}

impl SettingValue for i64 {
    fn to_json(&self) -> Value {
        (*self).into()
    }

    fn from_json(value: &Value, kind: Kind) -> Option<Self> {
        let (min, max) = match kind {
            Kind::Duration { min, max } | Kind::Integer { min, max } => (min, max),
            Kind::Boolean | Kind::Choice(_) => return None,
        };
        let number = match (value, kind) {
            (Value::Number(number), _) => number.as_i64()?,
            (Value::String(text), Kind::Duration { .. }) => signet_shared::parse_seconds(text).ok()?,
            (Value::String(text), _) => text.trim().parse().ok()?,
            _ => return None,
        };
        (min..=max).contains(&number).then_some(number)
    }
}

impl SettingValue for bool {
    fn to_json(&self) -> Value {
        (*self).into()
    }

    fn from_json(value: &Value, _: Kind) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(*value),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

impl SettingValue for Algorithm {
    fn to_json(&self) -> Value {
        self.name().into()
    }

    fn from_json(value: &Value, _: Kind) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl SettingValue for ClientRegistration {
    fn to_json(&self) -> Value {
        Self::NAMES[*self as usize].into()
    }

    fn from_json(value: &Value, _: Kind) -> Option<Self> {
        [Self::Closed, Self::Token, Self::Open].into_iter().find(|choice| choice.to_json() == *value)
    }
}

macro_rules! settings {
    ($($key:ident: $type:ty = $default:expr, $kind:expr, $effect:literal;)+) => {
        /// Every setting's value at one revision.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Settings {
            $(#[doc = $effect] pub $key: $type,)+
        }

        impl Settings {
            /// All settings, in the order in which operators read them.
            pub const DEFINITIONS: &'static [Definition] =
                &[$(Definition { key: stringify!($key), kind: $kind, effect: $effect },)+];

            /// What holds until somebody says otherwise. Common passwords are refused by default only where the
            /// issuer is public (`https`), so that a first try on loopback works with any password.
            pub fn defaults(https: bool) -> Self {
                let mut settings = Self { $($key: $default,)+ };
                settings.refuse_common_passwords = https;
                settings
            }

            /// Changes one value, within its range.
            pub fn set(&mut self, key: &str, value: &Value) -> Result<(), InvalidSetting> {
                match key {
                    $(stringify!($key) => {
                        self.$key = <$type as SettingValue>::from_json(value, $kind).ok_or_else(|| {
                            InvalidSetting::OutOfRange { key: stringify!($key), allowed: allowed($kind) }
                        })?;
                    })+
                    _ => return Err(InvalidSetting::Unknown(key.chars().take(64).collect())),
                }
                Ok(())
            }

            /// One value, as on the wire.
            pub fn get(&self, key: &str) -> Option<Value> {
                match key {
                    $(stringify!($key) => Some(self.$key.to_json()),)+
                    _ => None,
                }
            }
        }
    };
}

/// What all hashes may take together, in bytes.
const MOST_HASH_MEMORY: i64 = 1 << 30;

/// Keys that may wait at once for what they signed to expire.
const MOST_RETIRED_KEYS: i64 = 1_000;

const DAY: i64 = 86_400;
const YEAR: i64 = 365 * DAY;
const fn seconds(min: i64, max: i64) -> Kind {
    Kind::Duration { min, max }
}
const fn number(min: i64, max: i64) -> Kind {
    Kind::Integer { min, max }
}

settings! {
    access_token_lifetime: i64 = 30, seconds(1, 86_400), "how long an access token of the token API serves";
    refresh_token_lifetime: i64 = 2_592_000, seconds(1, 10 * YEAR), "how long a refresh token serves; it starts again with each use";
    refresh_token_idle_lifetime: i64 = 0, seconds(0, 10 * YEAR), "how long a refresh token may lie unused, tokens already issued included; 0 is no such limit";
    id_token_lifetime: i64 = 300, seconds(1, 86_400), "how long an ID token is valid";
    cookie_token_lifetime: i64 = 900, seconds(1, 30 * 86_400), "how long a token of the cookie API, and its cookie, serves";
    authorization_code_lifetime: i64 = 60, seconds(1, 600), "how long an authorization code may be redeemed";
    browser_session_lifetime: i64 = 43_200, seconds(1, YEAR), "how long a cookie session may be renewed after its login";
    reset_code_lifetime: i64 = 900, seconds(1, 7 * 86_400), "how long a password reset code serves, counted from its mail";
    temporary_password_lifetime: i64 = 3_600, seconds(1, 30 * 86_400), "how long a temporary password may be used to set a proper one";
    verification_link_lifetime: i64 = 86_400, seconds(1, 30 * 86_400), "how long an address may be confirmed, counted from its mail";
    reauthentication_window: i64 = 300, seconds(0, 86_400), "how recent a login must be to change a password without the current one";
    refresh_grace: i64 = 10, seconds(0, 300), "how long a spent refresh token, shown again, still yields its unused successor; 0 is off";
    refresh_reuse_memory: i64 = 86_400, seconds(1, 30 * 86_400), "how long a spent refresh token is remembered, so that its replay is noticed";
    key_rotation_period: i64 = 7_776_000, seconds(1, 10 * YEAR), "how long a key signs before the next one takes over";
    key_prepublication: i64 = 86_400, seconds(1, YEAR), "how long a key is published before it signs";
    jwks_max_age: i64 = 900, seconds(1, 86_400), "how long verifiers may cache the published keys";
    default_signing_algorithm: Algorithm = Algorithm::Es256, Kind::Choice(ALGORITHMS), "what tokens are signed with unless a client asks otherwise";
    min_password_length: i64 = 8, number(8, 128), "the fewest characters a new password may have";
    refuse_common_passwords: bool = false, Kind::Boolean, "whether passwords that fewer than a million guesses find are refused";
    scrypt_log_n: i64 = 17, number(10, 20), "the cost of a password hash as a power of two; below 15 is too little for production";
    scrypt_r: i64 = 8, number(1, 32), "the block size of a password hash; memory is 128 bytes times N times r";
    scrypt_p: i64 = 1, number(1, 16), "how often a password hash repeats its work";
    login_attempts: i64 = 10, number(1, 10_000), "how many tries at an account's password one place may have within the window; a success clears them";
    login_window: i64 = 900, seconds(1, 86_400), "the window in which tries at a password are counted";
    address_requests_per_minute: i64 = 300, number(1, 10_000_000), "how many registrations, logins and resets one address may ask for in a minute";
    audit_retention: i64 = YEAR, seconds(DAY, 10 * YEAR), "how long audit events are kept; never less than a day, so that nobody wipes their traces at once";
    registration_open: bool = true, Kind::Boolean, "whether anyone may register";
    email_verification_required: bool = false, Kind::Boolean, "whether an address must be confirmed before its owner can log in";
    client_registration: ClientRegistration = ClientRegistration::Closed, Kind::Choice(ClientRegistration::NAMES), "whether clients may register themselves";
}

impl Settings {
    /// The rules that span several settings.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        if self.refresh_token_idle_lifetime > self.refresh_token_lifetime {
            return Err(InvalidSetting::Contradiction(
                "refresh_token_idle_lifetime is longer than refresh_token_lifetime; a token cannot idle longer than it lives",
            ));
        }
        if self.refresh_grace > self.refresh_reuse_memory {
            return Err(InvalidSetting::Contradiction(
                "refresh_grace is longer than refresh_reuse_memory; a token that is forgotten cannot be shown again",
            ));
        }
        self.check_keys_outlive(self.longest_token_lifetime())?;
        // RFC 7914 §2: N < 2^(128·r/8).
        if self.scrypt_log_n >= self.scrypt_r * 16 {
            return Err(InvalidSetting::Contradiction("scrypt_log_n must be below 16 times scrypt_r"));
        }
        if (128 * self.scrypt_r) << self.scrypt_log_n > MOST_HASH_MEMORY {
            return Err(InvalidSetting::Contradiction(
                "scrypt_log_n and scrypt_r ask for more than 1 GiB for one hash, which is all that hashes may take",
            ));
        }
        Ok(())
    }

    /// Whether keys stay as long as a token of this life. A key stays while what it signed may be shown; under so many there is
    /// a key set that verifiers can read.
    pub fn check_keys_outlive(&self, longest_token: i64) -> Result<(), InvalidSetting> {
        if longest_token <= MOST_RETIRED_KEYS * self.key_rotation_period {
            return Ok(());
        }
        Err(InvalidSetting::Contradiction(
            "a token would outlive its key: access_token_lifetime, cookie_token_lifetime, id_token_lifetime or a lifetime of a \
             client is more than a thousand times key_rotation_period, longer than a retired key is kept",
        ))
    }

    /// Every value, by key.
    pub fn to_json(&self) -> Value {
        let member =
            |definition: &Definition| (definition.key.to_owned(), self.get(definition.key).unwrap_or_default());
        Value::Object(Self::DEFINITIONS.iter().map(member).collect())
    }

    /// The longest life any token may have that a signing key vouches for.
    pub fn longest_token_lifetime(&self) -> i64 {
        self.access_token_lifetime.max(self.cookie_token_lifetime).max(self.id_token_lifetime)
    }
}

fn allowed(kind: Kind) -> String {
    let write = signet_shared::format_seconds;
    match kind {
        Kind::Duration { min, max } => format!("a duration from {} to {}", write(min), write(max)),
        Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Boolean => "true or false".to_owned(),
        Kind::Choice(names) => format!("one of {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_default_is_within_its_own_range_and_reads_back() {
        let defaults = Settings::defaults(true);
        defaults.validate().unwrap();
        for definition in Settings::DEFINITIONS {
            let value = defaults.get(definition.key).unwrap();
            let mut copy = Settings::defaults(true);
            copy.set(definition.key, &value).unwrap();
            assert_eq!(copy, defaults, "{}", definition.key);
        }
    }

    #[test]
    fn values_come_as_numbers_or_as_people_write_them() {
        let mut settings = Settings::defaults(false);
        settings.set("access_token_lifetime", &json!("10m")).unwrap();
        settings.set("login_attempts", &json!("25")).unwrap();
        settings.set("registration_open", &json!("false")).unwrap();
        settings.set("default_signing_algorithm", &json!("EdDSA")).unwrap();
        settings.set("client_registration", &json!("token")).unwrap();
        assert_eq!(settings.access_token_lifetime, 600);
        assert_eq!(settings.login_attempts, 25);
        assert!(!settings.registration_open);
        assert_eq!(settings.default_signing_algorithm, Algorithm::EdDsa);
        assert_eq!(settings.client_registration, ClientRegistration::Token);
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_the_range() {
        let mut settings = Settings::defaults(false);
        for value in
            [json!(0), json!(-1), json!(1.5), json!(1e300), json!("soon"), json!(null), json!([30]), json!(true)]
        {
            let refusal = settings.set("access_token_lifetime", &value).unwrap_err();
            assert_eq!(refusal.to_string(), "access_token_lifetime takes a duration from 1s to 1d", "{value}");
        }
        assert_eq!(settings, Settings::defaults(false));
        assert!(settings.set("no_such_thing", &json!(1)).is_err());
        assert!(settings.set("default_signing_algorithm", &json!("none")).is_err());
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        let mut settings = Settings::defaults(false);
        settings.set("refresh_token_lifetime", &json!(60)).unwrap();
        settings.validate().unwrap();
        settings.set("refresh_token_idle_lifetime", &json!(61)).unwrap();
        assert!(settings.validate().is_err());
        for contradiction in [
            &[("refresh_grace", 20), ("refresh_reuse_memory", 10)][..],
            &[("scrypt_log_n", 16), ("scrypt_r", 1)],
            &[("scrypt_log_n", 20), ("scrypt_r", 9)],
        ] {
            let mut settings = Settings::defaults(false);
            for (key, value) in contradiction {
                settings.set(key, &json!(value)).unwrap();
            }
            assert!(settings.validate().is_err(), "{contradiction:?}");
        }
    }
}
