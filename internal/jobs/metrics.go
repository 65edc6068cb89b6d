package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rca-engine/rca/internal/store"
)

type metrics struct {
	attempts *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	lost     prometheus.Counter
}

// newMetrics makes the metrics of a queue; without a registerer they are counted and never read.
func newMetrics(reg prometheus.Registerer, s *store.Store, busy func() int) (*metrics, error) {
	m := &metrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rca_job_attempts_total",
			Help: "Attempts at jobs that ended in this process, by the job's type and how they ended."}, []string{"type", "end"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "rca_job_attempt_seconds",
			Help: "How long attempts took, by the job's type.", Buckets: prometheus.ExponentialBuckets(0.1, 3, 10)}, []string{"type"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rca_job_bytes_total",
			Help: "Bytes of the inputs of jobs that succeeded in this process, by the job's type."}, []string{"type"}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{Name: "rca_jobs_lost_total",
			Help: "Attempts of dead workers that this process put back."}),
	}
	if reg == nil {
		return m, nil
	}
	running := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "rca_jobs_busy",
		Help: "Attempts that run in this process now."}, func() float64 { return float64(busy()) })
	for _, c := range []prometheus.Collector{m.attempts, m.seconds, m.bytes, m.lost, running, queueCollector{s}} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics of jobs: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) ended(j *store.Job, end string, took time.Duration) {
	kind := string(j.Type)
	m.attempts.WithLabelValues(kind, end).Inc()
	m.seconds.WithLabelValues(kind).Observe(took.Seconds())
	if end == endSucceeded {
		m.bytes.WithLabelValues(kind).Add(float64(j.TotalBytes))
	}
}

// queueCollector asks the database when the metrics are read.
type queueCollector struct{ store *store.Store }

var (
	queueDepth = prometheus.NewDesc("rca_jobs", "Jobs in the database, by state.", []string{"state"}, nil)
	queueAge   = prometheus.NewDesc("rca_jobs_oldest_seconds", "Age of the queued job that waits longest, 0 if none does.", nil, nil)
)

// Describe tells which metrics there are.
func (c queueCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- queueDepth
	ch <- queueAge
}

// Collect reads them. A database that does not answer in time shows as an error of the metrics page.
func (c queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	s, err := c.store.Queue(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(queueDepth, err)
		return
	}
	age := 0.0
	if !s.Oldest.IsZero() {
		age = max(0, time.Since(s.Oldest).Seconds())
	}
	ch <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(s.Queued), string(store.JobQueued))
	ch <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(s.Running), string(store.JobRunning))
	ch <- prometheus.MustNewConstMetric(queueAge, prometheus.GaugeValue, age)
}
