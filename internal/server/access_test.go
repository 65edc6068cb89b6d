package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/server"
	"github.com/rca-engine/rca/internal/store"
)

// things are what the paths of routes name, in the shared workspace.
type things struct{ upload, job, incident, tus, user, workspace string }

// things makes them new, for what a route does with them must not be seen by the next.
func (s *site) things() things {
	s.t.Helper()
	ctx, ben := s.t.Context(), s.users["ben"].ID
	u, err := s.desk.TakeUpload(ctx, s.shared.ID, ben, "app.log", -1, strings.NewReader(log))
	s.ok(err)
	j, _, err := s.store.CreateJob(ctx, store.Job{Workspace: s.shared.ID, User: ben, Type: store.RCAAnalysis, Title: "night", Priority: 2},
		[]store.JobInput{{Upload: u.ID, Role: store.InputLogs}})
	s.ok(err)
	i, err := s.store.CreateIncident(ctx, store.Incident{Workspace: s.shared.ID, Title: "down", Job: j.ID})
	s.ok(err)
	a := s.ask("ben", "POST", "/uploads/tus", nil, "Tus-Resumable", "1.0.0", "Upload-Length", "10", "Upload-Metadata", "workspace "+b64(s.shared.ID)).is(201)
	at := a.Header.Get("Location")
	return things{u.ID, j.ID, i.ID, at[strings.LastIndex(at, "/")+1:], s.users["dee"].ID, s.shared.ID}
}

const log = "2026-03-01T12:00:00Z INFO api: started\n2026-03-01T12:00:05Z ERROR api: connection refused by db:5432\n"

// path fills in the path of a route.
func (th things) path(path string) string {
	id := ""
	query := ""
	switch {
	case strings.Contains(path, "/uploads/tus/"):
		id = th.tus
	case strings.Contains(path, "/uploads/"):
		id, query = th.upload, "?workspace="+th.workspace
	case strings.Contains(path, "/jobs/"):
		id = th.job
	case strings.Contains(path, "/incidents/"):
		id, query = th.incident, "?workspace="+th.workspace
	case strings.Contains(path, "/workspaces/"):
		id = th.workspace
	case strings.Contains(path, "/users/"), strings.Contains(path, "/keys/"), strings.Contains(path, "/sessions/"):
		id = th.user
	case strings.HasSuffix(path, "/jobs"), strings.HasSuffix(path, "/uploads"), strings.HasSuffix(path, "/uploads/text"), strings.HasSuffix(path, "/uploads/url"),
		strings.HasSuffix(path, "/incidents"),
		strings.HasSuffix(path, "/reports"):
		query = "?workspace=" + th.workspace
	}
	if strings.HasSuffix(path, "/limits") || strings.HasSuffix(path, "/tus") {
		query = ""
	}
	return strings.NewReplacer("{id}", id, "{user}", th.user).Replace(path) + query
}

// Each route is asked as nobody, as one of another workspace, as each role, by a key without its scope and by a key of another
// workspace; the table says what must come.
func TestEveryRouteAsksForItsRole(t *testing.T) {
	rank := map[string]int{"viewer": 1, "analyst": 2, "admin": 3}
	each(t, nil, func(t *testing.T, s *site) {
		ada, err := s.auth.Authenticate(t.Context(), auth.Credential{Bearer: s.tokens["ada"]})
		s.ok(err)
		own, err := s.store.PersonalWorkspace(t.Context(), ada.User)
		s.ok(err)
		narrow, _, err := s.auth.CreateAPIKey(t.Context(), ada, "narrow", "", []auth.Scope{auth.ScopeIncidentsWrite}, never)
		s.ok(err)
		elsewhere, _, err := s.auth.CreateAPIKey(t.Context(), ada, "elsewhere", own.ID, []auth.Scope{auth.ScopeAdmin}, never)
		s.ok(err)
		same := s.things()
		asked := 0
		for path, item := range s.document().Paths {
			for method, o := range item {
				for _, who := range []struct {
					name string
					role string // in the shared workspace
				}{{"", ""}, {"dee", ""}, {elsewhere, ""}, {"cem", "viewer"}, {"ben", "analyst"}, {"ada", "admin"}, {"root", "admin"}, {narrow, "admin"}} {
					want := ""
					inWorkspace := rank[o.Role] > 0
					switch {
					case o.Role == "anybody":
					case who.name == "":
						want = "credentials"
					case who.name == narrow && o.Scope != "" && o.Scope != string(auth.ScopeIncidentsWrite):
						want = "scope"
					case o.Role == "operator" && who.name != "root":
						want = "denied"
					case strings.HasPrefix(o.ID, "tus") && o.ID != "tusCreate" && who.name != "ben":
						want = "not_found" // another's, whatever the role
					case inWorkspace && who.role == "":
						want = "not_found"
					case inWorkspace && rank[who.role] < rank[o.Role]:
						want = "denied"
					}
					var body any
					if o.RequestBody != nil && o.RequestBody.Content["application/json"].Schema != nil {
						body = obj{}
					}
					th := same
					if want == "" && strings.Contains(path, "{id}") { // it may change what it names
						th = s.things()
					}
					if o.ID == "jobEvents" && want == "" { // whose stream ends with the job
						_, err := s.store.RequestCancel(t.Context(), th.job)
						s.ok(err)
					}
					g := s.ask(who.name, strings.ToUpper(method), th.path(path), body, "X-Request-ID", "request-of-test")
					asked++
					var p server.Problem
					if len(g.Body) > 0 && strings.Contains(g.Header.Get("Content-Type"), "problem") {
						s.ok(json.Unmarshal(g.Body, &p))
					}
					code := p.Code
					if method == "head" { // no body
						code = map[int]string{401: "credentials", 403: "denied", 404: "not_found"}[g.Status]
						if g.Status == 403 && want == "scope" {
							code = "scope"
						}
					}
					refused := code == "credentials" || code == "scope" || code == "denied" || code == "not_found"
					noReport := code == "not_found" && (strings.Contains(o.ID, "ecords") || o.ID == "jobReport" || o.ID == "jobResult")
					ownKey := o.ID == "revokeKey" || o.ID == "endSession" || o.ID == "removeMember" // they name what is not there
					publicRefusal := o.Role == "anybody"
					if want != "" && code != want || want == "" && refused && !noReport && !ownKey && !publicRefusal || g.Status >= 500 {
						t.Errorf("%s as %q: status %d, code %q, want code %q (role %s): %.300s", o.ID, who.name, g.Status, code, want, o.Role, g.Body)
					}
				}
			}
		}
		if asked < 400 {
			t.Errorf("only %d requests", asked)
		}
	})
}

// What somebody cannot see, and what is not there, look the same.
func TestAnotherWorkspaceTellsNothing(t *testing.T) {
	s := one(t, nil)
	th := s.things()
	for _, path := range []string{"/jobs/" + th.job, "/uploads/" + th.upload, "/incidents/" + th.incident, "/workspaces/" + th.workspace,
		"/uploads/" + th.upload + "?workspace=" + th.workspace, "/incidents/" + th.incident + "?workspace=" + th.workspace, "/jobs?workspace=" + th.workspace} {
		there := s.ask("dee", "GET", path, nil, "X-Request-ID", "same-for-both").is(404)
		gone := s.ask("dee", "GET", strings.NewReplacer(th.job, "x", th.upload, "x", th.incident, "x", th.workspace, "x").Replace(path), nil, "X-Request-ID", "same-for-both").is(404)
		if string(there.Body) != string(gone.Body) {
			t.Errorf("%s: %s, but %s", path, there.Body, gone.Body)
		}
	}
	// The ids open what they name to members, without a word of the workspace.
	for _, path := range []string{"/jobs/" + th.job, "/uploads/" + th.upload, "/incidents/" + th.incident} {
		s.ask("cem", "GET", path, nil).is(200)
	}
}

func TestAKeyActsInItsWorkspace(t *testing.T) {
	s := one(t, nil)
	var k struct{ Secret, Prefix string }
	s.ask("ben", "POST", "/keys", obj{"name": "ci", "workspace": s.shared.ID, "scopes": []string{"jobs:read", "uploads:write"}}).is(201).into(&k)
	if !strings.HasPrefix(k.Secret, "rca_"+k.Prefix) {
		t.Errorf("key %+v", k)
	}
	var u struct{ Workspace string }
	s.ask(k.Secret, "POST", "/uploads/text", obj{"text": log}).is(201).into(&u)
	if u.Workspace != s.shared.ID {
		t.Errorf("the key is good for %s only, yet took %s", s.shared.ID, u.Workspace)
	}
	if code := s.ask(k.Secret, "POST", "/keys", obj{"name": "more", "scopes": []string{"admin"}}).is(403).code(); code != "scope" {
		t.Error(code)
	}
	var list struct {
		Items []struct {
			ID     string
			Secret string
		}
	}
	if g := s.ask("ben", "GET", "/keys", nil).is(200).into(&list); len(list.Items) != 1 || strings.Contains(string(g.Body), k.Secret) {
		t.Errorf("keys %s", g.Body)
	}
	s.ask("ada", "DELETE", "/keys/"+list.Items[0].ID, nil).is(404)
	s.ask("ben", "DELETE", "/keys/"+list.Items[0].ID, nil).is(204)
	s.ask(k.Secret, "GET", "/auth/me", nil).is(401)
}
