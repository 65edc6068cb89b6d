package store

import (
	"context"
	"time"
)

// Audit is an entry of who did what. Its user and workspace may be gone.
type Audit struct {
	ID        string
	At        time.Time
	User      string
	Workspace string
	Action    string // as "job.create", "user.disable"
	Object    string // id of what was acted on
	Address   string // where the request came from
	RequestID string
	Detail    string // JSON
}

// AuditFilter chooses entries; empty fields choose all.
type AuditFilter struct {
	Workspace, User, Action string
	From, To                time.Time
}

const auditColumns = "id, at, user_id, workspace_id, action, object, address, request_id, detail"

func scanAudit(r scanner) (a Audit, err error) {
	err = r.Scan(&a.ID, instant{&a.At}, &a.User, &a.Workspace, &a.Action, &a.Object, &a.Address, &a.RequestID, &a.Detail)
	return a, err
}

// AddAudit writes an entry with the time of now.
func (q Queries) AddAudit(ctx context.Context, a Audit) error {
	now := q.now()
	_, err := q.exec(ctx, "write audit log", "INSERT INTO audit ("+auditColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		NewID(now), micros(now), a.User, a.Workspace, a.Action, a.Object, a.Address, a.RequestID, document(a.Detail))
	return err
}

// Audit lists entries, the newest first.
func (q Queries) Audit(ctx context.Context, f AuditFilter, p Page) (List[Audit], error) {
	var c clauses
	for _, is := range []struct{ column, value string }{{"workspace_id", f.Workspace}, {"user_id", f.User}, {"action", f.Action}} {
		if is.value != "" {
			c.and(is.column+" = ?", is.value)
		}
	}
	if !f.From.IsZero() {
		c.and("at >= ?", micros(f.From))
	}
	if !f.To.IsZero() {
		c.and("at <= ?", micros(f.To))
	}
	return page(ctx, q.read, "list audit log", auditColumns, "audit", c, order{"at", true}, p, scanAudit,
		func(a Audit) (int64, string) { return micros(a.At), a.ID })
}
