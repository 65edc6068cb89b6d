package server_test

import (
	"context"
	"net/netip"
	"testing"

	"github.com/rca-engine/rca/internal/server"
	"github.com/rca-engine/rca/internal/traces"
	"github.com/rca-engine/rca/internal/traces/tracestest"
)

// Spans name the route, not the path; and whose trace they are in is for a trusted proxy to say, not for a stranger.
func TestSpansOfRequests(t *testing.T) {
	const trace, parent = "0af7651916cd43dd8448eb211c80319c", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for _, trusted := range []bool{true, false} {
		c := tracestest.New(t, nil)
		var flush func(context.Context) error
		s := one(t, func(o *server.Options) {
			var err error
			if o.Traces, flush, err = traces.Open(t.Context(), traces.Options{URL: c.URL, Sample: 1}); err != nil {
				t.Fatal(err)
			}
			if trusted {
				o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
			}
		})
		s.ask("ada", "GET", "/workspaces/"+s.shared.ID+"?secret=wren", nil, "traceparent", parent, "X-Request-ID", "request-of-ada").is(422)
		s.ask("", "GET", "/nothing/here", nil, "traceparent", parent).is(404)
		s.ok(flush(t.Context()))
		spans := c.Spans()
		if len(spans) != 2 {
			t.Fatalf("spans %+v", spans)
		}
		a := spans[0]
		if a.Name != "GET /api/v1/workspaces/{id}" || a.Attributes["rca.request_id"] != "request-of-ada" || a.Attributes["enduser.id"] != s.users["ada"].ID ||
			a.Attributes["rca.workspace"] != s.shared.ID || spans[1].Name != "GET" {
			t.Errorf("spans %+v", spans)
		}
		if joined := a.Trace == trace; joined != trusted {
			t.Errorf("trusted %v, joined %v", trusted, joined)
		}
	}
}
