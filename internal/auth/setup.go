package auth

import (
	"context"
	"fmt"

	"github.com/rca-engine/rca/internal/store"
)

// SetupLink makes the secret of a link by which the first administrator is made; earlier ones are void. When there is an
// administrator it is ErrDenied.
func (a *Auth) SetupLink(ctx context.Context) (string, error) {
	has, err := a.store.HasAdmin(ctx)
	if err != nil {
		return "", err
	}
	if has {
		return "", fmt.Errorf("make setup link: there is an administrator: %w", ErrDenied)
	}
	s := secret()
	return s, a.store.CreateSetupLink(ctx, digest(s), a.opts.Now().Add(a.opts.SetupTTL))
}

// Setup makes the first administrator. The link is good once; a password that is not accepted leaves it good.
func (a *Auth) Setup(ctx context.Context, link, name, password string) (u store.User, err error) {
	hash, err := a.accept(ctx, name, password)
	if err != nil {
		return u, err
	}
	err = a.store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.UseSetupLink(ctx, digest(link)); err != nil {
			return refused(err)
		}
		has, err := tx.HasAdmin(ctx)
		if err != nil {
			return err
		}
		if has {
			return fmt.Errorf("set up: there is an administrator: %w", ErrDenied)
		}
		u, err = tx.CreateUser(ctx, name, hash, true)
		return err
	})
	return u, err
}
