//! Addresses that clients name: where users are sent, and where the server may ask.

use url::{Host, Url};

/// The longest address, in bytes.
const MAX_LENGTH: usize = 2_048;

/// Why a text is no address that a client may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUri {
    /// No absolute address of printable ASCII.
    #[error("write an absolute address such as https://app.example.com/callback")]
    Malformed,
    /// OAuth 2.0 §3.1.2 and RFC 9700 §2.1 want the whole of it compared.
    #[error("no fragment, no name or password, and no * in the host: addresses are compared character by character")]
    NotPlain,
    /// Anyone on the way could read it.
    #[error("this must be https; http is for loopback addresses alone")]
    NotHttps,
    /// Reserved for programs on their user's device (RFC 8252 §7.1).
    #[error("web clients take https; a scheme of its own, with a dot in it, is for application_type native")]
    ForeignScheme,
    /// OpenID Connect Dynamic Client Registration §2.
    #[error("implicit flows of web clients take https on a host other than localhost")]
    NotForImplicit,
}

/// An address of a page or an endpoint.
pub fn web(text: &str) -> Result<(), InvalidUri> {
    let url = parse(text)?;
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        _ => Err(InvalidUri::NotHttps),
    }
}

/// An address that has to be https, wherever it is.
pub fn https(text: &str) -> Result<(), InvalidUri> {
    if parse(text)?.scheme() == "https" { Ok(()) } else { Err(InvalidUri::NotHttps) }
}

/// An address to send users back to. `implicit`: tokens may come along in its fragment.
pub fn redirect(text: &str, native: bool, implicit: bool) -> Result<(), InvalidUri> {
    let url = parse(text)?;
    match url.scheme() {
        _ if implicit && (url.scheme() != "https" || is_loopback(&url)) => Err(InvalidUri::NotForImplicit),
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err(InvalidUri::NotHttps),
        // A reversed domain name of its owner's: schemes such as javascript and data have no dot.
        scheme if native && scheme.contains('.') => Ok(()),
        _ => Err(InvalidUri::ForeignScheme),
    }
}

/// The host of an address.
pub fn host(text: &str) -> Option<String> {
    Some(Url::parse(text).ok()?.host()?.to_string())
}

/// The host of an address, unless it is another machine for each who goes there.
pub fn lasting_host(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let host = url.host()?.to_string();
    (!is_loopback(&url)).then_some(host)
}

/// What holds for every address. The parser mends white space and line ends, which must not be there.
fn parse(text: &str) -> Result<Url, InvalidUri> {
    let is_written = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    if text.len() > MAX_LENGTH || !text.bytes().all(is_written) || text.contains("%00") {
        return Err(InvalidUri::Malformed);
    }
    let url = Url::parse(text).map_err(|_| InvalidUri::Malformed)?;
    if matches!(url.scheme(), "http" | "https") && !is_as_parsed(text, &url) {
        return Err(InvalidUri::Malformed);
    }
    // Of an empty name before an @ the parser tells nothing.
    let authority_holds_name = text.split(['/', '?', '#']).nth(2).is_some_and(|authority| authority.contains('@'));
    let plain = url.fragment().is_none()
        && !authority_holds_name
        && url.username().is_empty()
        && url.password().is_none()
        && !url.host_str().is_some_and(|host| host.contains('*'));
    if plain { Ok(url) } else { Err(InvalidUri::NotPlain) }
}

/// Whether host and port are written as they are read. Parsers differ in what they make of https:a.example, of
/// https:///a.example and of a host in hexadecimal; comparing takes none of them for another.
fn is_as_parsed(text: &str, url: &Url) -> bool {
    let authority = text.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://"));
    let authority = authority.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    // What stands before an @ is told apart, with a word of its own.
    let written = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    !host.is_empty() && (written == host || written == format!("{host}:{port}"))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_sent_to_https_to_loopback_and_natively_to_schemes_of_their_own() {
        for text in ["https://a.example/cb?x=1", "http://localhost:3000/cb", "http://127.0.0.1/cb", "http://[::1]:1/cb"]
        {
            assert_eq!(redirect(text, false, false), Ok(()), "{text}");
        }
        assert_eq!(redirect("com.example.app:/cb", true, false), Ok(()));
        assert_eq!(redirect("com.example.app:/cb", false, false), Err(InvalidUri::ForeignScheme));
        for text in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "myapp:/cb"] {
            assert_eq!(redirect(text, true, false), Err(InvalidUri::ForeignScheme), "{text}");
        }
        assert_eq!(redirect("http://a.example/cb", true, false), Err(InvalidUri::NotHttps));
        for text in ["http://localhost/cb", "https://localhost/cb", "http://a.example/"] {
            assert_eq!(redirect(text, false, true), Err(InvalidUri::NotForImplicit), "{text}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for text in [
            "https://a.example/#x",
            "https://@a.example/",
            "https://user@a.example/",
            "https://u:p@a.example/",
            "https://*.example/",
        ] {
            assert_eq!(redirect(text, false, false), Err(InvalidUri::NotPlain), "{text}");
        }
        for text in [
            "",
            "/cb",
            "a.example/cb",
            "https://",
            "https:a.example",
            "https:\\\\a.example",
            " https://a.example/",
            "https://a.example/\n",
            "https://ä.example/",
            "https://a.example/ b",
            "https://a.example\\@b.example/",
            "https://\\a.example/",
            "https:///a.example/cb",
            "https://0x7f.1/cb",
            "https://2130706433/",
            "https://a.example/?x=%00",
        ] {
            assert_eq!(redirect(text, false, false), Err(InvalidUri::Malformed), "{text}");
        }
        assert_eq!(
            redirect(&format!("https://a.example/{}", "x".repeat(2_048)), false, false),
            Err(InvalidUri::Malformed)
        );
    }
}
