// Package jobs runs the jobs of the service on River's queue.
//
// In comes what a user asks for, out comes a job that was worked on to its end, by this process or another one, once in effect.
//
// The row of a job in our own table is the truth: its state, its attempts, who runs it. River only brings a job to a worker. Its
// queue holds no more than what may run: of each user the job that is next, while the user has a place free. So ten
// thousand jobs of one user stand in no one's way and are not fetched in vain. A job is admitted to River's queue in the
// transaction that opens it, if it is next then, or else when a place gets free (admit.go). A River job whose row cannot be
// started ends without effect; an admission that was lost is made again a few seconds later.
//
//	river.go    River's client, whose type differs by database
//	admit.go    which jobs may run next
//	work.go     one attempt: started, investigated, and what becomes of it
//	run.go      a worker's life: its beats, the jobs of the dead, its stop
//	process.go  which process a worker is, so that a dead one on this host is known at once
//
// A worker that dies is missed within eight seconds, on its own host within three, and its jobs run again. One that was only
// frozen finds when it wakes that its attempt's number is old, and stops.
package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/store"
)

// Options say how many jobs run at once, and how patiently. The zero value works.
type Options struct {
	Workers    int                   // attempts at the same time in this process; 0: none, the process only submits
	PerUser    int                   // running jobs of one user over all processes; default 2
	Grace      time.Duration         // that running attempts get at a stop before they go back to the queue; default 30 seconds
	BackOff    time.Duration         // before the second attempt, four times as long before each further one; default 5 seconds
	SweepEvery time.Duration         // how often what is past its time is deleted; default 1 hour
	Worker     string                // this process's name, like that of no other one that lives; default host and a random part
	Version    string                // told of this worker
	Log        *slog.Logger          // default discards
	Registerer prometheus.Registerer // of the metrics; default none
	Traces     trace.TracerProvider  // of spans; default none
}

func (o Options) withDefaults() (Options, error) {
	for _, n := range []struct {
		name  string
		v     *int
		usual int
		most  int
	}{{"Workers", &o.Workers, 0, 1000}, {"PerUser", &o.PerUser, 2, 1000}} {
		if *n.v < 0 || *n.v > n.most {
			return o, fmt.Errorf("jobs option %s is %d, want 0 to %d", n.name, *n.v, n.most)
		}
		if *n.v == 0 {
			*n.v = n.usual
		}
	}
	for _, n := range []struct {
		name  string
		v     *time.Duration
		usual time.Duration
	}{{"Grace", &o.Grace, 30 * time.Second}, {"BackOff", &o.BackOff, 5 * time.Second}, {"SweepEvery", &o.SweepEvery, time.Hour}} {
		if *n.v < 0 {
			return o, fmt.Errorf("jobs option %s is %s, want 0 or more", n.name, *n.v)
		}
		if *n.v == 0 {
			*n.v = n.usual
		}
	}
	if o.Worker == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "worker"
		}
		o.Worker = host + "-" + strings.ToLower(rand.Text()[:8])
	}
	if len(o.Worker) > 100 { // River's bound
		return o, fmt.Errorf("jobs option Worker has %d bytes, at most 100", len(o.Worker))
	}
	if o.Traces == nil {
		o.Traces = noop.NewTracerProvider()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// Queue takes jobs in and, with workers, works on them. It is safe for concurrent use.
type Queue struct {
	store   *store.Store
	desk    *incident.Desk
	o       Options
	river   carrier
	tracer  trace.Tracer
	metrics *metrics
	poke    chan struct{} // a place may have got free

	mu       sync.Mutex
	running  map[string]context.CancelCauseFunc // attempts of this process, by job
	admitted map[string]time.Time               // jobs that this process put into River's queue, and when
}

// New makes a queue on the store's database, whose tables were made.
func New(s *store.Store, d *incident.Desk, o Options) (*Queue, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	q := &Queue{store: s, desk: d, o: o, tracer: o.Traces.Tracer("rca/jobs"), poke: make(chan struct{}, 1), running: map[string]context.CancelCauseFunc{}, admitted: map[string]time.Time{}}
	if q.river, err = newCarrier(q); err != nil {
		return nil, fmt.Errorf("make the queue: %w", err)
	}
	if q.metrics, err = newMetrics(o.Registerer, s, q.busy); err != nil {
		return nil, err
	}
	return q, nil
}

// Submit opens a job and puts it into the queue, in one transaction. Errors are those of incident.Desk.Open.
func (q *Queue) Submit(ctx context.Context, s incident.Spec) (job store.Job, created bool, err error) {
	err = q.store.InTx(ctx, func(tx *store.Tx) error {
		if job, created, err = q.desk.Open(ctx, tx, s); err != nil || !created {
			return err
		}
		return q.admitIfNext(ctx, tx, job)
	})
	return job, created, err
}

// Cancel ends a job, in whatever process it runs, and returns its state now: a running one is still running, and ends
// in less than a second. A job that has ended is store.ErrStale.
func (q *Queue) Cancel(ctx context.Context, job string) (store.JobState, error) {
	state, err := q.store.RequestCancel(ctx, job)
	if err != nil || state != store.JobRunning {
		q.wake()
		return state, err
	}
	q.mu.Lock()
	stop := q.running[job]
	q.mu.Unlock()
	if stop != nil {
		stop(incident.ErrCancelled)
		return state, nil
	}
	// The attempt sees the row within half a second. River's notice is often faster, and nothing is lost without it.
	if err := q.river.cancel(ctx, job); err != nil {
		q.o.Log.WarnContext(ctx, "river was not told of a cancelled job", "job", job, "error", err)
	}
	return state, nil
}

// Retry puts a failed or cancelled job into the queue again with one more attempt. Any other is store.ErrStale.
func (q *Queue) Retry(ctx context.Context, job string) (j store.Job, err error) {
	err = q.store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.RetryJob(ctx, job, 1); err != nil {
			if _, e := tx.Job(ctx, job); errors.Is(e, store.ErrNotFound) {
				return e
			}
			return err
		}
		if j, err = tx.Job(ctx, job); err != nil {
			return err
		}
		return q.admitIfNext(ctx, tx, j)
	})
	return j, err
}

// Delete takes a job away that does not run, with its report and records. One that waits is cancelled first; a running one is
// store.ErrStale.
func (q *Queue) Delete(ctx context.Context, job string) error {
	return q.store.InTx(ctx, func(tx *store.Tx) error {
		j, err := tx.Job(ctx, job)
		if err != nil {
			return err
		}
		if j.State == store.JobQueued {
			switch state, err := tx.RequestCancel(ctx, job); {
			case err != nil:
				return err
			case state == store.JobRunning: // started between the two
				return fmt.Errorf("delete job: it is running: %w", store.ErrStale)
			}
		}
		return tx.DeleteJob(ctx, job)
	})
}

// busy counts the attempts that run in this process.
func (q *Queue) busy() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.running)
}

// admitIfNext puts a job into River's queue in the transaction that opens it, if it may run now.
func (q *Queue) admitIfNext(ctx context.Context, tx *store.Tx, j store.Job) error {
	next, err := tx.NextJobs(ctx, q.o.PerUser, admitAtOnce)
	if err != nil || !slices.Contains(next, j.ID) {
		return err
	}
	return q.river.insert(ctx, tx, []store.Job{j})
}
