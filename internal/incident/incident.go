// Package incident tells the story of a case: logs are taken in, a job is opened on them, they are investigated, and what was found
// is kept and looked at again.
//
// In come the bytes of uploads and the wishes of a user, out come rows of the store and blobs. The analysis itself runs in a child
// process of the same binary: it gets a folder of its own with the logs as plain files, a limit of memory and of time, and nothing
// else of ours, so that logs which break the engine break that child alone.
//
//	upload.go       bytes → a blob and the row of an upload, within limits
//	spec.go         what a user asks for, checked field by field → the row of a job
//	investigate.go  a running job → its report: the folder, the child, what is kept
//	child.go        the child as its parent sees it: started, watched, killed, and what ended it
//	attempt.go      the child itself: logs → report, templates, records, in one file
//	findings.go     that file, in a blob; records.go reads the records in it
//	sweep.go        what is past its time is deleted; fsck.go finds what no rule allows
//
// Each write of a result asks for the number of the attempt, so that a job that was given to two workers is done once in effect.
package incident

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/store"
)

// Desk is where uploads come in and jobs are opened, worked on and read. It is safe for concurrent use.
type Desk struct {
	store *store.Store
	blobs blob.Store
	o     Options
}

// Options say within which bounds a desk works. The zero value works.
type Options struct {
	Folder      string        // for what lies there only while an attempt runs; default a folder of the system's temporary one
	Executable  string        // the binary that analyses as a child; default this one
	Memory      int64         // that one attempt may take, in bytes; default 2 GiB, at least 128 MiB
	TimeLimit   time.Duration // of one attempt where the job says none; default 1 hour
	MaxUnpacked int64         // bytes that the logs of one job may unpack to; the rest is not read, and told; default 64 GiB
	MaxUpload   int64         // bytes of one upload; default 20 GiB
	UserQuota   int64         // bytes that a user's uploads may take in all; default 100 GiB
	KeepFree    int64         // bytes of the folder's disk, at most a twentieth of it, that uploads leave free; default 512 MiB
	KeepUploads time.Duration // an upload without a job is deleted after; default 7 days
	KeepJobs    time.Duration // a job is deleted so long after its end, and its uploads with it; default 90 days
	Version     string
	Now         func() time.Time
}

func (o Options) withDefaults() (Options, error) {
	for _, n := range []struct {
		name  string
		v     *int64
		usual int64
	}{{"Memory", &o.Memory, 2 << 30}, {"MaxUnpacked", &o.MaxUnpacked, 64 << 30}, {"MaxUpload", &o.MaxUpload, 20 << 30}, {"UserQuota", &o.UserQuota, 100 << 30}, {"KeepFree", &o.KeepFree, 512 << 20}} {
		if *n.v < 0 {
			return o, fmt.Errorf("incident option %s is %d, want 0 or more", n.name, *n.v)
		}
		if *n.v == 0 {
			*n.v = n.usual
		}
	}
	const day = 24 * time.Hour
	for _, n := range []struct {
		name  string
		v     *time.Duration
		usual time.Duration
	}{{"TimeLimit", &o.TimeLimit, time.Hour}, {"KeepUploads", &o.KeepUploads, 7 * day}, {"KeepJobs", &o.KeepJobs, 90 * day}} {
		if *n.v < 0 {
			return o, fmt.Errorf("incident option %s is %s, want 0 or more", n.name, *n.v)
		}
		if *n.v == 0 {
			*n.v = n.usual
		}
	}
	if o.Memory < 128<<20 {
		return o, fmt.Errorf("incident option Memory is %d bytes, and no analysis runs in less than %d", o.Memory, 128<<20)
	}
	if o.Folder == "" {
		o.Folder = filepath.Join(os.TempDir(), "rca-attempts")
	}
	if o.Executable == "" {
		path, err := os.Executable()
		if err != nil {
			return o, fmt.Errorf("find the binary that analyses: %w", err)
		}
		o.Executable = path
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, nil
}

// New makes a desk, and the folder for attempts if it is not there.
func New(s *store.Store, b blob.Store, o Options) (*Desk, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for attempts: %w", err)
	}
	return &Desk{store: s, blobs: b, o: o}, nil
}

// keep puts what r yields into the blobs and announces it, so that a row may refer to it.
func (d *Desk) keep(ctx context.Context, r io.Reader) (blob.Info, error) {
	info, err := d.blobs.Put(ctx, r)
	if err != nil {
		return info, err
	}
	if err := d.store.AnnounceBlob(ctx, info.Hash, info.Size, info.Stored); err != nil {
		return info, err
	}
	// A sweep may have been deleting the same content, idle until now, while it was put. From the announcement on it
	// does not; whether it did before shows now.
	if _, err := blob.Stat(ctx, d.blobs, info.Hash); err != nil {
		if errors.Is(err, blob.ErrNotFound) {
			return info, fmt.Errorf("the same bytes were being deleted at this moment, give them once more: %w", err)
		}
		return info, err
	}
	return info, nil
}
