// Package storetest gives a test databases that are its own: SQLite in a file, and PostgreSQL where there is a server.
//
// The environment variable RCA_TEST_POSTGRES names a PostgreSQL server, as postgres://postgres@localhost:5432/postgres,
// on which a test may create databases; without it that half of each test is left out, and says so.
package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/store"
)

// Each runs a test once on each database, with its tables made.
func Each(t *testing.T, opts store.Options, test func(*testing.T, *store.Store)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) {
		s := Open(t, url, opts)
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

// EachURL runs a test once with the URL of each empty database.
func EachURL(t *testing.T, test func(*testing.T, string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "rca.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// Open opens a database and closes it when the test ends.
func Open(t testing.TB, url string, opts store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Postgres makes a database on the server of RCA_TEST_POSTGRES, drops it when the test ends, and returns its URL.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("RCA_TEST_POSTGRES")
	if server == "" {
		t.Skip("RCA_TEST_POSTGRES is not set")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	name := "rca_test_" + strings.ToLower(rand.Text())
	onServer(t, t.Context(), server, "CREATE DATABASE "+name)
	t.Cleanup(func() { onServer(t, context.Background(), server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	return u.String()
}

func onServer(t testing.TB, ctx context.Context, server, text string) {
	t.Helper()
	s, err := store.Open(ctx, server, store.Options{Conns: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.DB().ExecContext(ctx, text)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}
