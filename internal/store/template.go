package store

import (
	"context"
	"fmt"
	"time"
)

// Template is a template of a job's logs with how often and when it occurred.
type Template struct {
	ID        string
	Text      string
	Component string
	Severity  string
	Count     int64
	First     time.Time
	Last      time.Time
}

// MaxFindings bounds the templates, and the signals, that are stored of a job.
const MaxFindings = 20_000

// SaveTemplates stores the templates of a job in place of those before. An attempt that is no longer the running one is
// ErrStale.
func (q Queries) SaveTemplates(ctx context.Context, job string, attempt int64, all []Template) error {
	if len(all) > MaxFindings {
		return fmt.Errorf("save templates: %d of them, more than %d: %w", len(all), MaxFindings, ErrInvalid)
	}
	return q.atomic(ctx, func(q Queries) error {
		if err := q.holdAttempt(ctx, "save templates", job, attempt); err != nil {
			return err
		}
		if _, err := q.exec(ctx, "save templates", "DELETE FROM job_templates WHERE job_id = $1", job); err != nil {
			return err
		}
		var rows []any
		for _, t := range all {
			rows = append(rows, job, t.ID, t.Text, t.Component, t.Severity, t.Count, micros(t.First), micros(t.Last))
		}
		return q.insertAll(ctx, "save templates", "INSERT INTO job_templates (job_id, template_id, text, component, severity, count, first_at, last_at)", 8, rows)
	})
}

// Templates lists the templates of a job, the most frequent first.
func (q Queries) Templates(ctx context.Context, job string, limit, offset int) ([]Template, error) {
	scan := func(r scanner) (t Template, err error) {
		err = r.Scan(&t.ID, &t.Text, &t.Component, &t.Severity, &t.Count, instant{&t.First}, instant{&t.Last})
		return t, err
	}
	return list(ctx, q.read, "list templates", scan, `SELECT template_id, text, component, severity, count, first_at, last_at FROM job_templates
		WHERE job_id = $1 ORDER BY count DESC, template_id DESC LIMIT $2 OFFSET $3`, job, limit, offset)
}
