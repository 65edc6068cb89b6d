package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/traces"
)

// openStore opens the rows, and the folder that they lie in by default.
func (c *config) openStore(ctx context.Context) (*store.Store, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, err
	}
	return store.Open(ctx, c.databaseURL(), c.storeOptions())
}

// withStore runs f on rows whose tables are as this version wants them.
func (c *config) withStore(ctx context.Context, f func(*store.Store) error) (err error) {
	s, err := c.openStore(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	todo, err := s.MigrateStatus(ctx)
	if err != nil {
		return err
	}
	for _, m := range todo {
		if !m.Applied {
			return status{code: exitError, text: fmt.Sprintf("the database lacks migration %d of %s", m.Version, m.Of), hint: "rca migrate up"}
		}
	}
	return f(s)
}

// logger writes JSON lines on standard error.
func (c *config) logger() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Log.Level)) // checked with the configuration
	return slog.New(traces.Logs(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
}
