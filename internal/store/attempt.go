package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Attempt is one run of a job.
type Attempt struct {
	Attempt   int64
	Worker    string
	State     AttemptState
	ErrorCode string
	Error     string
	PeakBytes int64 // of memory
	Started   time.Time
	Ended     time.Time
}

// AttemptState says how an attempt ended.
type AttemptState string

// The states. A lost attempt is one whose worker died; a released one was put back by a worker that stops, which does
// not count against the job.
const (
	AttemptRunning   AttemptState = "running"
	AttemptSucceeded AttemptState = "succeeded"
	AttemptFailed    AttemptState = "failed"
	AttemptCancelled AttemptState = "cancelled"
	AttemptLost      AttemptState = "lost"
	AttemptReleased  AttemptState = "released"
)

// Outcome is what an attempt came to.
type Outcome struct {
	State     AttemptState // of FinishAttempt: succeeded, failed or cancelled; of Requeue: failed, lost or released
	ErrorCode string
	Error     string
	PeakBytes int64
	Report    *Report   // FinishAttempt alone
	Due       time.Time // Requeue alone: not started again before
}

// Progress is how far an attempt is.
type Progress struct {
	Stage      string
	DoneBytes  int64
	TotalBytes int64
	ETA        time.Time
}

// StartAttempt makes a queued job run and returns it with the number of the attempt, which all later changes need. A
// job that is not queued or not due is ErrStale; when the user has perUser running jobs already (0: any number), it
// is ErrBusy.
func (q Queries) StartAttempt(ctx context.Context, job, worker string, perUser int) (j Job, err error) {
	err = q.atomic(ctx, func(q Queries) error {
		now := micros(q.now())
		if perUser > 0 {
			// The user's row is locked while we count, or two workers at once would both find the last place free.
			user, err := one(ctx, q.write, "start attempt", scanText, "SELECT id FROM users WHERE id = (SELECT user_id FROM jobs WHERE id = $1)"+
				q.store.dialect.rowLock(), job)
			if err != nil {
				return err
			}
			n, err := one(ctx, q.write, "start attempt", scanInt, "SELECT count(*) FROM jobs WHERE state = 'running' AND user_id = $1", user)
			if err != nil {
				return err
			}
			if n >= int64(perUser) {
				return fmt.Errorf("start attempt: %w", ErrBusy)
			}
		}
		j, err = one(ctx, q.write, "start attempt", scanJob, `UPDATE jobs SET state = 'running', attempt = attempt + 1, worker_id = $1, stage = '', done_bytes = 0,
			eta = 0, error_code = '', error = '', started_at = CASE WHEN started_at = 0 THEN $2 ELSE started_at END
			WHERE id = $3 AND state = 'queued' AND due_at <= $2 RETURNING `+jobColumns, worker, now, job)
		if err != nil {
			return staleIfMissing(err)
		}
		if _, err := q.exec(ctx, "start attempt", `INSERT INTO job_attempts (job_id, attempt, worker_id, state, error_code, error, peak_bytes, started_at, ended_at)
			VALUES ($1, $2, $3, 'running', '', '', 0, $4, 0)`, job, j.Attempt, worker, now); err != nil {
			return err
		}
		j.LastEvent++
		return q.stateEvent(ctx, job, JobRunning, j.Attempt, "")
	})
	return j, err
}

// SetProgress notes how far an attempt is, and tells whether somebody wants it cancelled. An attempt that is no longer
// the running one is ErrStale.
func (q Queries) SetProgress(ctx context.Context, job string, attempt int64, p Progress) (cancel bool, err error) {
	scan := func(r scanner) (c bool, err error) { err = r.Scan(&c); return c, err }
	cancel, err = one(ctx, q.write, "note progress", scan, `UPDATE jobs SET stage = $1, done_bytes = $2, total_bytes = $3, eta = $4
		WHERE id = $5 AND state = 'running' AND attempt = $6 RETURNING cancel_requested`, p.Stage, p.DoneBytes, p.TotalBytes, micros(p.ETA), job, attempt)
	return cancel, staleIfMissing(err)
}

// FinishAttempt ends a running attempt and its job for good, and stores the report if there is one. An attempt that is
// no longer the running one is ErrStale and changes nothing.
func (q Queries) FinishAttempt(ctx context.Context, job string, attempt int64, o Outcome) error {
	state, ok := map[AttemptState]JobState{AttemptSucceeded: JobSucceeded, AttemptFailed: JobFailed, AttemptCancelled: JobCancelled}[o.State]
	if !ok {
		return fmt.Errorf("finish attempt: as %q: %w", o.State, ErrInvalid)
	}
	return q.atomic(ctx, func(q Queries) error {
		if err := q.must(ctx, ErrStale, "finish attempt", `UPDATE jobs SET state = $1, error_code = $2, error = $3, finished_at = $4, worker_id = '', eta = 0,
			done_bytes = CASE WHEN $1 = 'succeeded' THEN total_bytes ELSE done_bytes END WHERE id = $5 AND state = 'running' AND attempt = $6`,
			string(state), o.ErrorCode, o.Error, micros(q.now()), job, attempt); err != nil {
			return err
		}
		if o.Report != nil {
			if err := q.saveReport(ctx, job, *o.Report); err != nil {
				return err
			}
		}
		if err := q.endAttempt(ctx, job, attempt, o); err != nil {
			return err
		}
		return q.stateEvent(ctx, job, state, attempt, o.ErrorCode)
	})
}

// Requeue ends a running attempt and puts its job back, or ends it as failed when it has had all its attempts (those that were
// released or lost with their worker do not count), or as
// cancelled when somebody wants that. It returns the state that the job now has.
func (q Queries) Requeue(ctx context.Context, job string, attempt int64, o Outcome) (state JobState, err error) {
	if o.State != AttemptFailed && o.State != AttemptLost && o.State != AttemptReleased {
		return "", fmt.Errorf("requeue: as %q: %w", o.State, ErrInvalid)
	}
	err = q.atomic(ctx, func(q Queries) error {
		// The number of an attempt is never used twice, so one more is granted instead: for what was released, and for what its
		// worker took along, which was not the job's fault; up to a bound, for it may have been.
		granted := "0"
		switch o.State {
		case AttemptReleased:
			granted = "1"
		case AttemptLost:
			granted = fmt.Sprintf("CASE WHEN attempt < %d THEN 1 ELSE 0 END", maxLost)
		}
		s, err := one(ctx, q.write, "requeue", scanText, `UPDATE jobs SET
			state = CASE WHEN cancel_requested THEN 'cancelled' WHEN attempt < max_attempts + `+granted+` THEN 'queued' ELSE 'failed' END,
			finished_at = CASE WHEN cancel_requested OR attempt >= max_attempts + `+granted+` THEN CAST($1 AS BIGINT) ELSE 0 END,
			max_attempts = max_attempts + `+granted+`, error_code = $2, error = $3, due_at = $4, worker_id = '', eta = 0
			WHERE id = $5 AND state = 'running' AND attempt = $6 RETURNING state`,
			micros(q.now()), o.ErrorCode, o.Error, micros(o.Due), job, attempt)
		if err != nil {
			return staleIfMissing(err)
		}
		state = JobState(s)
		if err := q.endAttempt(ctx, job, attempt, o); err != nil {
			return err
		}
		return q.stateEvent(ctx, job, state, attempt, o.ErrorCode)
	})
	return state, err
}

// maxLost is up to which attempt one that its worker took along is made good.
const maxLost = 50

// RequestCancel cancels a queued job at once and asks the worker of a running one to stop. It returns the state that
// the job now has. A job that has ended is ErrStale.
func (q Queries) RequestCancel(ctx context.Context, job string) (state JobState, err error) {
	err = q.atomic(ctx, func(q Queries) error {
		s, err := one(ctx, q.write, "cancel job", scanText, `UPDATE jobs SET cancel_requested = TRUE,
			finished_at = CASE WHEN state = 'queued' THEN CAST($1 AS BIGINT) ELSE 0 END, state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
			WHERE id = $2 AND state IN ('queued', 'running') RETURNING state`, micros(q.now()), job)
		if errors.Is(err, ErrNotFound) {
			if _, err := q.Job(ctx, job); err != nil {
				return err
			}
			return fmt.Errorf("cancel job: it has ended: %w", ErrStale)
		}
		if err != nil {
			return err
		}
		if state = JobState(s); state == JobRunning {
			_, err = q.AppendEvent(ctx, job, "cancel_requested", "")
			return err
		}
		return q.stateEvent(ctx, job, state, 0, "")
	})
	return state, err
}

// RetryJob queues a failed or cancelled job again, for so many attempts more. Any other is ErrStale.
func (q Queries) RetryJob(ctx context.Context, job string, attempts int) error {
	return q.atomic(ctx, func(q Queries) error {
		if err := q.must(ctx, ErrStale, "retry job", `UPDATE jobs SET state = 'queued', cancel_requested = FALSE, max_attempts = attempt + $1, error_code = '',
			error = '', finished_at = 0, due_at = 0, stage = '', done_bytes = 0 WHERE id = $2 AND state IN ('failed', 'cancelled')`, attempts, job); err != nil {
			return err
		}
		return q.stateEvent(ctx, job, JobQueued, 0, "")
	})
}

// Attempts lists the attempts of a job in their order.
func (q Queries) Attempts(ctx context.Context, job string) ([]Attempt, error) {
	scan := func(r scanner) (a Attempt, err error) {
		err = r.Scan(&a.Attempt, &a.Worker, &a.State, &a.ErrorCode, &a.Error, &a.PeakBytes, instant{&a.Started}, instant{&a.Ended})
		return a, err
	}
	return list(ctx, q.read, "list attempts", scan, `SELECT attempt, worker_id, state, error_code, error, peak_bytes, started_at, ended_at
		FROM job_attempts WHERE job_id = $1 ORDER BY attempt`, job)
}

func (q Queries) endAttempt(ctx context.Context, job string, attempt int64, o Outcome) error {
	_, err := q.exec(ctx, "end attempt", "UPDATE job_attempts SET state = $1, error_code = $2, error = $3, peak_bytes = $4, ended_at = $5 WHERE job_id = $6 AND attempt = $7",
		string(o.State), o.ErrorCode, o.Error, o.PeakBytes, micros(q.now()), job, attempt)
	return err
}

// stateEvent tells those who follow a job of its new state, in the transaction that changes it.
func (q Queries) stateEvent(ctx context.Context, job string, state JobState, attempt int64, code string) error {
	b, err := json.Marshal(struct {
		State     JobState `json:"state"`
		Attempt   int64    `json:"attempt,omitempty"`
		ErrorCode string   `json:"error_code,omitempty"`
	}{state, attempt, code})
	if err != nil {
		return fmt.Errorf("append event: %w", err)
	}
	_, err = q.AppendEvent(ctx, job, "state", string(b))
	return err
}

// holdAttempt fails with ErrStale unless the attempt is the running one, and keeps it so until the transaction ends.
func (q Queries) holdAttempt(ctx context.Context, doing, job string, attempt int64) error {
	_, err := one(ctx, q.write, doing, scanText, "SELECT id FROM jobs WHERE id = $1 AND state = 'running' AND attempt = $2"+q.store.dialect.rowLock(), job, attempt)
	return staleIfMissing(err)
}
