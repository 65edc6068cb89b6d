package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// APIKey lets a program act for a user. Its secret is stored as a hash and found by the prefix.
type APIKey struct {
	ID        string
	User      string
	Workspace string // the only one it is good for; empty for all of the user's
	Name      string
	Prefix    string
	Hash      string
	Scopes    []string
	Created   time.Time
	Expires   time.Time // zero: never
	LastUsed  time.Time
	Revoked   time.Time
}

const apiKeyColumns = "id, user_id, COALESCE(workspace_id, ''), name, prefix, hash, scopes, created_at, expires_at, last_used, revoked_at"

func scanAPIKey(r scanner) (k APIKey, err error) {
	var scopes string
	if err = r.Scan(&k.ID, &k.User, &k.Workspace, &k.Name, &k.Prefix, &k.Hash, &scopes, instant{&k.Created}, instant{&k.Expires},
		instant{&k.LastUsed}, instant{&k.Revoked}); err != nil {
		return k, err
	}
	return k, json.Unmarshal([]byte(scopes), &k.Scopes)
}

// CreateAPIKey stores a key and returns it with its id.
func (q Queries) CreateAPIKey(ctx context.Context, k APIKey) (APIKey, error) {
	k.Created = q.now().UTC().Truncate(time.Microsecond)
	k.ID = NewID(k.Created)
	scopes, err := json.Marshal(k.Scopes)
	if err != nil {
		return k, fmt.Errorf("add API key: %w", err)
	}
	_, err = q.exec(ctx, "add API key", `INSERT INTO api_keys (id, user_id, workspace_id, name, prefix, hash, scopes, created_at, expires_at, last_used, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0)`, k.ID, k.User, optional(k.Workspace), k.Name, k.Prefix, k.Hash, string(scopes),
		micros(k.Created), micros(k.Expires))
	return k, err
}

// APIKeyByPrefix returns the key with a prefix, unless it is revoked or expired.
func (q Queries) APIKeyByPrefix(ctx context.Context, prefix string) (APIKey, error) {
	return one(ctx, q.read, "look up API key", scanAPIKey, "SELECT "+apiKeyColumns+` FROM api_keys
		WHERE prefix = $1 AND revoked_at = 0 AND (expires_at = 0 OR expires_at > $2)`, prefix, micros(q.now()))
}

// APIKeysOf lists a user's keys, also those revoked, the newest first.
func (q Queries) APIKeysOf(ctx context.Context, user string) ([]APIKey, error) {
	return list(ctx, q.read, "list API keys", scanAPIKey, "SELECT "+apiKeyColumns+" FROM api_keys WHERE user_id = $1 ORDER BY id DESC LIMIT 1000", user)
}

// SeeAPIKey notes that a key was used.
func (q Queries) SeeAPIKey(ctx context.Context, id string) error {
	_, err := q.exec(ctx, "note API key", "UPDATE api_keys SET last_used = $1 WHERE id = $2", micros(q.now()), id)
	return err
}

// RevokeAPIKey voids a key of a user; another's key is ErrNotFound.
func (q Queries) RevokeAPIKey(ctx context.Context, user, id string) error {
	return q.must(ctx, ErrNotFound, "revoke API key", "UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND user_id = $3 AND revoked_at = 0",
		micros(q.now()), id, user)
}
