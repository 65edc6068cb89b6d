package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// One folder serves both databases. A file that shipped is never edited.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Migration is one step of the tables' history.
type Migration struct {
	Of      string // "rca" for our own tables, "queue" for River's
	Version int64
	Name    string
	Applied bool
	At      time.Time // when; zero for the queue's, which does not tell
}

// Migrate brings the tables, ours and then the queue's, to the newest version, and returns the steps that it made. On
// PostgreSQL several processes may call it at once: one migrates, the others wait. On SQLite only the process that
// owns the file may.
func (s *Store) Migrate(ctx context.Context) ([]Migration, error) {
	unlock, err := s.migrationLock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	ours, err := s.goose()
	if err != nil {
		return nil, err
	}
	results, err := ours.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	var done []Migration
	for _, r := range results {
		done = append(done, Migration{"rca", r.Source.Version, migrationName(r.Source.Path), true, s.now()})
	}
	queue, err := s.queueMigrations()
	if err != nil {
		return done, err
	}
	steps, err := queue.migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return done, fmt.Errorf("migrate the queue: %w", err)
	}
	for _, v := range steps.Versions {
		done = append(done, Migration{"queue", int64(v.Version), v.Name, true, s.now()})
	}
	return done, nil
}

// MigrateStatus lists all steps, applied or not.
func (s *Store) MigrateStatus(ctx context.Context) ([]Migration, error) {
	ours, err := s.goose()
	if err != nil {
		return nil, err
	}
	status, err := ours.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state of migrations: %w", err)
	}
	var all []Migration
	for _, m := range status {
		all = append(all, Migration{"rca", m.Source.Version, migrationName(m.Source.Path), m.State == goose.StateApplied, m.AppliedAt.UTC()})
	}
	queue, err := s.queueMigrations()
	if err != nil {
		return nil, err
	}
	existing, err := queue.existing(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state of the queue's migrations: %w", err)
	}
	applied := map[int]bool{}
	for _, m := range existing {
		applied[m.Version] = true
	}
	for _, m := range queue.all() {
		all = append(all, Migration{Of: "queue", Version: int64(m.Version), Name: m.Name, Applied: applied[m.Version]})
	}
	return all, nil
}

// MigrateDown takes back our steps above a version. Down to 0 removes everything, the queue first: its jobs mean
// nothing without ours. What the rows held is lost.
func (s *Store) MigrateDown(ctx context.Context, to int64) error {
	unlock, err := s.migrationLock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if to < 0 || to > newestMigration() {
		return fmt.Errorf("migrate down to %d: there are versions 0 to %d", to, newestMigration())
	}
	if to == 0 {
		queue, err := s.queueMigrations()
		if err != nil {
			return err
		}
		if _, err := queue.migrate(ctx, rivermigrate.DirectionDown, &rivermigrate.MigrateOpts{TargetVersion: -1}); err != nil {
			return fmt.Errorf("take back the queue's migrations: %w", err)
		}
	}
	ours, err := s.goose()
	if err != nil {
		return err
	}
	if _, err := ours.DownTo(ctx, to); err != nil {
		return fmt.Errorf("migrate down to %d: %w", to, err)
	}
	return nil
}

func (s *Store) goose() (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if s.dialect == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(dialect, s.db, files)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

// queueMigrations hides that River's migrator has the type of the driver's transaction.
type queueMigrations struct {
	migrate  func(context.Context, rivermigrate.Direction, *rivermigrate.MigrateOpts) (*rivermigrate.MigrateResult, error)
	existing func(context.Context) ([]rivermigrate.Migration, error)
	all      func() []rivermigrate.Migration
}

func (s *Store) queueMigrations() (queueMigrations, error) {
	if s.dialect == PostgreSQL {
		return migratorOf(riverpgxv5.New(s.pool))
	}
	return migratorOf(riversqlite.New(s.db))
}

func migratorOf[T any](driver riverdriver.Driver[T]) (queueMigrations, error) {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return queueMigrations{}, fmt.Errorf("read the queue's migrations: %w", err)
	}
	return queueMigrations{m.Migrate, m.ExistingVersions, m.AllVersions}, nil
}

// newestMigration is the version of our tables that this program was written for.
var newestMigration = sync.OnceValue(func() int64 {
	files, err := fs.ReadDir(migrations, "migrations")
	if err != nil || len(files) == 0 {
		panic(errors.Join(errors.New("no migrations are embedded"), err))
	}
	digits, _, _ := strings.Cut(files[len(files)-1].Name(), "_")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
})

// migrationName is the part of a file's name that speaks.
func migrationName(path string) string {
	_, name, _ := strings.Cut(path, "_")
	return strings.TrimSuffix(name, ".sql")
}
