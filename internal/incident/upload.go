package incident

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/rca-engine/rca/internal/store"
)

// ErrTooLarge is returned for an upload that is larger than Options.MaxUpload.
var ErrTooLarge = errors.New("upload is larger than allowed")

// QuotaError is returned for an upload for which a user has no room left.
type QuotaError struct {
	Quota int64 // bytes that the user may keep in all
	Left  int64 // of these, without this upload
}

func (e *QuotaError) Error() string {
	return fmt.Sprintf("no room for this upload: %d of %d bytes are left; delete uploads that are not needed", e.Left, e.Quota)
}

// maxName bounds the name of an upload, in bytes: file systems take 255, and a number may come before it.
const maxName = 200

// Room tells how many bytes one upload may have, and how many are left to a user for all that is still to come.
func (d *Desk) Room(ctx context.Context, user string) (most, left int64, err error) {
	used, err := d.store.UserUsage(ctx, user)
	if err != nil {
		return 0, 0, err
	}
	return d.o.MaxUpload, max(0, d.o.UserQuota-used.Bytes), nil
}

// TakeUpload keeps the bytes of r as an upload, in bounded memory. size is what was announced, -1 if nothing was; bytes that are
// fewer or more than announced are an error. After an error there is no upload.
// Errors: ErrTooLarge, *QuotaError, blob.ErrNoSpace, io.ErrUnexpectedEOF.
func (d *Desk) TakeUpload(ctx context.Context, workspace, user, name string, size int64, r io.Reader) (store.Upload, error) {
	ctx, span := tracer(ctx).Start(ctx, "take upload")
	defer span.End()
	u, err := d.takeUpload(ctx, workspace, user, cleanName(name), size, r)
	span.SetAttributes(attribute.String("rca.upload", u.ID), attribute.Int64("rca.bytes", u.Size))
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
		return store.Upload{}, fmt.Errorf("take upload: %w", err)
	}
	return u, nil
}

func (d *Desk) takeUpload(ctx context.Context, workspace, user, name string, size int64, r io.Reader) (u store.Upload, err error) {
	most, left, err := d.Room(ctx, user)
	switch {
	case err != nil:
		return u, err
	case size > most:
		return u, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, size, most)
	case size > left, left == 0:
		return u, &QuotaError{d.o.UserQuota, left}
	}
	expires := d.o.Now().Add(d.o.KeepUploads)
	u, err = d.store.CreateUpload(ctx, store.Upload{Workspace: workspace, User: user, Name: name, Size: max(size, 0), Expires: expires})
	if err != nil {
		return u, err
	}
	defer func() {
		if err == nil {
			return
		}
		// Whoever sent it may be gone, and the row must go all the same. If that does not succeed, it expires.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if e := d.store.DeleteUpload(ctx, workspace, u.ID); e != nil && !errors.Is(e, store.ErrNotFound) {
			err = errors.Join(err, e)
		}
	}()
	w := &whole{r: bufio.NewReaderSize(d.Sparing(r), 64<<10), want: size, most: most, quota: d.o.UserQuota, left: left}
	head, _ := w.r.Peek(512) // what is wrong with it is found again by the read
	info, err := d.keep(ctx, w)
	if err != nil {
		return u, err
	}
	media := http.DetectContentType(head)
	err = d.store.InTx(ctx, func(tx *store.Tx) error {
		// Uploads of the same user at the same time may each have found room for itself alone. The lock lets one
		// after the other look.
		if err := tx.LockUsage(ctx, user); err != nil {
			return err
		}
		if err := tx.FinishUpload(ctx, u.ID, info.Hash, media, expires); err != nil {
			return err
		}
		used, err := tx.UserUsage(ctx, user)
		if err == nil && used.Bytes > d.o.UserQuota {
			err = &QuotaError{d.o.UserQuota, max(0, d.o.UserQuota-used.Bytes+info.Size)}
		}
		if err != nil {
			return err
		}
		u, err = tx.Upload(ctx, workspace, u.ID)
		return err
	})
	return u, err
}

// whole reads what must come whole: it stops at the limits, and tells an end that came too early from the true one.
type whole struct {
	r           *bufio.Reader
	n           int64
	want        int64 // bytes that must come, -1 if unknown
	most        int64
	quota, left int64
}

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.n += int64(n)
	switch {
	case w.n > w.most:
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, w.most)
	case w.n > w.left:
		return 0, &QuotaError{w.quota, w.left}
	case w.want >= 0 && (w.n > w.want || err == io.EOF && w.n < w.want):
		return 0, fmt.Errorf("%d bytes came of the %d that were announced: %w", w.n, w.want, io.ErrUnexpectedEOF)
	case err != nil && err != io.EOF:
		return n, fmt.Errorf("after %d bytes: %w", w.n, err) // a bare ErrUnexpectedEOF would pass for the end of the content
	}
	return n, err
}

// cleanName makes of what a client calls a file a name that is safe as a file's, in a page and in a log: the last part of the
// path, without control characters, of bounded length.
func cleanName(name string) string {
	name = strings.ToValidUTF8(strings.ReplaceAll(name, `\`, "/"), "\uFFFD")
	name = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(path.Base(path.Clean("/" + name)))
	if name == "/" || name == "" {
		return "upload"
	}
	if len(name) > maxName { // the end says more than the middle: an extension, a number of a rotation
		head, tail := name[:maxName-40-3], name[len(name)-40:]
		name = strings.ToValidUTF8(head, "") + "…" + strings.ToValidUTF8(tail, "")
	}
	return name
}
