package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

// twoStores opens a database twice, as two processes have it, with the tables and a first user.
func twoStores(t *testing.T, url string) ([]*store.Store, *world) {
	t.Helper()
	stores := []*store.Store{storetest.Open(t, url, store.Options{}), storetest.Open(t, url, store.Options{})}
	w := &world{Store: stores[0], t: t, clock: newClock()}
	_, err := w.Migrate(t.Context())
	w.ok(err)
	w.user, w.workspace = w.newUser("Ada")
	return stores, w
}

// Two stores on one database, as two processes have them, each with many goroutines: no job runs twice, nobody runs more
// than allowed, no event's number is missing, every reference is counted, and no call ends in an error.
func TestAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		ctx := t.Context()
		stores, w := twoStores(t, url)
		bob, bobs := w.newUser("Bob")
		const jobs, perUser = 60, 3
		for i := range jobs {
			w.job(func(j *store.Job) {
				if i%2 == 0 {
					j.User, j.Workspace = bob.ID, bobs.ID
				}
			})
		}
		w.ok(w.AnnounceBlob(ctx, "same", 1, 1)) // all reports are alike, so all count the same row

		var mu sync.Mutex
		ran := map[string]int{}
		running := map[string]int{}
		most := 0
		work := func(s *store.Store, name string) error {
			for {
				next, err := s.NextJobs(ctx, perUser, 10)
				if err != nil {
					return err
				}
				if len(next) == 0 {
					if q, err := s.Queue(ctx); err != nil || q.Queued == 0 {
						return err
					}
					continue
				}
				j, err := s.StartAttempt(ctx, next[0], name, perUser)
				if errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrBusy) {
					continue
				}
				if err != nil {
					return err
				}
				mu.Lock()
				ran[j.ID]++
				running[j.User]++
				most = max(most, running[j.User])
				mu.Unlock()
				for range 5 {
					if _, err := s.AppendAttemptEvent(ctx, j.ID, j.Attempt, "log", "{}"); err != nil {
						return err
					}
				}
				mu.Lock()
				running[j.User]--
				mu.Unlock()
				if err := s.FinishAttempt(ctx, j.ID, j.Attempt, store.Outcome{State: store.AttemptSucceeded, Report: &store.Report{Blob: "same"}}); err != nil {
					return err
				}
			}
		}
		errs := make(chan error)
		const workers = 16
		for i := range workers {
			go func() { errs <- work(stores[i%2], fmt.Sprint("w", i)) }()
		}
		for range workers {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if len(ran) != jobs || most > perUser {
			t.Errorf("%d jobs ran, at most %d at once of one user", len(ran), most)
		}
		for id, n := range ran {
			if n != 1 {
				t.Errorf("job %s ran %d times", id, n)
			}
			events, err := w.Events(ctx, id, 0, 100)
			w.ok(err)
			if len(events) != 8 || events[7].Seq != 8 {
				t.Errorf("job %s has events %+v", id, events)
			}
		}
		w.refs("same", jobs)
	})
}

// Many append to one job at once: the numbers have no gap, and whoever reads meanwhile misses none.
func TestEventsAtOnce(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		j := w.job()
		const writers, each = 8, 25
		errs := make(chan error)
		for range writers {
			go func() {
				for range each {
					if _, err := w.AppendEvent(ctx, j.ID, "log", ""); err != nil {
						errs <- err
						return
					}
				}
				errs <- nil
			}()
		}
		read := make(chan error)
		go func() {
			for seen := int64(0); seen < writers*each+1; {
				events, err := w.Events(ctx, j.ID, seen, 10)
				if err != nil {
					read <- err
					return
				}
				for _, e := range events {
					if seen++; e.Seq != seen {
						read <- fmt.Errorf("event %d came in place of %d", e.Seq, seen)
						return
					}
				}
			}
			read <- nil
		}()
		for range writers {
			if err := <-errs; err != nil {
				w.t.Fatal(err)
			}
		}
		w.ok(<-read)
	})
}

// An upload is deleted while jobs take it as an input: either it is refused, or the job is.
func TestDeleteUploadAtOnce(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		for i := range 20 {
			up := w.upload(fmt.Sprint("h", i), 1)
			deleted, made := make(chan error), make(chan error)
			go func() { deleted <- w.DeleteUpload(ctx, w.workspace.ID, up.ID) }()
			go func() {
				_, _, err := w.CreateJob(ctx, store.Job{Workspace: w.workspace.ID, User: w.user.ID, Type: store.LogAnalysis}, []store.JobInput{{Upload: up.ID, Role: store.InputLogs}})
				made <- err
			}()
			d, m := <-deleted, <-made
			if (d == nil) == (m == nil) || d != nil && !errors.Is(d, store.ErrReference) || m != nil && !errors.Is(m, store.ErrReference) {
				w.t.Errorf("deletion ended with %v, the job with %v", d, m)
			}
		}
		wrong, err := w.MiscountedBlobs(ctx, 10)
		w.ok(err)
		if len(wrong) != 0 {
			w.t.Errorf("miscounted: %+v", wrong)
		}
		use, err := w.MiscountedUsage(ctx, 10)
		w.ok(err)
		if len(use) != 0 {
			w.t.Errorf("miscounted: %+v", use)
		}
	})
}

// One process holds the file open and writes; another opens it for the first time.
func TestSecondStoreOnOneFile(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "rca.db")
	a := storetest.Open(t, url, store.Options{})
	if _, err := a.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := a.InTx(t.Context(), func(tx *store.Tx) error {
		if err := tx.SetSetting(t.Context(), "k", "v"); err != nil {
			return err
		}
		return storetest.Open(t, url, store.Options{}).Ready(t.Context())
	})
	if err != nil {
		t.Error(err)
	}
}
