package redact

import (
	"net/netip"
	"strings"
)

// address looks at an IPv4 or IPv6 address that begins with the word s[i:end]. Loopback and unspecified addresses are the same on every
// machine, and stay; so does a version, which has the form of an IPv4 address but says so.
func (r *Redactor) address(i, end int) int {
	s := r.s
	if i > 0 && (s[i-1] == '.' || s[i-1] == '-' && i > 1 && isWord(s[i-2]) || s[i-1] == ':' && i > 1 && s[i-2] != ':' && isHex(s[i-2])) {
		return end
	}
	to := i
	colons, dots := 0, 0
	for to < len(s) && to < i+46 && (isHex(s[to]) || s[to] == ':' || s[to] == '.') {
		switch s[to] {
		case ':':
			if dots == 3 { // a port
				goto done
			}
			colons++
		case '.':
			dots++
		}
		to++
	}
done:
	for to > i && (s[to-1] == '.' || s[to-1] == ':' && (to < i+2 || s[to-2] != ':')) {
		to--
	}
	if colons < 2 && dots != 3 || to < len(s) && (isWord(s[to]) || s[to] == '-' && to+1 < len(s) && isWord(s[to+1])) {
		return end
	}
	a, err := netip.ParseAddr(s[i:to])
	if err != nil || a.IsLoopback() || a.IsUnspecified() || a.Is4() && named(s, i) || colons == 7 && to-i == 23 { // eight bytes in hex
		return end
	}
	return r.add("IP", i, to)
}

// named tells whether the word before i says that a version follows.
func named(s string, i int) bool {
	for i > 0 && strings.IndexByte(" =:\"'/", s[i-1]) >= 0 {
		i--
	}
	for _, w := range []string{"version", "ver", "release"} {
		if i >= len(w) && strings.EqualFold(s[i-len(w):i], w) {
			return true
		}
	}
	return false
}
