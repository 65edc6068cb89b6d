package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// Dialect names a database. What differs between the two is all in this file.
type Dialect string

// The databases.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// rowLock ends a SELECT whose row must not change until the transaction ends. A SQLite transaction of ours has begun
// with the lock of the whole file. The weaker of PostgreSQL's locks lets others insert rows that refer to this one.
func (d Dialect) rowLock() string {
	if d == PostgreSQL {
		return " FOR NO KEY UPDATE"
	}
	return ""
}

// deletionLock is rowLock for a row about to be deleted: nobody may insert a row that refers to it meanwhile.
func (d Dialect) deletionLock() string {
	if d == PostgreSQL {
		return " FOR UPDATE"
	}
	return ""
}

// migrationLock keeps other processes from migrating until the returned function is called. A SQLite file belongs to one process when it migrates.
func (d Dialect) migrationLock(ctx context.Context, db *sql.DB) (unlock func(), err error) {
	if d == SQLite {
		return func() {}, nil
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	const key = 7_261_001 // any number that no other program on this database uses
	for _, text := range []string{"SET lock_timeout = 0", "SET statement_timeout = 0", "SELECT pg_advisory_lock($1)"} {
		args := []any{int64(key)}
		if text[:3] == "SET" {
			args = nil
		}
		if _, err := conn.ExecContext(ctx, text, args...); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return func() {
		ctx := context.WithoutCancel(ctx)
		for _, text := range []string{"SELECT pg_advisory_unlock_all()", "RESET lock_timeout", "RESET statement_timeout"} {
			if _, err := conn.ExecContext(ctx, text); err != nil {
				break // the connection is gone, and the lock with it
			}
		}
		_ = conn.Close() // back to the pool
	}, nil
}

// fault maps what a driver says to the error of ours that a caller can branch on, or nil.
func fault(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23505":
			return ErrConflict
		case "23503", "23001":
			return ErrReference
		case "23514", "23502", "22003":
			return ErrInvalid
		case "40P01", "40001":
			return errAgain
		}
		return nil
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() {
		case 2067, 1555: // UNIQUE, PRIMARYKEY
			return ErrConflict
		case 787, 1811: // FOREIGNKEY, and the same by a trigger
			return ErrReference
		case 275, 1299: // CHECK, NOTNULL
			return ErrInvalid
		}
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return nil
}
