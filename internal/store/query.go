package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Queries are all reads and writes of rows. Those of a Store run by themselves, those of a Tx in its transaction.
type Queries struct {
	store       *Store
	read, write querier
	tx          *Tx // nil outside a transaction
}

// querier is what a pool and a transaction have in common.
type querier interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

func (q Queries) now() time.Time { return q.store.opts.Now() }

// atomic calls f in the transaction that is open, or else in one of its own.
func (q Queries) atomic(ctx context.Context, f func(Queries) error) error {
	if q.tx != nil {
		return f(q)
	}
	return q.store.InTx(ctx, func(t *Tx) error { return f(t.Queries) })
}

// exec runs a statement and returns the number of rows that it changed.
func (q Queries) exec(ctx context.Context, doing, text string, args ...any) (int64, error) {
	res, err := q.write.ExecContext(ctx, text, clean(args)...)
	if err != nil {
		return 0, wrap(doing, err)
	}
	n, err := res.RowsAffected()
	return n, wrap(doing, err)
}

// must is exec for a change that meets one row; when it meets none the error is missing.
func (q Queries) must(ctx context.Context, missing error, doing, text string, args ...any) error {
	n, err := q.exec(ctx, doing, text, args...)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: %w", doing, missing)
	}
	return err
}

// scanner is a row being read.
type scanner interface{ Scan(...any) error }

// one reads a single row; none is ErrNotFound.
func one[T any](ctx context.Context, on querier, doing string, scan func(scanner) (T, error), text string, args ...any) (T, error) {
	all, err := list(ctx, on, doing, scan, text, args...)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s: %w", doing, ErrNotFound)
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// list reads all rows and closes them before it returns: a connection that is still reading can do nothing else.
func list[T any](ctx context.Context, on querier, doing string, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	rows, err := on.QueryContext(ctx, text, clean(args)...)
	if err != nil {
		return nil, wrap(doing, err)
	}
	defer func() { _ = rows.Close() }() // what went wrong is in rows.Err
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, wrap(doing, err)
		}
		all = append(all, v)
	}
	return all, wrap(doing, rows.Err())
}

func scanInt(r scanner) (n int64, err error)   { err = r.Scan(&n); return n, err }
func scanText(r scanner) (s string, err error) { err = r.Scan(&s); return s, err }

// clean replaces what PostgreSQL refuses in a text, NUL and bytes that are no UTF-8: log lines hold both.
func clean(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok && (strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s)) {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}

// micros is a time as the tables have it.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant reads a time that micros wrote.
type instant struct{ t *time.Time }

func (i instant) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T, want an integer", v)
	}
	*i.t = time.Time{}
	if n != 0 {
		*i.t = time.UnixMicro(n).UTC()
	}
	return nil
}

// span reads a duration stored in microseconds.
type span struct{ d *time.Duration }

func (s span) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a duration is stored as %T, want an integer", v)
	}
	*s.d = time.Duration(n) * time.Microsecond
	return nil
}

// optional is a text that is null where it is empty, for columns that refer to another table.
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// document is a JSON text, an empty object where none is given.
func document(s string) string {
	if s == "" {
		return "{}"
	}
	return s
}

// values writes the places of n rows of m columns, "($1,$2),($3,$4)", for an INSERT of many rows.
func values(n, m int) string {
	var b strings.Builder
	for i := range n * m {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%m == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}

// insertAll inserts rows of m columns, several in one statement. PostgreSQL allows 65,535 parameters, SQLite 32,766.
func (q Queries) insertAll(ctx context.Context, doing, into string, m int, rows []any) error {
	const atOnce = 200
	for len(rows) > 0 {
		n := min(len(rows)/m, atOnce)
		if _, err := q.exec(ctx, doing, into+" VALUES "+values(n, m), rows[:n*m]...); err != nil {
			return err
		}
		rows = rows[n*m:]
	}
	return nil
}
