package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
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

// migrationLock keeps other processes from migrating until the returned function is called. It has a connection of its
// own, for the pool may be so small that the migration needs all of it. A SQLite file belongs to one process when it migrates.
func (s *Store) migrationLock(ctx context.Context) (unlock func(), err error) {
	if s.dialect == SQLite {
		return func() {}, nil
	}
	cfg := s.pool.Config().ConnConfig
	cfg.RuntimeParams["lock_timeout"], cfg.RuntimeParams["statement_timeout"] = "0", "0"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("lock the tables to migrate: %w", err)
	}
	unlock = func() { _ = conn.Close(context.WithoutCancel(ctx)) } // the lock ends with the connection
	const key = 7_261_001                                          // any number that no other program on this database uses
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(key)); err != nil {
		unlock()
		return nil, fmt.Errorf("lock the tables to migrate: %w", err)
	}
	return unlock, nil
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
		if pg.Code == "53100" { // disk_full
			return ErrFull
		}
		if goes(pg) {
			return ErrAway
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
		case 13: // FULL
			return ErrFull
		}
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if cut(err) {
		return ErrAway
	}
	return nil
}

// goes tells whether PostgreSQL says that it lost the connection, shuts down, starts up or takes no more connections.
func goes(pg *pgconn.PgError) bool {
	switch pg.Code {
	case "57P01", "57P02", "57P03", "53300":
		return true
	}
	return strings.HasPrefix(pg.Code, "08")
}

// cut tells whether a connection to the database could not be made or broke, and not because the caller gave up.
func cut(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var connect *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, syscall.EPIPE) || strings.Contains(err.Error(), "conn closed")
}
