package incident_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/store"
)

// later lets time pass, for the rows and for the files of the blobs.
func (w *world) later(d time.Duration) {
	w.Helper()
	w.clock = w.clock.Add(d)
	for b, err := range w.blobs.List(w.Context()) {
		w.ok(err)
		past := b.Modified.Add(-d)
		w.ok(os.Chtimes(w.file(b.Hash), past, past))
	}
}

// file is where a blob lies.
func (w *world) file(hash string) string {
	w.Helper()
	all, err := filepath.Glob(filepath.Join(w.root, "*", "*", hash))
	w.ok(err)
	if len(all) != 1 {
		w.Fatalf("blob %s lies at %v", hash, all)
	}
	return all[0]
}

func (w *world) has(hash string) bool {
	_, err := blob.Stat(w.Context(), w.blobs, hash)
	if err != nil && !errors.Is(err, blob.ErrNotFound) {
		w.Fatal(err)
	}
	return err == nil
}

func TestSweep(t *testing.T) {
	const day = 24 * time.Hour
	each(t, incident.Options{KeepUploads: 7 * day, KeepJobs: 30 * day}, func(w *world) {
		ctx := w.Context()
		unused, used := w.upload("unused.log", "nobody asks about this\n"), w.upload("used.log", lines)
		twice := w.upload("again.log", "nobody asks about this\n") // the same bytes
		j := w.run(incident.Spec{Logs: []string{used.ID}})
		report, err := w.store.ReportOf(ctx, j.ID)
		w.ok(err)

		w.ok(w.Sweep(ctx))
		if !w.has(unused.Blob) || !w.has(report.Blob) {
			w.Fatal("what is not past its time was deleted")
		}

		w.later(8 * day)
		w.ok(w.Sweep(ctx)) // the uploads; their bytes are idle from now on
		w.later(2 * time.Hour)
		w.ok(w.Sweep(ctx))
		for _, u := range []store.Upload{unused, twice} {
			if _, err := w.store.Upload(ctx, w.workspace, u.ID); !errors.Is(err, store.ErrNotFound) {
				w.Errorf("upload %s after its time: %v", u.Name, err)
			}
		}
		if w.has(unused.Blob) || !w.has(used.Blob) || !w.has(report.Blob) {
			w.Errorf("after the uploads' time there are: unused %v, used %v, report %v", w.has(unused.Blob), w.has(used.Blob), w.has(report.Blob))
		}

		w.later(31 * day)
		w.ok(w.Sweep(ctx))
		w.later(2 * time.Hour)
		w.ok(w.Sweep(ctx))
		if _, err := w.store.Job(ctx, j.ID); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("job after its time: %v", err)
		}
		if w.has(used.Blob) || w.has(report.Blob) {
			w.Error("bytes outlive the job")
		}
		if told := w.fsck(ctx, false); told != nil {
			w.Errorf("fsck tells %q", told)
		}
	})
}

// Bytes that are given again while a sweep finds them idle stay.
func TestSweepKeepsWhatIsPutAgain(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		ctx := w.Context()
		u := w.upload("a.log", lines)
		w.ok(w.store.DeleteUpload(ctx, w.workspace, u.ID))
		w.later(2 * time.Hour)
		if _, err := w.blobs.Put(ctx, strings.NewReader(lines)); err != nil { // and not yet announced
			w.Fatal(err)
		}
		now := w.clock.Add(-30 * time.Minute)
		w.ok(os.Chtimes(w.file(u.Blob), now, now))
		w.ok(w.Sweep(ctx))
		if !w.has(u.Blob) {
			w.Error("bytes that were put again were deleted")
		}
	})
}

func TestSweepRemovesFoldersOfDeadAttempts(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		dead := filepath.Join(w.folder, "attempt-1")
		w.ok(os.MkdirAll(filepath.Join(dead, "logs"), 0o700))
		past := time.Now().Add(-time.Hour)
		w.ok(os.Chtimes(dead, past, past))
		w.ok(os.WriteFile(filepath.Join(w.folder, "keep"), nil, 0o600))
		w.ok(w.Sweep(w.Context()))
		w.nothingLeft()
		if _, err := os.Stat(filepath.Join(w.folder, "keep")); err != nil {
			w.Error("a file of somebody else was removed")
		}
	})
}

func TestFsck(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		ctx := w.Context()
		damaged, missing, counted, idle := w.upload("a", "aaa"), w.upload("b", "bbb"), w.upload("c", "ccc"), w.upload("d", "ddd")
		w.ok(w.store.DeleteUpload(ctx, w.workspace, idle.ID))
		orphan, err := w.blobs.Put(ctx, strings.NewReader("eee"))
		w.ok(err)
		if told := w.fsck(ctx, false); told != nil {
			w.Errorf("what may still be on its way is told: %q", told)
		}
		w.later(2 * time.Hour)
		b, err := os.ReadFile(w.file(damaged.Blob))
		w.ok(err)
		b[len(b)-60] ^= 1
		w.ok(os.WriteFile(w.file(damaged.Blob), b, 0o600))
		w.ok(w.blobs.Delete(ctx, missing.Blob))
		w.ok(w.blobs.Delete(ctx, idle.Blob))
		_, err = w.store.DB().Exec("UPDATE blobs SET refs = 7 WHERE hash = $1", counted.Blob)
		w.ok(err)
		_, err = w.store.DB().Exec("UPDATE workspaces SET upload_bytes = 1 WHERE id = $1", w.workspace)
		w.ok(err)

		wants := []string{"workspace " + w.workspace + ": 3 uploads of 1 bytes are counted, the rows say 3 of 9", counted.Blob + ": 7 references", orphan.Hash + ": ", damaged.Blob + ": 1 rows refer to it and its content is damaged",
			missing.Blob + ": 1 rows refer to it and its bytes are missing", idle.Blob + ": 0 rows refer to it and its bytes are missing"}
		told := w.fsck(ctx, false)
		for _, want := range wants {
			if !slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, want) }) {
				w.Errorf("fsck does not tell %q", want)
			}
		}
		if len(told) != len(wants) {
			w.Errorf("fsck tells %q", told)
		}
		w.fsck(ctx, true)
		if told := w.fsck(ctx, false); len(told) != 2 { // what is lost or damaged no repair brings back
			w.Errorf("after the repair fsck tells %q", told)
		}
		if w.has(orphan.Hash) {
			w.Error("the orphan is still there")
		}
	})
}
