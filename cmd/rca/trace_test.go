package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/traces/tracestest"
)

// followTrace uploads a text and starts a job on it, as a program that has a trace of its own and is a trusted proxy, and wants all
// that follows in that trace: the requests, the upload, the attempt and its stages, each below the one that caused it.
func followTrace(t *testing.T, c *tracestest.Collector, api, key string) {
	t.Helper()
	const trace, root = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	ask := func(path string, body any) (id string) {
		t.Helper()
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api+path, bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Authorization", "Bearer "+key)
		q.Header.Set("traceparent", "00-"+trace+"-"+root+"-01")
		resp, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var made struct{ ID string }
		if err := json.NewDecoder(resp.Body).Decode(&made); err != nil || resp.StatusCode/100 != 2 {
			t.Fatalf("%s: %s, %v", path, resp.Status, err)
		}
		return made.ID
	}
	upload := ask("/uploads/text", map[string]string{"text": "2026-11-27 07:00:00 ERROR disk full on /var\n"})
	job := ask("/jobs", map[string]any{"job_type": "log_analysis", "input_manifest": map[string]any{"uploads": []string{upload}}})

	parents := map[string]string{
		"POST /api/v1/uploads/text": "", "take upload": "POST /api/v1/uploads/text",
		"POST /api/v1/jobs": "", "attempt log_analysis": "POST /api/v1/jobs",
		"preparing": "attempt log_analysis", "analysing": "attempt log_analysis", "indexing": "attempt log_analysis", "saving": "attempt log_analysis",
	}
	late := time.After(time.Minute)
	for {
		byName := map[string]tracestest.Span{}
		for _, s := range c.Spans() {
			if s.Trace == trace {
				byName[s.Name] = s
			}
		}
		if len(byName) == len(parents) {
			for name, parent := range parents {
				s, want := byName[name], root
				if parent != "" {
					want = byName[parent].ID
				}
				if s.Parent != want || s.Failed {
					t.Errorf("span %+v, want one below %q", s, parent)
				}
			}
			if a := byName["attempt log_analysis"].Attributes; a["rca.job"] != job || a["rca.end"] != "succeeded" {
				t.Errorf("attempt %v", a)
			}
			return
		}
		select {
		case <-c.News():
		case <-late:
			t.Fatalf("only these spans came: %+v", byName)
		}
	}
}
