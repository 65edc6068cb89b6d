package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

func TestAWorkspaceKeepsAnAdministrator(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		bob, bobs := w.newUser("Bob")
		team, err := w.CreateWorkspace(ctx, "Team", w.user.ID)
		w.ok(err)
		w.ok(w.SetMember(ctx, team.ID, bob.ID, store.Analyst))
		w.is(w.SetMember(ctx, team.ID, w.user.ID, store.Viewer), store.ErrConflict)
		w.is(w.RemoveMember(ctx, team.ID, w.user.ID), store.ErrConflict)
		w.ok(w.SetMember(ctx, team.ID, bob.ID, store.Admin))
		w.ok(w.RemoveMember(ctx, team.ID, w.user.ID))
		// An own workspace is its owner's, whoever else administers it.
		w.ok(w.SetMember(ctx, bobs.ID, w.user.ID, store.Admin))
		w.is(w.SetMember(ctx, bobs.ID, bob.ID, store.Viewer), store.ErrConflict)
		w.is(w.RemoveMember(ctx, bobs.ID, bob.ID), store.ErrConflict)
		w.is(w.SetMember(ctx, "none", bob.ID, store.Viewer), store.ErrNotFound)
		m, err := w.Memberships(ctx, bob.ID)
		w.ok(err)
		if len(m) != 2 || m[0].Role != store.Admin || m[1].Role != store.Admin {
			w.t.Errorf("memberships %+v", m)
		}
	})
}

// Two administrators demote each other, or one goes while the other is demoted, in two processes: one of them stays.
func TestAdministratorsAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		ctx := t.Context()
		stores, w := twoStores(t, url)
		bob, _ := w.newUser("Bob")
		for i := range 40 {
			team, err := w.CreateWorkspace(ctx, fmt.Sprint("team", i), w.user.ID)
			w.ok(err)
			w.ok(w.SetMember(ctx, team.ID, bob.ID, store.Admin))
			start, ends := make(chan struct{}), make(chan error)
			for n, user := range []string{w.user.ID, bob.ID} {
				go func() {
					<-start
					if i%2 == n {
						ends <- stores[n].RemoveMember(ctx, team.ID, user)
					} else {
						ends <- stores[n].SetMember(ctx, team.ID, user, store.Viewer)
					}
				}()
			}
			close(start)
			a, b := <-ends, <-ends
			if (a == nil) == (b == nil) || !errors.Is(errors.Join(a, b), store.ErrConflict) {
				t.Errorf("both ended with %v, %v", a, b)
			}
			members, err := w.Members(ctx, team.ID)
			w.ok(err)
			admins := 0
			for _, m := range members {
				if m.Role == store.Admin {
					admins++
				}
			}
			if admins != 1 {
				t.Errorf("%d administrators are left: %+v", admins, members)
			}
		}
	})
}
