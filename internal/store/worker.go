package store

import (
	"context"
	"time"
)

// Worker is a process that runs jobs.
type Worker struct {
	ID      string
	Host    string
	Version string
	Slots   int64 // jobs at once
	Started time.Time
	Beat    time.Time // last sign of life
}

// BeatWorker notes that a worker lives; the first beat makes its row.
func (q Queries) BeatWorker(ctx context.Context, w Worker) error {
	_, err := q.exec(ctx, "note worker", `INSERT INTO workers (id, host, version, slots, started_at, beat_at) VALUES ($1, $2, $3, $4, $5, $5)
		ON CONFLICT (id) DO UPDATE SET slots = excluded.slots, beat_at = excluded.beat_at`, w.ID, w.Host, w.Version, w.Slots, micros(q.now()))
	return err
}

// Workers lists all workers, the one that beat last first.
func (q Queries) Workers(ctx context.Context) ([]Worker, error) {
	scan := func(r scanner) (w Worker, err error) {
		err = r.Scan(&w.ID, &w.Host, &w.Version, &w.Slots, instant{&w.Started}, instant{&w.Beat})
		return w, err
	}
	return list(ctx, q.read, "list workers", scan, "SELECT id, host, version, slots, started_at, beat_at FROM workers ORDER BY beat_at DESC, id LIMIT 1000")
}

// DeleteWorker takes out a worker that stops in good order.
func (q Queries) DeleteWorker(ctx context.Context, id string) error {
	_, err := q.exec(ctx, "take out worker", "DELETE FROM workers WHERE id = $1", id)
	return err
}
