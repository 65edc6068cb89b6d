package store

import "context"

// Setting returns the value of a key, or ErrNotFound.
func (q Queries) Setting(ctx context.Context, key string) (string, error) {
	return one(ctx, q.read, "read setting "+key, scanText, "SELECT value FROM settings WHERE key = $1", key)
}

// SetSetting stores the value of a key.
func (q Queries) SetSetting(ctx context.Context, key, value string) error {
	_, err := q.exec(ctx, "store setting "+key, `INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, key, value, micros(q.now()))
	return err
}
