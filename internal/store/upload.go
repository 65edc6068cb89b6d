package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Upload is a file that somebody gave.
type Upload struct {
	ID        string
	Workspace string
	User      string
	Name      string
	Size      int64 // told at first, counted when ready
	Blob      string
	MediaType string
	State     UploadState
	Created   time.Time
	Expires   time.Time // zero: never
}

// UploadState says how far an upload is.
type UploadState string

// The states. Only a ready upload has a blob.
const (
	UploadUploading UploadState = "uploading"
	UploadReady     UploadState = "ready"
	UploadFailed    UploadState = "failed"
)

const uploadColumns = "id, workspace_id, user_id, name, size, COALESCE(blob_hash, ''), media_type, state, created_at, expires_at"

func scanUpload(r scanner) (u Upload, err error) {
	err = r.Scan(&u.ID, &u.Workspace, &u.User, &u.Name, &u.Size, &u.Blob, &u.MediaType, &u.State, instant{&u.Created}, instant{&u.Expires})
	return u, err
}

// CreateUpload stores a row for bytes that are about to come. Size is what was announced; it counts against quotas.
func (q Queries) CreateUpload(ctx context.Context, u Upload) (Upload, error) {
	u.Created, u.State, u.Blob = q.now().UTC().Truncate(time.Microsecond), UploadUploading, ""
	u.ID = NewID(u.Created)
	err := q.atomic(ctx, func(q Queries) error {
		if err := q.use(ctx, u, Usage{u.Size, 1}); err != nil {
			return err
		}
		_, err := q.exec(ctx, "add upload", `INSERT INTO uploads (id, workspace_id, user_id, name, size, blob_hash, media_type, state, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, NULL, $6, 'uploading', $7, $8)`, u.ID, u.Workspace, u.User, u.Name, u.Size, u.MediaType, micros(u.Created), micros(u.Expires))
		return err
	})
	return u, err
}

// FinishUpload makes an upload ready: its bytes are the blob, which was announced before. An upload that is not
// uploading any more is ErrStale.
func (q Queries) FinishUpload(ctx context.Context, id, blob, mediaType string, expires time.Time) error {
	return q.atomic(ctx, func(q Queries) error {
		u, err := q.uploading(ctx, "finish upload", id)
		if err != nil {
			return err
		}
		size, err := one(ctx, q.write, "finish upload", scanInt, "SELECT size FROM blobs WHERE hash = $1", blob)
		if errors.Is(err, ErrNotFound) {
			return fmt.Errorf("finish upload: there is no blob %s: %w", blob, ErrReference)
		}
		if err != nil {
			return err
		}
		if err := q.use(ctx, u, Usage{size - u.Size, 0}); err != nil {
			return err
		}
		if err := q.refer(ctx, blob); err != nil {
			return err
		}
		_, err = q.exec(ctx, "finish upload", "UPDATE uploads SET state = 'ready', blob_hash = $1, media_type = $2, expires_at = $3, size = $4 WHERE id = $5",
			blob, mediaType, micros(expires), size, id)
		return err
	})
}

// FailUpload marks an upload whose bytes will not come; it expires at a time.
func (q Queries) FailUpload(ctx context.Context, id string, expires time.Time) error {
	return q.atomic(ctx, func(q Queries) error {
		u, err := q.uploading(ctx, "fail upload", id)
		if err != nil {
			return err
		}
		if err := q.use(ctx, u, Usage{-u.Size, -1}); err != nil {
			return err
		}
		_, err = q.exec(ctx, "fail upload", "UPDATE uploads SET state = 'failed', expires_at = $1 WHERE id = $2", micros(expires), id)
		return err
	})
}

// uploading locks an upload whose bytes are on their way; any other is ErrStale.
func (q Queries) uploading(ctx context.Context, doing, id string) (Upload, error) {
	u, err := one(ctx, q.write, doing, scanUpload, "SELECT "+uploadColumns+" FROM uploads WHERE id = $1 AND state = 'uploading'"+q.store.dialect.rowLock(), id)
	return u, staleIfMissing(err)
}

// ExtendUpload lets an upload live until a time at least; one that never expires still does not.
func (q Queries) ExtendUpload(ctx context.Context, id string, until time.Time) error {
	_, err := q.exec(ctx, "keep upload "+id, "UPDATE uploads SET expires_at = $1 WHERE id = $2 AND expires_at > 0 AND expires_at < $1", micros(until), id)
	return err
}

// Upload returns an upload of a workspace; that of another one is ErrNotFound.
func (q Queries) Upload(ctx context.Context, workspace, id string) (Upload, error) {
	return one(ctx, q.read, "look up upload", scanUpload, "SELECT "+uploadColumns+" FROM uploads WHERE id = $1 AND workspace_id = $2", id, workspace)
}

// Uploads lists the uploads of a workspace, the newest first.
func (q Queries) Uploads(ctx context.Context, workspace string, p Page) (List[Upload], error) {
	var c clauses
	c.and("workspace_id = ?", workspace)
	return page(ctx, q.read, "list uploads", uploadColumns, "uploads", c, order{"created_at", true}, p, scanUpload,
		func(u Upload) (int64, string) { return micros(u.Created), u.ID })
}

// ExpiredUploads lists uploads past their time that no queued or running job reads, for DeleteUpload.
func (q Queries) ExpiredUploads(ctx context.Context, limit int) ([]Upload, error) {
	return list(ctx, q.read, "list expired uploads", scanUpload, "SELECT "+uploadColumns+` FROM uploads u WHERE expires_at > 0 AND expires_at <= $1 AND NOT EXISTS
		(SELECT 1 FROM job_inputs i JOIN jobs j ON j.id = i.job_id WHERE i.upload_id = u.id AND j.state IN ('queued', 'running'))
		ORDER BY expires_at LIMIT $2`, micros(q.now()), limit)
}

// DeleteUpload deletes an upload and leaves its blob. One that a queued or running job reads is ErrReference.
func (q Queries) DeleteUpload(ctx context.Context, workspace, id string) error {
	return q.atomic(ctx, func(q Queries) error {
		// Locked before the look at jobs: a job that takes it as an input at this moment waits, or is seen.
		u, err := one(ctx, q.write, "delete upload", scanUpload, "SELECT "+uploadColumns+" FROM uploads WHERE id = $1 AND workspace_id = $2"+
			q.store.dialect.deletionLock(), id, workspace)
		if err != nil {
			return err
		}
		n, err := one(ctx, q.write, "delete upload", scanInt, `SELECT count(*) FROM job_inputs i JOIN jobs j ON j.id = i.job_id
			WHERE i.upload_id = $1 AND j.state IN ('queued', 'running')`, id)
		if err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("delete upload: a job reads it: %w", ErrReference)
		}
		if u.State != UploadFailed {
			if err := q.use(ctx, u, Usage{-u.Size, -1}); err != nil {
				return err
			}
		}
		if _, err := q.exec(ctx, "delete upload", "DELETE FROM uploads WHERE id = $1", id); err != nil || u.Blob == "" {
			return err
		}
		return q.leave(ctx, u.Blob)
	})
}
