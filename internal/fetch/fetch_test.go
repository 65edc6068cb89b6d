package fetch_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/rca-engine/rca/internal/fetch"
)

// private is a server on this machine that nobody may reach; it counts who does.
func private(t *testing.T) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var connections atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "secret") }))
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		if st == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s, &connections
}

func portOf(t *testing.T, s *httptest.Server) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// resolver answers questions about names from a table, each time with the next of a name's lists, at last with the last.
func resolver(t *testing.T, names map[string][][]string) *net.Resolver {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil {
				continue
			}
			m.Response = true
			q := m.Questions[0]
			name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
			lists := names[name]
			if len(lists) == 0 {
				m.RCode = dnsmessage.RCodeNameError
			} else if q.Type == dnsmessage.TypeA {
				for _, s := range lists[0] {
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class},
						Body: &dnsmessage.AResource{A: netip.MustParseAddr(s).As4()}})
				}
				if len(lists) > 1 {
					names[name] = lists[1:]
				}
			}
			m.Additionals = nil
			if b, err := m.Pack(); err == nil {
				_, _ = c.WriteTo(b, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}

func open(t *testing.T, o fetch.Options) *fetch.Fetcher {
	t.Helper()
	f, err := fetch.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// refuses wants a URL refused, for a reason.
func refuses(t *testing.T, f *fetch.Fetcher, u, reason string) {
	t.Helper()
	c, err := f.Open(t.Context(), u)
	var e *fetch.Error
	if err == nil {
		_ = c.Close()
		t.Errorf("%s was opened", u)
	} else if !errors.As(err, &e) || !e.Refused || !strings.Contains(e.Reason, reason) {
		t.Errorf("%s: %v, want refused because %q", u, err, reason)
	}
}

// fails wants a URL to be opened and the content, or what comes before it, to end with a reason.
func fails(t *testing.T, f *fetch.Fetcher, u, reason string) {
	t.Helper()
	c, err := f.Open(t.Context(), u)
	if err == nil {
		_, err = io.Copy(io.Discard, c)
		_ = c.Close()
	}
	var e *fetch.Error
	if !errors.As(err, &e) || e.Refused || !strings.Contains(e.Reason, reason) || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%s: %v, want failed because %q", u, err, reason)
	}
}

func TestHostileURLsReachNobody(t *testing.T) {
	target, connections := private(t)
	port := portOf(t, target)
	f := open(t, fetch.Options{
		Hosts: []string{"http://good.example:" + port, "http://*.good.example:" + port, "http://localhost:" + port, "http://127.0.0.1:" + port, "http://[::1]:" + port,
			"http://169.254.169.254", "secure.example"},
		Resolver: resolver(t, map[string][][]string{
			"good.example":        {{"127.0.0.1"}},
			"mixed.good.example":  {{"192.0.2.7", "127.0.0.1"}},
			"rebind.good.example": {{"10.0.0.1"}, {"127.0.0.1"}},
		})})
	const listed, unusual, letters, address = "not in the list", "unusual form", "letters", "private network"
	for _, c := range []struct{ url, reason string }{
		{"http://good.example:" + port + "/", address},
		{"http://mixed.good.example:" + port + "/", "the host has an address"},
		{"http://rebind.good.example:" + port + "/", address},
		{"http://rebind.good.example:" + port + "/", address},
		{"http://localhost:" + port + "/", address},
		{"http://127.0.0.1:" + port + "/", address},
		{"http://[::1]:" + port + "/", address},
		{"http://169.254.169.254/latest/meta-data/", "no place in the internet"},
		{"http://2130706433:" + port + "/", unusual},
		{"http://0x7f000001:" + port + "/", unusual},
		{"http://0x7f.1:" + port + "/", unusual},
		{"http://0177.0.0.1:" + port + "/", unusual},
		{"http://127.1:" + port + "/", unusual},
		{"http://0:" + port + "/", unusual},
		{"http://[::]:" + port + "/", listed},
		{"http://[::ffff:127.0.0.1]:" + port + "/", "holds another address"},
		{"http://[::ffff:7f00:1]:" + port + "/", "holds another address"},
		{"http://[fe80::1%25eth0]:" + port + "/", "zone"},
		{"http://１２７.0.0.1:" + port + "/", letters},
		{"http://gооd.example:" + port + "/", letters}, // Cyrillic
		{"http://good.example@127.0.0.1:" + port + "/", "user"},
		{"http://good.example:pw@good.example:" + port + "/", "user"},
		{"http://good.example:" + port + "@127.0.0.1/", "user"},
		{"http://127.0.0.1:" + port + "#@good.example/", address},
		{"http://good.example/", listed},                       // another port
		{"https://good.example:" + port + "/", listed},         // another scheme
		{"http://secure.example/", listed},                     // only by https
		{"http://evilgood.example:" + port + "/", listed},      // no dot before the suffix
		{"http://good.example.evil.org:" + port + "/", listed}, // a suffix, not a prefix
		{"http://good..example:" + port + "/", "no name"},
		{"file:///etc/passwd", "only URLs"},
		{"ftp://good.example/", "only URLs"},
		{"gopher://127.0.0.1:" + port + "/_x", "only URLs"},
		{"http:good.example", "only URLs"},
		{"//good.example/", "only URLs"},
		{"http://", "only URLs"},
		{"http://good.example:" + port + "\r\nHost: x/", "no URL"},
		{"", "only URLs"},
	} {
		refuses(t, f, c.url, c.reason)
	}
	fails(t, f, "http://127.0.0.1.:"+port+"/", "no such host") // to the resolver it is a name
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections reached the private server", n)
	}
	refuses(t, open(t, fetch.Options{}), "https://good.example/", listed)
}

func TestAddresses(t *testing.T) {
	for _, s := range []string{"0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",
		"192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1",
		"::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1",
		"fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"} {
		if fetch.Check(netip.MustParseAddr(s), false) == nil {
			t.Errorf("%s passes", s)
		}
	}
	for _, s := range []string{"1.1.1.1", "172.15.255.255", "172.32.0.1", "100.128.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1"} {
		if err := fetch.Check(netip.MustParseAddr(s), false); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	for s, passes := range map[string]bool{"127.0.0.1": true, "10.1.2.3": true, "fd12::1": true, "::1": true, "100.64.0.1": true, "169.254.169.254": false, "fe80::1": false,
		"fd00:ec2::254": false, "0.0.0.0": false, "224.0.0.1": false, "::": false} {
		if err := fetch.Check(netip.MustParseAddr(s), true); (err == nil) != passes {
			t.Errorf("%s with private networks allowed: %v", s, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	target, connections := private(t)
	mux := http.NewServeMux()
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	port := portOf(t, front)
	host := "http://logs.example:" + port
	var referers, cookies atomic.Int64
	to := func(path, where string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "c", Value: "1", Path: "/"})
			http.Redirect(w, r, where, http.StatusFound)
		})
	}
	to("/private", target.URL)
	to("/listed-private", "http://inside.example:"+portOf(t, target))
	to("/file", "file:///etc/passwd")
	to("/https", "https://logs.example:"+port+"/ok")
	to("/user", "http://u:p@logs.example:"+port+"/ok")
	to("/loop", "/loop")
	for i := range 6 {
		to(fmt.Sprintf("/hop%d", i+1), fmt.Sprintf("/hop%d", i))
	}
	mux.HandleFunc("/hop0", func(w http.ResponseWriter, r *http.Request) {
		referers.Add(int64(len(r.Header["Referer"])))
		cookies.Add(int64(len(r.Cookies()) + len(r.Header["Authorization"])))
		fmt.Fprint(w, "there")
	})
	f := open(t, fetch.Options{Hosts: []string{host, "http://inside.example:" + portOf(t, target)},
		Resolver: resolver(t, map[string][][]string{"logs.example": {{"127.0.0.1"}}, "inside.example": {{"127.0.0.1"}}})})
	f.Pretend(netip.MustParseAddrPort("127.0.0.1:" + port))
	refuses(t, f, host+"/private", "not in the list")
	refuses(t, f, host+"/listed-private", "private network")
	refuses(t, f, host+"/file", "only URLs")
	refuses(t, f, host+"/https", "not in the list")
	refuses(t, f, host+"/user", "user")
	refuses(t, f, host+"/loop", "more than 5 times")
	refuses(t, f, host+"/hop6", "more than 5 times")
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections reached the private server", n)
	}
	c, err := f.Open(t.Context(), host+"/hop5?token=secret")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if b, err := io.ReadAll(c); string(b) != "there" || err != nil || c.Name != "hop0" {
		t.Errorf("%q of %q, %v", b, c.Name, err)
	}
	if referers.Load() != 0 || cookies.Load() != 0 {
		t.Errorf("%d referers, %d cookies or credentials were sent on", referers.Load(), cookies.Load())
	}
}

func TestContentComesAsItIs(t *testing.T) {
	packed := []byte("\x1f\x8b\x08 not really packed")
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/named":
			w.Header().Set("Content-Disposition", `attachment; filename*=UTF-8''..%2F%C3%BC.log`)
		case "/encoded.log":
			w.Header().Set("Content-Encoding", "gzip")
		}
		if r.Header.Get("Accept-Encoding") != "" || r.Method != "GET" {
			w.WriteHeader(http.StatusNotAcceptable)
		}
		_, _ = w.Write(packed)
	}))
	t.Cleanup(s.Close)
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1") // would refuse all, if it were asked
	f := open(t, fetch.Options{Hosts: []string{"*.Example.com:" + portOf(t, s)}, Private: true,
		Resolver: resolver(t, map[string][][]string{"logs.example.com": {{"127.0.0.1"}}})})
	base := "https://LOGS.example.com.:" + portOf(t, s)
	fails(t, f, base+"/a", "certificate")
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	f.Trust(roots)
	base = strings.Replace(base, "com.", "com", 1)
	for path, name := range map[string]string{"/named": "../ü.log", "/encoded.log": "encoded.log", "/dir/a%20b.log?x=1": "a b.log", "/dir/": "", "": ""} {
		c, err := f.Open(t.Context(), base+path)
		if err != nil {
			t.Fatal(path, err)
		}
		b, err := io.ReadAll(c)
		if err != nil || !bytes.Equal(b, packed) || c.Name != name || c.Size != int64(len(packed)) {
			t.Errorf("%s: %q, name %q, size %d, %v", path, b, c.Name, c.Size, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTheOtherSideFails(t *testing.T) {
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	over := make(chan struct{})
	t.Cleanup(func() { close(over); s.Close() })
	mux.HandleFunc("/mute", func(_ http.ResponseWriter, r *http.Request) { <-over })
	mux.HandleFunc("/stall", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "some")
		_ = http.NewResponseController(w).Flush()
		<-over
	})
	mux.HandleFunc("/drip", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := fmt.Fprint(w, "drop"); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
		}
	})
	mux.HandleFunc("/torn", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "some")
	})
	o := fetch.Options{Hosts: []string{"http://logs.example:" + portOf(t, s), "http://logs.example:1", "http://gone.example"}, Private: true,
		Begin: 300 * time.Millisecond, Stall: 200 * time.Millisecond, Total: 700 * time.Millisecond,
		Resolver: resolver(t, map[string][][]string{"logs.example": {{"127.0.0.1"}}})}
	f := open(t, o)
	base := "http://logs.example:" + portOf(t, s)
	fails(t, f, base+"/absent", "status 404")
	fails(t, f, base+"/mute", "did not begin")
	fails(t, f, base+"/stall", "no more of the content")
	fails(t, f, base+"/drip", "took longer")
	fails(t, f, base+"/torn", "cut off")
	fails(t, f, "http://logs.example:1/", "refuses connections")
	fails(t, f, "http://gone.example/", "no such host")

	ctx, cancel := context.WithCancel(t.Context())
	c, err := f.Open(ctx, base+"/drip")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	cancel()
	if _, err := io.Copy(io.Discard, c); !errors.Is(err, context.Canceled) {
		t.Errorf("after the caller left: %v", err)
	}
	if _, err := f.Open(ctx, base+"/drip"); !errors.Is(err, context.Canceled) {
		t.Errorf("for a caller that left: %v", err)
	}
}

func TestListIsUnderstoodOrRefused(t *testing.T) {
	for _, bad := range []string{"", "*", "*.", "*.com", "*.1.2.3.4", "a.*.com", "ftp://a.com", "a.com/x", "u@a.com", "a.com:0", "a.com:99999", "a.com:x", "a..com", "2130706433",
		"bücher.example", "a.com?q", "[::ffff:1.1.1.1]"} {
		if _, err := fetch.New(fetch.Options{Hosts: []string{bad}}); err == nil || !strings.Contains(err.Error(), "allowed host") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"a.com", "A.com.", "*.a.com", "a.com:8443", "http://a.com", "https://a.com", "http://*.a.com:8080", "1.2.3.4", "[2606:4700::1]:8443", "localhost"} {
		if f, err := fetch.New(fetch.Options{Hosts: []string{good}}); err != nil || !f.Enabled() {
			t.Errorf("%q: %v", good, err)
		}
	}
	if _, err := fetch.New(fetch.Options{Stall: -1}); err == nil {
		t.Error("a time below zero passed")
	}
}
