package server_test

import (
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/server"
)

// Strangers have so many requests in a span of time, by address; the clock is the test's.
func TestStrangersAreLimited(t *testing.T) {
	s := one(t, func(o *server.Options) {
		o.Limits.Strangers = server.Rate{Count: 4, Per: 8 * time.Second}
		o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	})
	ask := func(from string) got { return s.ask("", "GET", "/auth/me", nil, "X-Forwarded-For", from) }
	for i, left := range []string{"3", "2", "1", "0"} {
		g := ask("192.0.2.1").is(401)
		if p, l := g.Header.Get("RateLimit-Policy"), g.Header.Get("RateLimit"); p != `"strangers";q=4;w=8` || !strings.HasPrefix(l, `"strangers";r=`+left+";t=") {
			t.Errorf("request %d: %s, %s", i, p, l)
		}
	}
	g := ask("192.0.2.1").is(429)
	if g.code() != "rate_limited" || g.Header.Get("Retry-After") != "2" {
		t.Errorf("%s %s", g.Header, g.Body)
	}
	ask("192.0.2.2").is(401)                       // another address
	ask("192.0.2.2, 192.0.2.1, 10.1.1.1").is(429)  // past a second proxy; what came before is the client's own word
	s.ask("ada", "GET", "/auth/me", nil).is(200)   // no stranger
	s.ask("wrong", "GET", "/auth/me", nil).is(401) // a stranger, at the proxy's own address
	s.forward(2 * time.Second)
	ask("192.0.2.1").is(401)
	ask("192.0.2.1").is(429)
	s.forward(time.Hour)
	for range 4 {
		ask("192.0.2.1").is(401)
	}
	ask("192.0.2.1").is(429)
	// Of IPv6 the customer's network counts.
	for i, from := range []string{"2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8::5"} {
		if want := map[bool]int{true: 401, false: 429}[i < 4]; ask(from).Status != want {
			t.Errorf("%s: want %d", from, want)
		}
	}
}

func TestUsersAndLoginsAreLimited(t *testing.T) {
	s := one(t, func(o *server.Options) {
		o.Limits.Users, o.Limits.Logins = server.Rate{Count: 3, Per: time.Minute}, server.Rate{Count: 2, Per: time.Minute}
	})
	for range 3 {
		s.ask("ada", "GET", "/auth/me", nil).is(200)
	}
	s.ask("ada", "GET", "/auth/me", nil).is(429)
	s.ask("ben", "GET", "/auth/me", nil).is(200)
	for range 2 {
		s.ask("", "POST", "/auth/token", password("cem", good)).is(200)
	}
	s.ask("", "POST", "/auth/token", password("cem", good)).is(429)
	ops := s.ops("/metrics")
	for _, want := range []string{`rca_rate_limited_total{limit="users"} 1`, `rca_rate_limited_total{limit="logins"} 1`,
		`rca_http_requests_total{method="GET",route="/api/v1/auth/me",status="200"} 4`} {
		if !strings.Contains(string(ops.Body), want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}

// Two processes share what Redis counts.
func TestRedisLimit(t *testing.T) {
	url := os.Getenv("RCA_TEST_REDIS")
	if url == "" {
		t.Skip("RCA_TEST_REDIS is not set")
	}
	limits := func(o *server.Options) {
		o.Redis, o.Limits.Strangers = url, server.Rate{Count: 4, Per: time.Hour}
		o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
	a, b := one(t, limits), one(t, limits)
	from := randomAddress()
	for i := range 4 {
		g := []*site{a, b}[i%2].ask("", "GET", "/auth/me", nil, "X-Forwarded-For", from).is(401)
		if !strings.Contains(g.Header.Get("RateLimit"), ";r="+[]string{"3", "2", "1", "0"}[i]) {
			t.Errorf("request %d: %s", i, g.Header.Get("RateLimit"))
		}
	}
	for _, s := range []*site{a, b} {
		if g := s.ask("", "GET", "/auth/me", nil, "X-Forwarded-For", from).is(429); g.Header.Get("Retry-After") != "900" {
			t.Error(g.Header.Get("Retry-After"))
		}
		if !strings.Contains(string(s.ops("/metrics").Body), "rca_rate_limit_redis_fallbacks_total 0") {
			t.Error("a request was not counted in Redis")
		}
	}
}

// Without Redis the limits go on, each process for itself, and a metric and readyz say so.
func TestRedisAway(t *testing.T) {
	s := one(t, func(o *server.Options) {
		o.Redis, o.Limits.Strangers = "redis://127.0.0.1:1/0", server.Rate{Count: 2, Per: time.Hour}
	})
	s.ask("", "GET", "/auth/me", nil).is(401)
	s.ask("", "GET", "/auth/me", nil).is(401)
	s.ask("", "GET", "/auth/me", nil).is(429)
	if m := s.ops("/metrics"); !strings.Contains(string(m.Body), "rca_rate_limit_redis_fallbacks_total 3") {
		t.Errorf("%s", m.Body)
	}
	if r := s.ops("/readyz").is(200); !strings.Contains(string(r.Body), `{"name":"redis","ok":false`) {
		t.Errorf("%s", r.Body)
	}
}

func TestReadyTellsWhichPartIsIll(t *testing.T) {
	s := one(t, nil)
	if r := s.ops("/readyz").is(200); !strings.Contains(string(r.Body), `{"name":"database","ok":true}`) {
		t.Errorf("%s", r.Body)
	}
	s.ops("/healthz").is(200)
	s.ok(s.store.MigrateDown(t.Context(), 0))
	if r := s.ops("/readyz").is(503); !strings.Contains(string(r.Body), `{"name":"database","ok":false`) || !strings.Contains(string(r.Body), `{"name":"blobs","ok":true}`) {
		t.Errorf("%s", r.Body)
	}
}
