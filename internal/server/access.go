package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/store"
)

// role is what a route asks of who comes.
type role string

// The roles. The last four are roles in the workspace that the route's place finds, each may all that the one before may.
const (
	anybody  role = "anybody"  // also strangers
	user     role = "user"     // anybody who is somebody
	operator role = "operator" // administrator of the service
	viewer   role = role(store.Viewer)
	analyst  role = role(store.Analyst)
	manager  role = role(store.Admin) // administrator of the workspace
)

// place finds the workspace in which a role is needed, and remembers in the request what it read on the way.
type place func(*Server, context.Context, *request, huma.Context) (workspace string, err error)

// tell is how much longer than the request itself its answer may take, or none could say that the time was over.
const tell = 5 * time.Second

// admit lets through whom the route's row lets through, sets the time in which all must be done, and says what the audit log will call it.
func (s *Server) admit(rt route) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		ctx := c.Context()
		st := requestOf(ctx)
		st.route = rt.pattern()
		r, w := humago.Unwrap(c)
		if err := s.may(ctx, rt, st, c); err != nil {
			s.refuse(w, r, s.problem(ctx, err))
			return
		}
		control := http.NewResponseController(w)
		if !rt.streams { // not every writer has deadlines; the server's own bound those
			_ = control.SetReadDeadline(time.Now().Add(s.opts.Limits.Answer))
			_ = control.SetWriteDeadline(time.Now().Add(s.opts.Limits.Answer + tell))
			bounded, cancel := context.WithTimeout(ctx, s.opts.Limits.Answer)
			defer cancel()
			c = huma.WithContext(c, bounded)
		}
		st.action, st.object = rt.audit, c.Param("id")
		next(c)
	}
}

// may checks in an order that tells a stranger nothing: who it is, what the key is for, whether the thing can be seen at
// all, and only then whether this may be done with it.
func (s *Server) may(ctx context.Context, rt route, st *request, c huma.Context) error {
	if rt.logins {
		_, w := humago.Unwrap(c)
		if p := s.take(ctx, w.Header(), "logins", "login:"+network(st.address), s.opts.Limits.Logins); p != nil {
			return p
		}
	}
	if rt.role == anybody {
		return nil
	}
	if !st.known {
		return auth.ErrCredentials
	}
	if rt.scope != "" && !st.who.Can(rt.scope) {
		return newProblem(http.StatusForbidden, "scope", "the API key lacks the scope "+string(rt.scope))
	}
	switch rt.role {
	case user:
		return nil
	case operator:
		if !st.who.Admin {
			return auth.ErrDenied
		}
		return nil
	}
	workspace, err := rt.in(s, ctx, st, c)
	if err != nil {
		return err
	}
	if !st.who.May(workspace, store.Viewer) {
		return store.ErrNotFound
	}
	if !st.who.May(workspace, store.Role(rt.role)) {
		return auth.ErrDenied
	}
	st.workspace = workspace
	return nil
}

// audited writes the entry of what was done, if the route has one, before the client is told of its success: what was answered is in
// the log, whatever becomes of this process. A log that cannot be written makes the answer an error, though the thing is done.
func (s *Server) audited(ctx context.Context) error {
	st := requestOf(ctx)
	if st.action == "" {
		return nil
	}
	who := st.who.User
	if who == "" && strings.HasPrefix(st.action, "auth.") {
		who = st.object
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second) // it is done, also if the client has gone
	defer cancel()
	return s.store.AddAudit(ctx, store.Audit{User: who, Workspace: st.workspace, Action: st.action, Object: st.object, Address: st.address.String(),
		RequestID: st.id, Detail: st.detail})
}

// note keeps for the audit log what was changed how.
func (st *request) note(object string, detail map[string]any) {
	st.object = object
	if b, err := json.Marshal(detail); err == nil && detail != nil {
		st.detail = string(b)
	}
}

// inQuery is the workspace that the query names, else the user's own, or the only one that a key is good for.
func inQuery(s *Server, ctx context.Context, st *request, c huma.Context) (string, error) {
	if w := c.Query("workspace"); w != "" {
		return w, s.exists(ctx, st, w)
	}
	return s.home(ctx, st)
}

// inPath is the workspace whose id the path holds.
func inPath(s *Server, ctx context.Context, st *request, c huma.Context) (string, error) {
	return c.Param("id"), s.exists(ctx, st, c.Param("id"))
}

// exists is for administrators of the service, who have a role also in workspaces that nobody made.
func (s *Server) exists(ctx context.Context, st *request, workspace string) error {
	if _, member := st.who.Roles[workspace]; member {
		return nil
	}
	_, err := s.store.Workspace(ctx, workspace)
	return err
}

// home is where a user works who names no workspace.
func (s *Server) home(ctx context.Context, st *request) (string, error) {
	own, err := s.store.PersonalWorkspace(ctx, st.who.User)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	if err == nil && st.who.May(own.ID, store.Viewer) {
		return own.ID, nil
	}
	if len(st.who.Roles) == 1 {
		for w := range st.who.Roles {
			return w, nil
		}
	}
	return "", fieldProblem("query.workspace", "required, for there are several")
}

// ofJob is the workspace of the job whose id the path holds.
func ofJob(s *Server, ctx context.Context, st *request, c huma.Context) (string, error) {
	j, err := s.store.Job(ctx, c.Param("id"))
	st.job = j
	return j.Workspace, err
}

// ofUpload is the workspace of the upload whose id the path holds.
func ofUpload(s *Server, ctx context.Context, st *request, c huma.Context) (w string, err error) {
	return s.search(st, c, func(workspace string) error {
		st.upload, err = s.store.Upload(ctx, workspace, c.Param("id"))
		return err
	})
}

// ofIncident is the workspace of the incident whose id the path holds.
func ofIncident(s *Server, ctx context.Context, st *request, c huma.Context) (w string, err error) {
	return s.search(st, c, func(workspace string) error {
		st.incident, err = s.store.Incident(ctx, workspace, c.Param("id"))
		return err
	})
}

// search looks in the workspace that the query names, else in all of the user's. An administrator of the service who is no
// member must name it.
func (s *Server) search(st *request, c huma.Context, look func(workspace string) error) (string, error) {
	if w := c.Query("workspace"); w != "" {
		if !st.who.May(w, store.Viewer) {
			return "", store.ErrNotFound
		}
		return w, look(w)
	}
	for _, w := range slices.Sorted(maps.Keys(st.who.Roles)) {
		if err := look(w); !errors.Is(err, store.ErrNotFound) {
			return w, err
		}
	}
	return "", fmt.Errorf("search %d workspaces: %w", len(st.who.Roles), store.ErrNotFound)
}
