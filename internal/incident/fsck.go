package incident

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/store"
)

// orphanAge is how old bytes without a row must be to be nobody's: a row comes after its bytes.
const orphanAge = time.Hour

// Fsck looks at every blob and every row about one, reads all bytes again, and tells each problem: bytes that no row knows, rows
// whose bytes are missing, wrong counts of references and of what a user has stored, and content that is not what was given. With repair it deletes the
// bytes that no row knows and rows that nothing refers to, and counts anew; lost or corrupt content it can only tell. Problems that
// were repaired count as well. It may run while the service does.
func (d *Desk) Fsck(ctx context.Context, repair bool, tell func(string)) (problems int, err error) {
	found := func(format string, a ...any) {
		problems++
		tell(fmt.Sprintf(format, a...))
	}
	if err := errors.Join(d.recount(ctx, repair, found), d.recountUsage(ctx, repair, found)); err != nil {
		return problems, fmt.Errorf("fsck: %w", err)
	}
	next, stop := iter.Pull2(d.blobs.List(ctx))
	defer stop()
	have, err, more := next()
	after := ""
	for {
		rows, e := d.store.Blobs(ctx, after, 500)
		if e != nil {
			return problems, fmt.Errorf("fsck: %w", e)
		}
		for _, row := range rows {
			after = row.Hash
			for ; err == nil && more && have.Hash < row.Hash; have, err, more = next() {
				if err := d.orphan(ctx, have, repair, found); err != nil {
					return problems, fmt.Errorf("fsck: %w", err)
				}
			}
			if err == nil && more && have.Hash == row.Hash {
				have, err, more = next()
			}
			if err != nil {
				return problems, fmt.Errorf("fsck: %w", err)
			}
			if err := d.verify(ctx, row, repair, found); err != nil {
				return problems, fmt.Errorf("fsck: %w", err)
			}
		}
		if len(rows) == 0 {
			break
		}
	}
	for ; err == nil && more; have, err, more = next() {
		if err := d.orphan(ctx, have, repair, found); err != nil {
			return problems, fmt.Errorf("fsck: %w", err)
		}
	}
	if err != nil {
		return problems, fmt.Errorf("fsck: %w", err)
	}
	return problems, nil
}

// recount compares the counts of references with the rows. One transaction sees both as they are at one moment.
func (d *Desk) recount(ctx context.Context, repair bool, found func(string, ...any)) error {
	const atOnce = 1000
	for {
		var wrong []store.Blob
		err := d.store.InTx(ctx, func(tx *store.Tx) (err error) {
			if wrong, err = tx.MiscountedBlobs(ctx, atOnce); err != nil || !repair {
				return err
			}
			for _, b := range wrong {
				if err := tx.RecountBlob(ctx, b.Hash); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, b := range wrong {
			found("blob %s: %d references are counted, the rows say otherwise", b.Hash, b.Refs)
		}
		if !repair || len(wrong) < atOnce {
			return nil
		}
	}
}

// recountUsage compares what is counted of each user and workspace with the uploads, in one transaction, as recount does.
func (d *Desk) recountUsage(ctx context.Context, repair bool, found func(string, ...any)) error {
	const atOnce = 1000
	var wrong []store.Miscount
	err := d.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if wrong, err = tx.MiscountedUsage(ctx, atOnce); err != nil || !repair {
			return err
		}
		for _, m := range wrong {
			if err := tx.CorrectUsage(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range wrong {
		found("%s %s: %d uploads of %d bytes are counted, the rows say %d of %d", m.Of, m.ID, m.Counted.Uploads, m.Counted.Bytes, m.Real.Uploads, m.Real.Bytes)
	}
	return nil
}

// orphan deals with bytes that were listed and that no row seems to know.
func (d *Desk) orphan(ctx context.Context, b blob.Info, repair bool, found func(string, ...any)) error {
	if d.o.Now().Sub(b.Modified) < orphanAge {
		return nil
	}
	if _, err := d.store.Blob(ctx, b.Hash); !errors.Is(err, store.ErrNotFound) { // it came after the rows were listed
		return err
	}
	found("blob %s: %d bytes are stored that no row knows", b.Hash, b.Stored)
	if !repair {
		return nil
	}
	return d.blobs.Delete(ctx, b.Hash)
}

// verify reads the bytes of a row.
func (d *Desk) verify(ctx context.Context, row store.Blob, repair bool, found func(string, ...any)) error {
	err := blob.Verify(ctx, d.blobs, row.Hash)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, blob.ErrCorrupt):
		found("blob %s: %d rows refer to it and its content is damaged: %s", row.Hash, row.Refs, err)
		return nil
	case !errors.Is(err, blob.ErrNotFound):
		return err
	}
	if now, err := d.store.Blob(ctx, row.Hash); errors.Is(err, store.ErrNotFound) { // deleted with its row meanwhile
		return nil
	} else if err != nil {
		return err
	} else if now.Refs == 0 && d.o.Now().Sub(now.IdleSince) < orphanAge { // announced, and the bytes may be on their way
		return nil
	}
	found("blob %s: %d rows refer to it and its bytes are missing", row.Hash, row.Refs)
	if !repair || row.Refs > 0 {
		return nil
	}
	err = d.store.DeleteBlob(ctx, row.Hash, d.o.Now().Add(-orphanAge), func(context.Context) error { return nil })
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	return err
}
