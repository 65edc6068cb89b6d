package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/rca-engine/rca/internal/auth"
)

// identified finds out who asks and whether that one may ask again already. Who shows no good credential is a stranger,
// counted by address; what the route says to strangers is the table's matter.
func (s *Server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			next.ServeHTTP(w, r)
			return
		}
		st := requestOf(r.Context())
		if c := s.credential(r); c != (auth.Credential{}) {
			who, err := s.auth.Authenticate(r.Context(), c)
			switch {
			case err == nil:
				st.who, st.known = who, true
			case !errors.Is(err, auth.ErrCredentials):
				s.refuse(w, r, s.problem(r.Context(), err))
				return
			}
		}
		name, key, rate := "strangers", "address:"+network(st.address), s.opts.Limits.Strangers
		switch {
		case st.known && st.who.Via == auth.ViaKey:
			name, key, rate = "keys", "key:"+st.who.Credential, s.opts.Limits.Keys
		case st.known:
			name, key, rate = "users", "user:"+st.who.User, s.opts.Limits.Users
		}
		if p := s.take(r.Context(), w.Header(), name, key, rate); p != nil {
			s.refuse(w, r, p)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// take counts a request against a limit, says in the headers what is left, and returns a problem if that is nothing.
func (s *Server) take(ctx context.Context, h http.Header, name, key string, rate Rate) *Problem {
	taken, err := s.limiter.Take(ctx, key, rate, s.opts.Now())
	if err != nil {
		return s.problem(ctx, err)
	}
	h.Set("RateLimit-Policy", fmt.Sprintf(`%q;q=%d;w=%s`, name, rate.Count, seconds(rate.Per)))
	h.Set("RateLimit", fmt.Sprintf(`%q;r=%d;t=%s`, name, taken.Left, seconds(taken.Reset)))
	if taken.OK {
		return nil
	}
	s.metrics.rateLimited.WithLabelValues(name).Inc()
	p := newProblem(http.StatusTooManyRequests, "rate_limited", "too many requests")
	p.retry = taken.Retry
	return p
}

// network is what strangers are counted by: an address, or of IPv6 the network that one customer has.
func network(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// credential reads what a request shows of who asks.
func (s *Server) credential(r *http.Request) auth.Credential {
	var c auth.Credential
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		c.Bearer = strings.TrimSpace(token)
	}
	if cookie, err := r.Cookie(s.cookieName()); err == nil {
		c.Cookie = cookie.Value
	}
	return c
}

// cookieName has under TLS a prefix by which the browser holds it to this host.
func (s *Server) cookieName() string {
	if s.opts.TLS {
		return "__Host-rca_session"
	}
	return "rca_session"
}
