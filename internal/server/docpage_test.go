package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestPageOfDocumentation(t *testing.T) {
	s := one(t, nil)
	for path, kind := range map[string]string{"/docs": "text/html", "/docs/init.js": "text/javascript", "/docs/swagger-ui-bundle.js": "text/javascript",
		"/docs/swagger-ui.css": "text/css", "/docs/LICENSE": "text/plain"} {
		g := s.ask("", "GET", path, nil, "Accept-Encoding", "identity").is(200)
		if !strings.HasPrefix(g.Header.Get("Content-Type"), kind) || g.Header.Get("Content-Encoding") != "" || len(g.Body) == 0 {
			t.Errorf("%s: %s", path, g.Header)
		}
		policy := g.Header.Get("Content-Security-Policy")
		if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'self'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %s", path, policy)
		}
		s.ask("", "GET", path, nil, "If-None-Match", g.Header.Get("ETag")).is(304)

		packed := s.ask("", "GET", path, nil, "Accept-Encoding", "br, gzip;q=0.5").is(200)
		if packed.Header.Get("Content-Encoding") == "gzip" {
			r, err := gzip.NewReader(bytes.NewReader(packed.Body))
			s.ok(err)
			packed.Body, err = io.ReadAll(r)
			s.ok(err)
		} else if len(g.Body) > 10_000 {
			t.Errorf("%s is sent unpacked", path)
		}
		if !bytes.Equal(packed.Body, g.Body) {
			t.Errorf("%s differs when it is packed", path)
		}
	}
	if g := s.ask("", "GET", "/docs/swagger-ui.css", nil, "Accept-Encoding", "gzip;q=0").is(200); g.Header.Get("Content-Encoding") != "" {
		t.Error("gzip is sent to whoever refuses it")
	}
	s.ask("", "GET", "/docs/index.html", nil).is(404)
	s.ask("", "GET", "/docs/../docpage.go", nil).is(404)
}

// The page is whole without a network: what we wrote names no other host, and what it loads is ours.
func TestPageOfDocumentationStaysHere(t *testing.T) {
	s := one(t, nil)
	page, start := s.ask("", "GET", "/docs", nil).Body, s.ask("", "GET", "/docs/init.js", nil).Body
	for name, text := range map[string][]byte{"page": page, "init.js": start} {
		if bytes.Contains(text, []byte("//")) && regexp.MustCompile(`(?:https?:|["'(])//`).Match(text) {
			t.Errorf("the %s names another host", name)
		}
	}
	if regexp.MustCompile(`<script(?:\s*|\s[^>]*[^>\s]\s*)>[^<]|\son\w+=|<style|style=`).Match(page) {
		t.Error("the page holds a script or a style, which its policy forbids")
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllSubmatch(page, -1) {
		if path := string(m[1]); !strings.HasPrefix(path, "data:") {
			s.ask("", "GET", "/"+path, nil).is(200)
		}
	}
	if !bytes.Contains(start, []byte("'openapi.json'")) || !bytes.Contains(start, []byte("validatorUrl: 'none'")) {
		t.Errorf("init.js: %s", start)
	}
}
