package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

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

// What is counted of a user and of a workspace follows the uploads, is found when it does not, and is counted anew by a migration.
func TestUsage(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		bob, _ := w.newUser("Bob")
		w.upload("h", 100)
		announced, err := w.CreateUpload(ctx, store.Upload{Workspace: w.workspace.ID, User: bob.ID, Name: "b", Size: 7})
		w.ok(err)
		want := func(user string, bytes, uploads, inAll, uploadsInAll int64) {
			w.t.Helper()
			u, err := w.UserUsage(ctx, user)
			w.ok(err)
			ws, err := w.WorkspaceUsage(ctx, w.workspace.ID)
			w.ok(err)
			if u != (store.Usage{Bytes: bytes, Uploads: uploads}) || ws != (store.Usage{Bytes: inAll, Uploads: uploadsInAll}) {
				w.t.Errorf("usage %+v of the user, %+v of the workspace", u, ws)
			}
			wrong, err := w.MiscountedUsage(ctx, 10)
			w.ok(err)
			if len(wrong) != 0 {
				w.t.Errorf("miscounted %+v", wrong)
			}
		}
		want(w.user.ID, 100, 1, 107, 2)
		w.ok(w.AnnounceBlob(ctx, "i", 20, 1))
		w.ok(w.FinishUpload(ctx, announced.ID, "i", "", time.Time{})) // more came than was announced
		want(bob.ID, 20, 1, 120, 2)

		_, err = w.DB().ExecContext(ctx, "UPDATE users SET upload_bytes = 1, upload_count = 9 WHERE id = $1", bob.ID)
		w.ok(err)
		wrong, err := w.MiscountedUsage(ctx, 10)
		w.ok(err)
		if len(wrong) != 1 || wrong[0].ID != bob.ID || wrong[0].Of != "user" || wrong[0].Real != (store.Usage{Bytes: 20, Uploads: 1}) {
			w.t.Fatalf("miscounted %+v", wrong)
		}
		more, err := w.CreateUpload(ctx, store.Upload{Workspace: w.workspace.ID, User: bob.ID, Name: "c", Size: 5}) // meanwhile
		w.ok(err)
		w.ok(w.CorrectUsage(ctx, wrong[0]))
		want(bob.ID, 25, 2, 125, 3)
		w.is(w.CorrectUsage(ctx, store.Miscount{Of: "planet"}), store.ErrInvalid)

		w.ok(w.MigrateDown(ctx, 2))
		_, err = w.Migrate(ctx)
		w.ok(err)
		want(bob.ID, 25, 2, 125, 3)
		w.ok(w.DeleteUpload(ctx, w.workspace.ID, more.ID))
		lost, err := w.CreateUpload(ctx, store.Upload{Workspace: w.workspace.ID, User: bob.ID, Name: "d", Size: 3})
		w.ok(err)
		w.ok(w.FailUpload(ctx, lost.ID, w.clock.now()))
		w.ok(w.DeleteUpload(ctx, w.workspace.ID, lost.ID)) // it counted no more
		w.ok(w.DeleteUpload(ctx, w.workspace.ID, announced.ID))
		want(bob.ID, 0, 0, 100, 1)
	})
}
