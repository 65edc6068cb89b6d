package store_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

type work struct {
	Job string `json:"job"`
}

func (work) Kind() string { return "work" }

// A job and its entry in the queue are there together or not at all.
func TestQueueInTx(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		var insert func(*store.Tx, work) error
		if w.Dialect() == store.SQLite {
			client, err := river.NewClient(riversqlite.New(w.DB()), &river.Config{})
			w.ok(err)
			insert = func(tx *store.Tx, a work) error { return second(client.InsertTx(ctx, tx.SQL(), a, nil)) }
		} else {
			client, err := river.NewClient(riverpgxv5.New(w.Pool()), &river.Config{})
			w.ok(err)
			insert = func(tx *store.Tx, a work) error {
				return tx.Pgx(func(p pgx.Tx) error { return second(client.InsertTx(ctx, p, a, nil)) })
			}
		}
		undo := errors.New("undo")
		for want, end := range []error{undo, nil} {
			err := w.InTx(ctx, func(tx *store.Tx) error {
				j, _, err := tx.CreateJob(ctx, store.Job{Workspace: w.workspace.ID, User: w.user.ID, Type: store.RCAAnalysis}, nil)
				if err != nil {
					return err
				}
				if err := insert(tx, work{j.ID}); err != nil {
					return err
				}
				return end
			})
			w.is(err, end)
			var queued int
			w.ok(w.DB().QueryRowContext(ctx, "SELECT count(*) FROM river_job").Scan(&queued))
			jobs, err := w.Jobs(ctx, store.JobFilter{User: w.user.ID}, store.Page{})
			w.ok(err)
			if queued != want || len(jobs.Items) != want {
				w.t.Errorf("%d jobs, %d in the queue, want %d of both", len(jobs.Items), queued, want)
			}
		}
	})
}

// Two transactions that wait for each other: PostgreSQL ends one, which then runs again.
func TestDeadlockIsRetried(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres(t), store.Options{})
	ctx := t.Context()
	if _, err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int64
	arrived, both := make(chan struct{}, 2), make(chan struct{})
	run := func(first, then string) error {
		met := false
		return s.InTx(ctx, func(tx *store.Tx) error {
			calls.Add(1)
			if err := tx.SetSetting(ctx, first, ""); err != nil {
				return err
			}
			if !met {
				met = true
				arrived <- struct{}{}
				<-both
			}
			return tx.SetSetting(ctx, then, "")
		})
	}
	errs := make(chan error)
	go func() { errs <- run("a", "b") }()
	go func() { errs <- run("b", "a") }()
	<-arrived
	<-arrived
	close(both)
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if calls.Load() < 3 {
		t.Errorf("%d calls: none was retried", calls.Load())
	}
}

// A panic leaves neither an open transaction nor a connection that is lost to the pool.
func TestPanicRollsBack(t *testing.T) {
	storetest.Each(t, store.Options{Conns: 1}, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			_ = s.InTx(ctx, func(tx *store.Tx) error {
				if err := tx.SetSetting(ctx, "k", "v"); err != nil {
					t.Error(err)
				}
				panic("a programmer's mistake")
			})
		}()
		if _, err := s.Setting(ctx, "k"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("error is %v", err)
		}
		if err := s.SetSetting(ctx, "k", "v"); err != nil {
			t.Error(err)
		}
	})
}
