package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// unfinished is the folder of blobs that are being written. It is no hash's beginning.
const unfinished = "tmp"

// Disk keeps blobs in a folder, as aa/bb/hash by the first four digits of the hash.
type Disk struct{ root string }

// OpenDisk opens a folder, which is made if it is not there.
func OpenDisk(root string) (*Disk, error) {
	if err := os.MkdirAll(filepath.Join(root, unfinished), 0o700); err != nil {
		return nil, fmt.Errorf("open blob folder: %w", noSpace(err))
	}
	return &Disk{root}, nil
}

// File is where a blob lies, or would lie, as a zstd file: for backups, and for programs that read it themselves.
func (d *Disk) File(hash string) (string, error) {
	if !isHash(hash) {
		return "", ErrNotFound
	}
	return d.path(hash), nil
}

func (d *Disk) path(hash string) string { return filepath.Join(d.root, hash[:2], hash[2:4], hash) }

// Put writes under another name, syncs, and renames.
func (d *Disk) Put(ctx context.Context, r io.Reader) (Info, error) {
	info, err := d.put(ctx, r)
	if err != nil {
		return Info{}, fmt.Errorf("put blob: %w", noSpace(err))
	}
	return info, nil
}

func (d *Disk) put(ctx context.Context, r io.Reader) (Info, error) {
	f, err := os.CreateTemp(filepath.Join(d.root, unfinished), "put-*")
	if err != nil {
		return Info{}, err
	}
	defer os.Remove(f.Name()) // after the rename there is nothing of that name
	defer f.Close()
	info, err := pack(ctx, f, r)
	if err != nil {
		return Info{}, err
	}
	if err := f.Sync(); err != nil {
		return Info{}, err
	}
	st, err := f.Stat()
	if err != nil {
		return Info{}, err
	}
	info.Modified = st.ModTime()
	if err := f.Close(); err != nil {
		return Info{}, err
	}
	path := d.path(info.Hash)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Info{}, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		// Windows replaces no file that somebody reads; but then it is there already.
		if old, e := d.Get(ctx, info.Hash); e == nil {
			return old.Info(), old.Close()
		}
		return Info{}, err
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if err := syncFolder(dir); err != nil {
			return Info{}, err
		}
		if dir == filepath.Clean(d.root) {
			return info, nil
		}
	}
}

// syncFolder makes a rename last over a power failure.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" { // no such thing there
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Get opens a blob. A read that has begun ends as it would without a ctx that ends: a disk does not wait.
func (d *Disk) Get(ctx context.Context, hash string) (*Reader, error) {
	if err := checkHash(hash); err != nil {
		return nil, err
	}
	f, err := os.Open(d.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("blob %s: %w", hash, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("open blob: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open blob: %w", err), f.Close())
	}
	fetch := func(p []byte, off int64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := f.ReadAt(p, off)
		if n == len(p) {
			return nil
		}
		return fmt.Errorf("read blob %s at stored byte %d: %w", hash, off, err)
	}
	return newReader(Info{Hash: hash, Stored: st.Size(), Modified: st.ModTime()}, fetch, f.Close)
}

// Delete removes the file. The folders stay: there are 65,792 of them at most.
func (d *Disk) Delete(_ context.Context, hash string) error {
	if err := checkHash(hash); err != nil {
		return err
	}
	err := os.Remove(d.path(hash))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete blob: %w", err)
	}
	return nil
}

// List reads one folder after the other.
func (d *Disk) List(ctx context.Context) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		err := filepath.WalkDir(d.root, func(path string, e fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				return err
			case e.IsDir() && e.Name() == unfinished && filepath.Dir(path) == filepath.Clean(d.root):
				return fs.SkipDir
			case e.IsDir() || !isHash(e.Name()) || path != d.path(e.Name()):
				return nil // not ours
			}
			st, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil // deleted meanwhile
			}
			if err != nil {
				return err
			}
			if !yield(Info{Hash: e.Name(), Stored: st.Size(), Modified: st.ModTime()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Info{}, fmt.Errorf("list blobs: %w", err))
		}
	}
}

// Sweep goes by the time of the last write, so an upload that goes on is safe however long it takes.
func (d *Disk) Sweep(ctx context.Context, before time.Time) (int, error) {
	dir := filepath.Join(d.root, unfinished)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("sweep blobs: %w", err)
	}
	removed := 0
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		st, err := e.Info()
		if err == nil && st.ModTime().Before(before) {
			if err = os.Remove(filepath.Join(dir, e.Name())); err == nil {
				removed++
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // its Put may just have ended
			return removed, fmt.Errorf("sweep blobs: %w", err)
		}
	}
	return removed, nil
}

// Ready writes a byte: a full or read-only disk shows only then.
func (d *Disk) Ready(context.Context) error {
	f, err := os.CreateTemp(filepath.Join(d.root, unfinished), "ready-*")
	if err != nil {
		return fmt.Errorf("blob folder: %w", noSpace(err))
	}
	defer os.Remove(f.Name())
	_, err = f.Write([]byte{1})
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("blob folder: %w", noSpace(err))
	}
	return nil
}
