package server

import (
	"net/http"
	"net/netip"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/rca-engine/rca/internal/traces"
)

// traced begins the span of a request; done ends it. The trace that the header traceparent names is joined only if a trusted proxy
// sends it: the header also says whether to keep the trace, and a stranger must not have all of his kept at our cost.
func (s *Server) traced(r *http.Request) *http.Request {
	ctx := r.Context()
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && s.trusted(at.Addr().Unmap()) {
		ctx = traces.WithParent(ctx, r.Header.Get("traceparent"))
	}
	ctx, _ = s.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer)) // the route is not yet known
	return r.WithContext(ctx)
}

// spanned ends the span of a request with what is known of it by then. No query and no header: both may hold secrets.
func spanned(r *http.Request, st *request, status int) {
	span := trace.SpanFromContext(r.Context())
	defer span.End()
	if !span.IsRecording() {
		return
	}
	attrs := []attribute.KeyValue{attribute.String("http.request.method", r.Method), attribute.Int("http.response.status_code", status),
		attribute.String("rca.request_id", st.id)}
	if st.route != "" {
		span.SetName(r.Method + " " + st.route)
		attrs = append(attrs, attribute.String("http.route", st.route))
	}
	for name, v := range map[string]string{"enduser.id": st.who.User, "rca.workspace": st.workspace, "rca.job": st.job.ID} {
		if v != "" {
			attrs = append(attrs, attribute.String(name, v))
		}
	}
	span.SetAttributes(attrs...)
	if status >= 500 {
		span.SetStatus(codes.Error, http.StatusText(status))
	}
}
