package auth_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

// BenchmarkLogin shows what a login costs at the default parameters, and that a wrong password and an unknown name cost the same.
func BenchmarkLogin(b *testing.B) {
	at := time.Now()
	now := func() time.Time { return at }
	s := storetest.Open(b, "sqlite:"+filepath.Join(b.TempDir(), "rca.db"), store.Options{Now: now})
	ctx := b.Context()
	if _, err := s.Migrate(ctx); err != nil {
		b.Fatal(err)
	}
	a, err := auth.New(ctx, s, auth.Options{Now: now})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := a.CreateUser(ctx, "Ada", good, false); err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"Ada", "Nobody"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				at = at.Add(time.Hour) // past any lock
				if _, err := a.Login(ctx, name, "wrong"); err != auth.ErrCredentials {
					b.Fatal(err)
				}
			}
		})
	}
}
