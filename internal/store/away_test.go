package store_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

// A database that has gone is told as that, whether the connection broke in the middle or cannot be made, and is used again when it is
// back. What the caller gave up is not.
func TestAway(t *testing.T) {
	u, err := url.Parse(storetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{to: u.Host}
	p.start(t, "127.0.0.1:0")
	u.Host = p.at
	s := storetest.Open(t, u.String(), store.Options{Conns: 3})
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := func() error { _, err := s.User(t.Context(), "nobody"); return err }
	write := func() error {
		return s.InTx(t.Context(), func(tx *store.Tx) error { _, err := tx.User(t.Context(), "nobody"); return err })
	}
	for round := range 2 {
		for _, f := range []func() error{read, write} {
			if err := f(); !errors.Is(err, store.ErrNotFound) {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		err := s.InTx(t.Context(), func(tx *store.Tx) error {
			p.stop()
			_, err := tx.User(t.Context(), "nobody")
			return err
		})
		if !errors.Is(err, store.ErrAway) {
			t.Errorf("a connection that broke in a transaction: %v", err)
		}
		for _, f := range []func() error{read, write} {
			if err := f(); !errors.Is(err, store.ErrAway) {
				t.Errorf("no connection: %v", err)
			}
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.User(gone, "nobody"); errors.Is(err, store.ErrAway) || err == nil {
			t.Errorf("given up by the caller: %v", err)
		}
		p.start(t, p.at)
	}
	if err := read(); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("back again: %v", err)
	}
	p.stop()
}

// proxy passes connections on until it is stopped, which breaks them.
type proxy struct {
	to, at string
	listen net.Listener
	mu     sync.Mutex
	open   []net.Conn
}

func (p *proxy) start(t *testing.T, at string) {
	t.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	p.listen, p.at = l, l.Addr().String()
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", p.to)
			if err != nil {
				_ = in.Close()
				continue
			}
			p.mu.Lock()
			p.open = append(p.open, in, out)
			p.mu.Unlock()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
		}
	}()
}

func (p *proxy) stop() {
	_ = p.listen.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}
