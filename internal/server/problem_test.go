package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/server"
)

// Whatever is sent, no answer repeats it: it may be a password in the wrong field.
func TestProblemsDoNotEcho(t *testing.T) {
	s := one(t, nil)
	const secret = "hunter2-zebra"
	for _, q := range []struct {
		who, method, path string
		body              any
		status            int
		location          string
	}{
		{"root", "POST", "/users", obj{"username": "x", "password": secret}, 201, ""},
		{"root", "POST", "/users", obj{"username": 5, "password": obj{"a": secret}}, 422, "body.password"},
		{"ada", "POST", "/jobs", obj{"job_type": secret}, 422, "body.job_type"},
		{"ada", "POST", "/jobs", obj{"job_type": "rca_analysis", "input_manifest": obj{"uploads": []string{secret}}}, 422, "body.input_manifest.uploads[0]"},
		{"ada", "POST", "/jobs", obj{"job_type": "rca_analysis", "input_manifest": obj{"uploads": []string{"x"}}, "options": obj{"time_zone": secret}}, 422, "body.options.time_zone"},
		{"ada", "POST", "/jobs", obj{"job_type": "rca_analysis", "input_manifest": obj{"uploads": []string{"x"}}, "options": obj{"format_hint": secret}}, 422, "body.options.format_hint"},
		{"ada", "POST", "/jobs", obj{"job_type": "rca_analysis", "window": obj{"from": secret}}, 422, "body.window.from"},
		{"ada", "POST", "/jobs", obj{"job_type": "rca_analysis", "priority": secret}, 422, "body.priority"},
		{"ada", "GET", "/jobs?limit=" + secret, nil, 422, "query.limit"},
		{"ada", "GET", "/jobs?cursor=" + secret, nil, 400, ""},
		{"ada", "GET", "/jobs?sort=" + secret, nil, 422, "query.sort"},
		{"ada", "GET", "/jobs/" + secret, nil, 404, ""},
		{"root", "GET", "/audit?from=" + secret, nil, 422, "query.from"},
		{"", "POST", "/auth/token", password("ada", secret), 401, ""},
	} {
		g := s.ask(q.who, q.method, q.path, q.body).is(q.status)
		if strings.Contains(string(g.Body), secret) {
			t.Errorf("%s %s: %s", q.method, q.path, g.Body)
		}
		if q.status < 400 {
			continue
		}
		var p server.Problem
		g.into(&p)
		if g.code() == "" || q.location != "" && (len(p.Errors) == 0 || p.Errors[0].Location != q.location) {
			t.Errorf("%s %s: want an error at %s: %s", q.method, q.path, q.location, g.Body)
		}
	}
	for _, body := range []string{"{" + secret, `{"username": "` + secret} {
		if g := s.ask("", "POST", "/auth/session", body, "Content-Type", "application/json").is(400); strings.Contains(string(g.Body), secret) {
			t.Errorf("%s", g.Body)
		}
	}
	if strings.Contains(s.log.String(), secret) {
		t.Error("the log holds it")
	}
}

func TestUnknownPathsAndMethodsAreProblems(t *testing.T) {
	s := one(t, nil)
	if code := s.ask("", "GET", "/nothing", nil).is(404).code(); code != "not_found" {
		t.Error(code)
	}
	g := s.ask("", "PUT", "/jobs", nil).is(405)
	if g.code() != "method_not_allowed" || strings.Join(g.Header.Values("Allow"), " ") != "GET POST HEAD" {
		t.Errorf("%s %s", g.Header, g.Body)
	}
}

func TestBoundsOfARequest(t *testing.T) {
	s := one(t, nil)
	if code := s.ask("ada", "POST", "/workspaces", obj{"name": strings.Repeat("x", 2<<20)}).is(413).code(); code != "too_large" {
		t.Error(code)
	}
	s.ask("ada", "POST", "/workspaces", obj{"name": strings.Repeat("x", 200)}).is(422)
	s.ask("ada", "GET", "/jobs?nonsense=1", nil).is(422)
}

func TestHeaders(t *testing.T) {
	s := one(t, func(o *server.Options) { o.TLS, o.Origins = true, []string{"https://tools.example.com"} })
	g := s.ask("ada", "GET", "/auth/me", nil, "X-Request-ID", "sane-id-1234")
	for name, want := range map[string]string{"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"X-Request-Id": "sane-id-1234", "Cache-Control": "no-store", "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		"Access-Control-Allow-Origin": ""} {
		if g.Header.Get(name) != want {
			t.Errorf("%s: %s, want %s", name, g.Header.Get(name), want)
		}
	}
	csp := g.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Error(csp)
	}
	if id := s.ask("ada", "GET", "/auth/me", nil, "X-Request-ID", "x\" onload=").Header.Get("X-Request-ID"); len(id) != 36 {
		t.Errorf("request id %q", id)
	}
	const tools = "https://tools.example.com"
	pre := s.ask("", "OPTIONS", "/jobs", nil, "Origin", tools, "Access-Control-Request-Method", "POST").is(204)
	if pre.Header.Get("Access-Control-Allow-Origin") != tools || pre.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%s", pre.Header)
	}
	s.ask("ada", "POST", "/workspaces", obj{"name": "w"}, "Origin", tools, "Sec-Fetch-Site", "cross-site").is(201)
	s.ask("ada", "POST", "/workspaces", obj{"name": "w"}, "Origin", "https://evil.example.com", "Sec-Fetch-Site", "cross-site").is(403)
	packed := s.ask("", "GET", "/openapi.json", nil, "Accept-Encoding", "gzip")
	if packed.Header.Get("Content-Encoding") != "gzip" || len(packed.Body) > 40_000 {
		t.Errorf("document is %d bytes, %s", len(packed.Body), packed.Header)
	}
}

// A page of a listed origin may upload by tus: its browser asks before each kind of request, and may read what the client needs.
func TestPagesOfListedOriginsUploadByTus(t *testing.T) {
	const tools = "https://tools.example.com"
	s := one(t, func(o *server.Options) { o.Origins = []string{tools} })
	th := s.things()
	at := "/uploads/tus/" + th.tus
	for _, q := range []struct{ path, method, headers string }{
		{"/uploads/tus", "POST", "authorization,tus-resumable,upload-length,upload-metadata"},
		{at, "HEAD", "authorization,tus-resumable"},
		{at, "PATCH", "authorization,content-type,tus-resumable,upload-offset"},
		{at, "DELETE", "authorization,tus-resumable"},
	} {
		ask := func(origin string) got {
			return s.ask("", "OPTIONS", q.path, nil, "Origin", origin, "Access-Control-Request-Method", q.method, "Access-Control-Request-Headers", q.headers)
		}
		h := ask(tools).is(204).Header
		allowed := strings.Split(strings.ToLower(h.Get("Access-Control-Allow-Headers")), ", ")
		for name := range strings.SplitSeq(q.headers, ",") {
			if !slices.Contains(allowed, name) {
				t.Errorf("%s %s: header %s is not allowed", q.method, q.path, name)
			}
		}
		if h.Get("Access-Control-Allow-Origin") != tools || !slices.Contains(strings.Split(h.Get("Access-Control-Allow-Methods"), ", "), q.method) ||
			h.Get("Vary") != "Origin" {
			t.Errorf("%s %s: %s", q.method, q.path, h)
		}
		for _, origin := range []string{"https://evil.example.com", "https://tools.example.com.evil.example.com", "http://tools.example.com", "null"} {
			if g := ask(origin); g.Status < 400 || g.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s is allowed to %s: %d %s", q.method, q.path, origin, g.Status, g.Header)
			}
		}
	}
	g := s.ask("ben", "PATCH", at, "0123456789", "Origin", tools, "Sec-Fetch-Site", "cross-site", "Tus-Resumable", "1.0.0", "Upload-Offset", "0",
		"Content-Type", "application/offset+octet-stream").is(204)
	exposed := g.Header.Get("Access-Control-Expose-Headers")
	for _, name := range []string{"Location", "Upload-Offset", "Upload-Length", "Upload-Id", "Tus-Resumable"} {
		if !strings.Contains(exposed, name) {
			t.Errorf("the page may not read %s", name)
		}
	}
	if g.Header.Get("Access-Control-Allow-Origin") != tools || g.Header.Get("Upload-Id") == "" {
		t.Errorf("%s", g.Header)
	}
	s.ask("ben", "PATCH", at, "0123456789", "Origin", "https://evil.example.com", "Sec-Fetch-Site", "cross-site", "Tus-Resumable", "1.0.0",
		"Upload-Offset", "0", "Content-Type", "application/offset+octet-stream").is(403)
}
