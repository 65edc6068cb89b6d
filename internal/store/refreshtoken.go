package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RefreshToken buys new access tokens, once. Those that follow from one login are a family. It is found by its SHA-256.
type RefreshToken struct {
	Hash    string
	Family  string
	User    string
	Created time.Time
	Used    time.Time
	Revoked time.Time
	Expires time.Time
}

// ErrReused says that a refresh token came a second time: it was stolen, or its thief came first. The family is revoked.
var ErrReused = errors.New("refresh token was used before")

func scanRefreshToken(r scanner) (t RefreshToken, err error) {
	err = r.Scan(&t.Hash, &t.Family, &t.User, instant{&t.Created}, instant{&t.Used}, instant{&t.Revoked}, instant{&t.Expires})
	return t, err
}

// CreateRefreshToken stores the first token of a family.
func (q Queries) CreateRefreshToken(ctx context.Context, hash, family, user string, expires time.Time) error {
	_, err := q.exec(ctx, "add refresh token", `INSERT INTO refresh_tokens (hash, family, user_id, created_at, used_at, revoked_at, expires_at)
		VALUES ($1, $2, $3, $4, 0, 0, $5)`, hash, family, user, micros(q.now()), micros(expires))
	return err
}

// RotateRefreshToken marks a token as used and stores its successor in the same transaction. A token used before
// revokes its family and is ErrReused; one that is unknown, revoked or expired is ErrNotFound. Call it on a Store: in a
// transaction that is rolled back for the error, the revocation would be lost.
func (s *Store) RotateRefreshToken(ctx context.Context, hash, successor string, expires time.Time) (RefreshToken, error) {
	var t RefreshToken
	reused := false
	err := s.InTx(ctx, func(tx *Tx) error {
		q, now := tx.Queries, s.now()
		reused = false
		var err error
		t, err = one(ctx, q.write, "look up refresh token", scanRefreshToken, `SELECT hash, family, user_id, created_at, used_at, revoked_at, expires_at
			FROM refresh_tokens WHERE hash = $1`+s.dialect.rowLock(), hash)
		if err != nil {
			return err
		}
		if !t.Used.IsZero() {
			reused = true
			return q.RevokeFamily(ctx, t.Family)
		}
		if !t.Revoked.IsZero() || !t.Expires.After(now) {
			return fmt.Errorf("look up refresh token: %w", ErrNotFound)
		}
		if _, err := q.exec(ctx, "use refresh token", "UPDATE refresh_tokens SET used_at = $1 WHERE hash = $2", micros(now), hash); err != nil {
			return err
		}
		return q.CreateRefreshToken(ctx, successor, t.Family, t.User, expires)
	})
	if err == nil && reused {
		err = ErrReused
	}
	return t, err
}

// RefreshTokenFamily returns the family that a token belongs to.
func (q Queries) RefreshTokenFamily(ctx context.Context, hash string) (string, error) {
	return one(ctx, q.read, "look up refresh token", scanText, "SELECT family FROM refresh_tokens WHERE hash = $1", hash)
}

// RevokeFamily voids all tokens of a family.
func (q Queries) RevokeFamily(ctx context.Context, family string) error {
	_, err := q.exec(ctx, "revoke refresh tokens", "UPDATE refresh_tokens SET revoked_at = $1 WHERE family = $2 AND revoked_at = 0", micros(q.now()), family)
	return err
}
