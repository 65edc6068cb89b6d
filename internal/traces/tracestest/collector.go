// Package tracestest is a collector for tests: spans come by OTLP over HTTP and can be read.
package tracestest

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is what a test looks at.
type Span struct {
	Name, Trace, ID, Parent string
	Attributes              map[string]string
	Service                 string
	Failed                  bool
}

// Collector takes spans. Refuse, if set, answers before it does: a status other than 0 is the answer.
type Collector struct {
	URL    string
	Refuse func(*http.Request) int

	mu    sync.Mutex
	spans []Span
	news  chan struct{}
}

// New starts a collector that lives as long as the test.
func New(t testing.TB, refuse func(*http.Request) int) *Collector {
	t.Helper()
	c := &Collector{Refuse: refuse, news: make(chan struct{}, 1)}
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	c.URL = s.URL
	return c
}

// ServeHTTP takes a batch.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.Refuse != nil {
		if status := c.Refuse(r); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	var batch tracepb.TracesData
	z, err := gzip.NewReader(r.Body)
	if err == nil {
		var b []byte
		if b, err = io.ReadAll(z); err == nil {
			err = proto.Unmarshal(b, &batch)
		}
	}
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "no batch of spans", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rs := range batch.ResourceSpans {
		service := ""
		for _, a := range rs.Resource.Attributes {
			if a.Key == "service.name" {
				service = a.Value.GetStringValue()
			}
		}
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				c.spans = append(c.spans, spanOf(service, s))
			}
		}
	}
	select {
	case c.news <- struct{}{}:
	default:
	}
}

func spanOf(service string, s *tracepb.Span) Span {
	out := Span{Name: s.Name, Trace: hex.EncodeToString(s.TraceId), ID: hex.EncodeToString(s.SpanId), Parent: hex.EncodeToString(s.ParentSpanId),
		Attributes: map[string]string{}, Service: service, Failed: s.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR}
	for _, a := range s.Attributes {
		out.Attributes[a.Key] = a.Value.GetStringValue()
	}
	return out
}

// Spans are all that have come.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Span(nil), c.spans...)
}

// News is readable when something has come since it was last read.
func (c *Collector) News() <-chan struct{} { return c.news }
