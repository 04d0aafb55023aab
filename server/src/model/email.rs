//! Email addresses: one parser for what is stored, looked up and sent to.

use std::fmt;

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation};

/// RFC 5321 §4.5.3.1.3, less the angle brackets.
const MAX_LENGTH: usize = 254;

/// An address that mail can be sent to. Two spellings of one mailbox have the same [`EmailAddress::key`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    written: String,
    key: String,
}

/// Why a text is no email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// Longer than any mail system takes.
    #[error("an email address has at most 254 characters")]
    TooLong,
    /// Not of the form local@domain.
    #[error("this is not an email address; write name@example.com")]
    Malformed,
}

impl EmailAddress {
    /// Reads an address. The domain is brought to its ASCII form (UTS 46) without a trailing dot; the local part must
    /// be an RFC 8265 username, which knows no control, invisible or compatibility characters.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim_matches(' ');
        if text.len() > MAX_LENGTH {
            return Err(InvalidEmail::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail::Malformed)?;
        // RFC 5321 §4.1.2 lets a quoted local part hold anything; mailboxes that need it are not worth that.
        if local.contains(['"', '\\', '<', '>']) {
            return Err(InvalidEmail::Malformed);
        }
        let domain = idna::domain_to_ascii_strict(domain.strip_suffix('.').unwrap_or(domain))
            .ok()
            .filter(|domain| !domain.is_empty())
            .ok_or(InvalidEmail::Malformed)?;
        let local = precis_profiles::UsernameCasePreserved::enforce(local).map_err(|_| InvalidEmail::Malformed)?;
        let folded = UsernameCaseMapped::enforce(local.as_ref()).map_err(|_| InvalidEmail::Malformed)?;
        let written = format!("{local}@{domain}");
        // What mail is sent with must be able to take it: quotes, doubled dots and the like end here.
        written.parse::<lettre::Address>().map_err(|_| InvalidEmail::Malformed)?;
        Ok(Self { key: format!("{folded}@{domain}"), written })
    }

    /// The address as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// What is unique: the address folded for case and form.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        EmailAddress::parse(text).unwrap().key().to_owned()
    }

    #[test]
    fn spellings_of_one_mailbox_share_a_key() {
        for other in ["Ann@Example.com", "ann@EXAMPLE.COM", "ann@example.com.", " ann@example.com "] {
            assert_eq!(key(other), "ann@example.com", "{other}");
        }
        assert_eq!(key("bj\u{f6}rn@example.com"), key("bjo\u{308}rn@example.com"), "NFC and NFD");
        assert_eq!(key("a@b\u{fc}cher.example"), key("a@xn--bcher-kva.example"), "punycode");
    }

    #[test]
    fn the_owners_case_is_kept() {
        assert_eq!(EmailAddress::parse("Ann@Example.com").unwrap().as_str(), "Ann@example.com");
    }

    #[test]
    fn what_no_mail_can_be_sent_to_is_refused() {
        for bad in [
            "",
            "@",
            "a",
            "a@",
            "@b.c",
            "a b@c.d",
            "a@b c",
            "a\r\nBcc: x@y.z@c.d",
            "a@b.c\r\nX: y",
            "a\u{0}@b.c",
            "a\u{200b}b@c.d",
            "a\u{2028}@c.d",
            "\"<script>\"@b.c",
            "a@b..c",
            "user:⟨x⟩@b.c",
            "a@b@c.d",
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(EmailAddress::parse(&format!("{}@b.c", "a".repeat(300))), Err(InvalidEmail::TooLong));
    }
}
