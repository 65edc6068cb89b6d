package store

import (
	"context"
	"errors"
	"time"
)

// DeleteJobsBefore deletes up to limit jobs that ended before a time, each in a transaction of its own, so that others
// can write in between, and returns how many it deleted. Call it until that is fewer than the limit.
func (s *Store) DeleteJobsBefore(ctx context.Context, before time.Time, limit int) (int, error) {
	ids, err := list(ctx, s.read, "list old jobs", scanText, "SELECT id FROM jobs WHERE finished_at > 0 AND finished_at < $1 ORDER BY finished_at LIMIT $2",
		micros(before), limit)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range ids {
		switch err := s.DeleteJob(ctx, id); {
		case err == nil:
			n++
		case errors.Is(err, ErrNotFound), errors.Is(err, ErrStale): // deleted or retried meanwhile
		default:
			return n, err
		}
	}
	return n, nil
}

// DeleteAuditBefore deletes up to limit entries of the audit log older than a time.
func (q Queries) DeleteAuditBefore(ctx context.Context, before time.Time, limit int) (int64, error) {
	return q.exec(ctx, "delete old audit entries", "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2)", micros(before), limit)
}

// DeleteExpired deletes sessions, refresh tokens and setup links whose time is over, and workers silent since a time,
// up to limit of each, and returns how many in all.
func (q Queries) DeleteExpired(ctx context.Context, silentSince time.Time, limit int) (int64, error) {
	var sum int64
	now := micros(q.now())
	for _, d := range []struct {
		table, key, column string
		before             int64
	}{
		{"sessions", "hash", "expires_at", now},
		{"refresh_tokens", "hash", "expires_at", now},
		{"setup_links", "hash", "expires_at", now},
		{"workers", "id", "beat_at", micros(silentSince)},
	} {
		n, err := q.exec(ctx, "delete old "+d.table, "DELETE FROM "+d.table+" WHERE "+d.key+" IN (SELECT "+d.key+" FROM "+d.table+" WHERE "+d.column+
			" < $1 ORDER BY "+d.column+" LIMIT $2)", d.before, limit)
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}
