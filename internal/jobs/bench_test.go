package jobs_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/jobs"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

// BenchmarkSubmit opens a job and puts it into the queue, while ten thousand of the same user wait.
func BenchmarkSubmit(b *testing.B) {
	for _, db := range []string{"sqlite", "postgres"} {
		b.Run(db, func(b *testing.B) {
			url := "sqlite:" + filepath.Join(b.TempDir(), "rca.db")
			if db == "postgres" {
				url = storetest.Postgres(b)
			}
			ok := func(err error) {
				b.Helper()
				if err != nil {
					b.Fatal(err)
				}
			}
			ctx := b.Context()
			s := storetest.Open(b, url, store.Options{})
			_, err := s.Migrate(ctx)
			ok(err)
			disk, err := blob.OpenDisk(b.TempDir())
			ok(err)
			d, err := incident.New(s, disk, incident.Options{Folder: b.TempDir(), Executable: binary})
			ok(err)
			u, err := s.CreateUser(ctx, "ann", "", false)
			ok(err)
			ws, err := s.CreateWorkspace(ctx, "team", u.ID)
			ok(err)
			up, err := d.TakeUpload(ctx, ws.ID, u.ID, "app.log", -1, strings.NewReader(lines))
			ok(err)
			for range 10 {
				ok(s.InTx(ctx, func(tx *store.Tx) error {
					for i := range 1000 {
						if _, _, err := tx.CreateJob(ctx, store.Job{Workspace: ws.ID, User: u.ID, Type: store.RCAAnalysis, Title: fmt.Sprint(i)},
							[]store.JobInput{{Upload: up.ID, Role: store.InputLogs}}); err != nil {
							return err
						}
					}
					return nil
				}))
			}
			q, err := jobs.New(s, d, jobs.Options{})
			ok(err)
			for b.Loop() {
				_, _, err := q.Submit(ctx, incident.Spec{Workspace: ws.ID, User: u.ID, Type: store.RCAAnalysis, Logs: []string{up.ID}})
				ok(err)
			}
		})
	}
}
