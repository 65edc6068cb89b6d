package jobs_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/jobs"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

// binary is the program whose child analyses, built once.
var binary string

// TestMain is also a worker process that a test may kill.
func TestMain(m *testing.M) {
	if url := os.Getenv("RCA_TEST_WORKER"); url != "" {
		if err := worker(url); err != nil {
			panic(err)
		}
		return
	}
	folder, err := os.MkdirTemp("", "rca-jobs-*")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(folder, "rca")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/rca").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

func worker(url string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return err
	}
	b, err := blob.OpenDisk(os.Getenv("RCA_TEST_BLOBS"))
	if err != nil {
		return err
	}
	d, err := incident.New(s, b, incident.Options{Folder: os.Getenv("RCA_TEST_FOLDER"), Executable: os.Getenv("RCA_TEST_EXECUTABLE")})
	if err != nil {
		return err
	}
	q, err := jobs.New(s, d, jobs.Options{Workers: 1, Worker: "victim"})
	if err != nil {
		return err
	}
	return q.Run(ctx)
}

// world is a database with users, on which queues are made.
type world struct {
	*testing.T
	url    string
	store  *store.Store
	blobs  string
	folder string
	users  map[string]string // id by name
	spaces map[string]string
}

func each(t *testing.T, test func(*world)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) {
		w := &world{T: t, url: url, blobs: t.TempDir(), folder: t.TempDir(), users: map[string]string{}, spaces: map[string]string{}}
		w.store = storetest.Open(t, url, store.Options{})
		_, err := w.store.Migrate(t.Context())
		w.ok(err)
		for _, name := range []string{"ann", "bob", "eve"} {
			u, err := w.store.CreateUser(t.Context(), name, "", false)
			w.ok(err)
			ws, err := w.store.CreateWorkspace(t.Context(), name+"'s team", u.ID)
			w.ok(err)
			w.users[name], w.spaces[name] = u.ID, ws.ID
		}
		test(w)
	})
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// queue makes a queue with a database connection of its own, as another process has. executable "" is the real one.
func (w *world) queue(executable string, o jobs.Options) *jobs.Queue {
	w.Helper()
	s := storetest.Open(w.T, w.url, store.Options{})
	d, err := incident.New(s, w.disk(), incident.Options{Folder: w.folder, Executable: either(executable, binary), Version: "test"})
	w.ok(err)
	o.Registerer = prometheus.NewRegistry()
	q, err := jobs.New(s, d, o)
	w.ok(err)
	return q
}

func either(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func (w *world) disk() *blob.Disk {
	w.Helper()
	b, err := blob.OpenDisk(w.blobs)
	w.ok(err)
	return b
}

// run runs a queue, until the returned function is called or the test ends.
func (w *world) run(q *jobs.Queue) (stop func()) {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	over := false
	stop = func() {
		if over {
			return
		}
		over = true
		cancel()
		if err := <-ended; err != nil {
			w.Errorf("queue ended with %v", err)
		}
	}
	w.Cleanup(stop)
	return stop
}

const lines = "2026-01-05T10:00:00Z INFO api: request served in 12 ms\n2026-01-05T10:00:01Z ERROR api: cannot reach db-1: connection refused\n"

// spec is a small job of a user, with an upload of its own.
func (w *world) spec(user string) incident.Spec {
	w.Helper()
	d, err := incident.New(w.store, w.disk(), incident.Options{Folder: w.folder, Executable: binary})
	w.ok(err)
	u, err := d.TakeUpload(w.Context(), w.spaces[user], w.users[user], "app.log", -1, strings.NewReader(lines))
	w.ok(err)
	return incident.Spec{Workspace: w.spaces[user], User: w.users[user], Type: store.RCAAnalysis, Logs: []string{u.ID}}
}

func (w *world) submit(q *jobs.Queue, s incident.Spec) store.Job {
	w.Helper()
	j, created, err := q.Submit(w.Context(), s)
	w.ok(err)
	if !created {
		w.Fatal("the job was there already")
	}
	return j
}

// await returns the job once want holds.
func (w *world) await(id string, what string, want func(store.Job) bool) store.Job {
	w.Helper()
	for until := time.Now().Add(60 * time.Second); ; {
		j, err := w.store.Job(w.Context(), id)
		w.ok(err)
		if want(j) {
			return j
		}
		if time.Now().After(until) {
			w.Fatalf("job is never %s but %s, attempt %d: %s %s", what, j.State, j.Attempt, j.ErrorCode, j.Error)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (w *world) awaitState(id string, s store.JobState) store.Job {
	w.Helper()
	return w.await(id, string(s), func(j store.Job) bool { return j.State == s })
}

func (w *world) attempts(id string) (all []store.AttemptState) {
	w.Helper()
	list, err := w.store.Attempts(w.Context(), id)
	w.ok(err)
	for _, a := range list {
		all = append(all, a.State)
	}
	return all
}

// script is an executable that does something before it is the real one.
func (w *world) script(body string) string {
	w.Helper()
	path := filepath.Join(w.TempDir(), "rca")
	w.ok(os.WriteFile(path, fmt.Appendf(nil, "#!/bin/sh\n%s\nexec %s \"$@\"\n", body, binary), 0o700))
	return path
}

// hanging is an executable that tells that it began, and then hangs.
func (w *world) hanging() (executable string, began func()) {
	w.Helper()
	mark := filepath.Join(w.TempDir(), "began")
	return w.script("echo $$ > " + mark + "\nexec sleep 600"), func() {
		for until := time.Now().Add(30 * time.Second); ; {
			if _, err := os.Stat(mark); err == nil {
				return
			}
			if time.Now().After(until) {
				w.Fatal("the child never began")
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}
