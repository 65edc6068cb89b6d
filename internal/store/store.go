// Package store keeps the rows of the service, on SQLite or PostgreSQL, from one SQL text.
//
// In goes a URL, sqlite:PATH or postgres://…, out comes a *Store: one method for each thing the service asks of its
// rows. The statements are written in the part of SQL that both databases speak; dialect.go holds the few lines that
// differ. Ids are UUIDv7 made here, times are microseconds UTC in the tables and time.Time in Go (the zero time is 0:
// never), documents are JSON in TEXT.
//
// All statements are methods of Queries, which both Store and Tx embed: on a Store each runs in a transaction of its
// own, on a Tx inside the one that InTx opened. So a caller can write several rows, and with Tx.SQL or Tx.Pgx a job of
// the queue, that are there together or not at all.
//
// What changes under a running job asks for the number of the attempt. A worker that was frozen, was given up and wakes
// again holds an old number: all its writes end in ErrStale and change nothing.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Options are the settings of a Store; the zero value works.
type Options struct {
	Conns          int           // open connections that may write; default 4 on SQLite, 16 on PostgreSQL
	ReadConns      int           // connections that only read, SQLite alone; default 4
	IdleTime       time.Duration // a connection unused for so long is closed, PostgreSQL alone; default 5 minutes
	LifeTime       time.Duration // a connection older than this is replaced, PostgreSQL alone; default 1 hour
	ConnectTimeout time.Duration // default 10 seconds
	BusyTimeout    time.Duration // how long a write waits for another one's lock; default 10 seconds
	QueryTimeout   time.Duration // the server ends a statement that takes longer, PostgreSQL alone; default 1 minute
	Statements     StatementMode // how statements are sent, PostgreSQL alone; default StatementsPrepared
	EventsPerJob   int           // of a job's events the newest so many are kept; default 10,000
	Now            func() time.Time
}

// StatementMode says how statements are sent to PostgreSQL.
type StatementMode string

// The modes. Poolers such as PgBouncer in transaction mode know no prepared statements that outlive a transaction.
const (
	StatementsPrepared  StatementMode = "prepared"  // prepared once for each connection and kept
	StatementsDescribed StatementMode = "described" // only the types of the parameters are kept
	StatementsDirect    StatementMode = "direct"    // nothing is kept
)

func (o Options) withDefaults(d Dialect) (Options, error) {
	conns := 16
	if d == SQLite {
		conns = 4
	}
	for _, n := range []struct {
		name  string
		v     *int
		usual int
	}{{"Conns", &o.Conns, conns}, {"ReadConns", &o.ReadConns, 4}, {"EventsPerJob", &o.EventsPerJob, 10_000}} {
		if *n.v < 0 {
			return o, fmt.Errorf("store option %s is %d, want 0 or more", n.name, *n.v)
		}
		if *n.v == 0 {
			*n.v = n.usual
		}
	}
	for _, n := range []struct {
		name  string
		v     *time.Duration
		usual time.Duration
	}{{"IdleTime", &o.IdleTime, 5 * time.Minute}, {"LifeTime", &o.LifeTime, time.Hour}, {"ConnectTimeout", &o.ConnectTimeout, 10 * time.Second},
		{"BusyTimeout", &o.BusyTimeout, 10 * time.Second}, {"QueryTimeout", &o.QueryTimeout, time.Minute}} {
		if *n.v < 0 {
			return o, fmt.Errorf("store option %s is %s, want 0 or more", n.name, *n.v)
		}
		if *n.v == 0 {
			*n.v = n.usual
		}
	}
	switch o.Statements {
	case "":
		o.Statements = StatementsPrepared
	case StatementsPrepared, StatementsDescribed, StatementsDirect:
	default:
		return o, fmt.Errorf("store option Statements is %q, want prepared, described or direct", o.Statements)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, nil
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	Queries
	dialect Dialect
	db      *sql.DB
	reads   *sql.DB       // on SQLite a second pool, opened read-only; on PostgreSQL the same as db
	pool    *pgxpool.Pool // nil on SQLite
	opts    Options
}

// Open opens the database that a URL names: sqlite:PATH, a file on a local disk that is made if it is missing, or
// postgres://USER:PASSWORD@HOST:PORT/DATABASE?…. It connects once, so that a wrong URL is an error here. The tables are
// made by Migrate.
func Open(ctx context.Context, rawURL string, opts Options) (*Store, error) {
	scheme, rest, _ := strings.Cut(rawURL, ":")
	s := &Store{}
	var err error
	switch scheme {
	case "sqlite":
		if s.opts, err = opts.withDefaults(SQLite); err == nil {
			err = s.openSQLite(rest)
		}
	case "postgres", "postgresql":
		if s.opts, err = opts.withDefaults(PostgreSQL); err == nil {
			err = s.openPostgres(ctx, rawURL)
		}
	default:
		return nil, fmt.Errorf("open database: the URL begins with %q, want sqlite:PATH or postgres://…", scheme)
	}
	if err != nil {
		return nil, err
	}
	s.Queries = Queries{store: s, read: s.reads, write: s.db}
	ctx, cancel := context.WithTimeout(ctx, s.opts.ConnectTimeout)
	defer cancel()
	// The writing pool first: it makes the file and its -shm, which the reading one needs.
	for _, db := range []*sql.DB{s.db, s.reads} {
		if err := db.PingContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
		}
	}
	return s, nil
}

func (s *Store) openSQLite(path string) error {
	path = strings.TrimPrefix(path, "//")
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return errors.New("open database: sqlite: needs the path of a file")
	}
	s.dialect = SQLite
	// A deferred transaction that reads and then writes gets SQLITE_BUSY at once, whatever the timeout: begin with the lock.
	file := "file:" + (&url.URL{Path: path}).EscapedPath()
	busy := fmt.Sprintf("_pragma=busy_timeout(%d)", s.opts.BusyTimeout.Milliseconds())
	db, err := sql.Open("sqlite", file+"?_pragma=journal_mode(WAL)&"+busy+"&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_txlock=immediate")
	if err != nil {
		return fmt.Errorf("open database %s: %w", path, err)
	}
	s.db = db
	db.SetMaxOpenConns(s.opts.Conns)
	db.SetMaxIdleConns(s.opts.Conns)
	if s.reads, err = sql.Open("sqlite", file+"?mode=ro&"+busy); err != nil {
		return fmt.Errorf("open database %s to read: %w", path, err)
	}
	s.reads.SetMaxOpenConns(s.opts.ReadConns)
	s.reads.SetMaxIdleConns(s.opts.ReadConns)
	return nil
}

func (s *Store) openPostgres(ctx context.Context, rawURL string) error {
	s.dialect = PostgreSQL
	cfg, err := pgxpool.ParseConfig(rawURL)
	if err != nil {
		return fmt.Errorf("open database: %w", err) // pgx leaves the password out
	}
	cfg.MaxConns = int32(s.opts.Conns)
	cfg.MaxConnIdleTime = s.opts.IdleTime
	cfg.MaxConnLifetime = s.opts.LifeTime
	cfg.ConnConfig.ConnectTimeout = s.opts.ConnectTimeout
	cfg.ConnConfig.DefaultQueryExecMode = map[StatementMode]pgx.QueryExecMode{
		StatementsPrepared:  pgx.QueryExecModeCacheStatement,
		StatementsDescribed: pgx.QueryExecModeCacheDescribe,
		StatementsDirect:    pgx.QueryExecModeExec,
	}[s.opts.Statements]
	for name, d := range map[string]time.Duration{"statement_timeout": s.opts.QueryTimeout, "lock_timeout": s.opts.BusyTimeout,
		"idle_in_transaction_session_timeout": s.opts.QueryTimeout} {
		if _, given := cfg.ConnConfig.RuntimeParams[name]; !given { // the URL may set its own
			cfg.ConnConfig.RuntimeParams[name] = fmt.Sprint(d.Milliseconds())
		}
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	s.db = stdlib.OpenDBFromPool(s.pool)
	s.reads = s.db
	return nil
}

// Close closes all connections; it waits for those in use.
func (s *Store) Close() error {
	err := s.db.Close()
	if s.pool != nil {
		s.pool.Close()
		return err
	}
	return errors.Join(err, s.reads.Close())
}

// Dialect tells which database this is.
func (s *Store) Dialect() Dialect { return s.dialect }

// DB returns the pool of connections that write, for what needs database/sql itself.
func (s *Store) DB() *sql.DB { return s.db }

// Pool returns the pgx pool under DB, or nil on SQLite.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ready reports whether the database answers and has the tables that this program needs.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	queue, err := s.queueMigrations()
	if err != nil {
		return err
	}
	all := queue.all()
	for _, t := range []struct {
		name, text string
		want       int64
	}{
		{"tables", "SELECT max(version_id) FROM goose_db_version WHERE is_applied", newestMigration()},
		{"queue's tables", "SELECT max(version) FROM river_migration", int64(all[len(all)-1].Version)},
	} {
		at, err := one(ctx, s.read, "read the version of the "+t.name+" (were they made?)", scanInt, t.text)
		if err != nil {
			return err
		}
		if at != t.want {
			return fmt.Errorf("the %s are of version %d, this program needs %d", t.name, at, t.want)
		}
	}
	return nil
}

// PoolStats are the numbers of one pool of connections.
type PoolStats struct {
	Name   string // write or read
	Max    int
	Open   int
	InUse  int
	Idle   int
	Waits  int64         // how often somebody had to wait for a connection
	Waited time.Duration // and how long in all
}

// Stats returns the numbers of each pool.
func (s *Store) Stats() []PoolStats {
	if s.pool != nil {
		p := s.pool.Stat()
		return []PoolStats{{Name: "write", Max: int(p.MaxConns()), Open: int(p.TotalConns()), InUse: int(p.AcquiredConns()),
			Idle: int(p.IdleConns()), Waits: p.EmptyAcquireCount(), Waited: p.EmptyAcquireWaitTime()}}
	}
	var all []PoolStats
	for _, p := range []struct {
		name string
		db   *sql.DB
	}{{"write", s.db}, {"read", s.reads}} {
		n := p.db.Stats()
		all = append(all, PoolStats{Name: p.name, Max: n.MaxOpenConnections, Open: n.OpenConnections, InUse: n.InUse, Idle: n.Idle,
			Waits: n.WaitCount, Waited: n.WaitDuration})
	}
	return all
}
