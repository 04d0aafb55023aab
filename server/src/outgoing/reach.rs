//! Which addresses a request may reach. What is not public is inside somebody's network, ours or the provider's.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::Reason;

/// Where requests may go.
#[derive(Clone)]
pub(super) struct Reach {
    allowed: Arc<[IpNet]>,
    public: bool,
}

impl Reach {
    /// To public addresses and to these networks.
    pub(super) fn with_public(allowed: Vec<IpNet>) -> Self {
        Self { allowed: allowed.into(), public: true }
    }

    /// To these networks alone.
    pub(super) fn only(allowed: Vec<IpNet>) -> Self {
        Self { allowed: allowed.into(), public: false }
    }

    /// Whether this address may be asked.
    pub(super) fn check(&self, address: IpAddr) -> Result<(), Reason> {
        let end = far_end(address);
        let is_allowed = self.allowed.iter().any(|network| network.contains(&address) || network.contains(&end));
        match is_public(end) {
            _ if is_allowed => Ok(()),
            true if self.public => Ok(()),
            true => Err(Reason::NotHttps(address)),
            false => Err(Reason::NotPublic(address)),
        }
    }
}

/// The IPv4 address that an IPv6 one leads to: mapped (RFC 4291 §2.5.5.2), or by way of NAT64 (RFC 6052 §2.1), through which
/// networks without IPv4 see all of it.
fn far_end(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if NAT64.contains(&v6) => {
            let [.., a, b, c, d] = v6.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        _ => address.to_canonical(),
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !NOT_PUBLIC_V4.iter().any(|network| network.contains(&v4)),
        IpAddr::V6(v6) => UNICAST.contains(&v6) && !NOT_PUBLIC_V6.iter().any(|network| network.contains(&v6)),
    }
}

/// The networks of the IANA IPv4 special-purpose address registry, multicast, and one beside.
const NOT_PUBLIC_V4: [Ipv4Net; 16] = [
    v4([0, 0, 0, 0], 8),        // this network, RFC 791 §3.2
    v4([10, 0, 0, 0], 8),       // private, RFC 1918
    v4([100, 64, 0, 0], 10),    // carriers' own, RFC 6598
    v4([127, 0, 0, 0], 8),      // loopback, RFC 1122 §3.2.1.3
    v4([168, 63, 129, 16], 32), // Azure's platform, within each machine there
    v4([169, 254, 0, 0], 16),   // link-local, RFC 3927: clouds' metadata, too
    v4([172, 16, 0, 0], 12),    // private, RFC 1918
    v4([192, 0, 0, 0], 24),     // protocol assignments, RFC 6890
    v4([192, 0, 2, 0], 24),     // documentation, RFC 5737
    v4([192, 88, 99, 0], 24),   // 6to4 relays, RFC 7526
    v4([192, 168, 0, 0], 16),   // private, RFC 1918
    v4([198, 18, 0, 0], 15),    // benchmarks, RFC 2544
    v4([198, 51, 100, 0], 24),  // documentation, RFC 5737
    v4([203, 0, 113, 0], 24),   // documentation, RFC 5737
    v4([224, 0, 0, 0], 4),      // multicast, RFC 5771
    v4([240, 0, 0, 0], 4),      // reserved, RFC 1112 §4, and broadcast
];

/// All that is assigned for unicast. Beyond it lie loopback, IPv4-compatible, unique local, link-local and multicast.
const UNICAST: Ipv6Net = v6([0x2000, 0, 0], 3);
/// RFC 6052 §2.1.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0], 96);

/// The networks within [`UNICAST`] of the IANA IPv6 special-purpose address registry.
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0], 23),     // protocol assignments, RFC 2928: Teredo, benchmarks, ORCHID
    v6([0x2001, 0xdb8, 0], 32), // documentation, RFC 3849
    v6([0x2002, 0, 0], 16),     // 6to4, RFC 3056: IPv4 in disguise
    v6([0x3fff, 0, 0], 20),     // documentation, RFC 9637
];

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6([a, b, c]: [u16; 3], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reach: &Reach, address: &str) -> Result<(), Reason> {
        reach.check(address.parse().unwrap())
    }

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// From each network that is not public, its edges above all.
    const INSIDE: &[&str] = &[
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.192",
        "192.0.0.255",
        "192.0.2.0",
        "192.0.2.255",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.255",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "::2",
        "::7f00:1",
        "::9.9.9.9",
        "::ffff:0:10.0.0.1",
        "64:ff9b:1::1",
        "64:ff9b:1::10.0.0.1",
        "64:ff9b:0:0:1::9.9.9.9",
        "100::1",
        "1fff::",
        "2001::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:1ff:ffff::1",
        "2001:db8::",
        "2001:db8:ffff::1",
        "2002::",
        "2002:7f00:1::",
        "2002:909:909::",
        "3fff::",
        "3fff:fff::1",
        "4000::",
        "5f00::1",
        "fc00::",
        "fd00:ec2::254",
        "fdff:ffff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ffff::",
    ];

    /// From beside them.
    const PUBLIC: &[&str] = &[
        "1.0.0.0",
        "9.9.9.9",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.114.0",
        "223.255.255.255",
        "2000::1",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2001:db7::1",
        "2001:db9::1",
        "2003::1",
        "2620:fe::fe",
        "3ffe::1",
        "3fff:1000::1",
    ];

    #[test]
    fn what_is_inside_somebodys_network_is_refused_and_what_is_beside_it_is_not() {
        let reach = Reach::with_public(Vec::new());
        for address in INSIDE {
            assert_eq!(check(&reach, address), Err(Reason::NotPublic(address.parse().unwrap())), "{address}");
        }
        for address in PUBLIC {
            assert_eq!(check(&reach, address), Ok(()), "{address}");
        }
    }

    #[test]
    fn an_ipv4_address_in_disguise_is_judged_as_itself() {
        let reach = Reach::with_public(Vec::new());
        for prefix in ["::ffff:", "64:ff9b::"] {
            let disguised = |addresses: &'static [&'static str]| {
                addresses.iter().filter(|address| address.contains('.') && !address.contains(':'))
            };
            for address in disguised(INSIDE) {
                assert!(check(&reach, &format!("{prefix}{address}")).is_err(), "{prefix}{address}");
            }
            for address in disguised(PUBLIC) {
                assert_eq!(check(&reach, &format!("{prefix}{address}")), Ok(()), "{prefix}{address}");
            }
        }
    }

    #[test]
    fn allowed_networks_are_within_reach_and_no_others() {
        let reach = Reach::with_public(networks(&["10.1.0.0/16", "fd00:1::/32", "::1/128"]));
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00:1::1", "::1", "9.9.9.9"] {
            assert_eq!(check(&reach, address), Ok(()), "{address}");
        }
        for address in ["10.2.0.1", "::ffff:10.2.0.1", "fd00:2::1", "127.0.0.1", "::2"] {
            assert!(check(&reach, address).is_err(), "{address}");
        }
        assert_eq!(check(&Reach::with_public(networks(&["0.0.0.0/0"])), "127.0.0.1"), Ok(()));
    }

    #[test]
    fn without_the_public_ones_only_allowed_networks_are_within_reach() {
        let reach = Reach::only(networks(&["10.0.0.0/8", "9.9.9.0/24"]));
        assert_eq!(check(&reach, "10.1.2.3"), Ok(()));
        assert_eq!(check(&reach, "9.9.9.9"), Ok(()));
        assert_eq!(check(&reach, "8.8.8.8"), Err(Reason::NotHttps("8.8.8.8".parse().unwrap())));
        assert_eq!(check(&reach, "127.0.0.1"), Err(Reason::NotPublic("127.0.0.1".parse().unwrap())));
    }
}
