//! The words of OAuth 2.0 and OpenID Connect that client metadata and requests are made of.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A word that is none of those a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    allowed: &'static str,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not known here; there are {}", self.allowed)
    }
}

impl std::error::Error for UnknownWord {}

/// What stands between spaces, in whatever order.
fn parts(text: &str) -> Vec<&str> {
    let mut parts: Vec<_> = text.split(' ').collect();
    parts.sort_unstable();
    parts
}

/// A closed set of words: an enum that is written as they are.
macro_rules! words {
    ($(#[$doc:meta])* $type:ident: $allowed:literal { $($(#[$word_doc:meta])* $name:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "schema", derive(salvo_oapi::ToSchema))]
        pub enum $type {
            $($(#[$word_doc])* #[cfg_attr(feature = "schema", salvo(schema(rename = $text)))] $name,)+
        }

        impl $type {
            /// Every one, each once.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let found = Self::ALL.iter().copied().find(|word| parts(word.as_str()) == parts(text));
                found.ok_or(UnknownWord { allowed: $allowed })
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

words! {
    /// How a client may get tokens (RFC 7591 §2).
    GrantType: "authorization_code, implicit, refresh_token, client_credentials and urn:ietf:params:oauth:grant-type:device_code" {
        /// With a code from the authorization endpoint.
        AuthorizationCode = "authorization_code",
        /// From the authorization endpoint itself.
        Implicit = "implicit",
        /// With a refresh token.
        RefreshToken = "refresh_token",
        /// For itself.
        ClientCredentials = "client_credentials",
        /// With a code that somebody enters elsewhere (RFC 8628).
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
    }
}

words! {
    /// What the authorization endpoint answers with (OAuth 2.0 Multiple Response Types). On the wire the parts stand in any order.
    ResponseType: "code, id_token, and those joined with each other or with token" {
        /// A code.
        Code = "code",
        /// An ID token.
        IdToken = "id_token",
        /// An ID token and an access token.
        IdTokenToken = "id_token token",
        /// A code and an ID token.
        CodeIdToken = "code id_token",
        /// A code and an access token.
        CodeToken = "code token",
        /// All three.
        CodeIdTokenToken = "code id_token token",
    }
}

impl ResponseType {
    /// Whether a code comes back.
    pub fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken)
    }

    /// Whether an ID token comes back with the redirect.
    pub fn has_id_token(self) -> bool {
        matches!(self, Self::IdToken | Self::IdTokenToken | Self::CodeIdToken | Self::CodeIdTokenToken)
    }

    /// Whether an access token comes back with the redirect.
    pub fn has_token(self) -> bool {
        matches!(self, Self::IdTokenToken | Self::CodeToken | Self::CodeIdTokenToken)
    }

    /// How the answer travels unless told (OAuth 2.0 Multiple Response Types §2.1, §5).
    pub fn default_mode(self) -> ResponseMode {
        if self == Self::Code { ResponseMode::Query } else { ResponseMode::Fragment }
    }

    /// The grant types without which a client cannot use it (RFC 7591 §2.1).
    pub fn needed_grant_types(self) -> &'static [GrantType] {
        match self {
            Self::Code => &[GrantType::AuthorizationCode],
            Self::IdToken | Self::IdTokenToken => &[GrantType::Implicit],
            Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken => {
                &[GrantType::AuthorizationCode, GrantType::Implicit]
            }
        }
    }
}

words! {
    /// How the answer to an authorization request travels (OAuth 2.0 Multiple Response Types §2.1, Form Post §2).
    ResponseMode: "query, fragment and form_post" {
        /// In the query of the redirect URI.
        Query = "query",
        /// In its fragment.
        Fragment = "fragment",
        /// In a form that the browser posts there.
        FormPost = "form_post",
    }
}

words! {
    /// What a client wants its user to be asked (OpenID Connect Core §3.1.2.1).
    Prompt: "none, login, consent, select_account and create" {
        /// Nothing: who would have to be asked is refused.
        None = "none",
        /// Their password again.
        Login = "login",
        /// Their consent again.
        Consent = "consent",
        /// Which of their accounts.
        SelectAccount = "select_account",
        /// For an account of their own (Initiating User Registration via OpenID Connect §4).
        Create = "create",
    }
}

words! {
    /// How a client proves who it is (OpenID Connect Core §9).
    ClientAuthMethod: "client_secret_basic, client_secret_post, private_key_jwt and none" {
        /// With its secret in the header.
        ClientSecretBasic = "client_secret_basic",
        /// With its secret in the body.
        ClientSecretPost = "client_secret_post",
        /// With a JWT that it signs.
        PrivateKeyJwt = "private_key_jwt",
        /// Not at all: a public client.
        None = "none",
    }
}

impl ClientAuthMethod {
    /// Whether it takes a secret.
    pub fn takes_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

words! {
    /// What kind of program a client is (OpenID Connect Dynamic Client Registration §2).
    ApplicationType: "web and native" {
        /// On a web server, or in a browser.
        Web = "web",
        /// On its user's device.
        Native = "native",
    }
}

words! {
    /// Whether clients see one subject or each their own (OpenID Connect Core §8).
    SubjectType: "public and pairwise" {
        /// One for all.
        Public = "public",
        /// Another for each sector.
        Pairwise = "pairwise",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_response_type_stand_in_any_order() {
        assert_eq!("token code id_token".parse(), Ok(ResponseType::CodeIdTokenToken));
        assert_eq!("id_token code".parse(), Ok(ResponseType::CodeIdToken));
        for bad in ["", "token", "code code", "code  token", "Code", "none"] {
            assert!(bad.parse::<ResponseType>().is_err(), "{bad}");
        }
    }

    #[test]
    fn words_read_back_and_others_are_told_what_there_is() {
        for word in GrantType::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        let refusal = serde_json::from_str::<ClientAuthMethod>("\"client_secret_jwt\"").unwrap_err().to_string();
        assert!(refusal.contains("private_key_jwt"), "{refusal}");
    }
}
