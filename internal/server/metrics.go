package server

import (
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rca-engine/rca/internal/store"
)

// metrics are the numbers of the HTTP side.
type metrics struct {
	requests       *prometheus.CounterVec
	duration       *prometheus.HistogramVec
	inFlight       prometheus.Gauge
	bytes          *prometheus.CounterVec
	uploads        *prometheus.CounterVec
	uploadBytes    prometheus.Counter
	streams        prometheus.Gauge
	rateLimited    *prometheus.CounterVec
	redisFallbacks prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, s *store.Store, version string) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rca_http_requests_total", Help: "Requests answered."}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "rca_http_request_duration_seconds", Help: "Time to answer a request, streams included.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30, 300}}, []string{"route", "method"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "rca_http_requests_in_flight", Help: "Requests being answered."}),
		bytes:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rca_http_bytes_total", Help: "Bytes of bodies."}, []string{"direction"}),
		uploads:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rca_uploads_total", Help: "Uploads by way and outcome."}, []string{"way", "outcome"}),
		uploadBytes: prometheus.NewCounter(prometheus.CounterOpts{Name: "rca_upload_bytes_total",
			Help: "Bytes of the uploads that were kept."}),
		streams:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "rca_event_streams", Help: "Followers of a job's events."}),
		rateLimited: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rca_rate_limited_total", Help: "Requests refused by a rate limit."}, []string{"limit"}),
		redisFallbacks: prometheus.NewCounter(prometheus.CounterOpts{Name: "rca_rate_limit_redis_fallbacks_total",
			Help: "Requests counted in this process because Redis was away."}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "rca_build_info", Help: "Always 1; the labels tell the version.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()}})
	build.Set(1)
	for _, c := range []prometheus.Collector{m.requests, m.duration, m.inFlight, m.bytes, m.uploads, m.uploadBytes, m.streams, m.rateLimited, m.redisFallbacks, build,
		pools{s}} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) observe(route, method string, status int, took time.Duration, in, out int64) {
	if route == "" {
		route = "other" // a path that a client makes up must not make a series
		switch method {
		case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		default:
			method = "other"
		}
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(route, method).Observe(took.Seconds())
	m.bytes.WithLabelValues("in").Add(float64(in))
	m.bytes.WithLabelValues("out").Add(float64(out))
}

// pools reads the numbers of the database's connections when it is asked.
type pools struct{ store *store.Store }

var (
	poolConns  = prometheus.NewDesc("rca_db_connections", "Connections to the database.", []string{"pool", "state"}, nil)
	poolWaits  = prometheus.NewDesc("rca_db_waits_total", "How often a connection had to be waited for.", []string{"pool"}, nil)
	poolWaited = prometheus.NewDesc("rca_db_wait_seconds_total", "Time waited for connections.", []string{"pool"}, nil)
)

func (p pools) Describe(c chan<- *prometheus.Desc) {
	c <- poolConns
	c <- poolWaits
	c <- poolWaited
}

func (p pools) Collect(c chan<- prometheus.Metric) {
	for _, n := range p.store.Stats() {
		for state, v := range map[string]int{"max": n.Max, "open": n.Open, "in_use": n.InUse, "idle": n.Idle} {
			c <- prometheus.MustNewConstMetric(poolConns, prometheus.GaugeValue, float64(v), n.Name, state)
		}
		c <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, float64(n.Waits), n.Name)
		c <- prometheus.MustNewConstMetric(poolWaited, prometheus.CounterValue, n.Waited.Seconds(), n.Name)
	}
}
