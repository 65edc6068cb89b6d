package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/fetch"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/server"
)

// elsewhere is the server of somebody else, and a change of options that allows it.
func elsewhere(t *testing.T, h http.HandlerFunc) (base string, allow func(*server.Options)) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL, func(o *server.Options) {
		var err error
		if o.Fetch, err = fetch.New(fetch.Options{Hosts: []string{s.URL}, Private: true}); err != nil {
			t.Fatal(err)
		}
		if o.Desk, err = incident.New(o.Store, o.Blobs, incident.Options{MaxUpload: 40 << 20, UserQuota: 48 << 20, Now: o.Now, Folder: t.TempDir()}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestURLUpload(t *testing.T) {
	base, allow := elsewhere(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/named" {
			w.Header().Set("Content-Disposition", `attachment; filename="../../evil.log"`)
		}
		fmt.Fprint(w, log)
	})
	each(t, allow, func(t *testing.T, s *site) {
		for _, c := range []struct{ path, name, want string }{
			{"/dir/app.log?token=wren", "", "app.log"}, {"/named", "", "evil.log"}, {"/named", "mine.log", "mine.log"}, {"/", "", "upload"},
		} {
			var u uploaded
			s.ask("ben", "POST", "/uploads/url?workspace="+s.shared.ID, obj{"url": base + c.path, "name": c.name}).is(201).into(&u)
			if u.Name != c.want || u.Size != int64(len(log)) || u.State != "ready" || u.Workspace != s.shared.ID {
				t.Errorf("%s: upload %+v, want the name %s", c.path, u, c.want)
			}
			if g := s.ask("cem", "GET", "/uploads/content/"+u.ID, nil).is(200); string(g.Body) != log {
				t.Errorf("%s: %q", c.path, g.Body)
			}
		}
		s.ask("ben", "POST", "/uploads/url", obj{"url": ""}).is(422)
		if code := s.ask("ben", "POST", "/uploads/url", obj{"url": "http://169.254.169.254/"}).is(422).code(); code != "url_refused" {
			t.Errorf("code %s", code)
		}
		if strings.Contains(s.log.String(), "wren") {
			t.Error("the query of a URL is in the log")
		}
	})
}

func TestURLUploadIsOffUntilHostsAreAllowed(t *testing.T) {
	s := one(t, nil)
	g := s.ask("ben", "POST", "/uploads/url", obj{"url": "https://logs.example.com/app.log"}).is(403)
	if g.code() != "url_off" || !strings.Contains(string(g.Body), "uploads.url_hosts") {
		t.Errorf("%s", g.Body)
	}
}

// What the other side does wrong leaves no upload behind, and is told.
func TestURLUploadEndsWell(t *testing.T) {
	base, allow := elsewhere(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/announced":
			w.Header().Set("Content-Length", "50000000")
		case "/endless":
			for chunk := make([]byte, 64<<10); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		case "/torn":
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, log)
		case "/absent":
			w.WriteHeader(404)
		case "/20MB":
			for range 20 {
				_, _ = w.Write(make([]byte, 1<<20))
			}
		}
	})
	s := one(t, allow)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for path, want := range map[string]struct {
		status int
		code   string
	}{"/announced": {413, "too_large"}, "/endless": {413, "too_large"}, "/torn": {422, "url_failed"}, "/absent": {422, "url_failed"}} {
		if g := s.ask("ada", "POST", "/uploads/url", obj{"url": base + path}); g.Status != want.status || g.code() != want.code {
			t.Errorf("%s: %d %s", path, g.Status, g.Body)
		}
	}
	s.ask("ada", "POST", "/uploads/url", obj{"url": base + "/20MB"}).is(201)
	runtime.ReadMemStats(&after)
	if more := int64(after.HeapSys) - int64(before.HeapSys); more > 64<<20 {
		t.Errorf("heap grew by %d MB", more>>20)
	}
	if g := s.ask("ada", "POST", "/uploads/url", obj{"url": base + "/endless"}); g.Status != 507 || g.code() != "quota" {
		t.Errorf("past the quota: %d %s", g.Status, g.Body)
	}
	var l struct{ Items []uploaded }
	if s.ask("ada", "GET", "/uploads", nil).is(200).into(&l); len(l.Items) != 1 {
		t.Errorf("%d uploads, want the one that came whole: %+v", len(l.Items), l.Items)
	}
}

// The deadline for the body of the request must not end a fetch that takes longer.
func TestURLUploadMayTakeLongerThanAnAnswer(t *testing.T) {
	var waited atomic.Bool
	base, allow := elsewhere(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, log)
		_ = http.NewResponseController(w).Flush()
		select { // ended early, if the server gives up
		case <-r.Context().Done():
		case <-time.After(600 * time.Millisecond):
			waited.Store(true)
		}
		fmt.Fprint(w, log)
	})
	s := one(t, func(o *server.Options) { allow(o); o.Limits.Answer = 150 * time.Millisecond })
	var u uploaded
	s.ask("ada", "POST", "/uploads/url", obj{"url": base + "/slow.log"}).is(201).into(&u)
	if u.Size != 2*int64(len(log)) || !waited.Load() {
		t.Errorf("upload %+v", u)
	}
}
