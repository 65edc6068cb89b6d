package store

import (
	"context"
	"database/sql"
)

// Watched returns the queries of a transaction; see is told each statement before it runs.
func Watched(t *Tx, see func(text string, args []any)) Queries {
	w := watch{t.tx, see}
	return Queries{store: t.store, read: w, write: w, tx: t}
}

type watch struct {
	on  querier
	see func(string, []any)
}

func (w watch) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	w.see(text, args)
	return w.on.ExecContext(ctx, text, args...)
}

func (w watch) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	w.see(text, args)
	return w.on.QueryContext(ctx, text, args...)
}

// Insert is insertAll, to fill tables fast.
func Insert(ctx context.Context, s *Store, into string, columns int, rows []any) error {
	return s.InTx(ctx, func(t *Tx) error { return t.insertAll(ctx, "fill", "INSERT INTO "+into, columns, rows) })
}
