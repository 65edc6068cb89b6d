// Package server speaks HTTP for the service.
//
// In comes a request, out goes a row, a report, a piece of a log or a problem (RFC 9457). What may be asked stands in one
// table, routes.go: method, path, the role it needs, where the workspace is found in which that role is needed, the
// scope that an API key needs, and the operation. Nothing reaches an operation that its row does not let through
// (access.go), so the operations themselves ask no such question. The same table makes the OpenAPI document.
//
// A request passes, from outside in: its id, the counting and the log line, the headers that keep a browser safe, who
// asks and how often (ratelimit.go), compression, the row's access, huma's validation, the operation, and at last, before the answer, if
// the row names an action, the audit log. Errors of the packages below become a status and a stable code in one
// place, problem.go.
//
// Nothing here listens: Handler and OpsHandler are for whoever holds the listeners, and Run keeps house meanwhile.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/fetch"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/jobs"
	"github.com/rca-engine/rca/internal/store"
)

// Options are what a server works with. Store, Desk, Queue, Auth, Blobs and Folder are required, all else has a default.
type Options struct {
	Store  *store.Store
	Desk   *incident.Desk
	Queue  *jobs.Queue
	Auth   *auth.Auth
	Blobs  blob.Store
	Folder string // where the bytes of resumable uploads lie until they are whole; made if it is not there

	UI       http.Handler         // answers what is not the API; default a problem that says there is nothing
	Fetch    *fetch.Fetcher       // opens the URLs of uploads; default opens none
	Redis    string               // URL of a Redis that all API processes count requests in; default each counts for itself
	Origins  []string             // origins of browsers, as https://rca.example.com, that may use the API from other pages; default none
	Proxies  []netip.Prefix       // addresses whose word in X-Forwarded-For is believed; default none
	TLS      bool                 // the browser reaches us by TLS, directly or through a proxy: HSTS, and cookies for TLS only
	Limits   Limits               // how much and how often
	Version  string               // of the program; default "dev"
	Log      *slog.Logger         // default discards
	Traces   trace.TracerProvider // of spans; default none
	Registry *prometheus.Registry // of the metrics; default one of its own
	Now      func() time.Time
}

// Limits bound what a client may ask. A field that is zero has its default.
type Limits struct {
	Strangers   Rate          // of an address that has not said who it is; default 100 an hour
	Logins      Rate          // attempts to log in, for each address; default 20 in 10 minutes
	Users       Rate          // of a user, over all tokens and sessions; default 6000 a minute
	Keys        Rate          // of an API key; default 3000 a minute
	Body        int64         // bytes of a JSON body; default 1 MiB
	Text        int64         // bytes of a pasted text; default 10 MiB
	Files       int           // in one multipart request; default 100
	Unfinished  int           // resumable uploads of a user at a time; default 50
	KeepPartial time.Duration // a resumable upload that got no byte for so long is deleted; default 24 hours
	Answer      time.Duration // a request that is no stream ends after; default 30 seconds
	Stall       time.Duration // a stream that moves no byte for so long is cut; default 1 minute
	Streams     int           // followers of events at the same time; default 500
	Poll        time.Duration // a follower's look for new events; default 300 milliseconds
}

func (o Options) withDefaults() (Options, error) {
	for name, missing := range map[string]bool{"Store": o.Store == nil, "Desk": o.Desk == nil, "Queue": o.Queue == nil, "Auth": o.Auth == nil,
		"Blobs": o.Blobs == nil, "Folder": o.Folder == ""} {
		if missing {
			return o, fmt.Errorf("server option %s is missing", name)
		}
	}
	l := &o.Limits
	for _, d := range []struct {
		name  string
		rate  *Rate
		usual Rate
	}{{"Strangers", &l.Strangers, Rate{100, time.Hour}}, {"Logins", &l.Logins, Rate{20, 10 * time.Minute}}, {"Users", &l.Users, Rate{6000, time.Minute}},
		{"Keys", &l.Keys, Rate{3000, time.Minute}}} {
		if *d.rate == (Rate{}) {
			*d.rate = d.usual
		}
		if d.rate.Count < 1 || d.rate.Per < time.Millisecond {
			return o, fmt.Errorf("server limit %s is %d in %s, want one or more in a millisecond or more", d.name, d.rate.Count, d.rate.Per)
		}
	}
	var err error
	usual := func(name string, given, usual int64) int64 {
		if given < 0 {
			err = errors.Join(err, fmt.Errorf("server limit %s is below zero", name))
		}
		if given == 0 {
			return usual
		}
		return given
	}
	l.Body = usual("Body", l.Body, 1<<20)
	l.Text = usual("Text", l.Text, 10<<20)
	l.Files = int(usual("Files", int64(l.Files), 100))
	l.Unfinished = int(usual("Unfinished", int64(l.Unfinished), 50))
	l.KeepPartial = time.Duration(usual("KeepPartial", int64(l.KeepPartial), int64(24*time.Hour)))
	l.Answer = time.Duration(usual("Answer", int64(l.Answer), int64(30*time.Second)))
	l.Stall = time.Duration(usual("Stall", int64(l.Stall), int64(time.Minute)))
	l.Streams = int(usual("Streams", int64(l.Streams), 500))
	l.Poll = time.Duration(usual("Poll", int64(l.Poll), int64(300*time.Millisecond)))
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Traces == nil {
		o.Traces = noop.NewTracerProvider()
	}
	if o.Fetch == nil {
		o.Fetch = &fetch.Fetcher{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, err
}

// Server answers requests. It is safe for concurrent use.
type Server struct {
	opts    Options
	store   *store.Store
	desk    *incident.Desk
	queue   *jobs.Queue
	auth    *auth.Auth
	blobs   blob.Store
	log     *slog.Logger
	tracer  trace.Tracer
	metrics *metrics
	limiter Limiter
	redis   *redisLimiter // nil without Redis
	tus     *resumable
	streams chan struct{} // a place for each follower of events
	api     huma.API
	mux     *http.ServeMux
	handler http.Handler
	cross   *http.CrossOriginProtection
}

// New makes a server. Close gives back what it holds.
func New(opts Options) (*Server, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{opts: opts, store: opts.Store, desk: opts.Desk, queue: opts.Queue, auth: opts.Auth, blobs: opts.Blobs, log: opts.Log, tracer: opts.Traces.Tracer("rca/server"),
		streams: make(chan struct{}, opts.Limits.Streams), cross: http.NewCrossOriginProtection()}
	for _, origin := range opts.Origins {
		if err := s.cross.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("server option Origins: %w", err)
		}
	}
	if s.metrics, err = newMetrics(opts.Registry, opts.Store, opts.Version); err != nil {
		return nil, err
	}
	s.limiter = newLocalLimiter()
	if opts.Redis != "" {
		if s.redis, err = newRedisLimiter(opts.Redis, s.limiter, s.metrics.redisFallbacks); err != nil {
			return nil, err
		}
		s.limiter = s.redis
	}
	if s.tus, err = s.newResumable(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.mux = http.NewServeMux()
	s.register()
	if err := s.registerDocPage(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.mux.HandleFunc("/api/", s.unknown)
	if opts.UI != nil {
		s.mux.Handle("/", opts.UI)
	} else {
		s.mux.HandleFunc("/", s.unknown)
	}
	s.handler = s.around(s.mux)
	return s, nil
}

// Handler answers the API, its document, the page that shows it, and the UI.
func (s *Server) Handler() http.Handler { return s.handler }

// Run takes away resumable uploads that were given up, until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	tick := time.NewTicker(min(s.opts.Limits.KeepPartial/4, time.Hour))
	defer tick.Stop()
	for {
		n, err := s.tus.expire(s.opts.Now().Add(-s.opts.Limits.KeepPartial))
		if err != nil {
			s.log.Warn("unfinished uploads could not be cleared", "error", err)
		}
		if n > 0 {
			s.log.Info("unfinished uploads cleared", "uploads", n)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Close closes the connections to Redis.
func (s *Server) Close() error {
	if s.redis == nil {
		return nil
	}
	return s.redis.close()
}

// unknown answers for paths and methods that are not in the table, which the mux would do in plain text.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead} {
		probe := &http.Request{Method: m, URL: r.URL, Host: r.Host}
		if _, pattern := s.mux.Handler(probe); pattern != "/api/" && pattern != "/" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) > 0 && !slices.Contains(allowed, r.Method) {
		for _, m := range allowed {
			w.Header().Add("Allow", m)
		}
		s.refuse(w, r, newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "this path does not know the method"))
		return
	}
	s.refuse(w, r, newProblem(http.StatusNotFound, "not_found", "there is nothing under this path"))
}
