package server

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// OpsHandler answers those who watch the service: /metrics, /healthz, /readyz. It asks nobody who they are, so it belongs
// on a listener that only they reach.
func (s *Server) OpsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.opts.Registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		parts, ready := s.ready(r.Context())
		w.Header().Set("Content-Type", "application/json")
		if !ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"ready": ready, "parts": parts})
	})
	return mux
}

// Part is a piece of the service and how it is.
type Part struct {
	Name  string `json:"name" enum:"database,queue,blobs,redis"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

// ready asks each part whether it is well. Redis ill is told, but we can work without it.
func (s *Server) ready(ctx context.Context) ([]Part, bool) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	asks := []struct {
		name string
		must bool
		ask  func(context.Context) error
	}{
		{"database", true, s.store.Ready},
		{"queue", true, func(ctx context.Context) error { _, err := s.store.Queue(ctx); return err }},
		{"blobs", true, s.blobs.Ready},
	}
	if s.redis != nil {
		asks = append(asks, struct {
			name string
			must bool
			ask  func(context.Context) error
		}{"redis", false, s.redis.ready})
	}
	var parts []Part
	ready := true
	for _, a := range asks {
		p := Part{Name: a.name, OK: true}
		if err := a.ask(ctx); err != nil {
			p.OK, p.Error = false, err.Error()
			ready = ready && !a.must
		}
		parts = append(parts, p)
	}
	return parts, ready
}
