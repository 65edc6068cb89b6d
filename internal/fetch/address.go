package fetch

import "net/netip"

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, s := range all {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// What the registries of special addresses (RFC 6890 and its successors) hold.
var (
	// private are this machine and networks that belong to whoever runs it.
	private = prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")

	// nowhere are a link, groups, examples and tests, what is reserved, and addresses that hold another one, which a translator
	// may unfold where we do not see it: 6to4 and its relays, Teredo. Clouds tell secrets at 169.254.169.254 and fd00:ec2::254.
	nowhere = prefixes("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "fd00:ec2::254/128")

	// global is all of IPv6 that is given out. What lies outside is refused as a whole: ::/96, ::ffff:0:0/96, 64:ff9b::/96 (NAT64),
	// fe80::/10, ff00::/8 and what may come.
	global = netip.MustParsePrefix("2000::/3")
)

// check refuses addresses at which nothing lies that a user may have us ask.
func check(a netip.Addr, allowPrivate bool) error {
	a = a.Unmap().WithZone("")
	for _, p := range nowhere {
		if p.Contains(a) {
			return refused("the host has an address that is no place in the internet")
		}
	}
	for _, p := range private {
		if p.Contains(a) {
			if allowPrivate {
				return nil
			}
			return refused("the host has an address of a private network")
		}
	}
	if a.Is6() && !global.Contains(a) || !a.IsValid() {
		return refused("the host has an address that is no place in the internet")
	}
	return nil
}
