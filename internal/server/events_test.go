package server_test

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/server"
)

// stream is a job's events as a client reads them.
type stream struct {
	*bufio.Scanner
	answer *http.Response
}

func (s *site) follow(who, job string, last int64) stream {
	s.t.Helper()
	q, err := http.NewRequestWithContext(s.t.Context(), "GET", s.http.URL+"/api/v1/jobs/"+job+"/events", nil)
	s.ok(err)
	q.Header.Set("Authorization", "Bearer "+s.tokens[who])
	if last > 0 {
		q.Header.Set("Last-Event-ID", strconv.FormatInt(last, 10))
	}
	a, err := s.http.Client().Do(q)
	s.ok(err)
	s.t.Cleanup(func() { a.Body.Close() })
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatalf("%d %s", a.StatusCode, a.Header)
	}
	return stream{bufio.NewScanner(a.Body), a}
}

// next reads up to the next line that begins so, and returns what follows.
func (x stream) next(begins string) string {
	for x.Scan() {
		if rest, ok := strings.CutPrefix(x.Text(), begins); ok {
			return rest
		}
	}
	return "end of stream"
}

// Events come as they happen; who lost the connection goes on behind the last one seen, and the stream ends with the job.
func TestEventsResume(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		ctx, th := t.Context(), s.things()
		first := s.follow("cem", th.job, 0)
		if kind := first.next("event: "); kind != "state" {
			t.Errorf("first event %q", kind)
		}
		if data := first.next("data: "); !strings.Contains(data, `"state":"queued"`) {
			t.Error(data)
		}
		seq, err := s.store.AppendEvent(ctx, th.job, "progress", `{"done":1}`)
		s.ok(err)
		if id := first.next("id: "); id != strconv.FormatInt(seq, 10) {
			t.Errorf("event %s, want %d", id, seq)
		}
		first.answer.Body.Close()

		next, err := s.store.AppendEvent(ctx, th.job, "progress", `{"done":2}`)
		s.ok(err)
		again := s.follow("cem", th.job, seq)
		if id := again.next("id: "); id != strconv.FormatInt(next, 10) {
			t.Errorf("resumed at %s, want %d", id, next)
		}
		_, err = s.store.RequestCancel(ctx, th.job)
		s.ok(err)
		if data := again.next("data: {\"status\""); data != `:"cancelled"}` {
			t.Errorf("end %q", data)
		}
		for again.Scan() {
		}
		if err := again.Err(); err != nil {
			t.Error(err)
		}
	})
}

func TestFollowersAreBounded(t *testing.T) {
	s := one(t, func(o *server.Options) { o.Limits.Streams = 1 })
	th := s.things()
	s.follow("cem", th.job, 0)
	if code := s.ask("cem", "GET", "/jobs/"+th.job+"/events", nil).is(503).code(); code != "busy" {
		t.Error(code)
	}
}
