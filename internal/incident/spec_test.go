package incident_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/store"
)

func TestEachFieldOfASpecIsChecked(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		u, b := w.upload("app.log", "x"), w.upload("before.log", "y")
		other, err := w.store.CreateWorkspace(w.Context(), "others", w.user)
		w.ok(err)
		theirs, err := w.TakeUpload(w.Context(), other.ID, w.user, "z", 1, strings.NewReader("z"))
		w.ok(err)
		coming, err := w.store.CreateUpload(w.Context(), store.Upload{Workspace: w.workspace, User: w.user, Name: "slow"})
		w.ok(err)
		f := func(field, why string, change func(*incident.Spec)) {
			w.Helper()
			s := incident.Spec{Workspace: w.workspace, User: w.user, Type: store.RCAAnalysis, Logs: []string{u.ID}, Baseline: []string{b.ID}}
			change(&s)
			_, err := w.open(s)
			var bad *incident.SpecError
			if !errors.As(err, &bad) || bad.Field != field || !strings.Contains(bad.Why, why) {
				w.Errorf("%s %q: %v", field, why, err)
			}
		}
		f("type", "none of", func(s *incident.Spec) { s.Type = "mining" })
		f("type", "embedder", func(s *incident.Spec) { s.Type = store.EmbeddingGeneration })
		f("logs", "at least one", func(s *incident.Spec) { s.Logs = nil })
		f("logs", "at most", func(s *incident.Spec) { s.Logs = make([]string, 1001) })
		f("logs[0]", "no such", func(s *incident.Spec) { s.Logs[0] = "none" })
		f("logs[0]", "no such", func(s *incident.Spec) { s.Logs[0] = theirs.ID })
		f("logs[0]", "uploading", func(s *incident.Spec) { s.Logs[0] = coming.ID })
		f("logs[1]", "the same upload as logs[0]", func(s *incident.Spec) { s.Logs = append(s.Logs, u.ID) })
		f("baseline[0]", "the same upload as logs[0]", func(s *incident.Spec) { s.Baseline[0] = u.ID })
		f("title", "500", func(s *incident.Spec) { s.Title = strings.Repeat("x", 501) })
		f("priority", "1", func(s *incident.Spec) { s.Priority = 5 })
		f("max_attempts", "1", func(s *incident.Spec) { s.MaxAttempts = 11 })
		f("time_limit", "24h", func(s *incident.Spec) { s.TimeLimit = 25 * time.Hour })
		f("from", "before", func(s *incident.Spec) { s.From, s.To = w.clock, w.clock })
		f("idempotency_key", "200", func(s *incident.Spec) { s.IdempotencyKey = strings.Repeat("k", 201) })
		f("run", "bytes", func(s *incident.Spec) { s.Run.Noise = []string{strings.Repeat("n", 70_000)} })
		f("run.format_hint", "the formats are", func(s *incident.Spec) { s.Run.FormatHint = "prose" })
		f("run.time_zone", "Europe/Berlin", func(s *incident.Spec) { s.Run.TimeZone = "Mars/Olympus" })
		f("run.time_zone", "Europe/Berlin", func(s *incident.Spec) { s.Run.TimeZone = "Local" })
		f("run.year", "1970", func(s *incident.Spec) { s.Run.Year = 70 })
		f("run.components", "pattern", func(s *incident.Spec) { s.Run.Components = map[string]string{"[": "x"} })

		j, err := w.open(incident.Spec{Logs: []string{u.ID}, Baseline: []string{b.ID}})
		w.ok(err)
		if j.Title != "app.log" || j.Priority != 2 || j.MaxAttempts != 3 || j.State != store.JobQueued {
			w.Errorf("by default the job is %+v", j)
		}
	})
}
