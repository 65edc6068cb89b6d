package server_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/jobs"
	"github.com/rca-engine/rca/internal/server"
	"github.com/rca-engine/rca/internal/store"
)

type job struct {
	ID       string
	Status   string
	Title    string
	RerunOf  string `json:"rerun_of"`
	ReportID string `json:"report_id"`
	Options  map[string]any
	Error    *struct{ Code, Message string }
	Inputs   []struct{ Upload, Role, Name string }
}

// engine makes a site whose jobs run, in child processes of the real binary.
func engine(t *testing.T) func(*server.Options) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "rca")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/rca").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return func(o *server.Options) {
		d, err := incident.New(o.Store, o.Blobs, incident.Options{Folder: t.TempDir(), Executable: binary, Now: o.Now})
		if err != nil {
			t.Fatal(err)
		}
		q, err := jobs.New(o.Store, d, jobs.Options{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		o.Desk, o.Queue = d, q
	}
}

// work runs the site's jobs until the returned function is called.
func (s *site) work() func() {
	ctx, stop := context.WithCancel(s.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.opts.Queue.Run(ctx) }()
	return func() {
		s.t.Helper()
		stop()
		s.ok(<-ended)
	}
}

// A job from the upload to its report, records, signals and incident, all over HTTP, worked on by the real engine.
func TestAJobFromUploadToIncident(t *testing.T) {
	logs := demo(t)
	each(t, engine(t), func(t *testing.T, s *site) {
		defer s.work()()
		ws := "?workspace=" + s.shared.ID
		ids := []string{}
		for name, content := range logs {
			var u uploaded
			s.ask("ben", "POST", "/uploads/text"+ws, obj{"name": name, "text": content}).is(201).into(&u)
			ids = append(ids, u.ID)
		}
		wish := obj{"job_type": "rca_analysis", "title": "the night", "input_manifest": obj{"uploads": ids}, "options": obj{"time_zone": "UTC"}}
		var j, same, again job
		s.ask("ben", "POST", "/jobs"+ws, wish, "Idempotency-Key", "night-1").is(202).into(&j)
		s.ask("ben", "POST", "/jobs"+ws, wish, "Idempotency-Key", "night-1").is(200).into(&same)
		if j.ID == "" || same.ID != j.ID {
			t.Errorf("the same wish made %s and %s", j.ID, same.ID)
		}
		for x := s.follow("cem", j.ID, 0); x.next("event: ") != "end"; {
			if x.Err() != nil {
				t.Fatal(x.Err())
			}
		}
		s.ask("cem", "GET", "/jobs/"+j.ID, nil).is(200).into(&j)
		if j.Status != "succeeded" || j.ReportID == "" || len(j.Inputs) != len(ids) || j.Options["time_zone"] != "UTC" {
			t.Fatalf("job %+v", j)
		}
		at := "/jobs/" + j.ID
		var rep struct{ Headline string }
		g := s.ask("cem", "GET", at+"/report", nil).is(200).into(&rep)
		s.ask("cem", "GET", at+"/report", nil, "If-None-Match", g.Header.Get("ETag")).is(304)
		for format, media := range map[string]string{"text": "text/plain", "markdown": "text/markdown", "html": "text/html"} {
			g := s.ask("cem", "GET", at+"/report?format="+format, nil).is(200)
			if !strings.HasPrefix(g.Header.Get("Content-Type"), media) || len(g.Body) < 200 {
				t.Errorf("%s: %s", format, g.Header)
			}
			if format == "html" && (!strings.HasPrefix(g.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(g.Header.Get("Content-Security-Policy"), "sandbox")) {
				t.Errorf("html: %s", g.Header)
			}
		}
		var res struct {
			Analysis struct{ Headline string }
			Patterns []struct{ ID, Text string }
			Report   json.RawMessage
			Docs     int `json:"documents_processed"`
		}
		s.ask("cem", "GET", at+"/result", nil).is(200).into(&res)
		if res.Analysis.Headline != rep.Headline || len(res.Patterns) == 0 || res.Docs != len(ids) || len(res.Report) == 0 {
			t.Errorf("result %+v", res)
		}
		s.records(t, at)
		var signals, templates struct{ Items []obj }
		s.ask("cem", "GET", at+"/signals", nil).is(200).into(&signals)
		s.ask("cem", "GET", at+"/templates?limit=1", nil).is(200).into(&templates)
		if len(signals.Items) == 0 || len(templates.Items) != 1 {
			t.Errorf("%d signals, %d templates", len(signals.Items), len(templates.Items))
		}
		s.ask("ben", "POST", at+"/rerun", obj{"title": "once more", "options": obj{"year": 2026}}).is(202).into(&again)
		if again.RerunOf != j.ID || again.Title != "once more" {
			t.Errorf("rerun %+v", again)
		}
		s.ask("ben", "POST", "/jobs/"+again.ID+"/cancel", nil)
		s.incident(t, at, rep.Headline)
		s.ask("ben", "DELETE", at, nil).is(204)
		s.ask("ben", "GET", at, nil).is(404)
	})
}

// records pages through the records both ways, by each kind of filter.
func (s *site) records(t *testing.T, at string) {
	t.Helper()
	type page struct {
		Items []struct {
			Ordinal      int64
			Source, Text string
			Line         int64
			Severity     string
			Component    string
		}
		Next, Previous string
		Total          int64
		Exact          bool
		At             int
	}
	ask := func(query string) page {
		t.Helper()
		var p page
		s.ask("cem", "GET", at+query, nil).is(200).into(&p)
		return p
	}
	first := ask("/records?limit=2")
	second := ask("/records?limit=2&cursor=" + first.Next)
	if len(first.Items) != 2 || first.Items[0].Text == "" || len(second.Items) == 0 || second.Items[0].Ordinal != 2 {
		t.Errorf("pages %+v, %+v", first, second)
	}
	back := ask("/records?limit=2&cursor=" + second.Previous)
	if len(back.Items) != 2 || back.Items[0].Ordinal != 0 {
		t.Errorf("back %+v", back)
	}
	if last := ask("/records?limit=1&reverse=true"); last.Items[0].Ordinal != first.Total-1 {
		t.Errorf("reverse %+v", last)
	}
	errs := ask("/records?min_severity=error&order=time")
	for _, r := range errs.Items {
		if r.Severity != "error" && r.Severity != "fatal" {
			t.Errorf("record %+v", r)
		}
	}
	if len(errs.Items) == 0 || errs.Total >= first.Total {
		t.Errorf("%d errors of %d", errs.Total, first.Total)
	}
	e := errs.Items[0]
	position := "at_source=" + e.Source + "&at_line=" + jsonNumber(e.Line)
	if around := ask("/records/around?limit=5&" + position); len(around.Items) == 0 {
		t.Error("nothing around")
	}
	if c := ask("/records/context?before=2&after=2&" + position); c.Items[c.At].Line != e.Line {
		t.Errorf("context %+v", c)
	}
	if m := ask("/records?match=(%3Fi)refused&limit=10"); len(m.Items) == 0 || !strings.Contains(strings.ToLower(m.Items[0].Text), "refused") {
		t.Errorf("match %+v", m)
	}
	var h struct {
		Total   int64
		Buckets []struct{ Counts map[string]int64 }
	}
	s.ask("cem", "GET", at+"/records/histogram?buckets=10", nil).is(200).into(&h)
	if h.Total != first.Total || len(h.Buckets) == 0 || len(h.Buckets) > 10 {
		t.Errorf("histogram %+v", h)
	}
	s.ask("cem", "GET", at+"/records?match=%28", nil).is(422)
	s.ask("cem", "GET", at+"/records?reverse=true&cursor="+first.Next, nil).is(400)
	s.ask("cem", "GET", at+"/records/context?at_source=none&at_line=1", nil).is(404)
}

// incident opens one on the job, and finds, changes and resolves it.
func (s *site) incident(t *testing.T, at, headline string) {
	t.Helper()
	var i struct {
		ID, Title, State string
		Version          int
	}
	s.ask("ben", "POST", at+"/incidents", obj{}).is(201).into(&i)
	if i.Title != headline || i.State != "open" {
		t.Errorf("incident %+v", i)
	}
	path := "/incidents/" + i.ID
	s.ask("ben", "PATCH", path, obj{"version": 1, "summary": "Zebras in the rack"}).is(200).into(&i)
	if code := s.ask("ben", "PATCH", path, obj{"version": 1, "summary": "lost update"}).is(409).code(); code != "stale" {
		t.Error(code)
	}
	s.ask("ben", "POST", path+"/resolve", obj{"version": i.Version, "resolution": "led them out"}).is(200).into(&i)
	var l struct {
		Items []struct{ ID string }
		Total int
	}
	s.ask("cem", "GET", "/incidents?q=zebras+led&state=resolved&workspace="+s.shared.ID, nil).is(200).into(&l)
	if l.Total != 1 || l.Items[0].ID != i.ID {
		t.Errorf("found %+v", l)
	}
	s.ask("ben", "DELETE", path, nil).is(403)
	s.ask("ada", "DELETE", path, nil).is(204)
}

func jsonNumber(n int64) string { b, _ := json.Marshal(n); return string(b) }

// demo is the logs of a small incident, name to content.
func demo(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	var b strings.Builder
	for i := range 400 {
		at := "2026-03-01T12:0" + string(rune('0'+i/60%10)) + ":" + string(rune('0'+i%60/10)) + string(rune('0'+i%10)) + "Z"
		b.WriteString(at + " INFO api: GET /orders/" + string(rune('a'+i%26)) + " 200\n")
		if i > 300 {
			b.WriteString(at + " ERROR api: connection refused by db:5432\n")
		}
	}
	all["api.log"] = b.String()
	all["db.log"] = "2026-03-01T12:00:00Z INFO db: ready to accept connections\n2026-03-01T12:05:00Z FATAL db: could not write to file: No space left on device\n"
	return all
}

// What a standard read costs, with all that a request passes.
func BenchmarkGetJob(b *testing.B) {
	s := one(b, nil)
	th := s.things()
	h := s.server.Handler()
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), "GET", "/api/v1/jobs/"+th.job, nil)
		r.Header.Set("Authorization", "Bearer "+s.tokens["cem"])
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}

func TestListsOfJobs(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		ws := "workspace=" + s.shared.ID
		for range 5 {
			s.things()
		}
		type list struct {
			Items []job
			Next  string
			Total int
		}
		seen := map[string]bool{}
		cursor := ""
		for range 3 {
			var l list
			s.ask("cem", "GET", "/jobs?limit=2&sort=created&"+ws+"&cursor="+cursor, nil).is(200).into(&l)
			for _, j := range l.Items {
				seen[j.ID] = true
			}
			if cursor = l.Next; l.Total != 5 {
				t.Errorf("total %d", l.Total)
			}
		}
		if len(seen) != 5 || cursor != "" {
			t.Errorf("%d jobs, next %q", len(seen), cursor)
		}
		var l list
		s.ask("cem", "GET", "/jobs?status=queued,running&job_type=rca_analysis&user="+s.users["ben"].ID+"&offset=4&"+ws, nil).is(200).into(&l)
		if len(l.Items) != 1 {
			t.Errorf("%d jobs", len(l.Items))
		}
		s.ask("cem", "GET", "/jobs?status=succeeded&"+ws, nil).is(200).into(&l)
		if len(l.Items) != 0 {
			t.Errorf("%d jobs", len(l.Items))
		}
		s.ask("cem", "GET", "/jobs?sort=created&"+ws+"&limit=1", nil).is(200).into(&l)
		if code := s.ask("cem", "GET", "/jobs?sort=-created&"+ws+"&cursor="+l.Next, nil).is(400).code(); code != "cursor" {
			t.Error(code)
		}
	})
}

// A job that ended badly can be tried again, by who may work and as often as that one likes; one that has not ended, or ended well, cannot.
func TestRetry(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		ctx, th := t.Context(), s.things()
		at := "/jobs/" + th.job
		if code := s.ask("ben", "POST", at+"/retry", nil).is(409).code(); code != "stale" { // it is queued
			t.Error(code)
		}
		run := func(attempt int64, o store.Outcome) {
			t.Helper()
			started, err := s.store.StartAttempt(ctx, th.job, "worker", 0)
			s.ok(err)
			if started.Attempt != attempt {
				t.Errorf("attempt %d, want %d", started.Attempt, attempt)
			}
			s.ok(s.store.FinishAttempt(ctx, th.job, attempt, o))
		}
		run(1, store.Outcome{State: store.AttemptFailed, ErrorCode: "memory", Error: "it was too large"})
		var j job
		if s.ask("cem", "GET", at, nil).is(200).into(&j); j.Status != "failed" || j.Error == nil || j.Error.Code != "memory" {
			t.Errorf("job %+v", j)
		}
		s.ask("cem", "POST", at+"/retry", nil).is(403)
		s.ask("dee", "POST", at+"/retry", nil).is(404)
		j = job{}
		if s.ask("ben", "POST", at+"/retry", nil).is(202).into(&j); j.Status != "queued" || j.ID != th.job || j.Error != nil {
			t.Errorf("retried %+v", j)
		}
		s.ask("ben", "POST", at+"/retry", nil).is(409)
		s.ask("ben", "POST", at+"/cancel", nil).is(202)
		s.ask("ben", "POST", at+"/retry", nil).is(202)
		run(2, store.Outcome{State: store.AttemptSucceeded})
		s.ask("ben", "POST", at+"/retry", nil).is(409)
		var l struct{ Total int }
		if s.ask("root", "GET", "/audit?action=job.retry", nil).is(200).into(&l); l.Total != 2 {
			t.Errorf("%d entries in the audit log", l.Total)
		}
		s.ask("ben", "POST", "/jobs/none/retry", nil).is(404)
	})
}
