package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// JobType says what a job makes.
type JobType string

// The types.
const (
	RCAAnalysis         JobType = "rca_analysis"
	LogAnalysis         JobType = "log_analysis"
	EmbeddingGeneration JobType = "embedding_generation"
)

// JobState says how far a job is.
type JobState string

// The states. A job goes back from running to queued for another attempt; the last three are final.
const (
	JobQueued    JobState = "queued"
	JobRunning   JobState = "running"
	JobSucceeded JobState = "succeeded"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// Job is work to be done in the background, and what became of it.
type Job struct {
	ID              string
	Workspace       string
	User            string
	Type            JobType
	State           JobState
	Priority        int64 // 1, the first, to 4
	Title           string
	Provider        string
	Model           string
	Options         string // JSON
	From, To        time.Time
	IdempotencyKey  string
	RerunOf         string
	Attempt         int64 // number of the one that runs or ran last
	MaxAttempts     int64
	TimeLimit       time.Duration // zero: the worker's own
	Worker          string        // of the running attempt
	Stage           string
	DoneBytes       int64
	TotalBytes      int64
	ETA             time.Time
	CancelRequested bool
	ErrorCode       string
	Error           string
	LastEvent       int64  // the newest event's number
	Traceparent     string // span of the request that opened it, empty without traces
	Report          string // id, empty while there is none
	Created         time.Time
	Due             time.Time
	Started         time.Time // first attempt
	Finished        time.Time
}

// JobInput is a file that a job reads. It outlives the upload.
type JobInput struct {
	Upload string // empty once it is deleted
	Role   InputRole
	Name   string
	Size   int64
}

// InputRole says what a job takes a file for.
type InputRole string

// The roles.
const (
	InputLogs     InputRole = "logs"
	InputBaseline InputRole = "baseline"
)

const jobColumns = `id, workspace_id, user_id, type, state, priority, title, provider, model, options, window_from, window_to, COALESCE(idempotency_key, ''),
	rerun_of, attempt, max_attempts, time_limit, worker_id, stage, done_bytes, total_bytes, eta, cancel_requested, error_code, error, last_event, traceparent,
	COALESCE((SELECT r.id FROM reports r WHERE r.job_id = jobs.id), ''), created_at, due_at, started_at, finished_at`

func scanJob(r scanner) (j Job, err error) {
	err = r.Scan(&j.ID, &j.Workspace, &j.User, &j.Type, &j.State, &j.Priority, &j.Title, &j.Provider, &j.Model, &j.Options, instant{&j.From}, instant{&j.To},
		&j.IdempotencyKey, &j.RerunOf, &j.Attempt, &j.MaxAttempts, span{&j.TimeLimit}, &j.Worker, &j.Stage, &j.DoneBytes, &j.TotalBytes, instant{&j.ETA},
		&j.CancelRequested, &j.ErrorCode, &j.Error, &j.LastEvent, &j.Traceparent, &j.Report, instant{&j.Created}, instant{&j.Due}, instant{&j.Started}, instant{&j.Finished})
	return j, err
}

// CreateJob stores a queued job with its inputs, which must be ready uploads of the same workspace (else ErrReference),
// and its first event. Zero priority is 3, zero MaxAttempts is 3. When the user has a job with the same idempotency key
// already, that one is returned and created is false; if it was asked for with other values, the error is ErrConflict.
func (q Queries) CreateJob(ctx context.Context, j Job, inputs []JobInput) (job Job, created bool, err error) {
	now := q.now().UTC().Truncate(time.Microsecond)
	if j.Priority == 0 {
		j.Priority = 3
	}
	if j.MaxAttempts == 0 {
		j.MaxAttempts = 3
	}
	j.Options = document(j.Options)
	print, err := fingerprint(j, inputs)
	if err != nil {
		return j, false, err
	}
	id := NewID(now)
	err = q.atomic(ctx, func(q Queries) error {
		n, err := q.exec(ctx, "add job", `INSERT INTO jobs (id, workspace_id, user_id, type, state, priority, title, folded, provider, model, options,
			window_from, window_to, idempotency_key, fingerprint, rerun_of, attempt, max_attempts, time_limit, worker_id, stage, done_bytes, total_bytes, eta,
			cancel_requested, error_code, error, last_event, created_at, due_at, started_at, finished_at, traceparent)
			VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16, $17, '', '', 0, 0, 0, FALSE, '', '', 0, $18, $19, 0, 0, $20)
			ON CONFLICT (user_id, idempotency_key) DO NOTHING`,
			id, j.Workspace, j.User, string(j.Type), j.Priority, j.Title, fold(j.Title), j.Provider, j.Model, j.Options, micros(j.From), micros(j.To),
			optional(j.IdempotencyKey), print, j.RerunOf, j.MaxAttempts, j.TimeLimit.Microseconds(), micros(now), micros(j.Due), j.Traceparent)
		if err != nil {
			return err
		}
		if created = n == 1; !created {
			job, err = q.sameJob(ctx, j.User, j.IdempotencyKey, print)
			return err
		}
		for i, in := range inputs {
			if err := q.must(ctx, ErrReference, "add input "+in.Upload, `INSERT INTO job_inputs (job_id, position, role, upload_id, name, size)
				SELECT $1, $2, $3, id, name, size FROM uploads WHERE id = $4 AND workspace_id = $5 AND state = 'ready'`,
				id, i, string(in.Role), in.Upload, j.Workspace); err != nil {
				return err
			}
		}
		if _, err := q.exec(ctx, "sum inputs", "UPDATE jobs SET total_bytes = (SELECT CAST(COALESCE(sum(size), 0) AS BIGINT) FROM job_inputs WHERE job_id = $1) WHERE id = $1", id); err != nil {
			return err
		}
		if err := q.stateEvent(ctx, id, JobQueued, 0, ""); err != nil {
			return err
		}
		job, err = one(ctx, q.write, "look up job", scanJob, "SELECT "+jobColumns+" FROM jobs WHERE id = $1", id)
		return err
	})
	return job, created, err
}

func (q Queries) sameJob(ctx context.Context, user, key, print string) (Job, error) {
	was, err := one(ctx, q.write, "look up job", scanText, "SELECT fingerprint FROM jobs WHERE user_id = $1 AND idempotency_key = $2", user, key)
	if err != nil {
		return Job{}, err
	}
	if was != print {
		return Job{}, fmt.Errorf("add job: idempotency key %q was used for another: %w", key, ErrConflict)
	}
	return one(ctx, q.write, "look up job", scanJob, "SELECT "+jobColumns+" FROM jobs WHERE user_id = $1 AND idempotency_key = $2", user, key)
}

// fingerprint is a hash of what was asked for.
func fingerprint(j Job, inputs []JobInput) (string, error) {
	type input struct{ Upload, Role string }
	ins := []input{}
	for _, in := range inputs {
		ins = append(ins, input{in.Upload, string(in.Role)})
	}
	b, err := json.Marshal([]any{j.Workspace, j.Type, j.Priority, j.Title, j.Provider, j.Model, j.Options, micros(j.From), micros(j.To), j.TimeLimit, ins})
	if err != nil {
		return "", fmt.Errorf("add job: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Job returns the job with an id, of whatever workspace: who may see it is for the caller to say.
func (q Queries) Job(ctx context.Context, id string) (Job, error) {
	return one(ctx, q.read, "look up job", scanJob, "SELECT "+jobColumns+" FROM jobs WHERE id = $1", id)
}

// JobInputs lists the files of a job in their order.
func (q Queries) JobInputs(ctx context.Context, job string) ([]JobInput, error) {
	scan := func(r scanner) (in JobInput, err error) {
		err = r.Scan(&in.Upload, &in.Role, &in.Name, &in.Size)
		return in, err
	}
	return list(ctx, q.read, "list inputs", scan, "SELECT COALESCE(upload_id, ''), role, name, size FROM job_inputs WHERE job_id = $1 ORDER BY position", job)
}

// DeleteJob deletes a job that has ended, with all that belongs to it, and leaves the blob of its report. A job that is
// queued or running is ErrStale: cancel it first. Its incidents stay.
func (q Queries) DeleteJob(ctx context.Context, id string) error {
	return q.atomic(ctx, func(q Queries) error {
		state, err := one(ctx, q.write, "delete job", scanText, "SELECT state FROM jobs WHERE id = $1"+q.store.dialect.deletionLock(), id)
		if err != nil {
			return err
		}
		if s := JobState(state); s == JobQueued || s == JobRunning {
			return fmt.Errorf("delete job: it is %s: %w", s, ErrStale)
		}
		blobs, err := list(ctx, q.write, "delete job", scanText, "SELECT blob_hash FROM reports WHERE job_id = $1", id)
		if err != nil {
			return err
		}
		if _, err := q.exec(ctx, "delete job", "DELETE FROM jobs WHERE id = $1", id); err != nil {
			return err
		}
		for _, b := range blobs {
			if err := q.leave(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
}
