package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/tus/tusd/v2/pkg/filelocker"
	"github.com/tus/tusd/v2/pkg/filestore"
	tusd "github.com/tus/tusd/v2/pkg/handler"
	tusslog "golang.org/x/exp/slog"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/store"
)

// resumable takes uploads by the tus protocol. The bytes lie in a folder until they are whole; then the desk takes them.
//
// Of each upload there are up to three files: ID the bytes, ID.info what tusd knows of it, with the user and the workspace
// among its metadata, and at last ID.done with the id of the upload that was made of it. From then on the first is an
// empty hole of the same length, so that a client who missed the last answer finds all bytes there, and the id.
type resumable struct {
	s       *Server
	folder  string
	handler *tusd.Handler
	mu      sync.Mutex
	taking  map[string]bool // ids whose bytes the desk takes at this moment
}

// Metadata that a client cannot set: it is replaced.
const (
	metaUser      = "user"
	metaWorkspace = "workspace"
	metaName      = "filename"
)

func (s *Server) newResumable() (*resumable, error) {
	t := &resumable{s: s, folder: s.opts.Folder, taking: map[string]bool{}}
	if err := os.MkdirAll(t.folder, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of unfinished uploads: %w", err)
	}
	files := filestore.New(t.folder)
	files.DirModePerm, files.FileModePerm = 0o700, 0o600
	composer := tusd.NewStoreComposer()
	composer.UseCore(files)
	composer.UseTerminater(files)
	filelocker.New(t.folder).UseIn(composer)
	var err error
	t.handler, err = tusd.NewHandler(tusd.Config{StoreComposer: composer, BasePath: prefix + "/uploads/tus/", DisableDownload: true, DisableConcatenation: true,
		Cors: &tusd.CorsConfig{Disable: true}, Logger: t.logger(), NetworkTimeout: s.opts.Limits.Stall,
		PreUploadCreateCallback: t.create, PreFinishResponseCallback: t.finish})
	if err != nil {
		return nil, fmt.Errorf("make handler of resumable uploads: %w", err)
	}
	return t, nil
}

// logger passes tusd's errors on to our log; what it says of each request we say ourselves. It still speaks the slog from
// before it was the standard library's.
func (t *resumable) logger() *tusslog.Logger {
	return tusslog.New(tusslog.NewTextHandler(tusLines{t.s.log}, &tusslog.HandlerOptions{Level: tusslog.LevelError}))
}

type tusLines struct{ log *slog.Logger }

func (l tusLines) Write(line []byte) (int, error) {
	l.log.Warn("resumable upload broke off", "tusd", strings.TrimSpace(string(line)))
	return len(line), nil
}

type tusInput struct {
	ID      string `path:"id" maxLength:"64"`
	Version string `header:"Tus-Resumable" example:"1.0.0"`
	Offset  string `header:"Upload-Offset" doc:"Of a PATCH: where its bytes begin."`
}

type tusCreateInput struct {
	Version  string `header:"Tus-Resumable" example:"1.0.0"`
	Length   string `header:"Upload-Length" doc:"Bytes in all."`
	Metadata string `header:"Upload-Metadata" doc:"As the tus protocol has it; filename and workspace are read."`
}

// tusCreate begins an upload; create has the say.
func (s *Server) tusCreate(ctx context.Context, _ *tusCreateInput) (*streamOutput, error) {
	return s.tusRequest(ctx, nil)
}

// tusRequest hands a request to tusd. The row has let it through: the upload is the caller's.
func (s *Server) tusRequest(context.Context, *tusInput) (*streamOutput, error) {
	return &streamOutput{func(c huma.Context) {
		r, w := humago.Unwrap(c)
		if id := c.Param("id"); id != "" && r.Method != del {
			made, err := s.tus.settle(r.Context(), id)
			if err != nil {
				s.refuse(w, r, s.problem(r.Context(), err))
				return
			}
			if made != "" {
				w.Header().Set("Upload-Id", made)
			}
			if until, ok := s.tus.expires(id); ok {
				w.Header().Set("Upload-Expires", until.UTC().Format(http.TimeFormat))
			}
		}
		if r.Method == patch {
			r.Body = &spared{s.desk.Sparing(r.Body), r.Body, func(err error) error { return s.tus.refusal(r.Context(), err) }}
		}
		told := &problemWriter{ResponseWriter: w, s: s, r: r}
		http.StripPrefix(prefix+"/uploads/tus", s.tus.handler).ServeHTTP(told, r)
		told.refuse("")
	}}, nil
}

// spared is the body of a request that is read as long as the disk has room; what stops it is told as tusd tells errors.
type spared struct {
	io.Reader
	io.Closer
	told func(error) error
}

func (b *spared) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, blob.ErrNoSpace) {
		err = b.told(err)
	}
	return n, err
}

// ofResumable is the workspace of the upload whose id the path holds. The id is no secret that opens anything: the upload
// of another user is not found, whoever asks.
func ofResumable(s *Server, _ context.Context, st *request, c huma.Context) (string, error) {
	info, err := s.tus.info(c.Param("id"))
	if err != nil {
		return "", err
	}
	if info.MetaData[metaUser] != st.who.User {
		return "", store.ErrNotFound
	}
	return info.MetaData[metaWorkspace], nil
}

// info reads what is known of an upload. An id that tusd would not have made is not looked for: it may be a path.
func (t *resumable) info(id string) (tusd.FileInfo, error) {
	var info tusd.FileInfo
	if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
		return info, store.ErrNotFound
	}
	b, err := os.ReadFile(filepath.Join(t.folder, id+".info"))
	if errors.Is(err, fs.ErrNotExist) {
		return info, store.ErrNotFound
	}
	if err != nil {
		return info, err
	}
	if err := json.Unmarshal(b, &info); err != nil { // it was being written when the disk was full or the process died
		return info, fmt.Errorf("read unfinished upload %s: %w", id, store.ErrNotFound)
	}
	return info, nil
}

// create lets an upload begin if its user may upload there, and if it will fit.
func (t *resumable) create(hook tusd.HookEvent) (tusd.HTTPResponse, tusd.FileInfoChanges, error) {
	var none tusd.FileInfoChanges
	ctx, up := hook.Context, hook.Upload
	st := requestOf(ctx)
	err := func() error {
		if up.SizeIsDeferred {
			return newProblem(http.StatusBadRequest, "length", "the length must be told at the beginning")
		}
		workspace := up.MetaData[metaWorkspace]
		if workspace == "" {
			var err error
			if workspace, err = t.s.home(ctx, st); err != nil {
				return err
			}
		} else if err := t.s.exists(ctx, st, workspace); err != nil {
			return err
		}
		switch {
		case !st.who.May(workspace, store.Viewer):
			return store.ErrNotFound
		case !st.who.May(workspace, store.Analyst):
			return auth.ErrDenied
		}
		announced, count, err := t.pending(st.who.User)
		if err != nil {
			return err
		}
		if count >= t.s.opts.Limits.Unfinished {
			return newProblem(http.StatusInsufficientStorage, "unfinished", "you have too many unfinished uploads")
		}
		if err := t.s.room(ctx, up.Size, announced); err != nil {
			return err
		}
		st.workspace = workspace
		return nil
	}()
	if err != nil {
		return tusd.HTTPResponse{}, none, t.refusal(ctx, err)
	}
	name := up.MetaData[metaName]
	if name == "" {
		name = up.MetaData["name"]
	}
	return tusd.HTTPResponse{}, tusd.FileInfoChanges{MetaData: tusd.MetaData{metaName: name, metaUser: st.who.User, metaWorkspace: st.workspace}}, nil
}

// finish is called when the last byte has come, before the client is told so.
func (t *resumable) finish(hook tusd.HookEvent) (tusd.HTTPResponse, error) {
	made, err := t.settle(hook.Context, hook.Upload.ID)
	if err != nil {
		return tusd.HTTPResponse{}, t.refusal(hook.Context, err)
	}
	return tusd.HTTPResponse{Header: tusd.HTTPHeader{"Upload-Id": made}}, nil
}

// settle makes an upload of the bytes if they are all there and it was not done yet, and returns the id of what was made;
// empty while bytes are missing. It is asked also before a HEAD and a PATCH, for we may have died after the last byte.
func (t *resumable) settle(ctx context.Context, id string) (string, error) {
	done := filepath.Join(t.folder, id+".done")
	if made, err := os.ReadFile(done); err == nil {
		return string(made), nil
	}
	info, err := t.info(id)
	if err != nil {
		return "", err
	}
	path := filepath.Join(t.folder, id)
	at, err := os.Stat(path)
	if err != nil || at.Size() < info.Size {
		return "", err
	}
	t.mu.Lock()
	busy := t.taking[id]
	t.taking[id] = true
	t.mu.Unlock()
	if busy {
		return "", newProblem(http.StatusLocked, "locked", "the upload is being taken in")
	}
	defer func() {
		t.mu.Lock()
		delete(t.taking, id)
		t.mu.Unlock()
	}()
	if made, err := os.ReadFile(done); err == nil { // meanwhile
		return string(made), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	u, err := t.s.keep(ctx, "tus", info.MetaData[metaWorkspace], info.MetaData[metaUser], info.MetaData[metaName], info.Size, f)
	if err != nil {
		return "", err
	}
	requestOf(ctx).note(u.ID, nil)
	requestOf(ctx).action = "upload.create"
	if err := t.s.audited(ctx); err != nil {
		return "", err
	}
	if err := os.WriteFile(done, []byte(u.ID), 0o600); err != nil {
		return "", err
	}
	if err := os.Truncate(path, 0); err != nil {
		return "", err
	}
	return u.ID, os.Truncate(path, info.Size)
}

// refusal is a problem in tusd's words.
func (t *resumable) refusal(ctx context.Context, err error) error {
	p := t.s.problem(ctx, err)
	b, _ := json.Marshal(p) // of strings and numbers, never fails
	return tusd.Error{ErrorCode: p.Code, Message: p.Detail, HTTPResponse: tusd.HTTPResponse{StatusCode: p.Status, Body: string(b),
		Header: tusd.HTTPHeader{"Content-Type": "application/problem+json"}}}
}

// pending sums the bytes that a user has announced and not yet sent whole.
func (t *resumable) pending(user string) (bytes int64, uploads int, err error) {
	err = t.each(func(id string, info tusd.FileInfo, _ time.Time) error {
		if _, err := os.Stat(filepath.Join(t.folder, id+".done")); err == nil || info.MetaData[metaUser] != user {
			return nil
		}
		bytes += info.Size
		uploads++
		return nil
	})
	return bytes, uploads, err
}

// expires tells when an upload is given up if no more bytes come.
func (t *resumable) expires(id string) (time.Time, bool) {
	at, err := os.Stat(filepath.Join(t.folder, id))
	if err != nil {
		return time.Time{}, false
	}
	return at.ModTime().Add(t.s.opts.Limits.KeepPartial), true
}

// expire deletes the uploads to which nothing was written since a time.
func (t *resumable) expire(before time.Time) (n int, err error) {
	err = t.each(func(id string, _ tusd.FileInfo, written time.Time) error {
		if !written.Before(before) {
			return nil
		}
		n++
		for _, ending := range []string{"", ".done", ".info"} { // .info last: with it the rest is found again
			if err := os.Remove(filepath.Join(t.folder, id+ending)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	})
	return n, err
}

// each goes through the uploads in the folder, with the time of the last write. One whose description is torn is told as
// one of nobody.
func (t *resumable) each(f func(id string, info tusd.FileInfo, written time.Time) error) error {
	entries, err := os.ReadDir(t.folder)
	if err != nil {
		return fmt.Errorf("list unfinished uploads: %w", err)
	}
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".info")
		if !ok {
			continue
		}
		at, err := os.Stat(filepath.Join(t.folder, id))
		if errors.Is(err, fs.ErrNotExist) {
			at, err = e.Info()
		}
		if errors.Is(err, fs.ErrNotExist) { // it was deleted meanwhile
			continue
		}
		if err != nil {
			return err
		}
		info, err := t.info(id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := f(id, info, at.ModTime()); err != nil {
			return err
		}
	}
	return nil
}
