package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/store"
)

func newBackup() *cobra.Command {
	var from serviceConfig
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write database and blobs of the embedded mode into one tar file, while the service runs",
		Args:  oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			d, err := cfg.embedded()
			if err != nil {
				return err
			}
			return cfg.withStore(c.Context(), func(s *store.Store) error {
				n, missing, err := backup(c.Context(), s, d, args[0])
				if err != nil {
					return fmt.Errorf("backup: %w", err)
				}
				fmt.Printf("%d blobs and the database are in %s\n", n, args[0])
				if missing > 0 {
					fmt.Printf("%d blobs were deleted meanwhile and are not in it: their jobs were too\n", missing)
				}
				return nil
			})
		},
	}
	from.add(c)
	return c
}

func newRestore() *cobra.Command {
	var from serviceConfig
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put what rca backup wrote into an empty data folder",
		Args:  oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			d, err := cfg.embedded()
			if err != nil {
				return err
			}
			if err := restore(args[0], strings.TrimPrefix(cfg.databaseURL(), "sqlite:"), d); err != nil {
				return fmt.Errorf("restore: %w", err)
			}
			fmt.Println("restored; rca migrate up brings it to this version, rca fsck proves it")
			return nil
		},
	}
	from.add(c)
	return c
}

func oneFile(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return status{code: exitUsage, text: c.CommandPath() + " takes one file", hint: c.UseLine()}
	}
	return nil
}

// embedded opens the blobs, if database and blobs both lie on this machine.
func (c *config) embedded() (*blob.Disk, error) {
	root := strings.TrimPrefix(c.blobURL(), "file://")
	if !strings.HasPrefix(c.databaseURL(), "sqlite:") || strings.Contains(root, "://") {
		return nil, status{code: exitUsage, text: "backup and restore are for SQLite and blobs on disk", hint: "docs/service.md says how PostgreSQL and S3 are backed up"}
	}
	return blob.OpenDisk(root)
}

// backup writes a tar of a snapshot of the database and of the blobs that the snapshot knows. Blobs never change, so what is copied
// after the snapshot is what it means.
func backup(ctx context.Context, s *store.Store, d *blob.Disk, file string) (blobs, missing int, err error) {
	dir, err := os.MkdirTemp(filepath.Dir(file), ".rca-backup-")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what it leaves has a name that tells
	snapshot := filepath.Join(dir, "rca.db")
	if _, err := s.DB().ExecContext(ctx, "VACUUM INTO $1", snapshot); err != nil {
		return 0, 0, err
	}
	taken, err := store.Open(ctx, "sqlite:"+snapshot, store.Options{Conns: 1, ReadConns: 1})
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = taken.Close() }() // of a copy
	out, err := os.CreateTemp(filepath.Dir(file), ".rca-backup-")
	if err != nil {
		return 0, 0, err
	}
	defer func() {
		if err != nil {
			os.Remove(out.Name())
		}
	}()
	w := tar.NewWriter(out)
	if err := addFile(w, "rca.db", snapshot); err != nil {
		return 0, 0, err
	}
	for after := ""; ; {
		page, err := taken.Blobs(ctx, after, 500)
		if err != nil {
			return 0, 0, err
		}
		for _, b := range page {
			after = b.Hash
			from, err := d.File(b.Hash)
			if err != nil {
				return 0, 0, err
			}
			switch err := addFile(w, path.Join("blobs", b.Hash), from); {
			case errors.Is(err, fs.ErrNotExist):
				missing++
			case err != nil:
				return 0, 0, err
			default:
				blobs++
			}
		}
		if len(page) == 0 {
			break
		}
	}
	if err := errors.Join(w.Close(), out.Sync(), out.Close()); err != nil {
		return 0, 0, err
	}
	return blobs, missing, os.Rename(out.Name(), file)
}

func addFile(w *tar.Writer, name, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close() // read only
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()}); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// restore unpacks a backup to where nothing is yet. The database comes last, under its name only when all else is there.
func restore(file, database string, d *blob.Disk) error {
	if _, err := os.Stat(database); err == nil {
		return fmt.Errorf("%s exists: a backup is put into an empty data folder", database)
	}
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close() // read only
	if err := os.MkdirAll(filepath.Dir(database), 0o700); err != nil {
		return err
	}
	r := tar.NewReader(in)
	found := false
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		target := database + ".restoring"
		if h.Name != "rca.db" {
			if target, err = d.File(strings.TrimPrefix(h.Name, "blobs/")); err != nil {
				return fmt.Errorf("%s: %q is not from rca backup", file, h.Name)
			}
		} else {
			found = true
		}
		if err := writeFile(target, r); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%s holds no database: it is not from rca backup", file)
	}
	return os.Rename(database+".restoring", database)
}

func writeFile(name string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}
