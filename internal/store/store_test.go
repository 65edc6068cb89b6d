package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

// clock is a time that a test sets forward.
type clock struct{ micros atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.micros.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
	return c
}
func (c *clock) now() time.Time          { return time.UnixMicro(c.micros.Load()).UTC() }
func (c *clock) forward(d time.Duration) { c.micros.Add(d.Microseconds()) }

// world is a database with one user, who has a workspace.
type world struct {
	*store.Store
	t         *testing.T
	clock     *clock
	user      store.User
	workspace store.Workspace
}

func each(t *testing.T, test func(*world)) {
	t.Helper()
	c := newClock()
	storetest.Each(t, store.Options{Now: c.now}, func(t *testing.T, s *store.Store) {
		w := &world{Store: s, t: t, clock: c}
		w.user, w.workspace = w.newUser("Ada")
		test(w)
	})
}

func (w *world) newUser(name string) (store.User, store.Workspace) {
	w.t.Helper()
	u, err := w.CreateUser(w.t.Context(), name, "hash", false)
	w.ok(err)
	ws, err := w.PersonalWorkspace(w.t.Context(), u.ID)
	w.ok(err)
	return u, ws
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) is(err, want error) {
	w.t.Helper()
	if !errors.Is(err, want) {
		w.t.Fatalf("error is %v, want %v", err, want)
	}
}

// upload makes a ready upload whose blob has a hash.
func (w *world) upload(hash string, size int64) store.Upload {
	w.t.Helper()
	ctx := w.t.Context()
	u, err := w.CreateUpload(ctx, store.Upload{Workspace: w.workspace.ID, User: w.user.ID, Name: "app.log", Size: size})
	w.ok(err)
	w.ok(w.AnnounceBlob(ctx, hash, size, size/10))
	w.ok(w.FinishUpload(ctx, u.ID, hash, "text/plain", time.Time{}))
	return u
}

// job makes a queued job of the user.
func (w *world) job(change ...func(*store.Job)) store.Job {
	w.t.Helper()
	j := store.Job{Workspace: w.workspace.ID, User: w.user.ID, Type: store.RCAAnalysis, Title: "Payments down"}
	for _, f := range change {
		f(&j)
	}
	j, created, err := w.CreateJob(w.t.Context(), j, nil)
	w.ok(err)
	if !created {
		w.t.Fatal("the job was there already")
	}
	w.clock.forward(time.Millisecond)
	return j
}

func (w *world) start(job string) store.Job {
	w.t.Helper()
	j, err := w.StartAttempt(w.t.Context(), job, "w1", 0)
	w.ok(err)
	return j
}

func TestOpenRefuses(t *testing.T) {
	f := func(url, want string) {
		t.Helper()
		s, err := store.Open(t.Context(), url, store.Options{})
		if err == nil {
			s.Close()
			t.Fatalf("%s was opened", url)
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %q, want it to say %q", url, err, want)
		}
	}
	f("mysql://x", "want sqlite:PATH or postgres://")
	f("", "want sqlite:PATH or postgres://")
	f("sqlite:", "path of a file")
	f("sqlite::memory:", "path of a file")
	f("sqlite:/no/such/folder/rca.db", "unable to open")
	f("postgres://u:secret@127.0.0.1:1/x?connect_timeout=1", "open database")
	if _, err := store.Open(t.Context(), "sqlite:x", store.Options{Conns: -1}); err == nil || !strings.Contains(err.Error(), "Conns is -1") {
		t.Errorf("error is %v", err)
	}
	if _, err := store.Open(t.Context(), "postgres://u:secret@127.0.0.1:1/x", store.Options{}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error tells the password: %v", err)
	}
}

func TestPathsOfAllKinds(t *testing.T) {
	s := storetest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "a b?c#d%20.db"), store.Options{})
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSetting(t.Context(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	if v, err := s.Setting(t.Context(), "k"); err != nil || v != "v" {
		t.Fatalf("read %q, %v", v, err)
	}
}

func TestMigrate(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		ctx := t.Context()
		s := storetest.Open(t, url, store.Options{})
		if err := s.Ready(ctx); err == nil {
			t.Fatal("ready without tables")
		}
		count := func() (ours, queue, pending int) {
			t.Helper()
			all, err := s.MigrateStatus(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range all {
				switch {
				case !m.Applied:
					pending++
				case m.Of == "rca":
					ours++
				default:
					queue++
				}
			}
			return ours, queue, pending
		}
		if ours, queue, pending := count(); ours != 0 || queue != 0 || pending < 2 {
			t.Fatalf("before: %d of ours, %d of the queue, %d pending", ours, queue, pending)
		}
		for _, want := range []bool{true, false} { // the second time there is nothing to do
			done, err := s.Migrate(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if (len(done) > 0) != want {
				t.Errorf("%d steps made", len(done))
			}
		}
		if err := s.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		if ours, queue, pending := count(); ours == 0 || queue == 0 || pending != 0 {
			t.Fatalf("after: %d of ours, %d of the queue, %d pending", ours, queue, pending)
		}
		if err := s.MigrateDown(ctx, 99); err == nil {
			t.Error("migrated down to a version that is not there")
		}
		if err := s.MigrateDown(ctx, 0); err != nil {
			t.Fatal(err)
		}
		if err := s.Ready(ctx); err == nil {
			t.Error("ready after all was taken back")
		}
		if _, err := s.Migrate(ctx); err != nil {
			t.Fatalf("up again: %v", err)
		}
		if err := s.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		for _, p := range s.Stats() {
			if p.Max == 0 || p.Open == 0 || p.InUse != 0 {
				t.Errorf("pool %+v", p)
			}
		}
	})
}

// Several processes that start at once all migrate.
func TestMigrateAtOnce(t *testing.T) {
	url := storetest.Postgres(t)
	errs := make(chan error, 4)
	for range cap(errs) {
		s := storetest.Open(t, url, store.Options{})
		go func() {
			_, err := s.Migrate(t.Context())
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestInTx(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		stop := errors.New("stop")
		lend := func(tx *store.Tx, value string) error { // as the queue inserts its job
			const text = "INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, 0)"
			if w.Dialect() == store.SQLite {
				_, err := tx.SQL().ExecContext(ctx, text, "lent", value)
				return err
			}
			return tx.Pgx(func(p pgx.Tx) error {
				if p.Commit(ctx) == nil || p.Rollback(ctx) == nil {
					w.t.Error("a lent transaction was ended")
				}
				_, err := p.Exec(ctx, text, "lent", value)
				return err
			})
		}
		write := func(end error) error {
			return w.InTx(ctx, func(tx *store.Tx) error {
				if err := tx.SetSetting(ctx, "own", "1"); err != nil {
					return err
				}
				if err := lend(tx, "1"); err != nil {
					return err
				}
				if v, err := tx.Setting(ctx, "own"); err != nil || v != "1" {
					w.t.Errorf("the transaction does not see what it wrote: %q, %v", v, err)
				}
				if _, err := w.Setting(ctx, "own"); !errors.Is(err, store.ErrNotFound) {
					w.t.Errorf("others see what is not committed: %v", err)
				}
				return end
			})
		}
		w.is(write(stop), stop)
		for _, key := range []string{"own", "lent"} {
			_, err := w.Setting(ctx, key)
			w.is(err, store.ErrNotFound)
		}
		w.ok(write(nil))
		for _, key := range []string{"own", "lent"} {
			_, err := w.Setting(ctx, key)
			w.ok(err)
		}
		if err := w.InTx(ctx, func(tx *store.Tx) error { return lend(tx, "2") }); err == nil {
			w.t.Error("the same key went in twice")
		}
	})
}

func TestContextEnds(t *testing.T) {
	each(t, func(w *world) {
		ctx, cancel := context.WithCancel(w.t.Context())
		cancel()
		_, err := w.User(ctx, w.user.ID)
		w.is(err, context.Canceled)
		w.is(w.InTx(ctx, func(*store.Tx) error { return nil }), context.Canceled)
	})
}

func TestTextThatPostgresRefuses(t *testing.T) {
	each(t, func(w *world) {
		w.ok(w.SetSetting(w.t.Context(), "k", "a\x00b\xffc"))
		v, err := w.Setting(w.t.Context(), "k")
		w.ok(err)
		if v != "a\uFFFDb\uFFFDc" {
			w.t.Errorf("stored as %q", v)
		}
	})
}

// The statements must not rest on what PostgreSQL tells of their parameters when it prepares them.
func TestStatementModes(t *testing.T) {
	for _, mode := range []store.StatementMode{store.StatementsPrepared, store.StatementsDescribed, store.StatementsDirect} {
		t.Run(string(mode), func(t *testing.T) {
			s := storetest.Open(t, storetest.Postgres(t), store.Options{Statements: mode})
			w := &world{Store: s, t: t, clock: newClock()}
			ctx := t.Context()
			_, err := w.Migrate(ctx)
			w.ok(err)
			w.user, w.workspace = w.newUser("Ada")
			up := w.upload("h", 1)
			for range 2 {
				j, _, err := w.CreateJob(ctx, store.Job{Workspace: w.workspace.ID, User: w.user.ID, Type: store.LogAnalysis}, []store.JobInput{{Upload: up.ID, Role: store.InputLogs}})
				w.ok(err)
				next, err := w.NextJobs(ctx, 1, 10)
				w.ok(err)
				if len(next) != 1 || next[0] != j.ID {
					t.Fatalf("next are %v", next)
				}
				_, err = w.StartAttempt(ctx, j.ID, "w1", 1)
				w.ok(err)
				_, err = w.Requeue(ctx, j.ID, 1, store.Outcome{State: store.AttemptReleased})
				w.ok(err)
				_, err = w.StartAttempt(ctx, j.ID, "w1", 1)
				w.ok(err)
				w.ok(w.SaveSignals(ctx, j.ID, 2, []store.Signal{{ID: "s"}}))
				w.ok(w.FinishAttempt(ctx, j.ID, 2, store.Outcome{State: store.AttemptSucceeded, Report: &store.Report{Blob: "h"}}))
				_, err = w.RequestCancel(ctx, j.ID)
				w.is(err, store.ErrStale)
			}
			l, err := w.Jobs(ctx, store.JobFilter{Workspace: w.workspace.ID, User: w.user.ID, States: []store.JobState{store.JobSucceeded, store.JobFailed}}, store.Page{Limit: 1, Total: true})
			w.ok(err)
			i, err := w.CreateIncident(ctx, store.Incident{Workspace: w.workspace.ID, Title: "x"})
			w.ok(err)
			i.State = store.IncidentResolved
			_, err = w.UpdateIncident(ctx, i)
			w.ok(err)
			use, err := w.UserUsage(ctx, w.user.ID)
			w.ok(err)
			if l.Total != 2 || l.Next == "" || use.Uploads != 1 {
				t.Errorf("list %+v, usage %+v", l, use)
			}
		})
	}
}
