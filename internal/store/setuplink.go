package store

import (
	"context"
	"time"
)

// CreateSetupLink stores the SHA-256 of a link by which the first administrator is made; links before it are void.
func (q Queries) CreateSetupLink(ctx context.Context, hash string, expires time.Time) error {
	return q.atomic(ctx, func(q Queries) error {
		if _, err := q.exec(ctx, "void setup links", "DELETE FROM setup_links"); err != nil {
			return err
		}
		_, err := q.exec(ctx, "add setup link", "INSERT INTO setup_links (hash, created_at, expires_at, used_at) VALUES ($1, $2, $3, 0)",
			hash, micros(q.now()), micros(expires))
		return err
	})
}

// UseSetupLink uses up a link; one that is unknown, used or expired is ErrNotFound. Use it in the transaction that
// makes the administrator.
func (q Queries) UseSetupLink(ctx context.Context, hash string) error {
	return q.must(ctx, ErrNotFound, "use setup link", "UPDATE setup_links SET used_at = $1 WHERE hash = $2 AND used_at = 0 AND expires_at > $1",
		micros(q.now()), hash)
}
