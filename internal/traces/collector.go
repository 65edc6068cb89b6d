package traces

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	tries    = 3
	patience = 10 * time.Second // with one try
)

// collector is the other side as the exporter of OpenTelemetry sees it (otlptrace.Client). One batch is sent at a time.
type collector struct {
	url     string
	headers http.Header
	client  *http.Client
	log     *slog.Logger
	spans   *prometheus.CounterVec
	wait    time.Duration // before the second try, twice as long before the third

	mu   sync.Mutex
	away bool // since the last batch; told once
}

func newCollector(o Options) (*collector, error) {
	c := &collector{log: o.Log, wait: 500 * time.Millisecond, headers: http.Header{},
		client: &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		spans: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rca_trace_spans_total",
			Help: "Spans of traces that the collector took (sent) or did not (lost)."}, []string{"outcome"})}
	var err error
	if c.url, err = endpoint(o.URL); err != nil {
		return nil, err
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		for pair := range strings.SplitSeq(os.Getenv(name), ",") {
			if strings.TrimSpace(pair) == "" {
				continue
			}
			key, value, ok := strings.Cut(pair, "=")
			value, err := url.PathUnescape(strings.TrimSpace(value))
			if !ok || err != nil {
				return nil, fmt.Errorf("environment %s: want NAME=VALUE,NAME=VALUE with values escaped as in a URL", name)
			}
			c.headers.Set(strings.TrimSpace(key), value)
		}
	}
	for _, outcome := range []string{"sent", "lost"} {
		c.spans.WithLabelValues(outcome)
	}
	if o.Registerer != nil {
		if err := o.Registerer.Register(c.spans); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// endpoint is where batches go.
func endpoint(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("want the URL of a collector, as http://localhost:4318")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	return u.String(), nil
}

// Start is for the exporter. There is nothing to begin: the connection is made with the first batch.
func (c *collector) Start(context.Context) error { return nil }

// Stop is for the exporter.
func (c *collector) Stop(context.Context) error {
	c.client.CloseIdleConnections()
	return nil
}

// UploadTraces sends a batch. It returns no error: OpenTelemetry would only print it, and has nobody else to tell.
func (c *collector) UploadTraces(ctx context.Context, batch []*tracepb.ResourceSpans) error {
	n := 0
	for _, r := range batch {
		for _, s := range r.ScopeSpans {
			n += len(s.Spans)
		}
	}
	err := c.send(ctx, batch)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.spans.WithLabelValues("lost").Add(float64(n))
		if !c.away {
			c.log.WarnContext(ctx, "traces are lost, the collector does not take them", "error", err)
		}
	} else {
		c.spans.WithLabelValues("sent").Add(float64(n))
		if c.away {
			c.log.InfoContext(ctx, "the collector takes traces again")
		}
	}
	c.away = err != nil
	return nil
}

func (c *collector) send(ctx context.Context, batch []*tracepb.ResourceSpans) error {
	b, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: batch}) // on the wire the same as an ExportTraceServiceRequest, whose package brings gRPC
	if err != nil {
		return fmt.Errorf("write spans: %w", err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(b)
	if err := errors.Join(err, z.Close()); err != nil {
		return fmt.Errorf("pack spans: %w", err)
	}
	wait := c.wait
	for try := 1; ; try++ {
		again, err := c.post(ctx, packed.Bytes())
		if err == nil || !again || try == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
		wait *= 2
	}
}

// post says also whether another try may succeed.
func (c *collector) post(ctx context.Context, body []byte) (again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return false, fmt.Errorf("send spans: %w", err)
	}
	for name, values := range c.headers {
		r.Header[name] = values
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("Content-Encoding", "gzip")
	resp, err := c.client.Do(r)
	if err != nil {
		return true, fmt.Errorf("send spans: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	if resp.StatusCode/100 == 2 {
		return false, nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		again = true
	}
	return again, fmt.Errorf("send spans: the collector answers %s", resp.Status)
}
