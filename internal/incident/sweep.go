package incident

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/store"
)

const (
	attemptPrefix = "attempt-"
	claimFile     = "claim" // locked by the process that works in the folder

	sweepBatch = 100            // rows at once: others write in between
	idleFor    = time.Hour      // a blob that no row refers to; longer than a row may come after its bytes
	silentFor  = 24 * time.Hour // a worker
	unfinished = 48 * time.Hour // what a Put left behind; longer than any upload lasts
)

// errWanted keeps a blob whose bytes somebody has put again.
var errWanted = errors.New("blob was put again meanwhile")

// Sweep deletes what is past its time: uploads, jobs, sessions, silent workers, blobs that nothing refers to, and what crashes left
// behind. It goes in small batches, and two at the same time do no harm.
func (d *Desk) Sweep(ctx context.Context) error {
	for _, step := range []struct {
		doing string
		batch func(context.Context) (deleted int, err error)
	}{
		{"sweep uploads", d.sweepUploads},
		{"sweep jobs", func(ctx context.Context) (int, error) {
			return d.store.DeleteJobsBefore(ctx, d.o.Now().Add(-d.o.KeepJobs), sweepBatch)
		}},
		{"sweep sessions and workers", func(ctx context.Context) (int, error) {
			n, err := d.store.DeleteExpired(ctx, d.o.Now().Add(-silentFor), sweepBatch)
			return int(n), err
		}},
		{"sweep blobs", d.sweepBlobs},
		{"sweep unfinished blobs", func(ctx context.Context) (int, error) {
			_, err := d.blobs.Sweep(ctx, d.o.Now().Add(-unfinished))
			return 0, err
		}},
		{"sweep folders of attempts", d.sweepFolders},
	} {
		for n := 1; n > 0; {
			var err error
			if n, err = step.batch(ctx); err != nil {
				return fmt.Errorf("%s: %w", step.doing, err)
			}
		}
	}
	return nil
}

func (d *Desk) sweepUploads(ctx context.Context) (deleted int, err error) {
	old, err := d.store.ExpiredUploads(ctx, sweepBatch)
	if err != nil {
		return 0, err
	}
	for _, u := range old {
		switch err := d.store.DeleteUpload(ctx, u.Workspace, u.ID); {
		case err == nil:
			deleted++
		case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrReference): // deleted, or taken for a job, meanwhile
		default:
			return deleted, err
		}
	}
	return deleted, nil
}

func (d *Desk) sweepBlobs(ctx context.Context) (deleted int, err error) {
	since := d.o.Now().Add(-idleFor)
	idle, err := d.store.IdleBlobs(ctx, since, sweepBatch)
	if err != nil {
		return 0, err
	}
	for _, b := range idle {
		err := d.store.DeleteBlob(ctx, b.Hash, since, func(ctx context.Context) error {
			switch info, err := blob.Stat(ctx, d.blobs, b.Hash); {
			case errors.Is(err, blob.ErrNotFound):
				return nil
			case err == nil && info.Modified.After(since):
				return errWanted // it will be announced
			}
			return d.blobs.Delete(ctx, b.Hash) // a corrupt one too
		})
		switch {
		case err == nil:
			deleted++
		case errors.Is(err, store.ErrStale), errors.Is(err, store.ErrReference):
		case errors.Is(err, errWanted):
			// Whoever put it ended before its announcement, or will announce it now: either way it is idle anew.
			if err := d.store.AnnounceBlob(ctx, b.Hash, b.Size, b.StoredSize); err != nil {
				return deleted, err
			}
		default:
			return deleted, err
		}
	}
	return deleted, nil
}

// sweepFolders removes what attempts left whose process died.
func (d *Desk) sweepFolders(context.Context) (int, error) {
	entries, err := os.ReadDir(d.o.Folder)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		folder := filepath.Join(d.o.Folder, e.Name())
		info, err := e.Info()
		if err != nil || !e.IsDir() || !strings.HasPrefix(e.Name(), attemptPrefix) || time.Since(info.ModTime()) < time.Minute {
			continue // one that has just been made is not yet claimed
		}
		lock, err := claim(folder)
		if err != nil {
			continue
		}
		err = os.RemoveAll(folder)
		lock.Close()
		if err != nil {
			return 0, err
		}
	}
	return 0, nil
}
