package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

// Scope is a part of the API that an API key may use.
type Scope string

// The scopes. Admin is everything that the user may.
const (
	ScopeJobsRead       Scope = "jobs:read"
	ScopeJobsWrite      Scope = "jobs:write"
	ScopeUploadsWrite   Scope = "uploads:write"
	ScopeIncidentsWrite Scope = "incidents:write"
	ScopeAdmin          Scope = "admin"
)

// Scopes lists all of them.
var Scopes = []Scope{ScopeJobsRead, ScopeJobsWrite, ScopeUploadsWrite, ScopeIncidentsWrite, ScopeAdmin}

const keyMark = "rca_" // by which scanners for secrets, and we, know a key

// MaxAPIKeys bounds the keys of a user that are good.
const MaxAPIKeys = 100

// CreateAPIKey makes a key for a user who is logged in and returns it, rca_PREFIX_SECRET, for the only time. It acts for
// that user in one workspace, or in all if none is given. A key makes no keys, or one that leaks would outlive its
// revocation: ErrDenied.
func (a *Auth) CreateAPIKey(ctx context.Context, p Principal, name, workspace string, scopes []Scope, expires time.Time) (string, store.APIKey, error) {
	var none store.APIKey
	if p.Via == ViaKey {
		return "", none, fmt.Errorf("make API key: %w", ErrDenied)
	}
	if workspace != "" && !p.May(workspace, store.Viewer) {
		return "", none, fmt.Errorf("make API key: %w", store.ErrNotFound)
	}
	if len(scopes) == 0 || name == "" || len(name) > 200 || !expires.IsZero() && !expires.After(a.opts.Now()) {
		return "", none, fmt.Errorf("make API key: it needs a name, scopes and a time to come: %w", store.ErrInvalid)
	}
	var texts []string
	for _, s := range scopes {
		if !slices.Contains(Scopes, s) {
			return "", none, fmt.Errorf("make API key: scope %q: %w", s, store.ErrInvalid)
		}
		texts = append(texts, string(s))
	}
	have, err := a.store.APIKeysOf(ctx, p.User)
	if err != nil {
		return "", none, err
	}
	good := 0
	for _, k := range have {
		if k.Revoked.IsZero() && (k.Expires.IsZero() || k.Expires.After(a.opts.Now())) {
			good++
		}
	}
	if good >= MaxAPIKeys {
		return "", none, fmt.Errorf("make API key: there are %d already: %w", good, ErrDenied)
	}
	prefix, secret := strings.ToLower(rand.Text()[:12]), rand.Text()+rand.Text()
	k, err := a.store.CreateAPIKey(ctx, store.APIKey{User: p.User, Workspace: workspace, Name: name, Prefix: prefix, Hash: digest(secret), Scopes: texts, Expires: expires})
	if err != nil {
		return "", none, err
	}
	return keyMark + prefix + "_" + secret, k, nil
}

// fromKey returns who an API key stands for.
func (a *Auth) fromKey(ctx context.Context, key string) (Principal, error) {
	prefix, secret, ok := strings.Cut(strings.TrimPrefix(key, keyMark), "_")
	if !ok {
		return Principal{}, ErrCredentials
	}
	k, err := a.store.APIKeyByPrefix(ctx, prefix)
	if err != nil {
		return Principal{}, refused(err)
	}
	if subtle.ConstantTimeCompare([]byte(digest(secret)), []byte(k.Hash)) != 1 {
		return Principal{}, ErrCredentials
	}
	u, err := a.store.User(ctx, k.User)
	if err != nil {
		return Principal{}, refused(err)
	}
	p := Principal{Via: ViaKey, Credential: k.ID, only: k.Workspace}
	for _, s := range k.Scopes {
		p.Scopes = append(p.Scopes, Scope(s))
	}
	if p, err = a.principal(ctx, u, p); err != nil || a.opts.Now().Sub(k.LastUsed) < seenEvery {
		return p, err
	}
	if err := a.store.SeeAPIKey(ctx, k.ID); err != nil && !errors.Is(err, store.ErrFull) { // reading goes on with a full disk
		return Principal{}, err
	}
	return p, nil
}
