package store

import (
	"context"
	"fmt"
	"time"
)

// Blob is what is known of stored bytes: their SHA-256, their size, and how many rows refer to them. Rows count their
// references in the transaction that writes them.
type Blob struct {
	Hash       string
	Size       int64
	StoredSize int64 // as it lies compressed on the disk or in the bucket
	Refs       int64
	IdleSince  time.Time // last announced, or last left by a row
}

const blobColumns = "hash, size, stored_size, refs, idle_since"

func scanBlob(r scanner) (b Blob, err error) {
	err = r.Scan(&b.Hash, &b.Size, &b.StoredSize, &b.Refs, instant{&b.IdleSince})
	return b, err
}

// AnnounceBlob stores the row of a blob before its bytes get their final name, so that a deletion of the same content,
// which may be under way, either ends before or is called off. Of a blob that is known, it puts off the deletion.
func (q Queries) AnnounceBlob(ctx context.Context, hash string, size, storedSize int64) error {
	_, err := q.exec(ctx, "announce blob", `INSERT INTO blobs (hash, size, stored_size, refs, idle_since) VALUES ($1, $2, $3, 0, $4)
		ON CONFLICT (hash) DO UPDATE SET idle_since = excluded.idle_since`, hash, size, storedSize, micros(q.now()))
	return err
}

// Blob returns the row of a blob.
func (q Queries) Blob(ctx context.Context, hash string) (Blob, error) {
	return one(ctx, q.read, "look up blob", scanBlob, "SELECT "+blobColumns+" FROM blobs WHERE hash = $1", hash)
}

// Blobs lists blobs in the order of their hashes, those after one; fsck walks them.
func (q Queries) Blobs(ctx context.Context, after string, limit int) ([]Blob, error) {
	return list(ctx, q.read, "list blobs", scanBlob, "SELECT "+blobColumns+" FROM blobs WHERE hash > $1 ORDER BY hash LIMIT $2", after, limit)
}

// IdleBlobs lists blobs that no row refers to since a time, for DeleteBlob.
func (q Queries) IdleBlobs(ctx context.Context, since time.Time, limit int) ([]Blob, error) {
	return list(ctx, q.read, "list idle blobs", scanBlob, "SELECT "+blobColumns+` FROM blobs
		WHERE refs = 0 AND idle_since < $1 ORDER BY idle_since LIMIT $2`, micros(since), limit)
}

// DeleteBlob deletes the row of a blob that is idle since a time and, while the row is locked, the bytes, which remove
// does. A blob that was announced or referred to meanwhile stays: ErrStale. When remove fails the row stays too.
func (s *Store) DeleteBlob(ctx context.Context, hash string, since time.Time, remove func(context.Context) error) error {
	return s.InTx(ctx, func(tx *Tx) error {
		if err := tx.must(ctx, ErrStale, "delete blob", "DELETE FROM blobs WHERE hash = $1 AND refs = 0 AND idle_since < $2", hash, micros(since)); err != nil {
			return err
		}
		if err := remove(ctx); err != nil {
			return fmt.Errorf("delete the bytes of blob %s: %w", hash, err)
		}
		return nil
	})
}

// MiscountedBlobs lists blobs whose count of references is not what the rows say; fsck wants none. It reads all rows.
func (q Queries) MiscountedBlobs(ctx context.Context, limit int) ([]Blob, error) {
	return list(ctx, q.read, "count references", scanBlob, "SELECT "+blobColumns+` FROM blobs b
		WHERE refs <> (SELECT count(*) FROM uploads u WHERE u.blob_hash = b.hash) + (SELECT count(*) FROM reports r WHERE r.blob_hash = b.hash)
		ORDER BY hash LIMIT $1`, limit)
}

// RecountBlob makes the count of references to a blob what the rows say.
func (q Queries) RecountBlob(ctx context.Context, hash string) error {
	return q.must(ctx, ErrNotFound, "count references of blob "+hash, `UPDATE blobs SET refs = (SELECT count(*) FROM uploads WHERE blob_hash = $1) +
		(SELECT count(*) FROM reports WHERE blob_hash = $1) WHERE hash = $1`, hash)
}

// refer counts a row that now refers to a blob; the caller's transaction writes the row.
func (q Queries) refer(ctx context.Context, hash string) error {
	return q.must(ctx, ErrReference, "refer to blob", "UPDATE blobs SET refs = refs + 1 WHERE hash = $1", hash)
}

// leave counts a row that no longer refers to a blob.
func (q Queries) leave(ctx context.Context, hash string) error {
	return q.must(ctx, ErrReference, "leave blob", "UPDATE blobs SET refs = refs - 1, idle_since = $1 WHERE hash = $2", micros(q.now()), hash)
}
