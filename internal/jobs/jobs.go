// Package jobs runs the jobs of the service on River's queue.
package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/store"
)

// Options say how many jobs run at once, and how patiently. The zero value works.
type Options struct {
	Workers    int                   // attempts at the same time in this process; 0: none, the process only submits
	PerUser    int                   // running jobs of one user over all processes; default 2
	Grace      time.Duration         // that running attempts get at a stop before they go back to the queue; default 30 seconds
	Worker     string                // this process's name among the workers; default host and a random part
	Log        *slog.Logger          // default discards
	Registerer prometheus.Registerer // of the metrics; default none
}

// Queue takes jobs in and, with workers, works on them.
type Queue struct{}

// New makes a queue on the store's database.
func New(s *store.Store, d *incident.Desk, o Options) (*Queue, error) { panic("skeleton") }

// Submit opens a job and puts it into the queue, in one transaction.
func (q *Queue) Submit(ctx context.Context, s incident.Spec) (job store.Job, created bool, err error) {
	panic("skeleton")
}

// Cancel ends a job, in whatever process it runs.
func (q *Queue) Cancel(ctx context.Context, job string) (store.JobState, error) { panic("skeleton") }

// Retry puts an ended job into the queue again with one more attempt.
func (q *Queue) Retry(ctx context.Context, job string) (store.Job, error) { panic("skeleton") }

// Delete takes a job away that does not run, with its report and records.
func (q *Queue) Delete(ctx context.Context, job string) error { panic("skeleton") }

// Run works until ctx ends, then lets running attempts finish within the grace time.
func (q *Queue) Run(ctx context.Context) error { panic("skeleton") }
