package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

// full is a database with many rows. Half of the jobs are those of one workspace, the others are spread.
type full struct {
	s                    *store.Store
	at                   time.Time
	workspace, user, job string // job has ended, with events, templates and signals
	running              string
}

func fill(ctx context.Context, s *store.Store, jobs, eventsPerJob int) (*full, error) {
	f := &full{s: s, at: time.Now().Add(-30 * 24 * time.Hour).Truncate(time.Second)}
	type owner struct{ user, workspace string }
	var owners []owner
	for i := range 40 {
		u, err := s.CreateUser(ctx, fmt.Sprint("user", i), "hash", i == 0)
		if err != nil {
			return nil, err
		}
		ws, err := s.PersonalWorkspace(ctx, u.ID)
		if err != nil {
			return nil, err
		}
		owners = append(owners, owner{u.ID, ws.ID})
	}
	f.user, f.workspace = owners[0].user, owners[0].workspace
	rows := map[string][]any{}
	words := []string{"checkout", "login", "payments", "search", "mail", "stock"}
	for i := range jobs {
		o := owners[0]
		if i%2 == 1 {
			o = owners[i/2%len(owners)]
		}
		at := f.at.Add(time.Duration(i) * time.Second)
		micros := at.UnixMicro()
		id := store.NewID(at)
		state, finished, worker := "succeeded", micros+1, ""
		switch {
		case i >= jobs-jobs/10: // the newest tenth waits
			state, finished = "queued", 0
		case i >= jobs-jobs/10-100: // those before it run
			state, finished, worker = "running", 0, "w1"
			f.running = id
		case i%7 == 0:
			state = "failed"
		}
		if i == jobs/2/2*2 {
			f.job = id
		}
		title := fmt.Sprintf("%s down %d", words[i%len(words)], i)
		rows["jobs"] = append(rows["jobs"], id, o.workspace, o.user, "rca_analysis", state, i%4+1, title, title, "", "", "{}", 0, 0, "", "", 1, 3, 0, worker, "", 0, 0, 0,
			false, "", "", eventsPerJob, micros, 0, micros, finished)
		for seq := range eventsPerJob {
			rows["job_events"] = append(rows["job_events"], id, seq+1, micros, "progress", `{"stage":"mine","done_bytes":1000}`)
		}
		if state == "succeeded" {
			rows["blobs"] = append(rows["blobs"], id, 10, 5, 1, micros)
			rows["reports"] = append(rows["reports"], id, id, o.workspace, false, "root_cause_found", title, "db", "disk-full", "likely", id, micros)
			if i%4 == 0 {
				rows["incidents"] = append(rows["incidents"], id, o.workspace, title, "open", id, id, "db", "disk-full", "", "", title, 1, micros, 0)
			}
		}
		rows["uploads"] = append(rows["uploads"], id, o.workspace, o.user, "app.log", 10, "", "uploading", micros, []int64{0, micros}[i%2])
		rows["job_inputs"] = append(rows["job_inputs"], id, 0, "logs", id, "app.log", 10)
		rows["job_attempts"] = append(rows["job_attempts"], id, 1, worker, "running", "", "", 0, micros, 0)
		rows["audit"] = append(rows["audit"], id, micros, o.user, o.workspace, "job.create", id, "", "", "{}")
		rows["sessions"] = append(rows["sessions"], id, o.user, micros, micros, micros, "", "")
		rows["refresh_tokens"] = append(rows["refresh_tokens"], id, id, o.user, micros, 0, 0, micros)
		if i%500 != 499 && i != jobs-1 {
			continue
		}
		for _, t := range [][2]string{
			{"jobs", `id, workspace_id, user_id, type, state, priority, title, folded, provider, model, options, window_from, window_to, fingerprint, rerun_of, attempt,
				max_attempts, time_limit, worker_id, stage, done_bytes, total_bytes, eta, cancel_requested, error_code, error, last_event, created_at, due_at, started_at, finished_at`},
			{"blobs", "hash, size, stored_size, refs, idle_since"},
			{"reports", "id, job_id, workspace_id, partial, verdict, headline, component, category, grade, blob_hash, created_at"},
			{"incidents", "id, workspace_id, title, state, job_id, report_id, component, category, summary, resolution, folded, version, created_at, resolved_at"},
			{"uploads", "id, workspace_id, user_id, name, size, media_type, state, created_at, expires_at"},
			{"job_inputs", "job_id, position, role, upload_id, name, size"},
			{"job_attempts", "job_id, attempt, worker_id, state, error_code, error, peak_bytes, started_at, ended_at"},
			{"job_events", "job_id, seq, at, kind, data"},
			{"audit", "id, at, user_id, workspace_id, action, object, address, request_id, detail"},
			{"sessions", "hash, user_id, created_at, expires_at, last_seen, address, agent"},
			{"refresh_tokens", "hash, family, user_id, created_at, used_at, revoked_at, expires_at"},
		} {
			if err := store.Insert(ctx, s, t[0]+" ("+t[1]+")", strings.Count(t[1], ",")+1, rows[t[0]]); err != nil {
				return nil, err
			}
		}
		clear(rows)
	}
	for i := range 2000 {
		rows["t"] = append(rows["t"], f.job, fmt.Sprint(i), "lost connection to <host>", "db", "error", i, 0, 0)
		rows["s"] = append(rows["s"], f.job, i, fmt.Sprint(i), "burst", "db", "error", "x", 0, "{}")
	}
	if err := store.Insert(ctx, s, "job_templates (job_id, template_id, text, component, severity, count, first_at, last_at)", 8, rows["t"]); err != nil {
		return nil, err
	}
	if err := store.Insert(ctx, s, "job_signals (job_id, position, signal_id, kind, component, severity, text, at, data)", 9, rows["s"]); err != nil {
		return nil, err
	}
	if err := s.BeatWorker(ctx, store.Worker{ID: "w1"}); err != nil {
		return nil, err
	}
	analyze := "ANALYZE"
	if s.Dialect() == store.PostgreSQL {
		analyze = "VACUUM ANALYZE" // as its autovacuum does after a while: an index then answers without the table
	}
	_, err := s.DB().ExecContext(ctx, analyze)
	return f, err
}

// queries are what the service asks often, by name.
func (f *full) queries() map[string]func(context.Context, store.Queries) error {
	jobs := func(filter store.JobFilter, p store.Page) func(context.Context, store.Queries) error {
		return func(ctx context.Context, q store.Queries) error {
			l, err := q.Jobs(ctx, filter, p)
			if err != nil || l.Next == "" {
				return err
			}
			p := p
			p.Cursor, p.Offset, p.Total = l.Next, 0, false
			_, err = q.Jobs(ctx, filter, p)
			return err
		}
	}
	week := f.at.Add(7 * 24 * time.Hour)
	ws := store.JobFilter{Workspace: f.workspace}
	with := func(change func(*store.JobFilter)) store.JobFilter { g := ws; change(&g); return g }
	return map[string]func(context.Context, store.Queries) error{
		"jobs":             jobs(ws, store.Page{}),
		"jobs total":       jobs(ws, store.Page{Total: true}),
		"jobs offset 1000": jobs(ws, store.Page{Offset: 1000}),
		"jobs state":       jobs(with(func(g *store.JobFilter) { g.States = []store.JobState{store.JobFailed} }), store.Page{}),
		"jobs type user":   jobs(with(func(g *store.JobFilter) { g.Types, g.User = []store.JobType{store.RCAAnalysis}, f.user }), store.Page{}),
		"jobs of user":     jobs(store.JobFilter{User: f.user}, store.Page{}),
		"jobs text":        jobs(with(func(g *store.JobFilter) { g.Text = "mail" }), store.Page{}),
		"jobs by finished": jobs(with(func(g *store.JobFilter) { g.Sort = "-finished" }), store.Page{}),
		"jobs by priority": jobs(with(func(g *store.JobFilter) { g.Sort = "priority" }), store.Page{}),
		"job":              func(ctx context.Context, q store.Queries) error { return second(q.Job(ctx, f.job)) },
		"events after":     func(ctx context.Context, q store.Queries) error { return second(q.Events(ctx, f.job, 5, 100)) },
		"inputs":           func(ctx context.Context, q store.Queries) error { return second(q.JobInputs(ctx, f.job)) },
		"attempts":         func(ctx context.Context, q store.Queries) error { return second(q.Attempts(ctx, f.job)) },
		"templates":        func(ctx context.Context, q store.Queries) error { return second(q.Templates(ctx, f.job, 50, 0)) },
		"signals":          func(ctx context.Context, q store.Queries) error { return second(q.Signals(ctx, f.job, 50, 0)) },
		"next jobs":        func(ctx context.Context, q store.Queries) error { return second(q.NextJobs(ctx, 50, 10)) },
		"running of user":  func(ctx context.Context, q store.Queries) error { return second(q.RunningOf(ctx, f.user)) },
		"queue":            func(ctx context.Context, q store.Queries) error { return second(q.Queue(ctx)) },
		"lost jobs":        func(ctx context.Context, q store.Queries) error { return second(q.LostJobs(ctx, f.at, 10)) },
		"report of job":    func(ctx context.Context, q store.Queries) error { return second(q.ReportOf(ctx, f.job)) },
		"reports": func(ctx context.Context, q store.Queries) error {
			return second(q.Reports(ctx, f.workspace, store.Page{}))
		},
		"uploads": func(ctx context.Context, q store.Queries) error {
			return second(q.Uploads(ctx, f.workspace, store.Page{}))
		},
		"uploads expired": func(ctx context.Context, q store.Queries) error { return second(q.ExpiredUploads(ctx, 50)) },
		"usage of user":   func(ctx context.Context, q store.Queries) error { return second(q.UserUsage(ctx, f.user)) },
		"usage of workspace": func(ctx context.Context, q store.Queries) error {
			return second(q.WorkspaceUsage(ctx, f.workspace))
		},
		"idle blobs": func(ctx context.Context, q store.Queries) error { return second(q.IdleBlobs(ctx, week, 50)) },
		"incidents": func(ctx context.Context, q store.Queries) error {
			return second(q.Incidents(ctx, store.IncidentFilter{Workspace: f.workspace}, store.Page{}))
		},
		"incidents text": func(ctx context.Context, q store.Queries) error {
			return second(q.Incidents(ctx, store.IncidentFilter{Workspace: f.workspace, Text: "mail"}, store.Page{}))
		},
		"audit": func(ctx context.Context, q store.Queries) error {
			return second(q.Audit(ctx, store.AuditFilter{}, store.Page{}))
		},
		"audit of workspace": func(ctx context.Context, q store.Queries) error {
			return second(q.Audit(ctx, store.AuditFilter{Workspace: f.workspace}, store.Page{}))
		},
		"users": func(ctx context.Context, q store.Queries) error { return second(q.Users(ctx, store.Page{})) },
		"session": func(ctx context.Context, q store.Queries) error {
			if _, err := q.Session(ctx, f.job); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			return nil
		},
	}
}

// changes are what is written often; each is run in a transaction that is rolled back.
func (f *full) changes() map[string]func(context.Context, store.Queries) error {
	return map[string]func(context.Context, store.Queries) error{
		"append event": func(ctx context.Context, q store.Queries) error {
			return second(q.AppendEvent(ctx, f.running, "log", ""))
		},
		"set progress": func(ctx context.Context, q store.Queries) error {
			return second(q.SetProgress(ctx, f.running, 1, store.Progress{Stage: "mine"}))
		},
		"finish attempt": func(ctx context.Context, q store.Queries) error {
			return q.FinishAttempt(ctx, f.running, 1, store.Outcome{State: store.AttemptSucceeded})
		},
		"start attempt": func(ctx context.Context, q store.Queries) error {
			next, err := q.NextJobs(ctx, 1000, 1)
			if err != nil {
				return err
			}
			return second(q.StartAttempt(ctx, next[0], "w1", 1000))
		},
		"create job": func(ctx context.Context, q store.Queries) error {
			_, _, err := q.CreateJob(ctx, store.Job{Workspace: f.workspace, User: f.user, Type: store.LogAnalysis, IdempotencyKey: "k"}, nil)
			return err
		},
		"delete job":     func(ctx context.Context, q store.Queries) error { return q.DeleteJob(ctx, f.job) },
		"delete upload":  func(ctx context.Context, q store.Queries) error { return q.DeleteUpload(ctx, f.workspace, f.job) },
		"delete expired": func(ctx context.Context, q store.Queries) error { return second(q.DeleteExpired(ctx, f.at, 10)) },
		"delete audit": func(ctx context.Context, q store.Queries) error {
			return second(q.DeleteAuditBefore(ctx, f.at.Add(time.Hour), 10))
		},
	}
}

// raced says that the race detector is at work.
var raced bool

// No query reads a whole table that grows, and no list is sorted anew.
func TestPlans(t *testing.T) {
	if raced {
		t.Skip("filling tables takes minutes under the race detector, and plans do not depend on it")
	}
	storetest.EachURL(t, func(t *testing.T, url string) {
		ctx := t.Context()
		s := storetest.Open(t, url, store.Options{})
		if _, err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		explain, jobs := "EXPLAIN ", 10_000 // PostgreSQL reads small tables whole, and rightly
		if s.Dialect() == store.SQLite {
			explain, jobs = "EXPLAIN QUERY PLAN ", 1_000
		}
		f, err := fill(ctx, s, jobs, 2)
		if err != nil {
			t.Fatal(err)
		}
		undo := errors.New("undo")
		check := func(name string, ask func(context.Context, store.Queries) error) {
			err := s.InTx(ctx, func(tx *store.Tx) error {
				asked := 0
				err := ask(ctx, store.Watched(tx, func(text string, args []any) {
					asked++
					plan, err := planOf(ctx, tx, explain+text, args)
					if err != nil {
						t.Errorf("%s: explain %s: %v", name, text, err)
					}
					for _, line := range plan {
						if bad(line) {
							t.Errorf("%s: %s\n%s\nhas the plan\n%s", name, line, text, strings.Join(plan, "\n"))
						}
					}
				}))
				if asked == 0 {
					t.Errorf("%s asked nothing", name)
				}
				return errors.Join(undo, err)
			})
			if u, ok := err.(interface{ Unwrap() []error }); !ok || len(u.Unwrap()) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, ask := range f.queries() {
			check(name, ask)
		}
		for name, change := range f.changes() {
			check(name, change)
		}
	})
}

func planOf(ctx context.Context, tx *store.Tx, text string, args []any) (plan []string, err error) {
	rows, err := tx.SQL().QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		var skip any
		to := []any{&line}
		if columns, _ := rows.Columns(); len(columns) == 4 { // SQLite's: id, parent, unused, detail
			to = []any{&skip, &skip, &skip, &line}
		}
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		plan = append(plan, line)
	}
	return plan, rows.Err()
}

// bad tells of a step of a plan whether it reads all rows of a table that grows, or sorts them.
func bad(line string) bool {
	for _, table := range []string{"jobs", "job_events", "job_inputs", "job_attempts", "job_templates", "job_signals", "reports", "uploads", "blobs", "incidents", "audit",
		"sessions", "refresh_tokens", "j", "n", "r", "u", "i"} {
		if line == "SCAN "+table || strings.Contains(line+" ", "Seq Scan on "+table+" ") {
			return true
		}
	}
	return false
}

// BenchmarkQueries measures each query at 100,000 jobs and 1,000,000 events, half of which are of the workspace that is
// asked about. It takes minutes to fill the tables, so RCA_TEST_BENCH must be set: go test -bench Queries -benchtime 200x.
func BenchmarkQueries(b *testing.B) {
	if os.Getenv("RCA_TEST_BENCH") == "" {
		b.Skip("RCA_TEST_BENCH is not set")
	}
	undo := errors.New("undo")
	run := func(b *testing.B, url string) {
		ctx := b.Context()
		s := storetest.Open(b, url, store.Options{})
		if _, err := s.Migrate(ctx); err != nil {
			b.Fatal(err)
		}
		f, err := fill(ctx, s, 100_000, 10)
		if err != nil {
			b.Fatal(err)
		}
		for name, ask := range f.queries() {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					if err := ask(ctx, s.Queries); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		for name, change := range f.changes() {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					err := s.InTx(ctx, func(tx *store.Tx) error {
						if err := change(ctx, tx.Queries); err != nil {
							return err
						}
						return undo
					})
					if err != undo {
						b.Fatal(err)
					}
				}
			})
		}
	}
	b.Run("sqlite", func(b *testing.B) { run(b, "sqlite:"+filepath.Join(b.TempDir(), "rca.db")) })
	b.Run("postgres", func(b *testing.B) { run(b, storetest.Postgres(b)) })
}
