package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

const (
	admitAtOnce = 64               // jobs that wait in River's queue at most, over all users
	admitEvery  = 2 * time.Second  // even if nothing seems to have happened: another process may have died before it admitted
	admitAgain  = 10 * time.Second // what was admitted and has not started by then may have been lost
)

// wake makes the next admission happen now.
func (q *Queue) wake() {
	select {
	case q.poke <- struct{}{}:
	default: // it will
	}
}

// admitting puts into River's queue what may run, whenever a place may have got free.
func (q *Queue) admitting(ctx context.Context) {
	tick := time.NewTicker(admitEvery)
	defer tick.Stop()
	for {
		q.try(ctx, "jobs were not admitted", q.admit)
		select {
		case <-ctx.Done():
			return
		case <-q.poke:
		case <-tick.C:
		}
	}
}

func (q *Queue) admit(ctx context.Context) error {
	ids, err := q.store.NextJobs(ctx, q.o.PerUser, admitAtOnce)
	if err != nil {
		return err
	}
	ids = q.notYet(ids)
	if len(ids) == 0 {
		return nil
	}
	var jobs []store.Job
	for _, id := range ids {
		j, err := q.store.Job(ctx, id)
		if err != nil {
			return err
		}
		jobs = append(jobs, j)
	}
	if err := q.store.InTx(ctx, func(tx *store.Tx) error { return q.river.insert(ctx, tx, jobs) }); err != nil {
		return fmt.Errorf("admit %d jobs: %w", len(jobs), err)
	}
	now := time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range ids {
		q.admitted[id] = now
	}
	return nil
}

// notYet leaves out what this process admitted a moment ago. River would leave it out too, at the price of a write.
func (q *Queue) notYet(ids []string) (rest []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, at := range q.admitted {
		if time.Since(at) > admitAgain {
			delete(q.admitted, id)
		}
	}
	for _, id := range ids {
		if _, ok := q.admitted[id]; !ok {
			rest = append(rest, id)
		}
	}
	return rest
}

// forget makes a job one that may be admitted again.
func (q *Queue) forget(job string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.admitted, job)
}
