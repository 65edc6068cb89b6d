package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

func TestUsers(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		_, err := w.CreateUser(ctx, "ADA", "x", false)
		w.is(err, store.ErrConflict)
		_, err = w.CreateUser(ctx, "", "x", false)
		w.is(err, store.ErrInvalid)
		_, _ = w.newUser("Östen")
		_, err = w.CreateUser(ctx, "östen", "x", false)
		w.is(err, store.ErrConflict)
		u, err := w.UserByName(ctx, "aDa")
		w.ok(err)
		if u != w.user {
			w.t.Errorf("found %+v, want %+v", u, w.user)
		}
		all, err := w.Users(ctx, store.Page{Total: true})
		w.ok(err)
		if all.Total != 2 {
			w.t.Errorf("%d users", all.Total)
		}
		roles, err := w.Memberships(ctx, w.user.ID)
		w.ok(err)
		if len(roles) != 1 || roles[0].Role != store.Admin || roles[0].Workspace != w.workspace.ID {
			w.t.Errorf("memberships are %+v", roles)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		has, err := w.HasAdmin(ctx)
		w.ok(err)
		if has {
			w.t.Error("there is an administrator already")
		}
		w.ok(w.SetAdmin(ctx, w.user.ID, true))
		w.is(w.SetAdmin(ctx, w.user.ID, false), store.ErrConflict)
		w.is(w.SetDisabled(ctx, w.user.ID, true), store.ErrConflict)
		bob, _ := w.newUser("Bob")
		w.ok(w.SetDisabled(ctx, bob.ID, true))
		w.ok(w.SetDisabled(ctx, bob.ID, false))
		w.ok(w.SetAdmin(ctx, bob.ID, true))
		errs := make(chan error, 2)
		for _, id := range []string{w.user.ID, bob.ID} { // each bars the other, at once
			go func() { errs <- w.SetDisabled(ctx, id, true) }()
		}
		refused := 0
		for range 2 {
			if err := <-errs; errors.Is(err, store.ErrConflict) {
				refused++
			} else {
				w.ok(err)
			}
		}
		if has, _ = w.HasAdmin(ctx); refused != 1 || !has {
			w.t.Errorf("%d refused, administrator left: %v", refused, has)
		}
		w.is(w.SetAdmin(ctx, "none", true), store.ErrNotFound)
	})
}

func TestCountLogin(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		pause := func(failures int64) time.Duration { return time.Duration(failures/3) * time.Minute }
		for range 3 {
			w.ok(w.CountLogin(ctx, w.user.ID, pause))
		}
		w.is(w.CountLogin(ctx, w.user.ID, pause), store.ErrStale)
		w.clock.forward(time.Minute)
		w.ok(w.CountLogin(ctx, w.user.ID, pause))
		w.ok(w.GoodLogin(ctx, w.user.ID))
		u, err := w.User(ctx, w.user.ID)
		w.ok(err)
		if u.FailedLogins != 0 || !u.LockedUntil.IsZero() || !u.LastLogin.Equal(w.clock.now()) {
			w.t.Errorf("after a good login: %+v", u)
		}
	})
}

func TestSessions(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		for _, hash := range []string{"s1", "s2"} {
			w.ok(w.CreateSession(ctx, store.Session{Hash: hash, User: w.user.ID, Expires: w.clock.now().Add(time.Hour), Address: "::1", Agent: "curl"}))
		}
		w.is(w.CreateSession(ctx, store.Session{Hash: "s1", User: w.user.ID}), store.ErrConflict)
		w.is(w.CreateSession(ctx, store.Session{Hash: "s3", User: "none"}), store.ErrReference)
		w.clock.forward(30 * time.Minute)
		w.ok(w.SeeSession(ctx, "s1", w.clock.now().Add(time.Hour)))
		w.clock.forward(30 * time.Minute)
		_, err := w.Session(ctx, "s2")
		w.is(err, store.ErrNotFound)
		all, err := w.SessionsOf(ctx, w.user.ID)
		w.ok(err)
		if len(all) != 1 || all[0].Agent != "curl" || !all[0].LastSeen.After(all[0].Created) {
			w.t.Errorf("sessions are %+v", all)
		}
		w.clock.forward(time.Microsecond)
		n, err := w.DeleteExpired(ctx, w.clock.now(), 10)
		w.ok(err)
		if n != 1 {
			w.t.Errorf("%d rows deleted", n)
		}
		w.ok(w.CreateSession(ctx, store.Session{Hash: "s4", User: w.user.ID, Expires: w.clock.now().Add(time.Hour)}))
		w.is(w.EndSessionOf(ctx, "another", "s4"), store.ErrNotFound)
		_, err = w.Session(ctx, "s4")
		w.ok(err)
		w.ok(w.EndSessionOf(ctx, w.user.ID, "s4"))
		w.is(w.EndSessionOf(ctx, w.user.ID, "s4"), store.ErrNotFound)
		_, err = w.Session(ctx, "s4")
		w.is(err, store.ErrNotFound)
		w.ok(w.SetPassword(ctx, w.user.ID, "new"))
		_, err = w.Session(ctx, "s1")
		w.is(err, store.ErrNotFound)
		u, err := w.User(ctx, w.user.ID)
		w.ok(err)
		if u.TokenVersion != 2 || u.PasswordHash != "new" {
			w.t.Errorf("user is %+v", u)
		}
	})
}

func TestRefreshTokens(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		expires := w.clock.now().Add(time.Hour)
		w.ok(w.CreateRefreshToken(ctx, "r1", "fam", w.user.ID, expires))
		w.ok(w.CreateRefreshToken(ctx, "x1", "other", w.user.ID, expires))
		got, err := w.RotateRefreshToken(ctx, "r1", "r2", expires)
		w.ok(err)
		if got.User != w.user.ID || got.Family != "fam" {
			w.t.Errorf("token is %+v", got)
		}
		_, err = w.RotateRefreshToken(ctx, "r1", "thief", expires)
		w.is(err, store.ErrReused)
		_, err = w.RotateRefreshToken(ctx, "r2", "r3", expires)
		w.is(err, store.ErrNotFound) // the whole family is void
		_, err = w.RotateRefreshToken(ctx, "thief", "r3", expires)
		w.is(err, store.ErrNotFound)
		_, err = w.RotateRefreshToken(ctx, "x1", "x2", expires)
		w.ok(err) // another login of the same user is not
		w.clock.forward(time.Hour)
		_, err = w.RotateRefreshToken(ctx, "x2", "x3", expires)
		w.is(err, store.ErrNotFound)
	})
}

// Of many who use one token at the same time, one gets a successor.
func TestRefreshAtOnce(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		expires := w.clock.now().Add(time.Hour)
		w.ok(w.CreateRefreshToken(ctx, "r1", "fam", w.user.ID, expires))
		errs := make(chan error, 8)
		for i := range cap(errs) {
			go func() {
				_, err := w.RotateRefreshToken(ctx, "r1", "n"+string(rune('a'+i)), expires)
				errs <- err
			}()
		}
		good := 0
		for range cap(errs) {
			if err := <-errs; err == nil {
				good++
			} else if !errors.Is(err, store.ErrReused) {
				w.t.Error(err)
			}
		}
		if good != 1 {
			w.t.Errorf("%d got a successor", good)
		}
	})
}

func TestSigningKeysAndSetupLinks(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		errs := make(chan error, 4)
		for i := range cap(errs) { // processes that start at once agree on one key
			go func() {
				k := store.SigningKey{ID: string(rune('a' + i)), Secret: []byte{byte(i), 0, 255}}
				errs <- w.RotateSigningKey(ctx, k, w.clock.now().Add(-time.Hour), w.clock.now().Add(-time.Hour))
			}()
		}
		for range cap(errs) {
			w.ok(<-errs)
		}
		keys, err := w.SigningKeys(ctx)
		w.ok(err)
		if len(keys) != 1 || len(keys[0].Secret) != 3 {
			w.t.Fatalf("keys are %+v", keys)
		}
		rotate := func(id string, left int) {
			w.t.Helper()
			w.clock.forward(2 * time.Hour)
			w.ok(w.RotateSigningKey(ctx, store.SigningKey{ID: id, Secret: []byte("s")}, w.clock.now().Add(-time.Hour), w.clock.now().Add(-time.Hour)))
			keys, err := w.SigningKeys(ctx)
			w.ok(err)
			if len(keys) != left || keys[0].ID != id || !keys[0].Retired.IsZero() || keys[1].Retired.IsZero() {
				w.t.Errorf("keys are %+v", keys)
			}
		}
		rotate("k2", 2)
		rotate("k3", 2) // the first is dead and gone

		w.ok(w.CreateSetupLink(ctx, "l1", w.clock.now().Add(time.Hour)))
		w.ok(w.CreateSetupLink(ctx, "l2", w.clock.now().Add(time.Hour)))
		w.is(w.UseSetupLink(ctx, "l1"), store.ErrNotFound)
		w.ok(w.UseSetupLink(ctx, "l2"))
		w.is(w.UseSetupLink(ctx, "l2"), store.ErrNotFound)
	})
}

func TestAPIKeys(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		k, err := w.CreateAPIKey(ctx, store.APIKey{User: w.user.ID, Workspace: w.workspace.ID, Name: "ci", Prefix: "p1", Hash: "h", Scopes: []string{"jobs:read"},
			Expires: w.clock.now().Add(time.Hour)})
		w.ok(err)
		w.clock.forward(time.Millisecond)
		_, err = w.CreateAPIKey(ctx, store.APIKey{User: w.user.ID, Prefix: "p1"})
		w.is(err, store.ErrConflict)
		forever, err := w.CreateAPIKey(ctx, store.APIKey{User: w.user.ID, Prefix: "p2"})
		w.ok(err)
		got, err := w.APIKeyByPrefix(ctx, "p1")
		w.ok(err)
		if got.ID != k.ID || got.Workspace != w.workspace.ID || len(got.Scopes) != 1 {
			w.t.Errorf("key is %+v", got)
		}
		w.ok(w.SeeAPIKey(ctx, k.ID))
		w.clock.forward(time.Hour)
		_, err = w.APIKeyByPrefix(ctx, "p1")
		w.is(err, store.ErrNotFound)
		_, err = w.APIKeyByPrefix(ctx, "p2")
		w.ok(err)
		bob, _ := w.newUser("Bob")
		w.is(w.RevokeAPIKey(ctx, bob.ID, forever.ID), store.ErrNotFound)
		w.ok(w.RevokeAPIKey(ctx, w.user.ID, forever.ID))
		w.is(w.RevokeAPIKey(ctx, w.user.ID, forever.ID), store.ErrNotFound)
		_, err = w.APIKeyByPrefix(ctx, "p2")
		w.is(err, store.ErrNotFound)
		all, err := w.APIKeysOf(ctx, w.user.ID)
		w.ok(err)
		if len(all) != 2 || all[0].Revoked.IsZero() || all[1].LastUsed.IsZero() {
			w.t.Errorf("keys are %+v", all)
		}
	})
}

func TestWorkspaces(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		team, err := w.CreateWorkspace(ctx, "Team", w.user.ID)
		w.ok(err)
		bob, _ := w.newUser("Bob")
		w.ok(w.SetMember(ctx, team.ID, bob.ID, store.Viewer))
		w.ok(w.SetMember(ctx, team.ID, bob.ID, store.Analyst))
		w.is(w.SetMember(ctx, team.ID, bob.ID, "king"), store.ErrInvalid)
		w.is(w.SetMember(ctx, team.ID, "none", store.Viewer), store.ErrReference)
		members, err := w.Members(ctx, team.ID)
		w.ok(err)
		if len(members) != 2 || members[1].Name != "Bob" || members[1].Role != store.Analyst {
			w.t.Errorf("members are %+v", members)
		}
		of, err := w.WorkspacesOf(ctx, bob.ID)
		w.ok(err)
		if len(of) != 2 {
			w.t.Errorf("workspaces are %+v", of)
		}
		w.ok(w.RenameWorkspace(ctx, team.ID, "Crew"))
		w.ok(w.RemoveMember(ctx, team.ID, bob.ID))
		w.is(w.RemoveMember(ctx, team.ID, bob.ID), store.ErrNotFound)
		_, _, err = w.CreateJob(ctx, store.Job{Workspace: team.ID, User: w.user.ID, Type: store.LogAnalysis}, nil)
		w.ok(err)
		w.is(w.DeleteWorkspace(ctx, team.ID), store.ErrReference)
		w.is(w.DeleteWorkspace(ctx, w.workspace.ID), store.ErrReference)
		empty, err := w.CreateWorkspace(ctx, "Empty", w.user.ID)
		w.ok(err)
		w.ok(w.DeleteWorkspace(ctx, empty.ID))
		all, err := w.Workspaces(ctx, store.Page{})
		w.ok(err)
		if len(all.Items) != 3 {
			w.t.Errorf("%d workspaces", len(all.Items))
		}
	})
}

func TestIncidents(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		i, err := w.CreateIncident(ctx, store.Incident{Workspace: w.workspace.ID, Title: "Checkout down", Summary: "The Disk of db-1 was full"})
		w.ok(err)
		if i.State != store.IncidentOpen || i.Version != 1 {
			w.t.Errorf("incident is %+v", i)
		}
		w.clock.forward(time.Minute)
		change := i
		change.State, change.Resolution = store.IncidentResolved, "Grew the volume"
		got, err := w.UpdateIncident(ctx, change)
		w.ok(err)
		if got.Version != 2 || !got.Resolved.Equal(w.clock.now()) {
			w.t.Errorf("incident is %+v", got)
		}
		_, err = w.UpdateIncident(ctx, change)
		w.is(err, store.ErrStale)
		change.ID = "none"
		_, err = w.UpdateIncident(ctx, change)
		w.is(err, store.ErrNotFound)
		got.State = store.IncidentInvestigating
		if got, err = w.UpdateIncident(ctx, got); err != nil || !got.Resolved.IsZero() {
			w.t.Errorf("opened again: %+v, %v", got, err)
		}
		_, err = w.CreateIncident(ctx, store.Incident{Workspace: w.workspace.ID, Title: "Login slow", State: store.IncidentResolved})
		w.ok(err)
		f := func(f store.IncidentFilter, want int64) {
			w.t.Helper()
			l, err := w.Incidents(ctx, f, store.Page{Total: true})
			w.ok(err)
			if l.Total != want || int64(len(l.Items)) != want {
				w.t.Errorf("%+v: %d incidents, want %d", f, l.Total, want)
			}
		}
		id := w.workspace.ID
		f(store.IncidentFilter{Workspace: id}, 2)
		f(store.IncidentFilter{Workspace: id, Text: "FULL disk"}, 1)
		f(store.IncidentFilter{Workspace: id, Text: "volume"}, 1)
		f(store.IncidentFilter{Workspace: id, Text: "volume slow"}, 0)
		f(store.IncidentFilter{Workspace: id, States: []store.IncidentState{store.IncidentResolved}}, 1)
		f(store.IncidentFilter{Workspace: "none"}, 0)
		w.ok(w.DeleteIncident(ctx, id, i.ID))
		w.is(w.DeleteIncident(ctx, id, i.ID), store.ErrNotFound)
	})
}

func TestAudit(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		for _, a := range []store.Audit{{User: "u1", Action: "job.create", Workspace: "w1"}, {User: "u2", Action: "job.create"}, {User: "u1", Action: "login", Detail: `{"a":1}`}} {
			w.ok(w.AddAudit(ctx, a))
			w.clock.forward(time.Minute)
		}
		f := func(f store.AuditFilter, want int) {
			w.t.Helper()
			l, err := w.Audit(ctx, f, store.Page{})
			w.ok(err)
			if len(l.Items) != want {
				w.t.Errorf("%+v: %d entries, want %d", f, len(l.Items), want)
			}
		}
		f(store.AuditFilter{}, 3)
		f(store.AuditFilter{User: "u1"}, 2)
		f(store.AuditFilter{User: "u1", Action: "login"}, 1)
		f(store.AuditFilter{Workspace: "w1"}, 1)
		f(store.AuditFilter{From: w.clock.now().Add(-2 * time.Minute)}, 2)
		f(store.AuditFilter{To: w.clock.now().Add(-2 * time.Minute)}, 2)
		n, err := w.DeleteAuditBefore(ctx, w.clock.now(), 2)
		w.ok(err)
		if n != 2 {
			w.t.Errorf("%d entries deleted", n)
		}
		f(store.AuditFilter{Action: "login"}, 1)
	})
}

func TestIDsSortByTime(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 999_999_000, time.UTC)
	before := ""
	for range 10_000 {
		id := store.NewID(at)
		if len(id) != 36 || id[14] != '7' || id <= before {
			t.Fatalf("%s comes after %s", id, before)
		}
		before, at = id, at.Add(time.Microsecond)
	}
}
