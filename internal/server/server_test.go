package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/jobs"
	"github.com/rca-engine/rca/internal/server"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

var update = flag.Bool("update", false, "rewrite docs/openapi.json")

const good = "seven green bicycles"

// site is a server on a database of its own, with a clock that the test sets, and some users.
type site struct {
	t      testing.TB
	store  *store.Store
	auth   *auth.Auth
	desk   *incident.Desk
	queue  *jobs.Queue
	server *server.Server
	http   *httptest.Server
	log    *lines
	opts   server.Options
	folder string // of unfinished uploads

	elsewhere string // of a server of somebody else

	nanos  atomic.Int64
	tokens map[string]string
	users  map[string]store.User
	shared store.Workspace // ada administers it, ben is analyst, cem viewer; dee is in none but her own
}

// lines is a log that a test reads.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (s *site) now() time.Time           { return time.Unix(0, s.nanos.Load()).UTC() }
func (s *site) forward(by time.Duration) { s.nanos.Add(int64(by)) }

// each runs a test on each database.
func each(t *testing.T, change func(*server.Options), test func(*testing.T, *site)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) { test(t, open(t, url, change)) })
}

// one runs it on SQLite alone, where the database makes no difference.
func one(t testing.TB, change func(*server.Options)) *site {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "rca.db"), change)
}

func open(t testing.TB, url string, change func(*server.Options)) *site {
	t.Helper()
	s := empty(t, url, change)
	s.people()
	return s
}

// empty is a site as it is at its first start: nobody may anything yet.
func empty(t testing.TB, url string, change func(*server.Options)) *site {
	t.Helper()
	s := &site{t: t, log: &lines{}, tokens: map[string]string{}, users: map[string]store.User{}}
	s.nanos.Store(time.Now().UnixNano())
	ctx := t.Context()
	s.store = storetest.Open(t, url, store.Options{Now: s.now})
	_, err := s.store.Migrate(ctx)
	s.ok(err)
	s.auth, err = auth.New(ctx, s.store, auth.Options{Argon: auth.Argon{KiB: 64, Passes: 1, Threads: 1}, Now: s.now})
	s.ok(err)
	blobs, err := blob.OpenDisk(filepath.Join(t.TempDir(), "blobs"))
	s.ok(err)
	s.desk, err = incident.New(s.store, blobs, incident.Options{Folder: t.TempDir(), Now: s.now})
	s.ok(err)
	s.queue, err = jobs.New(s.store, s.desk, jobs.Options{})
	s.ok(err)
	opts := server.Options{Store: s.store, Desk: s.desk, Queue: s.queue, Auth: s.auth, Blobs: blobs, Folder: filepath.Join(t.TempDir(), "tus"),
		Log: slog.New(slog.NewJSONHandler(s.log, nil)), Now: s.now, Version: "test",
		Limits: server.Limits{Strangers: server.Rate{Count: 100000, Per: time.Hour}, Logins: server.Rate{Count: 100000, Per: time.Hour},
			Users: server.Rate{Count: 1000000, Per: time.Minute}, Keys: server.Rate{Count: 1000000, Per: time.Minute}, Unfinished: 100000, Poll: time.Millisecond}}
	if change != nil {
		change(&opts)
	}
	s.opts, s.folder, s.desk = opts, opts.Folder, opts.Desk
	s.start()
	t.Cleanup(func() {
		s.http.Close()
		s.ok(s.server.Close())
		if strings.Contains(s.log.String(), `"level":"ERROR"`) && !t.Failed() {
			for l := range strings.Lines(s.log.String()) {
				if strings.Contains(l, `"level":"ERROR"`) {
					t.Errorf("an error was logged: %.3000s", l)
				}
			}
		}
	})
	return s
}

func (s *site) people() {
	s.t.Helper()
	ctx := s.t.Context()
	for _, name := range []string{"root", "ada", "ben", "cem", "dee"} {
		u, err := s.auth.CreateUser(ctx, name, good, name == "root")
		s.ok(err)
		tok, err := s.auth.IssueTokens(ctx, u)
		s.ok(err)
		s.users[name], s.tokens[name] = u, tok.Access
		switch name {
		case "ada":
			s.shared, err = s.store.CreateWorkspace(ctx, "shared", u.ID)
		case "ben":
			err = s.store.SetMember(ctx, s.shared.ID, u.ID, store.Analyst)
		case "cem":
			err = s.store.SetMember(ctx, s.shared.ID, u.ID, store.Viewer)
		}
		s.ok(err)
	}
}

func (s *site) start() {
	s.t.Helper()
	var err error
	s.server, err = server.New(s.opts)
	s.ok(err)
	s.http = httptest.NewServer(s.server.Handler())
}

// restart is what a new process of the same data does.
func (s *site) restart() {
	s.t.Helper()
	s.http.Close()
	s.ok(s.server.Close())
	s.opts.Registry = prometheus.NewRegistry()
	s.start()
}

// expire runs the housekeeping once: it begins with it, and ctx ends it.
func (s *site) expire() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	cancel()
	s.ok(s.server.Run(ctx))
}

func (s *site) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// got is an answer, read whole.
type got struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   []byte
}

// into decodes the answer.
func (g got) into(v any) got {
	g.t.Helper()
	if err := json.Unmarshal(g.Body, v); err != nil {
		g.t.Fatalf("%v in %s", err, g.Body)
	}
	return g
}

// is fails the test unless the status is that.
func (g got) is(status int) got {
	g.t.Helper()
	if g.Status != status {
		g.t.Fatalf("status %d, want %d: %.2000s", g.Status, status, g.Body)
	}
	return g
}

// code returns the code of a problem.
func (g got) code() string {
	g.t.Helper()
	var p server.Problem
	g.into(&p)
	if g.Header.Get("Content-Type") != "application/problem+json" || p.Status != g.Status || p.RequestID == "" || p.RequestID != g.Header.Get("X-Request-ID") {
		g.t.Errorf("problem is not whole: %s %s", g.Header, g.Body)
	}
	return p.Code
}

// ask sends a request as somebody. A body that is no reader or string is sent as JSON; header is name, value, name, value.
func (s *site) ask(who, method, path string, body any, header ...string) got {
	s.t.Helper()
	var r io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case io.Reader:
		r = b
	case string:
		r = strings.NewReader(b)
	case url.Values:
		r, kind = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	default:
		j, err := json.Marshal(b)
		s.ok(err)
		r, kind = bytes.NewReader(j), "application/json"
	}
	if !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "/openapi") && !strings.HasPrefix(path, "/docs") {
		path = "/api/v1" + path
	}
	q, err := http.NewRequestWithContext(s.t.Context(), method, s.http.URL+path, r)
	s.ok(err)
	if kind != "" {
		q.Header.Set("Content-Type", kind)
	}
	if who != "" {
		q.Header.Set("Authorization", "Bearer "+s.bearer(who))
	}
	for i := 0; i < len(header); i += 2 {
		q.Header.Set(header[i], header[i+1])
	}
	a, err := s.http.Client().Do(q)
	s.ok(err)
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	s.ok(err)
	return got{s.t, a.StatusCode, a.Header, b}
}

// bearer is a user's token, or a token or key itself.
func (s *site) bearer(who string) string {
	if t, known := s.tokens[who]; known {
		return t
	}
	return who
}

type obj = map[string]any

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// never is when a key expires that does not.
var never time.Time

// ops asks the handler for those who watch.
func (s *site) ops(path string) got {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.server.OpsHandler().ServeHTTP(w, httptest.NewRequestWithContext(s.t.Context(), "GET", path, nil))
	return got{s.t, w.Code, w.Header(), w.Body.Bytes()}
}

// randomAddress is one that no other run has used.
func randomAddress() string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	b[0] = 198
	return netip.AddrFrom4(b).String()
}
