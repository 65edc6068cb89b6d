package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Tx is an open transaction: the same queries as on a Store, seen by others together or not at all. After an error of
// any of them the function must return it: PostgreSQL refuses what comes after.
type Tx struct {
	Queries
	conn *sql.Conn
	tx   *sql.Tx
}

// SQL returns the transaction itself; on SQLite a job is inserted into the queue through it.
func (t *Tx) SQL() *sql.Tx { return t.tx }

// Pgx lends the connection of this transaction in pgx's own form; on PostgreSQL a job is inserted into the queue
// through it. It can neither commit nor roll back, and must not be kept.
func (t *Tx) Pgx(f func(pgx.Tx) error) error {
	return t.conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("lend pgx connection: the database is %s", t.store.dialect)
		}
		return f(connTx{c.Conn()})
	})
}

// InTx calls f in a transaction, commits when f returns nil and rolls back otherwise. When PostgreSQL ends the
// transaction to resolve a deadlock, f is called again, so it must do nothing but use the transaction. Keep it short:
// on SQLite nobody else writes meanwhile, and a query of f outside the transaction may wait for it for ever.
func (s *Store) InTx(ctx context.Context, f func(*Tx) error) error {
	for try := 1; ; try++ {
		err := s.once(ctx, f)
		if err == nil || !errors.Is(err, errAgain) || try == 5 {
			return err
		}
	}
}

func (s *Store) once(ctx context.Context, f func(*Tx) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return wrap("get a connection", err)
	}
	defer func() { _ = conn.Close() }() // back to the pool
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return wrap("begin transaction", err)
	}
	t := &Tx{conn: conn, tx: tx}
	t.Queries = Queries{store: s, read: tx, write: tx, tx: t}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := f(t); err != nil {
		return err
	}
	return wrap("commit transaction", tx.Commit())
}

// connTx is a pgx.Tx on a connection whose transaction database/sql began and will end. River opens no savepoints and
// ends no transaction that it was handed.
type connTx struct{ *pgxConn }

// pgxConn renames the type, for an embedded field Conn would stand in the way of the method Conn.
type pgxConn = pgx.Conn

var errLent = errors.New("the transaction is only lent")

func (connTx) Begin(context.Context) (pgx.Tx, error) { return nil, errLent }
func (connTx) Commit(context.Context) error          { return errLent }
func (connTx) Rollback(context.Context) error        { return errLent }
func (connTx) LargeObjects() pgx.LargeObjects        { panic("a lent transaction has no large objects") }
func (c connTx) Conn() *pgx.Conn                     { return c.pgxConn }
