package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

const (
	beatEvery = 2 * time.Second
	lookEvery = 3 * time.Second
	deadAfter = 8 * time.Second // without a beat; the clocks of the hosts may differ by some seconds less
	lostBatch = 100
)

// Run works until ctx ends, then lets running attempts finish within the grace time; those that do not go back to the queue and do
// not count. Without workers it only waits. The error is of what kept it from starting or from stopping in good order.
func (q *Queue) Run(ctx context.Context) error {
	if q.o.Workers == 0 {
		<-ctx.Done()
		return nil
	}
	self := store.Worker{ID: q.o.Worker, Host: thisProcess(), Version: q.o.Version, Slots: int64(q.o.Workers)}
	// What a predecessor left, on this host or under the same name, is taken back before anything else; one that beats is not missed.
	for _, first := range []func() error{
		func() error { return q.store.DeleteWorker(ctx, self.ID) },
		func() error { return q.look(ctx) },
		func() error { return q.store.BeatWorker(ctx, self) },
	} {
		if err := first(); err != nil {
			return fmt.Errorf("start worker: %w", err)
		}
	}
	life := context.WithoutCancel(ctx) // running attempts need beats until they have ended
	if err := q.river.start(life, func(job string) { q.forget(job); q.wake() }); err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	beating, dead := context.WithCancel(life)
	defer dead()
	var beats, others sync.WaitGroup
	beats.Go(func() {
		q.every(beating, beatEvery, "worker did not beat", func(ctx context.Context) error { return q.store.BeatWorker(ctx, self) })
	})
	others.Go(func() { q.every(ctx, lookEvery, "lost jobs were not looked for", q.look) })
	others.Go(func() {
		const failed = "what is past its time was not deleted"
		q.try(ctx, failed, q.desk.Sweep) // a crash may have left much
		q.every(ctx, q.o.SweepEvery, failed, q.desk.Sweep)
	})
	others.Go(func() { q.admitting(ctx) })

	<-ctx.Done()
	others.Wait()
	grace, cancel := context.WithTimeout(life, q.o.Grace)
	err := q.river.stop(grace)
	cancel()
	dead()
	beats.Wait()
	last, cancel := context.WithTimeout(life, 5*time.Second)
	defer cancel()
	if err := errors.Join(err, q.store.DeleteWorker(last, self.ID)); err != nil {
		return fmt.Errorf("stop worker: %w", err)
	}
	return nil
}

// every calls f at a regular pace until ctx ends.
func (q *Queue) every(ctx context.Context, pace time.Duration, failed string, f func(context.Context) error) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		q.try(ctx, failed, f)
	}
}

// try calls f. A database that is away for a while is no reason to end: it is tried again.
func (q *Queue) try(ctx context.Context, failed string, f func(context.Context) error) {
	if err := f(ctx); err != nil && ctx.Err() == nil {
		q.o.Log.WarnContext(ctx, failed, "error", err)
	}
}

// look finds jobs whose worker died, and puts them back. Two workers that look at once do no harm: one of them finds the attempt
// ended.
func (q *Queue) look(ctx context.Context) error {
	workers, err := q.store.Workers(ctx)
	if err != nil {
		return err
	}
	for _, w := range workers {
		if w.ID != q.o.Worker && endedHere(w.Host) {
			if err := q.store.DeleteWorker(ctx, w.ID); err != nil {
				return err
			}
		}
	}
	since := time.Now().Add(-deadAfter)
	if err := q.river.dropDead(ctx, since); err != nil {
		return err
	}
	lost, err := q.store.LostJobs(ctx, since, lostBatch)
	if err != nil {
		return err
	}
	for _, l := range lost {
		state, err := q.store.Requeue(ctx, l.ID, l.Attempt, store.Outcome{State: store.AttemptLost, ErrorCode: "worker_lost",
			Error: "The worker that ran this attempt gave no sign of life any more."})
		if errors.Is(err, store.ErrStale) {
			continue
		}
		if err != nil {
			return err
		}
		q.metrics.lost.Inc()
		q.o.Log.WarnContext(ctx, "lost job was put back", "job", l.ID, "attempt", l.Attempt, "worker", l.Worker, "state", state)
		q.forget(l.ID)
	}
	if len(lost) > 0 {
		q.wake()
	}
	return nil
}
