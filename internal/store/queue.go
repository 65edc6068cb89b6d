package store

import (
	"context"
	"time"
)

// QueueStats tells how much waits.
type QueueStats struct {
	Queued, Running int64
	Oldest          time.Time // when the queued job that waits longest was made
}

// Queue counts the jobs that wait and run.
func (q Queries) Queue(ctx context.Context) (QueueStats, error) {
	scan := func(r scanner) (s QueueStats, err error) {
		err = r.Scan(&s.Queued, instant{&s.Oldest}, &s.Running)
		return s, err
	}
	return one(ctx, q.read, "count queue", scan, `SELECT count(*), COALESCE(min(created_at), 0), (SELECT count(*) FROM jobs WHERE state = 'running')
		FROM jobs WHERE state = 'queued'`)
}

// RunningOf counts the running jobs of a user.
func (q Queries) RunningOf(ctx context.Context, user string) (int64, error) {
	return one(ctx, q.read, "count running jobs", scanInt, "SELECT count(*) FROM jobs WHERE state = 'running' AND user_id = $1", user)
}

// NextJobs lists the ids of queued jobs that may start now, by priority and then age: of each user the first one, unless
// the user has perUser running jobs already. Whoever fills several places starts the first of the list and asks again,
// for by then the places and the order may be others.
func (q Queries) NextJobs(ctx context.Context, perUser, limit int) ([]string, error) {
	return list(ctx, q.read, "list next jobs", scanText, nextJobs, micros(q.now()), perUser, limit)
}

// Each user's queue stands in order in the index jobs_queued. The query goes by it from user to user and takes the
// first of each, so that the ten thousand jobs of one cost no more than the ten of another.
const nextJobs = `WITH RECURSIVE waiting (user_id) AS (
		SELECT min(user_id) FROM jobs WHERE state = 'queued'
		UNION ALL
		SELECT (SELECT min(j.user_id) FROM jobs j WHERE j.state = 'queued' AND j.user_id > w.user_id) FROM waiting w WHERE w.user_id IS NOT NULL)
	SELECT id FROM jobs WHERE id IN (
		SELECT (SELECT n.id FROM jobs n WHERE n.state = 'queued' AND n.user_id = waiting.user_id AND n.due_at <= $1
			ORDER BY n.priority, n.created_at, n.id LIMIT 1)
		FROM waiting WHERE user_id IS NOT NULL AND (SELECT count(*) FROM jobs r WHERE r.state = 'running' AND r.user_id = waiting.user_id) < $2)
	ORDER BY priority, created_at, id LIMIT $3`

// LostJob is a running job whose worker gives no sign of life.
type LostJob struct {
	ID      string
	Attempt int64
	Worker  string
}

// LostJobs lists running jobs of workers that have not beaten since a time, for Requeue.
func (q Queries) LostJobs(ctx context.Context, since time.Time, limit int) ([]LostJob, error) {
	scan := func(r scanner) (l LostJob, err error) { err = r.Scan(&l.ID, &l.Attempt, &l.Worker); return l, err }
	return list(ctx, q.read, "list lost jobs", scan, `SELECT j.id, j.attempt, j.worker_id FROM jobs j WHERE j.state = 'running' AND NOT EXISTS
		(SELECT 1 FROM workers w WHERE w.id = j.worker_id AND w.beat_at >= $1) LIMIT $2`, micros(since), limit)
}
