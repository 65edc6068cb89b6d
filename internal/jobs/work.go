package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/traces"
)

const (
	maxBackOff = 10 * time.Minute
	settleFor  = time.Minute // that the end of an attempt is tried to be written, while the process stops
)

// work makes one attempt at a job, if its row says that it may be. An error is one of the database: then the job is admitted
// again.
func (q *Queue) work(ctx context.Context, id string) error {
	j, err := q.begin(ctx, id)
	if err != nil || j == nil {
		return err
	}
	// The trace goes on where the request ended that opened the job, however long ago and in whatever process.
	ctx, span := q.tracer.Start(traces.WithParent(ctx, j.Traceparent), "attempt "+string(j.Type), trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.String("rca.job", j.ID), attribute.Int64("rca.attempt", j.Attempt), attribute.String("rca.worker", q.o.Worker),
			attribute.Int64("rca.bytes", j.TotalBytes)))
	defer span.End()
	run, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	q.mu.Lock()
	q.running[id] = stop
	q.mu.Unlock()
	q.wake() // the user's next one
	defer func() {
		q.mu.Lock()
		delete(q.running, id)
		q.mu.Unlock()
		q.wake()
	}()

	log := q.o.Log.With("job", id, "attempt", j.Attempt)
	log.InfoContext(ctx, "attempt begins", "type", j.Type, "bytes", j.TotalBytes)
	began := time.Now()
	err = q.desk.Investigate(run, *j)
	end := q.settle(ctx, run, *j, err)
	q.metrics.ended(j, end, time.Since(began))
	span.SetAttributes(attribute.String("rca.end", end))
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	log.InfoContext(ctx, "attempt ended", "as", end, "took", time.Since(began), "error", err)
	return nil
}

// begin starts an attempt. It returns nil for a job that is not to be worked on now.
func (q *Queue) begin(ctx context.Context, id string) (*store.Job, error) {
	j, err := q.store.StartAttempt(ctx, id, q.o.Worker, q.o.PerUser)
	switch {
	case err == nil:
		return &j, nil
	case errors.Is(err, store.ErrBusy), errors.Is(err, store.ErrNotFound):
		return nil, nil
	case !errors.Is(err, store.ErrStale):
		return nil, err
	}
	// If the answer of an earlier start was lost, the row says that this worker runs the job, and nobody does.
	j, err = q.store.Job(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	_, runs := q.running[id]
	q.mu.Unlock()
	if j.State != store.JobRunning || j.Worker != q.o.Worker || runs {
		return nil, nil
	}
	return &j, nil
}

// The ends of an attempt, as metrics and logs name them.
const (
	endSucceeded = "succeeded"
	endFailed    = "failed"
	endRetried   = "retried"
	endCancelled = "cancelled"
	endReleased  = "released"
	endStale     = "stale"
	endUnsettled = "unsettled" // the database could not be told: others will find the job lost
)

// settle writes what became of an attempt. run is the attempt's own context, which tells why it was ended.
func (q *Queue) settle(ctx, run context.Context, j store.Job, err error) (end string) {
	cause := context.Cause(run)
	var f *incident.Failure
	var write func(context.Context) error
	switch {
	case err == nil:
		return endSucceeded
	case errors.Is(err, store.ErrStale):
		return endStale
	case errors.Is(err, incident.ErrCancelled), errors.Is(cause, incident.ErrCancelled), errors.Is(cause, rivertype.ErrJobCancelledRemotely):
		end = endCancelled
		write = func(ctx context.Context) error {
			return q.store.FinishAttempt(ctx, j.ID, j.Attempt, store.Outcome{State: store.AttemptCancelled, ErrorCode: "cancelled", Error: "The job was cancelled."})
		}
	case errors.As(err, &f) && f.Permanent:
		end = endFailed
		write = func(ctx context.Context) error {
			return q.store.FinishAttempt(ctx, j.ID, j.Attempt, store.Outcome{State: store.AttemptFailed, ErrorCode: f.Code, Error: f.Text, PeakBytes: f.Peak})
		}
	case cause != nil:
		end = endReleased
		write = func(ctx context.Context) error {
			_, err := q.store.Requeue(ctx, j.ID, j.Attempt, store.Outcome{State: store.AttemptReleased, ErrorCode: "released",
				Error: "The worker was stopped; the job goes back to the queue."})
			return err
		}
	default:
		end = endRetried
		o := store.Outcome{State: store.AttemptFailed, ErrorCode: incident.CodeFailed, Error: err.Error(), Due: time.Now().Add(q.backOff(j.Attempt))}
		if f != nil {
			o.ErrorCode, o.Error, o.PeakBytes = f.Code, f.Text, f.Peak
		}
		write = func(ctx context.Context) error {
			state, err := q.store.Requeue(ctx, j.ID, j.Attempt, o)
			if state == store.JobFailed {
				end = endFailed
			}
			return err
		}
	}
	return q.insist(ctx, write, &end)
}

// insist writes the end of an attempt in spite of a database that is away for a while, as long as this process lives and a minute
// beyond its stop: a row that says running, by a worker that beats, would be nobody's.
func (q *Queue) insist(ctx context.Context, write func(context.Context) error, end *string) string {
	wait := 100 * time.Millisecond
	stopping := time.Duration(0)
	for {
		attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err := write(attempt)
		cancel()
		switch {
		case err == nil:
			return *end
		case errors.Is(err, store.ErrStale), errors.Is(err, store.ErrNotFound):
			return endStale
		case stopping > settleFor:
			q.o.Log.ErrorContext(ctx, "the end of an attempt was not written", "error", err)
			return endUnsettled
		}
		q.o.Log.WarnContext(ctx, "the end of an attempt is not yet written", "error", err)
		if ctx.Err() != nil {
			stopping += wait
		}
		time.Sleep(wait)
		wait = min(2*wait, 5*time.Second)
	}
}

// backOff is how long a job waits after its nth attempt.
func (q *Queue) backOff(n int64) time.Duration {
	d := q.o.BackOff
	for ; n > 1 && d < maxBackOff; n-- {
		d *= 4
	}
	return min(d, maxBackOff)
}
