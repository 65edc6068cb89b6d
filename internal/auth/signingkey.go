package auth

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

// All processes share the signing keys through the database. Each keeps a copy and reads them again after reloadKeys, so
// for that long one may still sign with a key that another has retired.
const reloadKeys = time.Minute

// signingKey returns the key that signs, after making one if there is none or it is too old.
func (a *Auth) signingKey(ctx context.Context) (store.SigningKey, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.opts.Now()
	if now.Sub(a.loaded) >= reloadKeys {
		if err := a.loadKeys(ctx); err != nil {
			return store.SigningKey{}, err
		}
	}
	fresh := now.Add(-a.opts.KeyAge)
	if k := a.keys[a.signs]; k.ID == "" || !k.Created.After(fresh) {
		secret := make([]byte, 32)
		rand.Read(secret) // never fails
		if err := a.store.RotateSigningKey(ctx, store.SigningKey{ID: store.NewID(now), Secret: secret}, fresh, now.Add(-a.alive())); err != nil {
			return store.SigningKey{}, err
		}
		if err := a.loadKeys(ctx); err != nil {
			return store.SigningKey{}, err
		}
	}
	return a.keys[a.signs], nil
}

// verifyingKey returns the secret of a key. One that we do not know may be another process's newest.
func (a *Auth) verifyingKey(ctx context.Context, kid string) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.opts.Now()
	// Whoever sends made-up ids must not make us read the database each time.
	if _, known := a.keys[kid]; !known && now.Sub(a.loaded) >= time.Second || now.Sub(a.loaded) >= reloadKeys {
		if err := a.loadKeys(ctx); err != nil {
			return nil, err
		}
	}
	k, known := a.keys[kid]
	if !known || !k.Retired.IsZero() && now.Sub(k.Retired) > a.alive() {
		return nil, ErrCredentials
	}
	return k.Secret, nil
}

// alive is how long after a key's retirement there may be tokens that it signed.
func (a *Auth) alive() time.Duration { return a.opts.AccessTTL + reloadKeys }

func (a *Auth) loadKeys(ctx context.Context) error {
	all, err := a.store.SigningKeys(ctx)
	if err != nil {
		return err
	}
	a.keys, a.signs, a.loaded = map[string]store.SigningKey{}, "", a.opts.Now()
	for _, k := range all {
		a.keys[k.ID] = k
		if k.Retired.IsZero() && a.signs == "" {
			a.signs = k.ID
		}
	}
	return nil
}
