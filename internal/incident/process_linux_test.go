package incident_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/incident"
)

func TestCancelKillsTheWholeFamily(t *testing.T) {
	each(t, incident.Options{Executable: broken(t, "family")}, func(w *world) {
		j := w.start(incident.Spec{Logs: []string{w.upload("app.log", lines).ID}})
		ended := make(chan error, 1)
		go func() { ended <- w.Investigate(context.Background(), j) }()
		pid := 0
		for w.Context().Err() == nil && pid == 0 { // until the grandchild is there
			b, _ := os.ReadFile(filepath.Join(w.folder, "grandchild"))
			pid, _ = strconv.Atoi(string(b))
		}
		if _, err := w.store.RequestCancel(w.Context(), j.ID); err != nil {
			w.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, incident.ErrCancelled) {
			w.Errorf("a cancelled attempt ended with %v", err)
		}
		for syscall.Kill(pid, 0) == nil {
			if b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat")); err == nil && strings.Contains(string(b), ") Z ") {
				break // dead, and nobody here reaps it
			}
			time.Sleep(time.Millisecond)
		}
		w.nothingLeft()
	})
}

func TestStandBack(t *testing.T) {
	if err := incident.StandBack(); err != nil { // what runs of this test binary from now on stands back
		t.Fatal(err)
	}
	threads, err := filepath.Glob("/proc/self/task/*/stat")
	if err != nil || len(threads) == 0 {
		t.Fatal(threads, err)
	}
	for _, name := range threads {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it ended
		}
		f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')'):]))
		if nice, err := strconv.Atoi(f[17]); err != nil || nice < 10 {
			t.Errorf("%s: niceness %s", name, f[17])
		}
	}
	if err := incident.StandBack(); err != nil {
		t.Errorf("again: %v", err)
	}
}
