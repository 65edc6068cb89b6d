// Package fetch opens URLs that an administrator has allowed.
//
// In goes the URL that a user names, out come the bytes that stand there, as they stand there, and what the other side calls them.
// Whoever may name a URL makes this server knock at a door that he may not reach himself, so all that is not asked for is refused:
//
//	hosts.go    the list of allowed hosts: scheme, host and port of the URL, and of each one that it leads to, must be in it
//	address.go  the addresses that no host may have: those of this machine, of its network, and of no place in the internet
//	fetch.go    the request: no proxy, no cookies, no credentials, five redirects, and a time for each step
//
// An address is looked at when the connection is made, after the name was looked up, so a name that changes its meaning between a
// check and its use gains nothing. How large the content may be is for the caller, who knows the quota.
package fetch

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"syscall"
	"time"
)

// Options say what may be opened, and how patiently. The zero value allows nothing.
type Options struct {
	Hosts   []string      // allowed hosts, as logs.example.com, *.example.com, logs.example.com:8443 or http://logs.example.com; default none
	Private bool          // hosts may have addresses of this machine and of private networks; never those of a link, where clouds keep secrets
	Connect time.Duration // looking up a name and connecting may take; default 10 seconds
	Begin   time.Duration // all until the content begins, redirects included; default 30 seconds
	Stall   time.Duration // content that brings no byte for so long is given up; default 1 minute
	Total   time.Duration // and any after this time; default 6 hours

	Resolver *net.Resolver // looks up names; default the system's
}

// Error says why a URL was not opened, or why its content ended. The reason is for whoever named the URL.
type Error struct {
	Refused bool // it may not be opened; else the other side is to blame
	Reason  string
	err     error
}

func (e *Error) Error() string { return e.Reason }

func (e *Error) Unwrap() error { return e.err }

func refused(format string, args ...any) *Error {
	return &Error{Refused: true, Reason: fmt.Sprintf(format, args...)}
}

const maxRedirects = 5

// Fetcher opens URLs. It is safe for concurrent use, and keeps no connection open. The zero value opens none.
type Fetcher struct {
	o      Options
	hosts  []host
	refuse func(netip.AddrPort) error
	client *http.Client
}

// New makes a fetcher. It refuses a list that it does not understand.
func New(o Options) (*Fetcher, error) {
	for _, d := range []struct {
		name  string
		v     *time.Duration
		usual time.Duration
	}{{"Connect", &o.Connect, 10 * time.Second}, {"Begin", &o.Begin, 30 * time.Second}, {"Stall", &o.Stall, time.Minute}, {"Total", &o.Total, 6 * time.Hour}} {
		if *d.v < 0 {
			return nil, fmt.Errorf("fetch option %s is %s, want 0 or more", d.name, *d.v)
		}
		*d.v = cmp.Or(*d.v, d.usual)
	}
	f := &Fetcher{o: o}
	for _, s := range o.Hosts {
		h, err := parseHost(s)
		if err != nil {
			return nil, err
		}
		f.hosts = append(f.hosts, h)
	}
	f.refuse = func(a netip.AddrPort) error { return check(a.Addr(), o.Private) }
	dialer := &net.Dialer{Timeout: o.Connect, Resolver: o.Resolver, Control: f.control}
	f.client = &http.Client{
		CheckRedirect: f.redirect,
		Transport: &http.Transport{ // no Proxy: one that the environment names would be asked to connect, and knows no rules of ours
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    o.Connect,
			DisableCompression:     true, // the bytes are kept as they are given
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
	return f, nil
}

// Enabled tells whether any URL may be opened.
func (f *Fetcher) Enabled() bool { return len(f.hosts) > 0 }

// control is called with each address before a connection to it is made.
func (f *Fetcher) control(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return refused("the address %s is none of the internet", address)
	}
	return f.refuse(a)
}

func (f *Fetcher) redirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return refused("it leads on more than %d times", maxRedirects)
	}
	r.Header.Del("Referer") // what the first host was asked is nothing for the next
	if err := f.allowed(r.URL); err != nil {
		return refused("it leads to where it may not: %s", err)
	}
	return nil
}

// Content is what a URL yields, as it comes. Close it.
type Content struct {
	Host string // that it came from, after all redirects
	Name string // what the other side calls it, uncleaned; may be empty
	Size int64  // bytes that were announced, -1 if unknown

	ctx   context.Context // of the request: its cause says why a read was ended
	body  io.ReadCloser
	idle  *time.Timer
	stall time.Duration
	close func()
}

// Open asks for a URL and waits until its content begins. The error is an *Error, or that of ctx.
func (f *Fetcher) Open(ctx context.Context, address string) (*Content, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, refused("it is no URL")
	}
	if err := f.allowed(u); err != nil {
		return nil, err
	}
	whole, end := context.WithTimeoutCause(ctx, f.o.Total, &Error{Reason: fmt.Sprintf("the content took longer than %s", f.o.Total)})
	ours, stop := context.WithCancelCause(whole)
	done := func() { stop(nil); end() }
	late := time.AfterFunc(f.o.Begin, func() { stop(&Error{Reason: fmt.Sprintf("the content did not begin within %s", f.o.Begin)}) })
	resp, err := f.ask(ours, u)
	if !late.Stop() && err == nil {
		_ = resp.Body.Close() // the timer has ended the request already
		err = context.Cause(ours)
	}
	if err != nil {
		done()
		return nil, f.told(ctx, ours, err)
	}
	idle := time.AfterFunc(f.o.Stall, func() { stop(&Error{Reason: fmt.Sprintf("no more of the content came for %s", f.o.Stall)}) })
	return &Content{Host: resp.Request.URL.Host, Name: nameOf(resp), Size: resp.ContentLength, ctx: ours, body: resp.Body, idle: idle, stall: f.o.Stall, close: done}, nil
}

func (f *Fetcher) ask(ctx context.Context, u *url.URL) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, refused("it is no URL")
	}
	r.Header.Set("User-Agent", "rca")
	resp, err := f.client.Do(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close() // what an error page says is not wanted
		return nil, &Error{Reason: fmt.Sprintf("the other side answered with status %d", resp.StatusCode)}
	}
	return resp, nil
}

// told words what went wrong, without the URL, which may hold a secret in its query.
func (f *Fetcher) told(ctx, ours context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e *Error
	if errors.As(context.Cause(ours), &e) || errors.As(err, &e) {
		return e
	}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return &Error{Reason: "there is no such host", err: err}
	case errors.As(err, &cert), errors.As(err, &authority):
		return &Error{Reason: "the certificate of the other side is not trusted", err: err}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Reason: "the other side did not answer in time", err: err}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Error{Reason: "the other side refuses connections", err: err}
	}
	return &Error{Reason: "the other side could not be asked, or answered what is no HTTP", err: err}
}

// Read yields the content as it is sent, encoded or not. What ends it early is an *Error, never an end.
func (c *Content) Read(p []byte) (int, error) {
	c.idle.Reset(c.stall)
	n, err := c.body.Read(p)
	c.idle.Stop() // how long the bytes take to be kept is not the other side's fault
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	var e *Error
	if errors.As(context.Cause(c.ctx), &e) {
		return n, e
	}
	if err := c.ctx.Err(); err != nil {
		return n, err
	}
	return n, &Error{Reason: "the content was cut off"} // the cause is kept back: it may be an ErrUnexpectedEOF, which callers take for a torn upload
}

// Close ends the request.
func (c *Content) Close() error {
	c.idle.Stop()
	c.close()
	return c.body.Close()
}

// nameOf is what the answer calls its content, else the last part of the path.
func nameOf(resp *http.Response) string {
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil && params["filename"] != "" {
		return params["filename"]
	}
	if p := resp.Request.URL.Path; p != "" && !strings.HasSuffix(p, "/") {
		return path.Base(p)
	}
	return ""
}
