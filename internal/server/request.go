package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/store"
)

// request is what is known of a request while it is answered; it travels in the context and is filled in on the way.
type request struct {
	id      string
	address netip.Addr // of the client, past trusted proxies
	start   time.Time
	who     auth.Principal
	known   bool   // who is somebody
	route   string // pattern of the table, empty for what is not in it

	workspace string // in which the route's role was found
	job       store.Job
	upload    store.Upload
	incident  store.Incident
	action    string // for the audit log, empty for what changes nothing
	object    string // id of what it was done to, for the audit log
	detail    string // for the audit log, JSON
	partly    bool   // something was done though it may end in an error, and is told in the audit log all the same
}

type requestKey struct{}

var nobody = &request{}

// requestOf returns the request of a context that has passed around, else an empty one.
func requestOf(ctx context.Context) *request {
	if st, ok := ctx.Value(requestKey{}).(*request); ok {
		return st
	}
	return nobody
}

// around puts about the mux what every request passes.
func (s *Server) around(mux http.Handler) http.Handler {
	inner := s.identified(compressed(mux))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st := &request{id: requestID(r, s.opts.Now()), start: s.opts.Now(), address: s.client(r)}
		r = s.traced(r.WithContext(context.WithValue(r.Context(), requestKey{}, st)))
		answer := &answer{ResponseWriter: w}
		body := &counted{ReadCloser: r.Body}
		r.Body = body
		w.Header().Set("X-Request-ID", st.id)
		s.metrics.inFlight.Inc()
		defer func() {
			s.metrics.inFlight.Dec()
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				s.log.ErrorContext(r.Context(), "request panicked", "request_id", st.id, "route", st.route, "panic", v, "stack", string(debug.Stack()))
				if answer.status == 0 {
					s.refuse(answer, r, newProblem(http.StatusInternalServerError, "internal", "something is wrong on our side"))
				}
			}
			s.done(r, st, answer, body.n)
		}()
		s.safeHeaders(answer.Header(), r)
		if s.preflight(answer, r) {
			return
		}
		if err := s.cross.Check(r); err != nil {
			s.refuse(answer, r, newProblem(http.StatusForbidden, "cross_origin", "a page of another origin may not do this"))
			return
		}
		inner.ServeHTTP(answer, r)
	})
}

// done counts and logs a request. No query and no body: both may hold what must not be in a log.
func (s *Server) done(r *http.Request, st *request, a *answer, in int64) {
	took := s.opts.Now().Sub(st.start)
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	s.metrics.observe(st.route, r.Method, status, took, in, a.n)
	spanned(r, st, status)
	level := slog.LevelInfo
	if status == http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := []slog.Attr{slog.String("request_id", st.id), slog.String("method", r.Method), slog.String("route", st.route), slog.Int("status", status),
		slog.Duration("took", took), slog.Int64("bytes_in", in), slog.Int64("bytes_out", a.n), slog.String("address", st.address.String())}
	for name, v := range map[string]string{"user": st.who.User, "job": st.job.ID, "workspace": st.workspace} {
		if v != "" {
			attrs = append(attrs, slog.String(name, v))
		}
	}
	s.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// requestID takes the client's id if it can do no harm in a log, else makes one.
func requestID(r *http.Request, now time.Time) string {
	id := r.Header.Get("X-Request-ID")
	if len(id) < 8 || len(id) > 64 {
		return store.NewID(now)
	}
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' && c != '.' {
			return store.NewID(now)
		}
	}
	return id
}

// client returns the address that a request comes from. Each trusted proxy tells the one before it, so the chain is
// followed from its end as long as it is trusted.
func (s *Server) client(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := at.Addr().Unmap()
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(chain) - 1; i >= 0 && s.trusted(addr); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(chain[i]))
		if err != nil {
			break
		}
		addr = next.Unmap().WithZone("")
	}
	return addr
}

func (s *Server) trusted(a netip.Addr) bool {
	for _, p := range s.opts.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// answer remembers the status and counts the bytes of what is written.
type answer struct {
	http.ResponseWriter
	status int
	n      int64
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(p)
	a.n += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach deadlines and flushing.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
