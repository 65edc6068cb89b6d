package store

import (
	"context"
	"time"
)

// Event is something that happened to a job, for those who follow it.
type Event struct {
	Seq  int64 // 1, 2, 3 …
	At   time.Time
	Kind string
	Data string // JSON
}

// AppendEvent adds an event with the next number of the job. The job's row is locked until the transaction ends, so
// numbers become visible in their order: who has read up to one misses none before it. The oldest are dropped beyond
// Options.EventsPerJob.
func (q Queries) AppendEvent(ctx context.Context, job, kind, data string) (seq int64, err error) {
	err = q.atomic(ctx, func(q Queries) error {
		seq, err = one(ctx, q.write, "append event", scanInt, "UPDATE jobs SET last_event = last_event + 1 WHERE id = $1 RETURNING last_event", job)
		if err != nil {
			return err
		}
		return q.insertEvent(ctx, job, seq, kind, data)
	})
	return seq, err
}

// AppendAttemptEvent is AppendEvent for a worker: an attempt that is no longer the running one is ErrStale.
func (q Queries) AppendAttemptEvent(ctx context.Context, job string, attempt int64, kind, data string) (seq int64, err error) {
	err = q.atomic(ctx, func(q Queries) error {
		seq, err = one(ctx, q.write, "append event", scanInt, `UPDATE jobs SET last_event = last_event + 1
			WHERE id = $1 AND state = 'running' AND attempt = $2 RETURNING last_event`, job, attempt)
		if err != nil {
			return staleIfMissing(err)
		}
		return q.insertEvent(ctx, job, seq, kind, data)
	})
	return seq, err
}

func (q Queries) insertEvent(ctx context.Context, job string, seq int64, kind, data string) error {
	if _, err := q.exec(ctx, "append event", "INSERT INTO job_events (job_id, seq, at, kind, data) VALUES ($1, $2, $3, $4, $5)",
		job, seq, micros(q.now()), kind, document(data)); err != nil {
		return err
	}
	old := seq - int64(q.store.opts.EventsPerJob)
	if old <= 0 {
		return nil
	}
	_, err := q.exec(ctx, "drop old events", "DELETE FROM job_events WHERE job_id = $1 AND seq <= $2", job, old)
	return err
}

// Events lists events of a job after a number, in their order.
func (q Queries) Events(ctx context.Context, job string, after int64, limit int) ([]Event, error) {
	scan := func(r scanner) (e Event, err error) {
		err = r.Scan(&e.Seq, instant{&e.At}, &e.Kind, &e.Data)
		return e, err
	}
	return list(ctx, q.read, "list events", scan, "SELECT seq, at, kind, data FROM job_events WHERE job_id = $1 AND seq > $2 ORDER BY seq LIMIT $3", job, after, limit)
}
