package jobs_test

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/jobs"
	"github.com/rca-engine/rca/internal/store"
)

func TestAJobFromUploadToReport(t *testing.T) {
	each(t, func(w *world) {
		q := w.queue("", jobs.Options{Workers: 1})
		early := w.submit(q, w.spec("ann")) // before there is a worker
		w.run(q)
		late := w.submit(q, w.spec("ann"))
		for _, j := range []store.Job{early, late} {
			j = w.awaitState(j.ID, store.JobSucceeded)
			r, err := w.store.ReportOf(w.Context(), j.ID)
			w.ok(err)
			if r.ID != j.Report || r.Verdict == "" || j.Attempt != 1 || !slices.Equal(w.attempts(j.ID), []store.AttemptState{store.AttemptSucceeded}) {
				w.Errorf("job is %+v, report %+v", j, r)
			}
		}
	})
}

func TestIdempotencyKey(t *testing.T) {
	each(t, func(w *world) {
		q := w.queue("", jobs.Options{})
		s := w.spec("ann")
		s.IdempotencyKey = "once"
		j := w.submit(q, s)
		again, created, err := q.Submit(w.Context(), s)
		w.ok(err)
		if created || again.ID != j.ID {
			w.Errorf("the same key gave %s after %s, created %v", again.ID, j.ID, created)
		}
		s.Title = "another"
		if _, _, err := q.Submit(w.Context(), s); !errors.Is(err, store.ErrConflict) {
			w.Errorf("the same key for another job: %v", err)
		}
		if n := w.errands(); n != 1 {
			w.Errorf("%d errands in the queue", n)
		}
	})
}

// errands counts what waits or runs in River's queue.
func (w *world) errands() (n int) {
	w.Helper()
	w.ok(w.store.DB().QueryRow("SELECT count(*) FROM river_job WHERE finalized_at IS NULL").Scan(&n))
	return n
}

// River's queue holds of each user only the job that is next, however many wait.
func TestManyJobsOfOneStandInNobodysWay(t *testing.T) {
	each(t, func(w *world) {
		q := w.queue("", jobs.Options{})
		many := w.spec("ann")
		var first string
		for range 300 {
			first = cmp.Or(first, w.submit(q, many).ID)
		}
		bobs := w.submit(q, w.spec("bob"))
		if n := w.errands(); n != 2 {
			w.Fatalf("%d errands in the queue", n)
		}
		w.run(w.queue("", jobs.Options{Workers: 1, PerUser: 1}))
		w.awaitState(bobs.ID, store.JobSucceeded)
		s, err := w.store.Queue(w.Context())
		w.ok(err)
		if s.Queued < 295 {
			w.Errorf("before the job of the second user, %d of the first one were worked on", 300-s.Queued)
		}
	})
}

func TestNeverMoreThanAUserMayRun(t *testing.T) {
	each(t, func(w *world) {
		const perUser = 2
		q := w.queue("", jobs.Options{Workers: 6, PerUser: perUser})
		w.run(q)
		var ids []string
		for i := range 100 {
			ids = append(ids, w.submit(q, w.spec([]string{"ann", "bob", "eve"}[i%3])).ID)
		}
		type step struct {
			at time.Time
			by int
		}
		steps := map[string][]step{}
		for _, id := range ids {
			j := w.awaitState(id, store.JobSucceeded)
			all, err := w.store.Attempts(w.Context(), id)
			w.ok(err)
			if len(all) != 1 {
				w.Errorf("job %s took %d attempts", id, len(all))
			}
			steps[j.User] = append(steps[j.User], step{all[0].Started, 1}, step{all[0].Ended, -1})
		}
		for user, s := range steps {
			slices.SortFunc(s, func(a, b step) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.by, b.by)) })
			running, most := 0, 0
			for _, x := range s {
				running += x.by
				most = max(most, running)
			}
			if most != perUser {
				w.Errorf("%d jobs of user %s ran at once", most, user)
			}
		}
	})
}

func TestCancel(t *testing.T) {
	each(t, func(w *world) {
		executable, began := w.hanging()
		q := w.queue(executable, jobs.Options{Workers: 1})
		w.run(q)
		other := w.queue("", jobs.Options{}) // another process that only submits
		for _, by := range []*jobs.Queue{q, other} {
			j := w.submit(q, w.spec("ann"))
			waiting := w.submit(q, w.spec("bob"))
			began()
			w.awaitState(j.ID, store.JobRunning)
			if state, err := by.Cancel(w.Context(), waiting.ID); err != nil || state != store.JobCancelled {
				w.Errorf("cancel of a waiting job: %s, %v", state, err)
			}
			asked := time.Now()
			if state, err := by.Cancel(w.Context(), j.ID); err != nil || state != store.JobRunning {
				w.Errorf("cancel of a running job: %s, %v", state, err)
			}
			j = w.awaitState(j.ID, store.JobCancelled)
			w.Logf("cancelled after %s", time.Since(asked).Round(time.Millisecond))
			if j.ErrorCode != "cancelled" || !slices.Equal(w.attempts(j.ID), []store.AttemptState{store.AttemptCancelled}) {
				w.Errorf("cancelled job is %+v", j)
			}
			if _, err := by.Cancel(w.Context(), j.ID); !errors.Is(err, store.ErrStale) {
				w.Errorf("cancel of an ended job: %v", err)
			}
		}
	})
}

// Nobody is at fault for a crash of the program, so it is tried again; what is wrong with the job itself is not.
func TestAttemptsAndRetry(t *testing.T) {
	each(t, func(w *world) {
		q := w.queue(w.script("[ -e ../crash ] && kill -SEGV $$"), jobs.Options{Workers: 1, BackOff: time.Millisecond})
		w.run(q)
		w.ok(os.WriteFile(w.folder+"/crash", nil, 0o600))
		j := w.awaitState(w.submit(q, w.spec("ann")).ID, store.JobFailed)
		if j.ErrorCode != incident.CodeCrashed || j.Attempt != 3 {
			w.Errorf("crashing job ended after %d attempts: %s %s", j.Attempt, j.ErrorCode, j.Error)
		}
		w.ok(os.Remove(w.folder + "/crash"))
		if _, err := q.Retry(w.Context(), j.ID); err != nil {
			w.Fatal(err)
		}
		j = w.awaitState(j.ID, store.JobSucceeded)
		if j.Attempt != 4 || j.Error != "" {
			w.Errorf("retried job is %+v", j)
		}
		if _, err := q.Retry(w.Context(), j.ID); !errors.Is(err, store.ErrStale) {
			w.Errorf("retry of a job that succeeded: %v", err)
		}
		if _, err := q.Retry(w.Context(), "none"); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("retry of no job: %v", err)
		}

		bad := w.spec("ann")
		bad.Run.WithoutRules = []string{"no-such-rule"}
		j = w.awaitState(w.submit(q, bad).ID, store.JobFailed)
		if j.ErrorCode != incident.CodeBadInput || j.Attempt != 1 {
			w.Errorf("bad job ended after %d attempts: %s %s", j.Attempt, j.ErrorCode, j.Error)
		}

		w.ok(q.Delete(w.Context(), j.ID))
		if _, err := w.store.Job(w.Context(), j.ID); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("a deleted job: %v", err)
		}
	})
}

func TestDeleteOfWaitingAndRunning(t *testing.T) {
	each(t, func(w *world) {
		executable, began := w.hanging()
		q := w.queue(executable, jobs.Options{Workers: 1, Grace: time.Millisecond})
		running := w.submit(q, w.spec("ann"))
		waiting := w.submit(q, w.spec("ann"))
		w.run(q)
		began()
		if err := q.Delete(w.Context(), running.ID); !errors.Is(err, store.ErrStale) {
			w.Errorf("delete of a running job: %v", err)
		}
		w.ok(q.Delete(w.Context(), waiting.ID))
		if err := q.Delete(w.Context(), waiting.ID); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("delete of a deleted job: %v", err)
		}
	})
}

// A worker that is stopped gives back what does not end within the grace time, which does not count.
func TestReleasedAtAStop(t *testing.T) {
	each(t, func(w *world) {
		executable, began := w.hanging()
		q := w.queue(executable, jobs.Options{Workers: 1, Grace: 100 * time.Millisecond})
		s := w.spec("ann")
		s.MaxAttempts = 1
		j := w.submit(q, s)
		stop := w.run(q)
		began()
		stop()
		j, err := w.store.Job(w.Context(), j.ID)
		w.ok(err)
		if j.State != store.JobQueued || !slices.Equal(w.attempts(j.ID), []store.AttemptState{store.AttemptReleased}) {
			w.Fatalf("after the stop the job is %s, attempts %v", j.State, w.attempts(j.ID))
		}
		all, err := w.store.Workers(w.Context())
		w.ok(err)
		if len(all) != 0 {
			w.Errorf("a stopped worker is still listed: %+v", all)
		}
		w.run(w.queue("", jobs.Options{Workers: 1}))
		w.awaitState(j.ID, store.JobSucceeded)
		if got := w.attempts(j.ID); !slices.Equal(got, []store.AttemptState{store.AttemptReleased, store.AttemptSucceeded}) {
			w.Errorf("attempts are %v", got)
		}
	})
}

// A job ends within the grace time if it can.
func TestAStopWaitsForWhatRuns(t *testing.T) {
	each(t, func(w *world) {
		q := w.queue(w.script("sleep 0.5"), jobs.Options{Workers: 1})
		j := w.submit(q, w.spec("ann"))
		stop := w.run(q)
		w.awaitState(j.ID, store.JobRunning)
		stop()
		w.awaitState(j.ID, store.JobSucceeded)
	})
}

func TestAKilledWorkersJobRunsAgain(t *testing.T) {
	for _, where := range []string{"on this host", "elsewhere"} {
		t.Run(where, func(t *testing.T) {
			each(t, func(w *world) {
				executable, began := w.hanging()
				victim := exec.Command(os.Args[0])
				victim.Env = append(os.Environ(), "RCA_TEST_WORKER="+w.url, "RCA_TEST_BLOBS="+w.blobs, "RCA_TEST_FOLDER="+w.folder, "RCA_TEST_EXECUTABLE="+executable)
				victim.Stderr = os.Stderr
				w.ok(victim.Start())
				q := w.queue("", jobs.Options{Workers: 2})
				j := w.submit(q, w.spec("ann"))
				began()
				w.awaitState(j.ID, store.JobRunning)
				w.run(q) // from here on there are two workers
				if where == "elsewhere" {
					_, err := w.store.DB().Exec("UPDATE workers SET host = 'elsewhere' WHERE id = 'victim'")
					w.ok(err)
				}
				w.ok(victim.Process.Kill())
				killed := time.Now()
				_ = victim.Wait()
				again := w.await(j.ID, "run again", func(j store.Job) bool { return j.Attempt == 2 })
				w.Logf("runs again after %s", time.Since(killed).Round(10*time.Millisecond))
				if again.Worker == "victim" {
					w.Error("the dead worker runs it")
				}
				w.awaitState(j.ID, store.JobSucceeded)
				if got := w.attempts(j.ID); !slices.Equal(got, []store.AttemptState{store.AttemptLost, store.AttemptSucceeded}) {
					w.Errorf("attempts are %v", got)
				}
				reports, err := w.store.Reports(w.Context(), w.spaces["ann"], store.Page{Total: true})
				w.ok(err)
				if reports.Total != 1 {
					w.Errorf("there are %d reports", reports.Total)
				}
			})
		})
	}
}

// A worker that was killed and comes back under the same name beats again, and its jobs are not forgotten over that.
func TestAWorkerComesBackUnderItsName(t *testing.T) {
	each(t, func(w *world) {
		q := w.queue("", jobs.Options{Workers: 1, Worker: "the one"})
		j := w.submit(q, w.spec("ann"))
		w.ok(w.store.BeatWorker(w.Context(), store.Worker{ID: "the one", Host: "elsewhere"}))
		_, err := w.store.StartAttempt(w.Context(), j.ID, "the one", 0)
		w.ok(err)
		w.run(q)
		w.awaitState(j.ID, store.JobSucceeded)
		if got := w.attempts(j.ID); !slices.Equal(got, []store.AttemptState{store.AttemptLost, store.AttemptSucceeded}) {
			w.Errorf("attempts are %v", got)
		}
	})
}

// What a dead worker had taken and not yet started is brought again.
func TestAnErrandOfADeadWorker(t *testing.T) {
	each(t, func(w *world) {
		q := w.queue("", jobs.Options{Workers: 1})
		j := w.submit(q, w.spec("ann"))
		by := `'{dead}'`
		if w.store.Dialect() == store.SQLite {
			by = `jsonb('["dead"]')`
		}
		_, err := w.store.DB().Exec("UPDATE river_job SET state = 'running', attempt = 1, attempted_at = CURRENT_TIMESTAMP, attempted_by = " + by)
		w.ok(err)
		w.run(q)
		w.awaitState(j.ID, store.JobSucceeded)
	})
}

func TestRefusedSpecLeavesNothing(t *testing.T) {
	each(t, func(w *world) {
		q := w.queue("", jobs.Options{})
		s := w.spec("ann")
		s.Type = store.EmbeddingGeneration
		var bad *incident.SpecError
		if _, _, err := q.Submit(w.Context(), s); !errors.As(err, &bad) || bad.Field != "type" {
			w.Errorf("a job without an embedder: %v", err)
		}
		if n := w.errands(); n != 0 {
			w.Errorf("%d errands in the queue", n)
		}
	})
}

func TestBadOptions(t *testing.T) {
	each(t, func(w *world) {
		for _, o := range []jobs.Options{{Workers: -1}, {PerUser: -1}, {Grace: -1}, {Worker: string(make([]byte, 101))}} {
			if _, err := jobs.New(w.store, nil, o); err == nil {
				w.Errorf("options %+v are taken", o)
			}
		}
	})
}
