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
