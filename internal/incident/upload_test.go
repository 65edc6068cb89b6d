package incident_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/store"
)

func TestTakeUpload(t *testing.T) {
	each(t, incident.Options{MaxUpload: 1000, UserQuota: 2500}, func(w *world) {
		ctx := w.Context()
		u := w.upload("../etc/app.log", "hello\n")
		if u.Name != "app.log" || u.Size != 6 || u.State != store.UploadReady || u.Blob == "" || !strings.HasPrefix(u.MediaType, "text/plain") || u.Expires.IsZero() {
			w.Errorf("upload is %+v", u)
		}
		f := func(what string, size int64, r io.Reader, want func(error) bool) {
			w.Helper()
			if _, err := w.TakeUpload(ctx, w.workspace, w.user, "x", size, r); err == nil || !want(err) {
				w.Errorf("%s: %v", what, err)
			}
		}
		is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
		quota := func(err error) bool { var q *incident.QuotaError; return errors.As(err, &q) }
		f("too large as announced", 1001, unread{}, is(incident.ErrTooLarge))
		f("too large in truth", -1, strings.NewReader(strings.Repeat("x", 1001)), is(incident.ErrTooLarge))
		f("more than announced", 3, strings.NewReader("abcd"), is(io.ErrUnexpectedEOF))
		f("less than announced", 5, strings.NewReader("abcd"), is(io.ErrUnexpectedEOF))
		f("torn", -1, io.MultiReader(strings.NewReader("abcd"), iotest.ErrReader(io.ErrUnexpectedEOF)), is(io.ErrUnexpectedEOF))
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := w.TakeUpload(gone, w.workspace, w.user, "x", -1, strings.NewReader("a")); !errors.Is(err, context.Canceled) {
			w.Errorf("an upload whose sender is gone: %v", err)
		}
		w.upload("a", strings.Repeat("a", 1000))
		w.upload("b", strings.Repeat("b", 1000))
		f("no room as announced", 600, unread{}, quota)
		f("no room in truth", -1, strings.NewReader(strings.Repeat("c", 600)), quota)
		if most, left, err := w.Room(ctx, w.user); err != nil || most != 1000 || left != 494 {
			w.Errorf("room for %d, %d are left, %v", most, left, err)
		}
		all, err := w.store.Uploads(ctx, w.workspace, store.Page{Total: true})
		w.ok(err)
		if all.Total != 3 {
			w.Errorf("%d uploads are listed", all.Total)
		}
		if told := w.fsck(ctx, false); told != nil {
			w.Errorf("fsck tells %q", told)
		}
	})
}

// unread fails the test's expectation if a byte is asked for.
type unread struct{}

func (unread) Read([]byte) (int, error) { return 0, errors.New("read before the limits were checked") }

// Several uploads at once may each have found room for itself; together they keep to the quota.
func TestUploadsAtOnceKeepToTheQuota(t *testing.T) {
	each(t, incident.Options{UserQuota: 1000}, func(w *world) {
		const n = 5
		first, errs := make(chan struct{}), make(chan error, n)
		for i := range n {
			go func() {
				r := io.MultiReader(waiting{first}, strings.NewReader(strings.Repeat(string(rune('a'+i)), 400)))
				_, err := w.TakeUpload(w.Context(), w.workspace, w.user, "x", -1, r)
				errs <- err
			}()
		}
		close(first)
		took := 0
		for range n {
			err := <-errs
			var q *incident.QuotaError
			switch {
			case err == nil:
				took++
			case !errors.As(err, &q):
				w.Errorf("refused with %v", err)
			}
		}
		if used, err := w.store.UserUsage(w.Context(), w.user); err != nil || used.Bytes > 1000 || took < 1 {
			w.Errorf("%d uploads were taken, %d bytes are used, %v", took, used.Bytes, err)
		}
	})
}

// waiting is an empty stream that ends when a channel is closed.
type waiting struct{ until <-chan struct{} }

func (x waiting) Read([]byte) (int, error) { <-x.until; return 0, io.EOF }

func TestNamesOfUploads(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		f := func(given, want string) {
			w.Helper()
			if got := w.upload(given, "x").Name; got != want {
				w.Errorf("%q became %q, want %q", given, got, want)
			}
		}
		f("app.log", "app.log")
		f(`C:\logs\app.log`, "app.log")
		f("/var/log/", "log")
		f("../..", "upload")
		f("", "upload")
		f(".", "upload")
		f("a\x00b\x1b[31mc\u202e.log", "ab[31mc.log")
		f("Störung am Gleis.log", "Störung am Gleis.log")
		f("torn\xff.log", "torn\uFFFD.log")
		if long := w.upload(strings.Repeat("ä", 300)+"app.log.2.gz", "x").Name; len(long) > 200 || !strings.HasSuffix(long, "app.log.2.gz") || !utf8.ValidString(long) {
			w.Errorf("a long name became %q", long)
		}
	})
}
