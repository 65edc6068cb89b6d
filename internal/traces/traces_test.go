package traces_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/rca-engine/rca/internal/traces"
	"github.com/rca-engine/rca/internal/traces/tracestest"
)

// counted reads a metric of a registry.
func counted(t *testing.T, reg *prometheus.Registry, outcome string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "rca_trace_spans_total" && m.GetLabel()[0].GetValue() == outcome {
				return m.GetCounter().GetValue()
			}
		}
	}
	t.Fatalf("no metric of spans %s", outcome)
	return 0
}

func TestSpansComeToTheCollector(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "X-Key=wren%20heather")
	t.Setenv("OTEL_SERVICE_NAME", "rca-of-a-test")
	var keyed atomic.Bool
	var refused atomic.Int64
	c := tracestest.New(t, func(r *http.Request) int {
		keyed.Store(r.Header.Get("X-Key") == "wren heather")
		if refused.Add(1) == 1 {
			return http.StatusServiceUnavailable // once: it is tried again
		}
		return 0
	})
	reg := prometheus.NewRegistry()
	p, closing, err := traces.Open(t.Context(), traces.Options{URL: c.URL, Sample: 1, Version: "7", Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	ctx, request := p.Tracer("test").Start(t.Context(), "request")
	parent := traces.Parent(ctx)
	request.End()
	// Another process, later.
	_, job := p.Tracer("test").Start(traces.WithParent(context.Background(), parent), "job")
	job.End()
	if err := closing(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := c.Spans()
	if len(s) != 2 || s[0].Name != "request" || s[1].Trace != s[0].Trace || s[1].Parent != s[0].ID || s[0].Service != "rca-of-a-test" || !keyed.Load() {
		t.Errorf("spans %+v, key seen %v", s, keyed.Load())
	}
	if counted(t, reg, "sent") != 2 || counted(t, reg, "lost") != 0 {
		t.Errorf("%g sent, %g lost", counted(t, reg, "sent"), counted(t, reg, "lost"))
	}
}

// Spans end without waiting while the collector does not answer, and what it does not take is counted and told once.
func TestACollectorThatIsAwayHoldsUpNobody(t *testing.T) {
	asked, answer := make(chan struct{}, 100), make(chan struct{})
	c := tracestest.New(t, func(r *http.Request) int {
		asked <- struct{}{}
		<-answer
		return http.StatusForbidden
	})
	var log bytes.Buffer
	reg := prometheus.NewRegistry()
	p, closing, err := traces.Open(t.Context(), traces.Options{URL: c.URL, Sample: 1, Registerer: reg, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	span := func() {
		_, s := p.Tracer("test").Start(t.Context(), "step")
		s.End()
	}
	for range 512 { // a batch
		span()
	}
	<-asked // it hangs
	for range 20_000 {
		span()
	}
	close(answer)
	if err := closing(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := counted(t, reg, "lost"); n < 512 || n > 512*6 { // the queue has a bound
		t.Errorf("%g spans lost to the collector", n)
	}
	if n := strings.Count(log.String(), "traces are lost"); n != 1 {
		t.Errorf("told %d times: %s", n, log.String())
	}
}

func TestNothingConfiguredIsNothingDone(t *testing.T) {
	p, closing, err := traces.Open(t.Context(), traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, s := p.Tracer("test").Start(t.Context(), "step")
	if s.IsRecording() || traces.Parent(ctx) != "" {
		t.Error("a span is kept")
	}
	if err := closing(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []traces.Options{{Sample: 2}, {Sample: -1}, {URL: "localhost:4318"}, {URL: "ftp://a"}, {URL: "http://"}, {URL: "http://a?x=1"}} {
		if _, _, err := traces.Open(t.Context(), o); err == nil || !strings.HasPrefix(err.Error(), "open traces: ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "key")
	if _, _, err := traces.Open(t.Context(), traces.Options{URL: "http://a"}); err == nil || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_HEADERS") {
		t.Errorf("headers that are none: %v", err)
	}
}

func TestLogLinesNameTheirTrace(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(traces.Logs(slog.NewJSONHandler(&b, nil))).With("a", 1)
	ctx := traces.WithParent(t.Context(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if !trace.SpanContextFromContext(ctx).IsValid() || trace.SpanContextFromContext(traces.WithParent(t.Context(), "rubbish")).IsValid() {
		t.Error("what is a parent and what is none are mistaken")
	}
	log.InfoContext(ctx, "with")
	log.Info("without")
	d := json.NewDecoder(&b)
	for _, want := range []string{"0af7651916cd43dd8448eb211c80319c", ""} {
		var line struct {
			Trace string `json:"trace_id"`
			A     int
		}
		if err := d.Decode(&line); err != nil || line.Trace != want || line.A != 1 {
			t.Errorf("%+v, %v, want the trace %q", line, err, want)
		}
	}
}
