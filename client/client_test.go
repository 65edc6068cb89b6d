package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rca-engine/rca/client"
)

// open starts a service and logs in, with requests sent by way of send.
func open(t *testing.T, send http.RoundTripper) *client.ClientWithResponses {
	t.Helper()
	s := start()
	t.Cleanup(s.stop)
	stranger, err := client.Open(s.web.URL, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	login, err := stranger.TokenWithFormdataBodyWithResponse(t.Context(), client.TokenFormdataRequestBody{
		GrantType: client.TokenFormdataBodyGrantTypePassword, Username: new("ada"), Password: new(password)})
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Open(s.web.URL, client.Options{Bearer: login.JSON200.AccessToken, HTTP: &http.Client{Transport: send}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(q *http.Request) (*http.Response, error) { return f(q) }

var errCut = errors.New("the connection is cut")

func TestOpenWantsAnAddress(t *testing.T) {
	for _, address := range []string{"", "rca.example.com", "ftp://x", "http://", "http://[::1"} {
		if _, err := client.Open(address, client.Options{}); err == nil || !strings.Contains(err.Error(), "no address of a service") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	c := open(t, nil)
	refused := func(err error, status int64, code, text string, final bool) {
		t.Helper()
		var r *client.Refusal
		if !errors.As(err, &r) || r.Status != status || r.Code != code || r.Final() != final || !strings.Contains(err.Error(), text) {
			t.Errorf("%v, %+v", err, r)
		}
	}
	_, err := c.GetJobWithResponse(t.Context(), "none")
	refused(err, 404, "not_found", "GET /api/v1/jobs/none: Not Found: there is no such thing", true)
	_, err = c.CreateJobWithResponse(t.Context(), nil, client.CreateJobJSONRequestBody{JobType: "other"})
	refused(err, 422, "invalid", "body.job_type", true)

	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html>nothing behind me</html>"))
	}))
	defer proxy.Close()
	p, err := client.Open(proxy.URL, client.Options{Bearer: "secret-token"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.MeWithResponse(t.Context())
	refused(err, 502, "", "Bad Gateway", false)
	var r *client.Refusal
	if errors.As(err, &r); r.After != 7*time.Second {
		t.Errorf("after %s", r.After)
	}
	proxy.Close()
	if _, err = p.ListJobsWithResponse(t.Context(), &client.ListJobsParams{Q: new("confidential")}); err == nil ||
		strings.Contains(err.Error(), "confidential") || strings.Contains(err.Error(), "secret-token") {
		t.Error(err)
	}
}

// A status of refusals that overlay.yaml does not know would make fields for its problem, which stay empty.
func TestRefusalsAreNoAnswers(t *testing.T) {
	b, err := os.ReadFile("api.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte("ApplicationproblemJSON")) {
		t.Error("generate/overlay.yaml lacks a status of the document")
	}
}

// cutting breaks the first PATCHes in their middle.
type cutting struct{ left atomic.Int32 }

func (c *cutting) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.Method == http.MethodPatch && c.left.Add(-1) >= 0 {
		q = q.Clone(q.Context())
		half := q.ContentLength / 2
		q.Body = io.NopCloser(io.MultiReader(io.LimitReader(q.Body, half), broken{}))
	}
	return http.DefaultTransport.RoundTrip(q)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errCut }

func TestUploadGoesOn(t *testing.T) {
	cut := &cutting{}
	cut.left.Store(2)
	c := open(t, cut)
	content := strings.Repeat("2026-03-01T12:00:00Z INFO api: served a page\n", 10_000)
	var begun string
	var seen []int64
	id, err := c.Upload(t.Context(), client.Upload{Name: "app.log", Bytes: strings.NewReader(content), Size: int64(len(content)),
		OnBegin: func(at string) error { begun = at; return nil }, Progress: func(done int64) { seen = append(seen, done) }})
	if err != nil {
		t.Fatal(err)
	}
	if begun == "" || !slices.Contains(seen, int64(len(content))) {
		t.Errorf("begun %q, progress %v", begun, seen)
	}
	same := func(id, want string) {
		t.Helper()
		a, err := c.UploadContentWithResponse(t.Context(), id, nil)
		if err != nil || string(a.Body) != want {
			t.Errorf("%d bytes came back, %v", len(a.Body), err)
		}
	}
	same(id, content)

	// Another process goes on with what one left behind.
	ctx, cancel := context.WithCancel(t.Context())
	cut.left.Store(1)
	_, err = c.Upload(ctx, client.Upload{Name: "b.log", Bytes: strings.NewReader(content + "b"), Size: int64(len(content)) + 1,
		OnBegin: func(at string) error { begun = at; return nil }, Progress: func(done int64) {
			if done > 0 {
				cancel()
			}
		}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	at := begun
	id, err = c.Upload(t.Context(), client.Upload{Name: "b.log", Bytes: strings.NewReader(content + "b"), Size: int64(len(content)) + 1, Begun: at,
		OnBegin: func(a string) error { begun = a; return nil }})
	if err != nil || begun != at {
		t.Fatal(begun, at, err)
	}
	same(id, content+"b")

	// One that the service does not know any more begins anew, and one of no bytes is an upload too.
	if id, err = c.Upload(t.Context(), client.Upload{Name: "c.log", Bytes: strings.NewReader("x"), Size: 1, Begun: strings.Repeat("0", 32)}); err != nil {
		t.Fatal(err)
	}
	same(id, "x")
	if id, err = c.Upload(t.Context(), client.Upload{Name: "d.log", Bytes: strings.NewReader(""), Size: 0}); err != nil {
		t.Fatal(err)
	}
	same(id, "")
	var r *client.Refusal
	if _, err = c.Upload(t.Context(), client.Upload{Name: "e.log", Bytes: strings.NewReader("x"), Size: 1 << 60}); !errors.As(err, &r) || r.Status != 413 {
		t.Error(err)
	}
	if list, err := c.ListUploadsWithResponse(t.Context(), nil); err != nil || list.JSON200.Total != 4 {
		t.Errorf("%+v %v", list, err)
	}
}

// A stream that breaks goes on after the last event: none is missed, none comes twice.
func TestEventsGoOn(t *testing.T) {
	streams := 0
	c := open(t, roundTrip(func(q *http.Request) (*http.Response, error) {
		a, err := http.DefaultTransport.RoundTrip(q)
		if err == nil && strings.HasSuffix(q.URL.Path, "/events") {
			if streams++; streams < 3 {
				a.Body = &short{a.Body, 400 * streams}
			}
		}
		return a, err
	}))
	logs := strings.Repeat("2026-03-01T12:00:00Z INFO api: served a page\n", 100)
	up, err := c.UploadTextWithResponse(t.Context(), nil, client.UploadTextJSONRequestBody{Text: logs})
	if err != nil {
		t.Fatal(err)
	}
	job, err := c.CreateJobWithResponse(t.Context(), nil, client.CreateJobJSONRequestBody{JobType: client.CreateJobInputBodyJobTypeLogAnalysis,
		InputManifest: &client.Manifest{Uploads: []string{up.JSON201.ID}}})
	if err != nil {
		t.Fatal(err)
	}
	done, err := c.Wait(t.Context(), job.JSON202.ID)
	if err != nil || done.Status != client.JobViewStatusSucceeded {
		t.Fatal(done.Status, err)
	}
	streams = 0
	var numbers []int64
	last := ""
	for e, err := range c.Events(t.Context(), done.ID, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if last = e.Kind; e.Kind != "end" {
			numbers = append(numbers, e.Number)
		}
	}
	if last != "end" || int64(len(numbers)) != done.LastEvent || !slices.IsSorted(numbers) || len(slices.Compact(slices.Clone(numbers))) != len(numbers) {
		t.Errorf("events %v, then %s; there are %d", numbers, last, done.LastEvent)
	}
	if streams < 2 {
		t.Errorf("only %d streams: nothing was cut", streams)
	}
	for _, err := range c.Events(t.Context(), "none", 0) {
		var r *client.Refusal
		if !errors.As(err, &r) || r.Status != 404 {
			t.Error(err)
		}
	}
	for range c.Events(t.Context(), done.ID, 0) {
		break // a reader may leave
	}
}

// short is a body that breaks after so many bytes.
type short struct {
	io.ReadCloser
	left int
}

func (s *short) Read(b []byte) (int, error) {
	if s.left <= 0 {
		return 0, errCut
	}
	n, err := s.ReadCloser.Read(b[:min(len(b), s.left)])
	s.left -= n
	return n, err
}
