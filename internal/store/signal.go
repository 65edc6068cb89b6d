package store

import (
	"context"
	"fmt"
	"time"
)

// Signal is a signal of a job's logs, in the order of the report.
type Signal struct {
	ID        string
	Kind      string
	Component string
	Severity  string
	Text      string
	At        time.Time
	Data      string // JSON: its numbers
}

// SaveSignals stores the signals of a job in place of those before. An attempt that is no longer the running one is
// ErrStale.
func (q Queries) SaveSignals(ctx context.Context, job string, attempt int64, all []Signal) error {
	if len(all) > MaxFindings {
		return fmt.Errorf("save signals: %d of them, more than %d: %w", len(all), MaxFindings, ErrInvalid)
	}
	return q.atomic(ctx, func(q Queries) error {
		if err := q.holdAttempt(ctx, "save signals", job, attempt); err != nil {
			return err
		}
		if _, err := q.exec(ctx, "save signals", "DELETE FROM job_signals WHERE job_id = $1", job); err != nil {
			return err
		}
		var rows []any
		for i, s := range all {
			rows = append(rows, job, i, s.ID, s.Kind, s.Component, s.Severity, s.Text, micros(s.At), document(s.Data))
		}
		return q.insertAll(ctx, "save signals", "INSERT INTO job_signals (job_id, position, signal_id, kind, component, severity, text, at, data)", 9, rows)
	})
}

// Signals lists the signals of a job.
func (q Queries) Signals(ctx context.Context, job string, limit, offset int) ([]Signal, error) {
	scan := func(r scanner) (s Signal, err error) {
		err = r.Scan(&s.ID, &s.Kind, &s.Component, &s.Severity, &s.Text, instant{&s.At}, &s.Data)
		return s, err
	}
	return list(ctx, q.read, "list signals", scan, `SELECT signal_id, kind, component, severity, text, at, data FROM job_signals
		WHERE job_id = $1 ORDER BY position LIMIT $2 OFFSET $3`, job, limit, offset)
}
