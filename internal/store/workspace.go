package store

import (
	"context"
	"fmt"
	"time"
)

// Workspace holds uploads, jobs and incidents that its members share.
type Workspace struct {
	ID       string
	Name     string
	Personal string // the user whose own it is, or empty
	Created  time.Time
}

// Role says what a member may do in a workspace.
type Role string

// The roles, each of which may all that the one before may.
const (
	Viewer  Role = "viewer"
	Analyst Role = "analyst"
	Admin   Role = "admin"
)

// Member is a user in a workspace.
type Member struct {
	Workspace string
	User      string
	Name      string // the user's
	Role      Role
	Created   time.Time
}

const workspaceColumns = "id, name, COALESCE(personal, ''), created_at"

func scanWorkspace(r scanner) (w Workspace, err error) {
	err = r.Scan(&w.ID, &w.Name, &w.Personal, instant{&w.Created})
	return w, err
}

const memberColumns = "m.workspace_id, m.user_id, u.name, m.role, m.created_at"

func scanMember(r scanner) (m Member, err error) {
	err = r.Scan(&m.Workspace, &m.User, &m.Name, &m.Role, instant{&m.Created})
	return m, err
}

// CreateWorkspace adds a workspace with its first member, who administers it.
func (q Queries) CreateWorkspace(ctx context.Context, name, owner string) (w Workspace, err error) {
	err = q.atomic(ctx, func(q Queries) error {
		w, err = q.createWorkspace(ctx, name, "", owner)
		return err
	})
	return w, err
}

func (q Queries) createWorkspace(ctx context.Context, name, personal, owner string) (Workspace, error) {
	now := q.now().UTC().Truncate(time.Microsecond)
	w := Workspace{ID: NewID(now), Name: name, Personal: personal, Created: now}
	if _, err := q.exec(ctx, "add workspace "+name, "INSERT INTO workspaces (id, name, personal, created_at) VALUES ($1, $2, $3, $4)",
		w.ID, name, optional(personal), micros(now)); err != nil {
		return w, err
	}
	return w, q.SetMember(ctx, w.ID, owner, Admin)
}

// Workspace returns the workspace with an id.
func (q Queries) Workspace(ctx context.Context, id string) (Workspace, error) {
	return one(ctx, q.read, "look up workspace", scanWorkspace, "SELECT "+workspaceColumns+" FROM workspaces WHERE id = $1", id)
}

// PersonalWorkspace returns the workspace that was made with a user.
func (q Queries) PersonalWorkspace(ctx context.Context, user string) (Workspace, error) {
	return one(ctx, q.read, "look up workspace", scanWorkspace, "SELECT "+workspaceColumns+" FROM workspaces WHERE personal = $1", user)
}

// WorkspacesOf lists the workspaces that a user is a member of, the oldest first.
func (q Queries) WorkspacesOf(ctx context.Context, user string) ([]Workspace, error) {
	return list(ctx, q.read, "list workspaces", scanWorkspace, "SELECT "+workspaceColumns+` FROM workspaces
		WHERE id IN (SELECT workspace_id FROM members WHERE user_id = $1) ORDER BY id`, user)
}

// Workspaces lists all of them, the newest first.
func (q Queries) Workspaces(ctx context.Context, p Page) (List[Workspace], error) {
	return page(ctx, q.read, "list workspaces", workspaceColumns, "workspaces", clauses{}, order{"created_at", true}, p, scanWorkspace,
		func(w Workspace) (int64, string) { return micros(w.Created), w.ID })
}

// RenameWorkspace gives a workspace another name.
func (q Queries) RenameWorkspace(ctx context.Context, id, name string) error {
	return q.must(ctx, ErrNotFound, "rename workspace", "UPDATE workspaces SET name = $1 WHERE id = $2", name, id)
}

// DeleteWorkspace removes a workspace that is empty and nobody's own; any other is ErrReference.
func (q Queries) DeleteWorkspace(ctx context.Context, id string) error {
	return q.must(ctx, ErrReference, "delete workspace", "DELETE FROM workspaces WHERE id = $1 AND personal IS NULL", id)
}

// SetMember adds a member or changes the role of one. The last administrator of a workspace stays one, and the owner of an own
// one: else it is ErrConflict.
func (q Queries) SetMember(ctx context.Context, workspace, user string, role Role) error {
	return q.changeMembers(ctx, "set member", workspace, func(q Queries) error {
		_, err := q.exec(ctx, "set member", `INSERT INTO members (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role`, workspace, user, string(role), micros(q.now()))
		return err
	})
}

// RemoveMember takes a user out of a workspace, but not its last administrator, nor the owner out of an own one: ErrConflict.
func (q Queries) RemoveMember(ctx context.Context, workspace, user string) error {
	return q.changeMembers(ctx, "remove member", workspace, func(q Queries) error {
		return q.must(ctx, ErrNotFound, "remove member", "DELETE FROM members WHERE workspace_id = $1 AND user_id = $2", workspace, user)
	})
}

// changeMembers keeps a change from leaving a workspace to nobody. The workspace is locked first, so that of two administrators who
// demote each other at once one finds himself alone.
func (q Queries) changeMembers(ctx context.Context, doing, workspace string, change func(Queries) error) error {
	return q.atomic(ctx, func(q Queries) error {
		owner, err := one(ctx, q.write, doing, scanText, "SELECT COALESCE(personal, '') FROM workspaces WHERE id = $1"+q.store.dialect.rowLock(), workspace)
		if err != nil {
			return err
		}
		if err := change(q); err != nil {
			return err
		}
		admins, err := one(ctx, q.write, doing, scanInt, "SELECT count(*) FROM members WHERE workspace_id = $1 AND role = 'admin' AND ($2 = '' OR user_id = $2)",
			workspace, owner)
		if err == nil && admins == 0 {
			err = fmt.Errorf("%s: its last administrator: %w", doing, ErrConflict)
		}
		return err
	})
}

// Members lists who is in a workspace, by name.
func (q Queries) Members(ctx context.Context, workspace string) ([]Member, error) {
	return list(ctx, q.read, "list members", scanMember, "SELECT "+memberColumns+` FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.workspace_id = $1 ORDER BY u.folded`, workspace)
}

// Memberships lists the roles of a user in all workspaces.
func (q Queries) Memberships(ctx context.Context, user string) ([]Member, error) {
	return list(ctx, q.read, "list memberships", scanMember, "SELECT "+memberColumns+` FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.user_id = $1 ORDER BY m.workspace_id`, user)
}
