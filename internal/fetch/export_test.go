package fetch

import (
	"crypto/x509"
	"net/http"
	"net/netip"
)

// Check is check, for the table of addresses.
var Check = check

// Pretend lets one address of this machine pass for one in the internet.
func (f *Fetcher) Pretend(public netip.AddrPort) {
	refuse := f.refuse
	f.refuse = func(a netip.AddrPort) error {
		if a == public {
			return nil
		}
		return refuse(a)
	}
}

// Trust makes a fetcher believe a test server's certificate.
func (f *Fetcher) Trust(roots *x509.CertPool) {
	f.client.Transport.(*http.Transport).TLSClientConfig.RootCAs = roots
}
