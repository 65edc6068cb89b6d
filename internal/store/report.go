package store

import (
	"context"
	"time"
)

// Report is what is listed and searched of a job's report; the whole lies in a blob.
type Report struct {
	ID         string
	Job        string
	Workspace  string
	Partial    bool // the job still runs, or was ended early
	Verdict    string
	Headline   string
	Component  string
	Category   string
	Grade      string
	Confidence *float64
	Blob       string // of its JSON
	Created    time.Time
}

const reportColumns = "id, job_id, workspace_id, partial, verdict, headline, component, category, grade, confidence, blob_hash, created_at"

func scanReport(r scanner) (p Report, err error) {
	err = r.Scan(&p.ID, &p.Job, &p.Workspace, &p.Partial, &p.Verdict, &p.Headline, &p.Component, &p.Category, &p.Grade, &p.Confidence, &p.Blob, instant{&p.Created})
	return p, err
}

// SaveReport stores a report of an attempt that still runs, in place of the one before; else it is ErrStale. Its blob
// was announced before.
func (q Queries) SaveReport(ctx context.Context, job string, attempt int64, r Report) error {
	return q.atomic(ctx, func(q Queries) error {
		if err := q.holdAttempt(ctx, "save report", job, attempt); err != nil {
			return err
		}
		return q.saveReport(ctx, job, r)
	})
}

// saveReport counts the blob of the report and leaves that of the one before it. The job's row is locked by the caller.
func (q Queries) saveReport(ctx context.Context, job string, r Report) error {
	before, err := list(ctx, q.write, "save report", scanText, "SELECT blob_hash FROM reports WHERE job_id = $1", job)
	if err != nil {
		return err
	}
	if err := q.refer(ctx, r.Blob); err != nil {
		return err
	}
	now := q.now()
	var confidence any
	if r.Confidence != nil {
		confidence = *r.Confidence
	}
	if _, err := q.exec(ctx, "save report", "INSERT INTO reports ("+reportColumns+`)
		VALUES ($1, $2, (SELECT workspace_id FROM jobs WHERE id = $2), $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (job_id) DO UPDATE SET partial = excluded.partial, verdict = excluded.verdict, headline = excluded.headline, component = excluded.component,
		category = excluded.category, grade = excluded.grade, confidence = excluded.confidence, blob_hash = excluded.blob_hash, created_at = excluded.created_at`,
		NewID(now), job, r.Partial, r.Verdict, r.Headline, r.Component, r.Category, r.Grade, confidence, r.Blob, micros(now)); err != nil {
		return err
	}
	for _, hash := range before {
		if err := q.leave(ctx, hash); err != nil {
			return err
		}
	}
	return nil
}

// Report returns the report with an id.
func (q Queries) Report(ctx context.Context, id string) (Report, error) {
	return one(ctx, q.read, "look up report", scanReport, "SELECT "+reportColumns+" FROM reports WHERE id = $1", id)
}

// ReportOf returns the report of a job.
func (q Queries) ReportOf(ctx context.Context, job string) (Report, error) {
	return one(ctx, q.read, "look up report", scanReport, "SELECT "+reportColumns+" FROM reports WHERE job_id = $1", job)
}

// Reports lists the reports of a workspace, the newest first.
func (q Queries) Reports(ctx context.Context, workspace string, p Page) (List[Report], error) {
	var c clauses
	c.and("workspace_id = ?", workspace)
	return page(ctx, q.read, "list reports", reportColumns, "reports", c, order{"created_at", true}, p, scanReport,
		func(r Report) (int64, string) { return micros(r.Created), r.ID })
}
