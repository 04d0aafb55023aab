//! Who really calls, when proxies stand in between: forwarding headers are
//! believed from configured peers only, and read from the near end.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

/// A header longer than this is somebody's game.
const MAX_HOPS: usize = 32;

/// The caller's address: the peer itself, or, where the peer is a trusted proxy, the nearest hop that is not.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    for hop in forwarded_hops(headers).into_iter().rev().take(MAX_HOPS) {
        let Some(address) = hop else { break };
        client = address;
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// The hops as told, far end first; `None` where one hides or is not an address. A proxy writes one of the two headers and
/// may pass the other on as a stranger sent it, so where both are there they must agree or neither is believed.
fn forwarded_hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    // Split as bytes: what a stranger wrote beside a proxy's word does not make that unreadable.
    let hops = |name: &str, read: fn(&str) -> Option<IpAddr>| -> Vec<Option<IpAddr>> {
        let parts = headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        parts.map(|part| read(std::str::from_utf8(part).ok()?.trim())).collect()
    };
    let standard = hops("forwarded", forwarded_for);
    let customary = hops("x-forwarded-for", parse_node);
    match (standard.is_empty(), customary.is_empty()) {
        (false, false) if standard != customary => Vec::new(),
        (false, _) => standard,
        (true, _) => customary,
    }
}

fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| parse_node(value.trim().trim_matches('"')))?
    })
}

/// An address, with or without brackets and port (RFC 7239 §6).
fn parse_node(node: &str) -> Option<IpAddr> {
    let bare = node.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(node, |(address, _)| address);
    bare.parse()
        .or_else(|_| node.parse::<std::net::SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(peer: &str, headers: &[(&'static str, &str)], trusted: &[&str]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(resolve("203.0.113.9", &[("x-forwarded-for", "10.0.0.1")], &[]), "203.0.113.9");
        assert_eq!(resolve("203.0.113.9", &[("forwarded", "for=10.0.0.1")], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn the_nearest_hop_that_is_no_proxy_of_ours_is_the_caller() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(
            resolve("10.0.0.1", &[("x-forwarded-for", "198.51.100.7, 203.0.113.9, 10.0.0.2")], &trusted),
            "203.0.113.9"
        );
        assert_eq!(
            resolve("10.0.0.1", &[("x-forwarded-for", "198.51.100.7"), ("x-forwarded-for", "203.0.113.9")], &trusted),
            "203.0.113.9"
        );
        assert_eq!(resolve("10.0.0.1", &[], &trusted), "10.0.0.1");
    }

    #[test]
    fn both_headers_are_read_in_all_their_spellings() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(
            resolve("10.0.0.1", &[("forwarded", "for=\"[2001:db8::1]:4711\";proto=https")], &trusted),
            "2001:db8::1"
        );
        assert_eq!(resolve("10.0.0.1", &[("forwarded", "For=203.0.113.9:80")], &trusted), "203.0.113.9");
        assert_eq!(resolve("10.0.0.1", &[("x-forwarded-for", "::ffff:203.0.113.9")], &trusted), "203.0.113.9");
        assert_eq!(resolve("::ffff:10.0.0.1", &[("x-forwarded-for", "203.0.113.9")], &trusted), "203.0.113.9");
    }

    #[test]
    fn what_a_stranger_wrote_in_front_does_not_hide_the_hop_behind_it() {
        assert_eq!(resolve("10.0.0.1", &[("x-forwarded-for", "\u{e9}, 203.0.113.9")], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn headers_that_contradict_each_other_are_not_believed() {
        let both = [("forwarded", "for=198.51.100.7"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(resolve("10.0.0.1", &both, &["10.0.0.0/8"]), "10.0.0.1");
        let agreeing = [("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(resolve("10.0.0.1", &agreeing, &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn a_hop_that_hides_ends_the_search() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(resolve("10.0.0.1", &[("forwarded", "for=198.51.100.7, for=unknown")], &trusted), "10.0.0.1");
        assert_eq!(
            resolve("10.0.0.1", &[("x-forwarded-for", "198.51.100.7, garbage, 10.0.0.3")], &trusted),
            "10.0.0.3"
        );
    }
}
