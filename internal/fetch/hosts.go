package fetch

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// host is an entry of the list.
type host struct {
	scheme string
	name   string // lower case, or an address
	under  bool   // any host below name, but not name itself
	port   string
}

// parseHost reads an entry of the list: a name, *.name or an address, a port if it is another than that of the scheme, and http://
// before it where the connection need not be safe.
func parseHost(entry string) (host, error) {
	h := host{scheme: "https"}
	rest := strings.ToLower(strings.TrimSpace(entry))
	if scheme, after, ok := strings.Cut(rest, "://"); ok {
		if scheme != "http" && scheme != "https" {
			return h, fmt.Errorf("allowed host %q: the scheme is neither https nor http", entry)
		}
		h.scheme, rest = scheme, after
	}
	rest, h.under = strings.CutPrefix(rest, "*.")
	u, err := url.Parse(h.scheme + "://" + rest)
	if err != nil || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || strings.Contains(rest, "*") {
		return h, fmt.Errorf("allowed host %q: want a name, *.name or an address, with a port if need be", entry)
	}
	h.name, h.port = strings.TrimSuffix(u.Hostname(), "."), portOf(u)
	if reason := unclear(h.name); reason != "" {
		return h, fmt.Errorf("allowed host %q: %s", entry, reason)
	}
	_, err = netip.ParseAddr(h.name)
	if h.under && (err == nil || !strings.Contains(h.name, ".")) {
		return h, fmt.Errorf("allowed host %q: what stands after *. must be a name with a dot in it", entry)
	}
	if n, err := strconv.ParseUint(h.port, 10, 16); err != nil || n == 0 {
		return h, fmt.Errorf("allowed host %q: the port is none", entry)
	}
	return h, nil
}

// allowed says why a URL may not be opened, nil if it may.
func (f *Fetcher) allowed(u *url.URL) error {
	if u.Scheme != "https" && u.Scheme != "http" || u.Opaque != "" || u.Host == "" {
		return refused("only URLs of the form https://host/path are opened")
	}
	if u.User != nil {
		return refused("a URL with a user or a password is not opened")
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if reason := unclear(name); reason != "" {
		return refused("%s", reason)
	}
	port := portOf(u)
	for _, h := range f.hosts {
		if h.scheme == u.Scheme && h.port == port && (h.name == name && !h.under || h.under && strings.HasSuffix(name, "."+h.name)) {
			return nil
		}
	}
	return refused("%s://%s, port %s, is not in the list of allowed hosts", u.Scheme, name, port)
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// unclear says why a host is neither a name nor an address that all programs read in the same way; empty if it is.
func unclear(name string) string {
	if a, err := netip.ParseAddr(name); err == nil {
		if a.Zone() != "" || a.Is4In6() {
			return "the address has a zone, or holds another address"
		}
		return ""
	}
	if name == "" || len(name) > 253 {
		return "the host is empty or too long"
	}
	labels := strings.Split(name, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 {
			return "the host is no name"
		}
		for _, c := range []byte(l) { // letters of other alphabets have a form in these, xn--…, which shows what they are
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return "the host has letters that are not of the names of hosts"
			}
		}
	}
	// 2130706433, 0x7f.1 and 0177.0.0.1 are ways to write 127.0.0.1, which some resolvers understand.
	last := labels[len(labels)-1]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return "the host is an address in an unusual form"
	}
	return ""
}
