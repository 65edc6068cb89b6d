// Package traces sends to a collector how long each step of the service took.
//
// In goes the URL of a collector that speaks OTLP over HTTP, out comes a provider of spans for the packages that do the steps. Without
// a URL it is one whose spans are nothing: no queue, no goroutine, no network. With one, spans wait in a bounded queue and go out in
// batches; a collector that is away or slow holds up nobody, and what it did not take is counted and dropped.
//
//	traces.go     the provider
//	collector.go  the batches, sent
//	parent.go     the request that a job comes from, as text beside the job; log lines that name their trace
//
// The exporter of OpenTelemetry's own is not used: it brings gRPC into the program, which costs every start of the command line five
// milliseconds. Its other half, from spans to messages, is.
package traces

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Options say where spans go. The zero value sends none.
//
// The environment adds what OpenTelemetry has names for: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, the sizes and times of the
// queue in OTEL_BSP_…, and OTEL_EXPORTER_OTLP_HEADERS, which is where a key of the collector goes. It does not turn tracing on.
type Options struct {
	URL        string                // of the collector; without a path, /v1/traces is meant; default none
	Sample     float64               // share of traces that are sent, 0 to 1
	Version    string                // of this program
	Log        *slog.Logger          // default discards
	Registerer prometheus.Registerer // of the metrics; default none
}

// Check says what is wrong with options, nil if nothing is.
func (o Options) Check() error {
	if o.Sample < 0 || o.Sample > 1 || o.Sample != o.Sample {
		return fmt.Errorf("the share of traces is %g, want 0 to 1", o.Sample)
	}
	if o.URL == "" {
		return nil
	}
	_, err := endpoint(o.URL)
	return err
}

// Open makes a provider. Closing it sends what still waits, as long as the context allows.
func Open(ctx context.Context, o Options) (p trace.TracerProvider, closing func(context.Context) error, err error) {
	if err := o.Check(); err != nil {
		return nil, nil, fmt.Errorf("open traces: %w", err)
	}
	if o.URL == "" {
		return noop.NewTracerProvider(), func(context.Context) error { return nil }, nil
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c, err := newCollector(o)
	if err != nil {
		return nil, nil, fmt.Errorf("open traces: %w", err)
	}
	exporter, err := otlptrace.New(ctx, c)
	if err != nil {
		return nil, nil, fmt.Errorf("open traces: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "rca"), attribute.String("service.version", o.Version), attribute.String("host.name", host)),
		resource.WithFromEnv()) // the last has the last word
	if err != nil {
		return nil, nil, fmt.Errorf("open traces: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	sdkProvider := sdk.NewTracerProvider(sdk.WithResource(about), sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(o.Sample))),
		sdk.WithBatcher(exporter, sdk.WithBatchTimeout(2*time.Second)))
	return sdkProvider, sdkProvider.Shutdown, nil
}
