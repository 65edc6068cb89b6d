package store

import (
	"context"
	"time"
)

// SigningKey signs access tokens. One that is retired signs no more, but verifies until it is deleted.
type SigningKey struct {
	ID      string
	Secret  []byte
	Created time.Time
	Retired time.Time
}

func scanSigningKey(r scanner) (k SigningKey, err error) {
	err = r.Scan(&k.ID, &k.Secret, instant{&k.Created}, instant{&k.Retired})
	return k, err
}

// SigningKeys lists all keys, the newest first.
func (q Queries) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	return list(ctx, q.read, "list signing keys", scanSigningKey, "SELECT kid, secret, created_at, retired_at FROM signing_keys ORDER BY created_at DESC, kid DESC")
}

// RotateSigningKey stores a key, retires those before it and deletes those that were retired before a time: no token of
// theirs is valid any more. When a key made after fresh is there already, another process was faster, and that key stays.
func (q Queries) RotateSigningKey(ctx context.Context, k SigningKey, fresh, dead time.Time) error {
	return q.atomic(ctx, func(q Queries) error {
		now := micros(q.now())
		// Written before the look: of two processes that rotate at once, one waits here until the other has committed.
		if err := q.SetSetting(ctx, "signing_key", k.ID); err != nil {
			return err
		}
		n, err := one(ctx, q.write, "look for a signing key", scanInt, "SELECT count(*) FROM signing_keys WHERE retired_at = 0 AND created_at > $1", micros(fresh))
		if err != nil || n > 0 {
			return err
		}
		if _, err := q.exec(ctx, "retire signing keys", "UPDATE signing_keys SET retired_at = $1 WHERE retired_at = 0", now); err != nil {
			return err
		}
		if _, err := q.exec(ctx, "add signing key", "INSERT INTO signing_keys (kid, secret, created_at, retired_at) VALUES ($1, $2, $3, 0)",
			k.ID, k.Secret, now); err != nil {
			return err
		}
		_, err = q.exec(ctx, "delete signing keys", "DELETE FROM signing_keys WHERE retired_at > 0 AND retired_at < $1", micros(dead))
		return err
	})
}
