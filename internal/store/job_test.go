package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

func TestCreateJob(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		up := w.upload("h1", 1000)
		inputs := []store.JobInput{{Upload: up.ID, Role: store.InputLogs}, {Upload: up.ID, Role: store.InputBaseline}}
		asked := store.Job{Workspace: w.workspace.ID, User: w.user.ID, Type: store.LogAnalysis, Title: "Checkout slow", Provider: "ollama", Model: "m",
			Options: `{"top":3}`, From: w.clock.now().Add(-time.Hour), To: w.clock.now(), IdempotencyKey: "k1", TimeLimit: time.Minute}
		j, created, err := w.CreateJob(ctx, asked, inputs)
		w.ok(err)
		if !created || j.State != store.JobQueued || j.Priority != 3 || j.MaxAttempts != 3 || j.TotalBytes != 2000 || j.TimeLimit != time.Minute ||
			!j.From.Equal(asked.From) || !j.Created.Equal(w.clock.now()) || !j.Finished.IsZero() || j.LastEvent != 1 || j.Options != asked.Options {
			w.t.Errorf("job is %+v", j)
		}
		got, err := w.JobInputs(ctx, j.ID)
		w.ok(err)
		if len(got) != 2 || got[0].Name != "app.log" || got[1].Role != store.InputBaseline || got[0].Size != 1000 {
			w.t.Errorf("inputs are %+v", got)
		}

		again, created, err := w.CreateJob(ctx, asked, inputs)
		w.ok(err)
		if created || again.ID != j.ID {
			w.t.Errorf("the same key made another job: %v %s", created, again.ID)
		}
		other := asked
		other.Title = "Something else"
		_, _, err = w.CreateJob(ctx, other, inputs)
		w.is(err, store.ErrConflict)

		bob, _ := w.newUser("Bob")
		other.User = bob.ID // a key is the user's own
		_, created, err = w.CreateJob(ctx, other, inputs)
		w.ok(err)
		if !created {
			w.t.Error("another user's key was taken for one's own")
		}

		w.is(second(w.create(func(j *store.Job) { j.Type = "mining" })), store.ErrInvalid)
		w.is(second(w.create(func(j *store.Job) { j.Priority = 5 })), store.ErrInvalid)
		w.is(second(w.create(func(j *store.Job) { j.Workspace = "none" })), store.ErrReference)
		_, _, err = w.CreateJob(ctx, store.Job{Workspace: w.workspace.ID, User: w.user.ID, Type: store.RCAAnalysis}, []store.JobInput{{Upload: "none", Role: store.InputLogs}})
		w.is(err, store.ErrReference)
		list, err := w.Jobs(ctx, store.JobFilter{Workspace: w.workspace.ID}, store.Page{Total: true})
		w.ok(err)
		if list.Total != 2 {
			w.t.Errorf("%d jobs, the refused ones left something", list.Total)
		}
	})
}

func (w *world) create(change func(*store.Job)) (store.Job, error) {
	j := store.Job{Workspace: w.workspace.ID, User: w.user.ID, Type: store.RCAAnalysis}
	change(&j)
	j, _, err := w.CreateJob(w.t.Context(), j, nil)
	return j, err
}

func second[T any](_ T, err error) error { return err }

func TestAttemptsToTheEnd(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		j := w.job()
		run := w.start(j.ID)
		if run.Attempt != 1 || run.State != store.JobRunning || run.Worker != "w1" || !run.Started.Equal(w.clock.now()) {
			w.t.Errorf("running as %+v", run)
		}
		_, err := w.StartAttempt(ctx, j.ID, "w2", 0)
		w.is(err, store.ErrStale)
		cancel, err := w.SetProgress(ctx, j.ID, 1, store.Progress{Stage: "mine", DoneBytes: 5, TotalBytes: 10, ETA: w.clock.now().Add(time.Minute)})
		w.ok(err)
		if cancel {
			w.t.Error("cancelled by nobody")
		}
		w.clock.forward(time.Second)
		w.ok(w.AnnounceBlob(ctx, "r1", 10, 5))
		half := 0.5
		w.ok(w.FinishAttempt(ctx, j.ID, 1, store.Outcome{State: store.AttemptSucceeded, PeakBytes: 7,
			Report: &store.Report{Verdict: "root_cause_found", Headline: "disk full", Confidence: &half, Blob: "r1"}}))
		done, err := w.Job(ctx, j.ID)
		w.ok(err)
		if done.State != store.JobSucceeded || done.Stage != "mine" || done.DoneBytes != 10 || done.Report == "" || !done.Finished.Equal(w.clock.now()) {
			w.t.Errorf("finished as %+v", done)
		}
		report, err := w.ReportOf(ctx, j.ID)
		w.ok(err)
		if report.ID != done.Report || report.Workspace != w.workspace.ID || *report.Confidence != half {
			w.t.Errorf("report is %+v", report)
		}
		runs, err := w.Attempts(ctx, j.ID)
		w.ok(err)
		if len(runs) != 1 || runs[0].State != store.AttemptSucceeded || runs[0].PeakBytes != 7 || runs[0].Ended.Sub(runs[0].Started) != time.Second {
			w.t.Errorf("attempts are %+v", runs)
		}
		w.states(j.ID, "queued", "running", "succeeded")
	})
}

// states compares what the events tell of a job's states.
func (w *world) states(job string, want ...string) {
	w.t.Helper()
	events, err := w.Events(w.t.Context(), job, 0, 100)
	w.ok(err)
	var got []string
	for _, e := range events {
		var d struct{ State string }
		w.ok(json.Unmarshal([]byte(e.Data), &d))
		if e.Kind == "state" {
			got = append(got, d.State)
		}
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("events tell of %v, want %v", got, want)
	}
}

// A worker that was frozen, given up and wakes again changes nothing.
func TestFrozenWorker(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		j := w.job()
		w.start(j.ID)
		state, err := w.Requeue(ctx, j.ID, 1, store.Outcome{State: store.AttemptLost, ErrorCode: "worker_lost"})
		w.ok(err)
		if state != store.JobQueued {
			w.t.Fatalf("put back as %s", state)
		}
		frozen := func() {
			w.t.Helper()
			before, err := w.Job(ctx, j.ID)
			w.ok(err)
			w.ok(w.AnnounceBlob(ctx, "stale", 1, 1))
			_, err = w.SetProgress(ctx, j.ID, 1, store.Progress{Stage: "rank"})
			w.is(err, store.ErrStale)
			_, err = w.AppendAttemptEvent(ctx, j.ID, 1, "log", "")
			w.is(err, store.ErrStale)
			w.is(w.SaveReport(ctx, j.ID, 1, store.Report{Blob: "stale"}), store.ErrStale)
			w.is(w.SaveTemplates(ctx, j.ID, 1, []store.Template{{ID: "t"}}), store.ErrStale)
			w.is(w.SaveSignals(ctx, j.ID, 1, []store.Signal{{ID: "s"}}), store.ErrStale)
			w.is(w.FinishAttempt(ctx, j.ID, 1, store.Outcome{State: store.AttemptSucceeded, Report: &store.Report{Blob: "stale"}}), store.ErrStale)
			_, err = w.Requeue(ctx, j.ID, 1, store.Outcome{State: store.AttemptFailed})
			w.is(err, store.ErrStale)
			after, err := w.Job(ctx, j.ID)
			w.ok(err)
			if after != before {
				w.t.Errorf("the job was changed from %+v to %+v", before, after)
			}
			if b, err := w.Blob(ctx, "stale"); err != nil || b.Refs != 0 {
				w.t.Errorf("the blob has %d references, %v", b.Refs, err)
			}
		}
		frozen()
		if w.start(j.ID).Attempt != 2 {
			w.t.Error("not the second attempt")
		}
		frozen()
		w.ok(w.FinishAttempt(ctx, j.ID, 2, store.Outcome{State: store.AttemptFailed, ErrorCode: "poison"}))
		frozen()
	})
}

func TestRequeueUntilFailed(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		j := w.job(func(j *store.Job) { j.MaxAttempts = 2 })
		requeue := func(attempt int64, how store.AttemptState, want store.JobState) {
			w.t.Helper()
			got, err := w.Requeue(ctx, j.ID, attempt, store.Outcome{State: how, ErrorCode: "e", Due: w.clock.now().Add(time.Minute)})
			w.ok(err)
			if got != want {
				w.t.Errorf("attempt %d: %s, want %s", attempt, got, want)
			}
			if want == store.JobQueued {
				_, err := w.StartAttempt(ctx, j.ID, "w1", 0)
				w.is(err, store.ErrStale) // not due yet
			}
			w.clock.forward(time.Minute)
		}
		w.start(j.ID)
		requeue(1, store.AttemptReleased, store.JobQueued) // does not count
		w.start(j.ID)
		requeue(2, store.AttemptFailed, store.JobQueued)
		w.start(j.ID)
		requeue(3, store.AttemptLost, store.JobQueued) // nor does this
		w.start(j.ID)
		requeue(4, store.AttemptFailed, store.JobFailed)
		w.states(j.ID, "queued", "running", "queued", "running", "queued", "running", "queued", "running", "failed")
		w.ok(w.RetryJob(ctx, j.ID, 1))
		w.start(j.ID)
		w.is(w.RetryJob(ctx, j.ID, 1), store.ErrStale)
		requeue(5, store.AttemptFailed, store.JobFailed)
		_, err := w.Requeue(ctx, j.ID, 5, store.Outcome{State: "tired"})
		w.is(err, store.ErrInvalid)
		w.is(w.FinishAttempt(ctx, j.ID, 5, store.Outcome{State: store.AttemptLost}), store.ErrInvalid)
	})
}

// A job that takes its worker along each time is given up at last.
func TestLostForEver(t *testing.T) {
	each(t, func(w *world) {
		j := w.job(func(j *store.Job) { j.MaxAttempts = 2 })
		for n := int64(1); ; n++ {
			w.start(j.ID)
			state, err := w.Requeue(w.t.Context(), j.ID, n, store.Outcome{State: store.AttemptLost, ErrorCode: "worker_lost", Due: w.clock.now()})
			w.ok(err)
			if state == store.JobFailed && n >= 50 {
				return
			}
			if state != store.JobQueued || n > 60 {
				w.t.Fatalf("attempt %d: %s", n, state)
			}
		}
	})
}

func TestCancel(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		cancel := func(id string, want store.JobState) {
			w.t.Helper()
			got, err := w.RequestCancel(ctx, id)
			w.ok(err)
			if got != want {
				w.t.Errorf("%s, want %s", got, want)
			}
		}
		queued := w.job()
		cancel(queued.ID, store.JobCancelled)
		_, err := w.RequestCancel(ctx, queued.ID)
		w.is(err, store.ErrStale)
		_, err = w.RequestCancel(ctx, "none")
		w.is(err, store.ErrNotFound)
		_, err = w.StartAttempt(ctx, queued.ID, "w1", 0)
		w.is(err, store.ErrStale)

		running := w.job()
		w.start(running.ID)
		cancel(running.ID, store.JobRunning)
		wanted, err := w.SetProgress(ctx, running.ID, 1, store.Progress{})
		w.ok(err)
		if !wanted {
			w.t.Error("the worker is not told")
		}
		w.ok(w.FinishAttempt(ctx, running.ID, 1, store.Outcome{State: store.AttemptCancelled}))
		w.states(running.ID, "queued", "running", "cancelled")

		lost := w.job()
		w.start(lost.ID)
		cancel(lost.ID, store.JobRunning)
		state, err := w.Requeue(ctx, lost.ID, 1, store.Outcome{State: store.AttemptLost})
		w.ok(err)
		if state != store.JobCancelled {
			w.t.Errorf("a cancelled job whose worker died is %s", state)
		}
	})
}

func TestFairness(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		bob, bobs := w.newUser("Bob")
		ofBob := func(j *store.Job) { j.User, j.Workspace = bob.ID, bobs.ID }
		a1 := w.job()
		w.job()
		b1 := w.job(ofBob)
		b2 := w.job(ofBob, func(j *store.Job) { j.Priority = 1 })
		w.job(func(j *store.Job) { j.Due = w.clock.now().Add(time.Hour); j.Priority = 1 }) // not due
		next := func(want ...string) {
			w.t.Helper()
			got, err := w.NextJobs(ctx, 1, 10)
			w.ok(err)
			if !slices.Equal(got, want) {
				w.t.Errorf("next are %v, want %v", got, want)
			}
		}
		next(b2.ID, a1.ID) // by priority, then by age
		_, err := w.StartAttempt(ctx, b2.ID, "w1", 1)
		w.ok(err)
		next(a1.ID)
		_, err = w.StartAttempt(ctx, b1.ID, "w2", 1)
		w.is(err, store.ErrBusy)
		n, err := w.RunningOf(ctx, bob.ID)
		w.ok(err)
		if n != 1 {
			w.t.Errorf("%d jobs run", n)
		}
		w.ok(w.FinishAttempt(ctx, b2.ID, 1, store.Outcome{State: store.AttemptSucceeded}))
		next(a1.ID, b1.ID)
		q, err := w.Queue(ctx)
		w.ok(err)
		if q.Queued != 4 || q.Running != 0 || !q.Oldest.Equal(a1.Created) {
			w.t.Errorf("queue is %+v", q)
		}
	})
}

func TestLostJobs(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		j := w.job()
		w.ok(w.BeatWorker(ctx, store.Worker{ID: "w1", Host: "h", Version: "1", Slots: 2}))
		w.start(j.ID)
		lost := func() []store.LostJob {
			w.t.Helper()
			l, err := w.LostJobs(ctx, w.clock.now().Add(-8*time.Second), 10)
			w.ok(err)
			return l
		}
		w.clock.forward(5 * time.Second)
		if l := lost(); len(l) != 0 {
			w.t.Errorf("lost too soon: %v", l)
		}
		w.clock.forward(5 * time.Second)
		if l := lost(); len(l) != 1 || l[0] != (store.LostJob{ID: j.ID, Attempt: 1, Worker: "w1"}) {
			w.t.Errorf("lost are %v", l)
		}
		w.ok(w.BeatWorker(ctx, store.Worker{ID: "w1", Slots: 2}))
		if l := lost(); len(l) != 0 {
			w.t.Errorf("lost though it beats: %v", l)
		}
		workers, err := w.Workers(ctx)
		w.ok(err)
		if len(workers) != 1 || workers[0].Host != "h" || workers[0].Beat.Sub(workers[0].Started) < 10*time.Second {
			w.t.Errorf("workers are %+v", workers)
		}
		w.ok(w.DeleteWorker(ctx, "w1"))
		if l := lost(); len(l) != 1 {
			w.t.Errorf("not lost though the worker is gone: %v", l)
		}
	})
}

func TestJobList(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		bob, bobs := w.newUser("Bob")
		var all []string
		for i := range 7 {
			j := w.job(func(j *store.Job) {
				j.Title = fmt.Sprintf("Ärger 100%% in_zone %d", i)
				j.Priority = int64(i%4 + 1)
				if i%2 == 1 {
					j.Type = store.LogAnalysis
				}
			})
			all = append(all, j.ID)
		}
		w.job(func(j *store.Job) { j.User, j.Workspace = bob.ID, bobs.ID })
		for _, i := range []int{4, 2} {
			w.start(all[i])
			w.ok(w.FinishAttempt(ctx, all[i], 1, store.Outcome{State: store.AttemptSucceeded}))
			w.clock.forward(time.Second)
		}
		pick := func(at ...int) (ids []string) {
			for _, i := range at {
				ids = append(ids, all[i])
			}
			return ids
		}
		f := func(f store.JobFilter, want ...int) {
			w.t.Helper()
			f.Workspace = w.workspace.ID
			var byCursor, byOffset []string
			p := store.Page{Limit: 2, Total: true}
			for {
				l, err := w.Jobs(ctx, f, p)
				w.ok(err)
				for _, j := range l.Items {
					byCursor = append(byCursor, j.ID)
				}
				if l.Total != int64(len(want)) || l.More {
					w.t.Errorf("total is %d, want %d", l.Total, len(want))
				}
				if p.Cursor = l.Next; p.Cursor == "" {
					break
				}
			}
			for offset := 0; offset < 8; offset += 3 {
				l, err := w.Jobs(ctx, f, store.Page{Limit: 3, Offset: offset})
				w.ok(err)
				for _, j := range l.Items {
					byOffset = append(byOffset, j.ID)
				}
			}
			if w := pick(want...); !slices.Equal(byCursor, w) || !slices.Equal(byOffset, w) {
				t.Errorf("%+v: by cursor %v, by offset %v, want %v", f, byCursor, byOffset, w)
			}
		}
		f(store.JobFilter{}, 6, 5, 4, 3, 2, 1, 0)
		f(store.JobFilter{Sort: store.ByCreated}, 0, 1, 2, 3, 4, 5, 6)
		f(store.JobFilter{Sort: store.ByPriority}, 0, 4, 1, 5, 2, 6, 3)
		f(store.JobFilter{Sort: "-priority"}, 3, 6, 2, 5, 1, 4, 0)
		f(store.JobFilter{Sort: "-finished"}, 2, 4, 6, 5, 3, 1, 0)
		f(store.JobFilter{States: []store.JobState{store.JobSucceeded}}, 4, 2)
		f(store.JobFilter{States: []store.JobState{store.JobSucceeded, store.JobQueued}, Types: []store.JobType{store.LogAnalysis}}, 5, 3, 1)
		f(store.JobFilter{User: w.user.ID, Text: "ÄRGER 5"}, 5)
		f(store.JobFilter{Text: "100%"}, 6, 5, 4, 3, 2, 1, 0)
		f(store.JobFilter{Text: "in%zone"})
		f(store.JobFilter{Text: "inxzone"})
		f(store.JobFilter{Text: `\`})
		f(store.JobFilter{User: bob.ID})

		l, err := w.Jobs(ctx, store.JobFilter{User: bob.ID}, store.Page{})
		w.ok(err)
		if len(l.Items) != 1 {
			w.t.Errorf("%d jobs of Bob", len(l.Items))
		}
		l, err = w.Jobs(ctx, store.JobFilter{Workspace: w.workspace.ID}, store.Page{Limit: 1})
		w.ok(err)
		for _, cursor := range []string{"!", "e30", l.Next} {
			_, err = w.Jobs(ctx, store.JobFilter{Workspace: w.workspace.ID, Sort: store.ByPriority}, store.Page{Cursor: cursor})
			w.is(err, store.ErrCursor)
		}
		_, err = w.Jobs(ctx, store.JobFilter{Workspace: w.workspace.ID, Sort: "id; DROP TABLE jobs"}, store.Page{})
		w.is(err, store.ErrInvalid)
		_, err = w.Jobs(ctx, store.JobFilter{Workspace: w.workspace.ID}, store.Page{Offset: store.MaxOffset + 1})
		w.is(err, store.ErrInvalid)
		if _, err = w.Jobs(ctx, store.JobFilter{}, store.Page{}); err == nil {
			w.t.Error("jobs of everybody were listed")
		}
	})
}

func TestEventsAreBounded(t *testing.T) {
	storetest.Each(t, store.Options{EventsPerJob: 20}, func(t *testing.T, s *store.Store) {
		w := &world{Store: s, t: t, clock: newClock()}
		w.user, w.workspace = w.newUser("Ada")
		ctx := t.Context()
		j := w.job()
		for range 30 {
			_, err := w.AppendEvent(ctx, j.ID, "log", `{"x":1}`)
			w.ok(err)
		}
		got, err := w.Events(ctx, j.ID, 0, 100)
		w.ok(err)
		if len(got) != 20 || got[0].Seq != 12 || got[19].Seq != 31 {
			t.Errorf("%d events, from %d", len(got), got[0].Seq)
		}
		got, err = w.Events(ctx, j.ID, 29, 100)
		w.ok(err)
		if len(got) != 2 || got[0].Seq != 30 {
			t.Errorf("after 29 come %+v", got)
		}
		_, err = w.AppendEvent(ctx, "none", "log", "")
		w.is(err, store.ErrNotFound)
	})
}

func TestFindings(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		j := w.job()
		w.start(j.ID)
		var templates []store.Template
		var signals []store.Signal
		for i := range 501 {
			templates = append(templates, store.Template{ID: fmt.Sprint(i), Text: "lost <n> \x00 of it", Count: int64(i), First: w.clock.now()})
			signals = append(signals, store.Signal{ID: fmt.Sprint(i), Kind: "burst", At: w.clock.now(), Data: `{"n":1}`})
		}
		for range 2 { // the second time in place of the first
			w.ok(w.SaveTemplates(ctx, j.ID, 1, templates))
			w.ok(w.SaveSignals(ctx, j.ID, 1, signals))
		}
		ts, err := w.Templates(ctx, j.ID, 1000, 0)
		w.ok(err)
		if len(ts) != 501 || ts[0].Count != 500 || !ts[0].First.Equal(w.clock.now()) || !ts[0].Last.IsZero() {
			w.t.Errorf("%d templates, first %+v", len(ts), ts[0])
		}
		ss, err := w.Signals(ctx, j.ID, 10, 499)
		w.ok(err)
		if len(ss) != 2 || ss[0].ID != "499" {
			w.t.Errorf("signals are %+v", ss)
		}
		w.is(w.SaveTemplates(ctx, j.ID, 1, make([]store.Template, store.MaxFindings+1)), store.ErrInvalid)
	})
}

func TestDeleteJob(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		up := w.upload("h1", 10)
		j, _, err := w.CreateJob(ctx, store.Job{Workspace: w.workspace.ID, User: w.user.ID, Type: store.RCAAnalysis}, []store.JobInput{{Upload: up.ID, Role: store.InputLogs}})
		w.ok(err)
		w.is(w.DeleteJob(ctx, j.ID), store.ErrStale)
		w.is(w.DeleteUpload(ctx, w.workspace.ID, up.ID), store.ErrReference)
		w.start(j.ID)
		w.is(w.DeleteJob(ctx, j.ID), store.ErrStale)
		for _, hash := range []string{"r1", "r2"} {
			w.ok(w.AnnounceBlob(ctx, hash, 1, 1))
		}
		w.ok(w.SaveReport(ctx, j.ID, 1, store.Report{Partial: true, Blob: "r1"}))
		w.ok(w.SaveTemplates(ctx, j.ID, 1, []store.Template{{ID: "t"}}))
		w.ok(w.FinishAttempt(ctx, j.ID, 1, store.Outcome{State: store.AttemptSucceeded, Report: &store.Report{Blob: "r2"}}))
		w.refs("r1", 0)
		w.refs("r2", 1)
		w.ok(w.DeleteUpload(ctx, w.workspace.ID, up.ID))
		w.refs("h1", 0)
		ins, err := w.JobInputs(ctx, j.ID)
		w.ok(err)
		if len(ins) != 1 || ins[0].Upload != "" || ins[0].Name != "app.log" {
			w.t.Errorf("inputs after the upload went: %+v", ins)
		}
		report, err := w.ReportOf(ctx, j.ID)
		w.ok(err)
		i, err := w.CreateIncident(ctx, store.Incident{Workspace: w.workspace.ID, Title: "x", Job: j.ID, Report: report.ID})
		w.ok(err)

		w.clock.forward(time.Hour)
		n, err := w.DeleteJobsBefore(ctx, w.clock.now().Add(-2*time.Hour), 10)
		w.ok(err)
		if n != 0 {
			w.t.Error("a young job was deleted")
		}
		n, err = w.DeleteJobsBefore(ctx, w.clock.now(), 10)
		w.ok(err)
		if n != 1 {
			w.t.Errorf("%d jobs deleted", n)
		}
		w.refs("r2", 0)
		_, err = w.Job(ctx, j.ID)
		w.is(err, store.ErrNotFound)
		events, err := w.Events(ctx, j.ID, 0, 10)
		w.ok(err)
		templates, err := w.Templates(ctx, j.ID, 10, 0)
		w.ok(err)
		if len(events)+len(templates) > 0 {
			w.t.Error("something of the job is left")
		}
		i, err = w.Incident(ctx, w.workspace.ID, i.ID)
		w.ok(err)
		if i.Job != "" || i.Report != "" {
			w.t.Errorf("the incident still refers to it: %+v", i)
		}
		w.is(w.DeleteJob(ctx, j.ID), store.ErrNotFound)
		wrong, err := w.MiscountedBlobs(ctx, 10)
		w.ok(err)
		if len(wrong) > 0 {
			w.t.Errorf("miscounted: %+v", wrong)
		}
	})
}

func (w *world) refs(hash string, want int64) {
	w.t.Helper()
	b, err := w.Blob(w.t.Context(), hash)
	w.ok(err)
	if b.Refs != want {
		w.t.Errorf("blob %s has %d references, want %d", hash, b.Refs, want)
	}
}

func TestBlobs(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		a, b := w.upload("h", 100), w.upload("h", 100)
		w.refs("h", 2)
		w.is(w.FinishUpload(ctx, a.ID, "h", "", time.Time{}), store.ErrStale)
		w.refs("h", 2)
		c, err := w.CreateUpload(ctx, store.Upload{Workspace: w.workspace.ID, User: w.user.ID, Name: "c", Size: 50})
		w.ok(err)
		w.is(w.FinishUpload(ctx, c.ID, "none", "", time.Time{}), store.ErrReference)
		use, err := w.UserUsage(ctx, w.user.ID)
		w.ok(err)
		ws, err := w.WorkspaceUsage(ctx, w.workspace.ID)
		w.ok(err)
		if use != (store.Usage{Bytes: 250, Uploads: 3}) || ws != use {
			w.t.Errorf("usage is %+v and %+v", use, ws)
		}
		w.ok(w.FailUpload(ctx, c.ID, w.clock.now().Add(time.Hour)))
		if use, _ = w.UserUsage(ctx, w.user.ID); use.Bytes != 200 {
			w.t.Errorf("a failed upload counts: %+v", use)
		}
		if old, err := w.ExpiredUploads(ctx, 10); err != nil || len(old) != 0 {
			w.t.Errorf("expired: %+v, %v", old, err)
		}
		w.clock.forward(time.Hour)
		if old, err := w.ExpiredUploads(ctx, 10); err != nil || len(old) != 1 || old[0].ID != c.ID {
			w.t.Errorf("expired: %+v, %v", old, err)
		}
		_, other := w.newUser("Bob")
		w.is(w.DeleteUpload(ctx, other.ID, a.ID), store.ErrNotFound)
		_, err = w.Upload(ctx, other.ID, a.ID)
		w.is(err, store.ErrNotFound)

		idle := func() []store.Blob {
			w.t.Helper()
			l, err := w.IdleBlobs(ctx, w.clock.now().Add(-time.Minute), 10)
			w.ok(err)
			return l
		}
		grace := func() time.Time { return w.clock.now().Add(-time.Minute) }
		w.ok(w.DeleteUpload(ctx, w.workspace.ID, a.ID))
		w.ok(w.DeleteUpload(ctx, w.workspace.ID, b.ID))
		if l := idle(); len(l) != 0 {
			w.t.Errorf("idle too soon: %+v", l)
		}
		w.clock.forward(2 * time.Minute)
		if l := idle(); len(l) != 1 {
			w.t.Errorf("idle are %+v", l)
		}
		removed := 0
		remove := func(err error) func(context.Context) error {
			return func(context.Context) error { removed++; return err }
		}
		w.ok(w.AnnounceBlob(ctx, "h", 100, 10)) // somebody uploads it again, just now
		w.is(w.DeleteBlob(ctx, "h", grace(), remove(nil)), store.ErrStale)
		w.clock.forward(2 * time.Minute)
		broken := errors.New("disk is broken")
		w.is(w.DeleteBlob(ctx, "h", grace(), remove(broken)), broken)
		w.refs("h", 0)
		w.ok(w.DeleteBlob(ctx, "h", grace(), remove(nil)))
		_, err = w.Blob(ctx, "h")
		w.is(err, store.ErrNotFound)
		if removed != 2 {
			w.t.Errorf("the bytes were removed %d times", removed)
		}
	})
}
