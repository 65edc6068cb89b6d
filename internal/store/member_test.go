package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

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
		stores := []*store.Store{storetest.Open(t, url, store.Options{}), storetest.Open(t, url, store.Options{})}
		w := &world{Store: stores[0], t: t, clock: newClock()}
		_, err := w.Migrate(ctx)
		w.ok(err)
		w.user, w.workspace = w.newUser("Ada")
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

func TestExtendUpload(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		soon, later := w.clock.now().Add(time.Hour), w.clock.now().Add(2*time.Hour)
		u, err := w.CreateUpload(ctx, store.Upload{Workspace: w.workspace.ID, User: w.user.ID, Name: "a", Expires: soon})
		w.ok(err)
		expires := func(id string, want time.Time) {
			w.t.Helper()
			u, err := w.Upload(ctx, w.workspace.ID, id)
			w.ok(err)
			if !u.Expires.Equal(want) {
				w.t.Errorf("expires %s, want %s", u.Expires, want)
			}
		}
		w.ok(w.ExtendUpload(ctx, u.ID, later))
		expires(u.ID, later)
		w.ok(w.ExtendUpload(ctx, u.ID, soon)) // no shorter
		expires(u.ID, later)
		forever, err := w.CreateUpload(ctx, store.Upload{Workspace: w.workspace.ID, User: w.user.ID, Name: "b"})
		w.ok(err)
		w.ok(w.ExtendUpload(ctx, forever.ID, later))
		expires(forever.ID, time.Time{})
	})
}

func TestRecountBlob(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		w.upload("h", 1)
		w.upload("h", 1)
		_, err := w.DB().ExecContext(ctx, "UPDATE blobs SET refs = 7")
		w.ok(err)
		wrong, err := w.MiscountedBlobs(ctx, 10)
		w.ok(err)
		if len(wrong) != 1 {
			w.t.Errorf("miscounted %+v", wrong)
		}
		w.ok(w.RecountBlob(ctx, "h"))
		w.refs("h", 2)
		w.is(w.RecountBlob(ctx, "none"), store.ErrNotFound)
	})
}

// Those who lock a user's usage look one after the other, so together they do not take more than there is.
func TestLockUsage(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		const room, takers = 3, 8
		ends := make(chan error)
		for i := range takers {
			go func() {
				ends <- w.InTx(ctx, func(tx *store.Tx) error {
					if err := tx.LockUsage(ctx, w.user.ID); err != nil {
						return err
					}
					use, err := tx.UserUsage(ctx, w.user.ID)
					if err != nil || use.Uploads == room {
						return err
					}
					_, err = tx.CreateUpload(ctx, store.Upload{Workspace: w.workspace.ID, User: w.user.ID, Name: fmt.Sprint(i), Size: 1})
					return err
				})
			}()
		}
		for range takers {
			w.ok(<-ends)
		}
		use, err := w.UserUsage(ctx, w.user.ID)
		w.ok(err)
		if use.Uploads != room {
			w.t.Errorf("%d uploads, want %d", use.Uploads, room)
		}
		w.is(w.LockUsage(ctx, "none"), store.ErrNotFound)
	})
}
