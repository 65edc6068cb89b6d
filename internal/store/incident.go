package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Incident is a case that people work on; it outlives the job that explained it.
type Incident struct {
	ID         string
	Workspace  string
	Title      string
	State      IncidentState
	Job        string // empty when there is none, or none any more
	Report     string
	Component  string
	Category   string
	Summary    string
	Resolution string // what a person found
	Version    int64  // counts the changes
	Created    time.Time
	Resolved   time.Time
}

// IncidentState says where an incident stands.
type IncidentState string

// The states.
const (
	IncidentOpen          IncidentState = "open"
	IncidentInvestigating IncidentState = "investigating"
	IncidentResolved      IncidentState = "resolved"
)

// IncidentFilter chooses incidents of a workspace; empty fields choose all.
type IncidentFilter struct {
	Workspace string
	States    []IncidentState
	Text      string // words that title, summary or resolution hold
}

const incidentColumns = `id, workspace_id, title, state, COALESCE(job_id, ''), COALESCE(report_id, ''), component, category, summary, resolution, version,
	created_at, resolved_at`

func scanIncident(r scanner) (i Incident, err error) {
	err = r.Scan(&i.ID, &i.Workspace, &i.Title, &i.State, &i.Job, &i.Report, &i.Component, &i.Category, &i.Summary, &i.Resolution, &i.Version,
		instant{&i.Created}, instant{&i.Resolved})
	return i, err
}

func (i Incident) folded() string { return fold(i.Title + "\n" + i.Summary + "\n" + i.Resolution) }

// CreateIncident stores an incident, open if no state is given.
func (q Queries) CreateIncident(ctx context.Context, i Incident) (Incident, error) {
	i.Created, i.Version, i.Resolved = q.now().UTC().Truncate(time.Microsecond), 1, time.Time{}
	i.ID = NewID(i.Created)
	switch i.State {
	case "":
		i.State = IncidentOpen
	case IncidentResolved:
		i.Resolved = i.Created
	}
	_, err := q.exec(ctx, "add incident", `INSERT INTO incidents (id, workspace_id, title, state, job_id, report_id, component, category, summary, resolution,
		folded, version, created_at, resolved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13)`,
		i.ID, i.Workspace, i.Title, string(i.State), optional(i.Job), optional(i.Report), i.Component, i.Category, i.Summary, i.Resolution, i.folded(),
		micros(i.Created), micros(i.Resolved))
	return i, err
}

// UpdateIncident stores all that can change of an incident whose version is still the one given, and returns it as it
// now is. One that somebody else changed meanwhile is ErrStale.
func (q Queries) UpdateIncident(ctx context.Context, i Incident) (Incident, error) {
	changed, err := one(ctx, q.write, "change incident", scanIncident, `UPDATE incidents SET title = $1, state = $2, job_id = $3, report_id = $4, component = $5,
		category = $6, summary = $7, resolution = $8, folded = $9, version = version + 1,
		resolved_at = CASE WHEN $2 <> 'resolved' THEN 0 WHEN resolved_at > 0 THEN resolved_at ELSE $10 END
		WHERE id = $11 AND workspace_id = $12 AND version = $13 RETURNING `+incidentColumns,
		i.Title, string(i.State), optional(i.Job), optional(i.Report), i.Component, i.Category, i.Summary, i.Resolution, i.folded(), micros(q.now()),
		i.ID, i.Workspace, i.Version)
	if errors.Is(err, ErrNotFound) {
		if _, err := one(ctx, q.write, "change incident", scanText, "SELECT id FROM incidents WHERE id = $1 AND workspace_id = $2", i.ID, i.Workspace); err != nil {
			return i, err
		}
		return i, fmt.Errorf("change incident: %w", ErrStale)
	}
	return changed, err
}

// Incident returns an incident of a workspace; that of another one is ErrNotFound.
func (q Queries) Incident(ctx context.Context, workspace, id string) (Incident, error) {
	return one(ctx, q.read, "look up incident", scanIncident, "SELECT "+incidentColumns+" FROM incidents WHERE id = $1 AND workspace_id = $2", id, workspace)
}

// Incidents lists incidents of a workspace, the newest first.
func (q Queries) Incidents(ctx context.Context, f IncidentFilter, p Page) (List[Incident], error) {
	var c clauses
	c.and("workspace_id = ?", f.Workspace)
	oneOf(&c, "state", f.States)
	c.contains("folded", f.Text)
	return page(ctx, q.read, "list incidents", incidentColumns, "incidents", c, order{"created_at", true}, p, scanIncident,
		func(i Incident) (int64, string) { return micros(i.Created), i.ID })
}

// DeleteIncident removes an incident.
func (q Queries) DeleteIncident(ctx context.Context, workspace, id string) error {
	return q.must(ctx, ErrNotFound, "delete incident", "DELETE FROM incidents WHERE id = $1 AND workspace_id = $2", id, workspace)
}
