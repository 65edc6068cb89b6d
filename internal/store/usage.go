package store

import (
	"context"
	"fmt"
)

// Usage is how much is stored and about to be: uploads that are ready or on their way, with the sizes that were announced.
//
// It stands with the row of the user and of the workspace and is changed in the transaction that changes the upload, always before a
// blob's count of references, and the user's before the workspace's: those who change it at once wait for one another in one order.
type Usage struct{ Bytes, Uploads int64 }

func scanUsage(r scanner) (u Usage, err error) {
	err = r.Scan(&u.Bytes, &u.Uploads)
	return u, err
}

// LockUsage makes others who lock or change the usage of the same user wait until the transaction ends.
func (q Queries) LockUsage(ctx context.Context, user string) error {
	_, err := one(ctx, q.write, "lock usage", scanText, "SELECT id FROM users WHERE id = $1"+q.store.dialect.rowLock(), user)
	return err
}

// UserUsage is what a user has uploaded and is uploading, in all workspaces.
func (q Queries) UserUsage(ctx context.Context, user string) (Usage, error) {
	return one(ctx, q.read, "look up usage", scanUsage, "SELECT upload_bytes, upload_count FROM users WHERE id = $1", user)
}

// WorkspaceUsage is what is uploaded and being uploaded in a workspace.
func (q Queries) WorkspaceUsage(ctx context.Context, workspace string) (Usage, error) {
	return one(ctx, q.read, "look up usage", scanUsage, "SELECT upload_bytes, upload_count FROM workspaces WHERE id = $1", workspace)
}

// use counts what an upload adds, or takes away.
func (q Queries) use(ctx context.Context, u Upload, more Usage) error {
	for _, of := range []struct{ table, id string }{{"users", u.User}, {"workspaces", u.Workspace}} {
		if err := q.must(ctx, ErrReference, "count usage", "UPDATE "+of.table+" SET upload_bytes = upload_bytes + $1, upload_count = upload_count + $2 WHERE id = $3",
			more.Bytes, more.Uploads, of.id); err != nil {
			return err
		}
	}
	return nil
}

// Miscount is a user or a workspace whose usage is not what the uploads say.
type Miscount struct {
	Of      string // "user" or "workspace"
	ID      string
	Counted Usage
	Real    Usage
}

// MiscountedUsage lists up to limit users and as many workspaces whose usage is wrong; fsck wants none. It reads all uploads.
func (q Queries) MiscountedUsage(ctx context.Context, limit int) (all []Miscount, err error) {
	for _, of := range []struct{ name, table, column string }{{"user", "users", "user_id"}, {"workspace", "workspaces", "workspace_id"}} {
		scan := func(r scanner) (Miscount, error) {
			m := Miscount{Of: of.name}
			err := r.Scan(&m.ID, &m.Counted.Bytes, &m.Counted.Uploads, &m.Real.Bytes, &m.Real.Uploads)
			return m, err
		}
		wrong, err := list(ctx, q.read, "count usage", scan, `SELECT t.id, t.upload_bytes, t.upload_count, COALESCE(s.bytes, 0), COALESCE(s.n, 0) FROM `+of.table+` t
			LEFT JOIN (SELECT `+of.column+` AS id, CAST(sum(size) AS BIGINT) AS bytes, count(*) AS n FROM uploads WHERE state IN ('uploading', 'ready')
			GROUP BY `+of.column+`) s ON s.id = t.id
			WHERE t.upload_bytes <> COALESCE(s.bytes, 0) OR t.upload_count <> COALESCE(s.n, 0) ORDER BY t.id LIMIT $1`, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, wrong...)
	}
	return all, nil
}

// CorrectUsage changes a usage that MiscountedUsage found by as much as it was wrong, whatever was counted since.
func (q Queries) CorrectUsage(ctx context.Context, m Miscount) error {
	table := map[string]string{"user": "users", "workspace": "workspaces"}[m.Of]
	if table == "" {
		return fmt.Errorf("correct usage of a %q: %w", m.Of, ErrInvalid)
	}
	return q.must(ctx, ErrNotFound, "correct usage", "UPDATE "+table+" SET upload_bytes = upload_bytes + $1, upload_count = upload_count + $2 WHERE id = $3",
		m.Real.Bytes-m.Counted.Bytes, m.Real.Uploads-m.Counted.Uploads, m.ID)
}
