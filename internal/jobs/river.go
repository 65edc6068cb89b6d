package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/rca-engine/rca/internal/store"
)

// carrier is River's client without its type parameter, which is the transaction of the database's driver.
type carrier interface {
	insert(ctx context.Context, tx *store.Tx, jobs []store.Job) error
	cancel(ctx context.Context, job string) error
	// dropDead deletes the River jobs of workers that have not beaten since a time, so that they can be admitted again.
	dropDead(ctx context.Context, since time.Time) error
	// start begins to work, and calls ended for each job whose errand is over, so that it may be brought again.
	start(ctx context.Context, ended func(job string)) error
	// stop waits for the running jobs until ctx ends, then ends their contexts and waits until they are over.
	stop(ctx context.Context) error
}

// errand is all that River knows of a job: whose row to look at.
type errand struct {
	Job string `json:"job" river:"unique"`
}

// Kind names errands among the jobs of a River database.
func (errand) Kind() string { return "rca_job" }

// InsertOpts make one errand of each job at a time. What is completed does not count, for a job may be brought again.
func (errand) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue:       riverQueue,
		MaxAttempts: 1, // an errand that went wrong is admitted again; attempts are counted by our own table
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending,
			rivertype.JobStateRunning, rivertype.JobStateScheduled}},
	}
}

const (
	riverQueue = "rca"
	keepErrand = time.Hour // in River's tables after its end
)

// errands works on them.
type errands struct {
	river.WorkerDefaults[errand]
	q *Queue
}

func (e *errands) Work(ctx context.Context, j *river.Job[errand]) error {
	return e.q.work(ctx, j.Args.Job)
}

// Timeout is none: an attempt has its own, and a dead worker is noticed by its beats.
func (e *errands) Timeout(*river.Job[errand]) time.Duration { return -1 }

func newCarrier(q *Queue) (carrier, error) {
	cfg := &river.Config{
		ID:                          q.o.Worker,
		Logger:                      q.o.Log,
		FetchCooldown:               20 * time.Millisecond,
		CompletedJobRetentionPeriod: keepErrand,
		CancelledJobRetentionPeriod: keepErrand,
		DiscardedJobRetentionPeriod: keepErrand,
	}
	if q.o.Workers > 0 { // else the client only inserts
		cfg.Queues = map[string]river.QueueConfig{riverQueue: {MaxWorkers: q.o.Workers}}
		cfg.Workers = river.NewWorkers()
		river.AddWorker(cfg.Workers, &errands{q: q})
	}
	if q.store.Dialect() == store.PostgreSQL {
		return carrierOf(q.store, riverpgxv5.New(q.store.Pool()), cfg, (*store.Tx).Pgx,
			"attempted_by[array_length(attempted_by, 1)]")
	}
	lend := func(tx *store.Tx, f func(*sql.Tx) error) error { return f(tx.SQL()) }
	return carrierOf(q.store, riversqlite.New(q.store.DB()), cfg, lend, "json_extract(attempted_by, '$[#-1]')")
}

// client is the carrier on one kind of database.
type client[T any] struct {
	*river.Client[T]
	store *store.Store
	lend  func(*store.Tx, func(T) error) error
	drop  string

	hearing sync.WaitGroup
	deaf    func()
}

// carrierOf makes a carrier of a driver; lastBy is how the database names the worker that took a job last.
func carrierOf[T any](s *store.Store, driver riverdriver.Driver[T], cfg *river.Config, lend func(*store.Tx, func(T) error) error, lastBy string) (carrier, error) {
	c, err := river.NewClient(driver, cfg)
	if err != nil {
		return nil, err
	}
	drop := "DELETE FROM river_job WHERE state = 'running' AND kind = '" + errand{}.Kind() + "' AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = " +
		lastBy + " AND w.beat_at >= $1)"
	return &client[T]{Client: c, store: s, lend: lend, drop: drop}, nil
}

func (c *client[T]) insert(ctx context.Context, tx *store.Tx, jobs []store.Job) error {
	var all []river.InsertManyParams
	for _, j := range jobs {
		all = append(all, river.InsertManyParams{Args: errand{j.ID}, InsertOpts: &river.InsertOpts{Priority: int(j.Priority)}})
	}
	return c.lend(tx, func(t T) error {
		if _, err := c.InsertManyTx(ctx, t, all); err != nil {
			return fmt.Errorf("put %d jobs into the queue: %w", len(all), err)
		}
		return nil
	})
}

func (c *client[T]) cancel(ctx context.Context, job string) error {
	found, err := c.JobList(ctx, river.NewJobListParams().Kinds(errand{}.Kind()).States(rivertype.JobStateRunning).First(10).
		Where("args->>'job' = @job", river.NamedArgs{"job": job}))
	if err != nil {
		return err
	}
	for _, j := range found.Jobs {
		if _, err := c.JobCancel(ctx, j.ID); err != nil && !errors.Is(err, rivertype.ErrNotFound) {
			return err
		}
	}
	return nil
}

func (c *client[T]) dropDead(ctx context.Context, since time.Time) error {
	if _, err := c.store.DB().ExecContext(ctx, c.drop, since.UnixMicro()); err != nil {
		return fmt.Errorf("drop what dead workers hold of the queue: %w", err)
	}
	return nil
}

func (c *client[T]) start(ctx context.Context, ended func(job string)) error {
	events, deaf := c.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed, river.EventKindJobCancelled)
	c.deaf = deaf
	c.hearing.Go(func() {
		for e := range events {
			var args errand
			if err := json.Unmarshal(e.Job.EncodedArgs, &args); err == nil { // they are ours
				ended(args.Job)
			}
		}
	})
	if err := c.Start(ctx); err != nil {
		deaf()
		c.hearing.Wait()
		return err
	}
	return nil
}

func (c *client[T]) stop(ctx context.Context) error {
	defer c.hearing.Wait()
	defer c.deaf()
	err := c.Stop(ctx)
	if err == nil || ctx.Err() == nil {
		return err
	}
	// Each attempt now ends within the time that it takes to kill a child and to write its row.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor+10*time.Second)
	defer cancel()
	return c.StopAndCancel(ctx)
}
