package incident_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

// binary is the program whose child analyses, built once.
var binary string

// TestMain is also a child that breaks, when a test's script asks it to: that switch is here and not in the product.
func TestMain(m *testing.M) {
	switch os.Getenv("RCA_TEST_CHILD") {
	case "":
	case "crash":
		panic("a defect of the program")
	case "hang":
		select {}
	case "eat":
		eat()
	case "limited":
		if err := incident.LimitMemory(64 << 20); err != nil {
			panic(err)
		}
		eat()
	case "family": // hangs with a child of its own
		c := exec.Command("sleep", "600")
		if err := c.Start(); err != nil {
			panic(err)
		}
		os.WriteFile("../grandchild", fmt.Append(nil, c.Process.Pid), 0o600)
		select {}
	}
	folder, err := os.MkdirTemp("", "rca-incident-*")
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

// eat takes memory, and uses it, until somebody stops it.
func eat() {
	var all [][]byte
	for {
		b := bytes.Repeat([]byte{1}, 16<<20)
		all = append(all, b)
		time.Sleep(5 * time.Millisecond)
		_ = all
	}
}

// broken is an executable whose child breaks in a way that TestMain knows.
func broken(t *testing.T, how string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rca")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nRCA_TEST_CHILD="+how+" exec "+self+" \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// world is a desk with a user.
type world struct {
	*testing.T
	*incident.Desk
	store     *store.Store
	blobs     *blob.Disk
	root      string // of the blobs
	user      string
	workspace string
	folder    string // of attempts
	clock     time.Time
}

func each(t *testing.T, o incident.Options, test func(*world)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) {
		w := &world{T: t, folder: t.TempDir(), root: t.TempDir(), clock: time.Now()}
		now := func() time.Time { return w.clock }
		w.store = storetest.Open(t, url, store.Options{Now: now})
		_, err := w.store.Migrate(t.Context())
		w.ok(err)
		if w.blobs, err = blob.OpenDisk(w.root); err != nil {
			t.Fatal(err)
		}
		o := o
		o.Folder, o.Version, o.Now = w.folder, "test", now
		if o.Executable == "" {
			o.Executable = binary
		}
		w.Desk, err = incident.New(w.store, w.blobs, o)
		w.ok(err)
		u, err := w.store.CreateUser(t.Context(), "ann", "", false)
		w.ok(err)
		w.user = u.ID
		ws, err := w.store.CreateWorkspace(t.Context(), "team", u.ID)
		w.ok(err)
		w.workspace = ws.ID
		test(w)
	})
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) upload(name, content string) store.Upload {
	w.Helper()
	u, err := w.TakeUpload(w.Context(), w.workspace, w.user, name, int64(len(content)), strings.NewReader(content))
	w.ok(err)
	return u
}

// uploads takes in all files of a folder.
func (w *world) uploads(folder string) (ids []string) {
	w.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	w.ok(err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		w.ok(err)
		ids = append(ids, w.upload(filepath.Base(f), string(b)).ID)
	}
	if ids == nil {
		w.Fatalf("nothing lies in %s", folder)
	}
	return ids
}

func (w *world) open(s incident.Spec) (job store.Job, err error) {
	if s.Workspace == "" {
		s.Workspace, s.User = w.workspace, w.user
	}
	if s.Type == "" {
		s.Type = store.RCAAnalysis
	}
	err = w.store.InTx(w.Context(), func(tx *store.Tx) error {
		job, _, err = w.Open(w.Context(), tx, s)
		return err
	})
	return job, err
}

// start opens a job and starts an attempt at it.
func (w *world) start(s incident.Spec) store.Job {
	w.Helper()
	j, err := w.open(s)
	w.ok(err)
	j, err = w.store.StartAttempt(w.Context(), j.ID, "w1", 0)
	w.ok(err)
	return j
}

// run brings a job to its end.
func (w *world) run(s incident.Spec) store.Job {
	w.Helper()
	j := w.start(s)
	w.ok(w.Investigate(w.Context(), j))
	j, err := w.store.Job(w.Context(), j.ID)
	w.ok(err)
	if j.State != store.JobSucceeded {
		w.Fatalf("job ended as %s: %s %s", j.State, j.ErrorCode, j.Error)
	}
	w.nothingLeft()
	return j
}

// nothingLeft wants no folder of an attempt to be there.
func (w *world) nothingLeft() {
	w.Helper()
	left, err := filepath.Glob(filepath.Join(w.folder, "attempt-*"))
	w.ok(err)
	if len(left) > 0 {
		w.Errorf("attempts left %v", left)
	}
}

func (w *world) fsck(ctx context.Context, repair bool) (told []string) {
	w.Helper()
	n, err := w.Fsck(ctx, repair, func(s string) { told = append(told, s) })
	w.ok(err)
	if n != len(told) {
		w.Errorf("fsck counts %d problems and tells %q", n, told)
	}
	return told
}
