package server

import (
	"context"
	"errors"
	"io"
	"mime"
	mimemultipart "mime/multipart"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/store"
)

type uploadView struct {
	ID        string            `json:"id"`
	Workspace string            `json:"workspace"`
	User      string            `json:"user"`
	Name      string            `json:"name"`
	Size      int64             `json:"size"`
	SHA256    string            `json:"sha256,omitempty"`
	MediaType string            `json:"media_type,omitempty"`
	State     store.UploadState `json:"state" enum:"uploading,ready,failed"`
	CreatedAt time.Time         `json:"created_at"`
	ExpiresAt *time.Time        `json:"expires_at,omitempty"`
}

func viewUpload(u store.Upload) uploadView {
	return uploadView{u.ID, u.Workspace, u.User, u.Name, u.Size, u.Blob, u.MediaType, u.State, u.Created, when(u.Expires)}
}

type uploadOutput struct{ Body uploadView }

type UploadID struct {
	ID string `path:"id" maxLength:"64"`
	Where
}

func (s *Server) listUploads(ctx context.Context, in *listInWorkspace) (*listOutput[uploadView], error) {
	l, err := s.store.Uploads(ctx, requestOf(ctx).workspace, in.page())
	return viewList(l, viewUpload), err
}

func (s *Server) getUpload(ctx context.Context, _ *UploadID) (*uploadOutput, error) {
	return &uploadOutput{viewUpload(requestOf(ctx).upload)}, nil
}

func (s *Server) deleteUpload(ctx context.Context, in *UploadID) (*struct{}, error) {
	return nil, s.store.DeleteUpload(ctx, requestOf(ctx).workspace, in.ID)
}

type limitsOutput struct {
	Body struct {
		MaxBytes   int64 `json:"max_bytes" doc:"Of one upload."`
		LeftBytes  int64 `json:"left_bytes" doc:"Of my quota."`
		Text       int64 `json:"text_bytes" doc:"Of a pasted text."`
		Files      int   `json:"files" doc:"In one form."`
		Unfinished int   `json:"unfinished" doc:"Resumable uploads at a time."`
		KeepHours  int   `json:"keep_hours" doc:"A resumable upload that gets no byte for so long is given up."`
	}
}

func (s *Server) uploadLimits(ctx context.Context, _ *struct{}) (*limitsOutput, error) {
	most, left, err := s.desk.Room(ctx, requestOf(ctx).who.User)
	out, l := &limitsOutput{}, s.opts.Limits
	out.Body.MaxBytes, out.Body.LeftBytes, out.Body.Text, out.Body.Files = most, max(left, 0), l.Text, l.Files
	out.Body.Unfinished, out.Body.KeepHours = l.Unfinished, int(l.KeepPartial/time.Hour)
	return out, err
}

// room refuses an upload of so many bytes before the first of them has come, if they are too many. Pending are those that the
// user has announced in other uploads.
func (s *Server) room(ctx context.Context, bytes, pending int64) error {
	most, left, err := s.desk.Room(ctx, requestOf(ctx).who.User)
	switch {
	case err != nil:
		return err
	case bytes > most:
		return incident.ErrTooLarge
	case pending+bytes > left:
		return newProblem(http.StatusInsufficientStorage, "quota", "your uploads would take more than you may store")
	}
	return s.desk.Spare(bytes)
}

// keep hands bytes to the desk and counts them.
func (s *Server) keep(ctx context.Context, way, workspace, user, name string, size int64, r io.Reader) (store.Upload, error) {
	u, err := s.desk.TakeUpload(ctx, workspace, user, name, size, r)
	if err != nil {
		s.metrics.uploads.WithLabelValues(way, "refused").Inc()
		return u, err
	}
	s.metrics.uploads.WithLabelValues(way, "kept").Inc()
	s.metrics.uploadBytes.Add(float64(u.Size))
	return u, nil
}

type uploadTextInput struct {
	Where
	Body struct {
		Name string `json:"name,omitempty" maxLength:"300" default:"pasted.log"`
		Text string `json:"text" minLength:"1"`
	}
}

func (s *Server) uploadText(ctx context.Context, in *uploadTextInput) (*uploadOutput, error) {
	size := int64(len(in.Body.Text))
	if size > s.opts.Limits.Text {
		return nil, incident.ErrTooLarge
	}
	if err := s.room(ctx, size, 0); err != nil {
		return nil, err
	}
	st := requestOf(ctx)
	u, err := s.keep(ctx, "text", st.workspace, st.who.User, in.Body.Name, size, strings.NewReader(in.Body.Text))
	st.note(u.ID, nil)
	return &uploadOutput{viewUpload(u)}, err
}

type uploadFilesInput struct {
	Raw
	Where
}

// formOverhead is what a form may hold beside its files.
const formOverhead = 1 << 20

// uploadFiles takes the files of a form one after the other as they come; none is ever whole in memory.
func (s *Server) uploadFiles(ctx context.Context, in *uploadFilesInput) (*listOutput[uploadView], error) {
	r, w := humago.Unwrap(in.context)
	t, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || t != multipart {
		return nil, newProblem(http.StatusUnsupportedMediaType, "media_type", "the body must be a form with files, "+multipart)
	}
	if params["boundary"] == "" {
		return nil, newProblem(http.StatusBadRequest, "malformed", "the form names no boundary")
	}
	if err := s.room(ctx, max(r.ContentLength-formOverhead, 0), 0); err != nil {
		return nil, err
	}
	st := requestOf(ctx)
	from := &patient{r: r.Body, control: http.NewResponseController(w), stall: s.opts.Limits.Stall}
	body := mimemultipart.NewReader(from, params["boundary"])
	var kept []store.Upload
	var ids []string
	for {
		part, err := body.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, torn(from, err)
		}
		if part.FileName() == "" {
			continue
		}
		if len(kept) == s.opts.Limits.Files {
			return nil, newProblem(http.StatusRequestEntityTooLarge, "too_many_files", "the form has more files than allowed; those before are kept")
		}
		u, err := s.keep(ctx, "form", st.workspace, st.who.User, part.FileName(), -1, part)
		if err != nil {
			return nil, torn(from, err)
		}
		kept, ids = append(kept, u), append(ids, u.ID)
		st.note(ids[0], map[string]any{"uploads": ids})
		st.partly = true // these stay, whatever becomes of the next
	}
	if len(kept) == 0 {
		return nil, newProblem(http.StatusBadRequest, "no_file", "the form holds no file")
	}
	return viewAll(kept, viewUpload), nil
}

// torn tells a form that stalls, ends in its middle or is none from what is wrong with us.
func torn(from *patient, err error) error {
	if from.stalled { // which ends the context too, so err may speak of that alone
		return newProblem(http.StatusRequestTimeout, "timeout", "the bytes stopped coming")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, mimemultipart.ErrMessageTooLarge) || strings.Contains(err.Error(), "multipart:") ||
		strings.Contains(err.Error(), "malformed MIME header") {
		return newProblem(http.StatusBadRequest, "malformed", "the form is torn")
	}
	return err
}

// patient lets a stream last as long as its bytes keep coming.
type patient struct {
	r       io.Reader
	control *http.ResponseController
	stall   time.Duration
	until   time.Time
	stalled bool
}

func (p *patient) Read(b []byte) (int, error) {
	if now := time.Now(); p.until.Sub(now) < p.stall/2 {
		p.until = now.Add(p.stall)
		_ = p.control.SetReadDeadline(p.until) // not every writer has deadlines
		_ = p.control.SetWriteDeadline(p.until.Add(p.stall))
	}
	n, err := p.r.Read(b)
	p.stalled = p.stalled || errors.Is(err, os.ErrDeadlineExceeded)
	return n, err
}

// uploadContent hands out the bytes as they were given. They are nobody's page: no browser shows or runs them.
func (s *Server) uploadContent(ctx context.Context, in *struct {
	Raw
	UploadID
}) (*streamOutput, error) {
	u := requestOf(ctx).upload
	if u.State != store.UploadReady {
		return nil, store.ErrStale
	}
	b, err := s.blobs.Get(ctx, u.Blob)
	if err != nil {
		return nil, err
	}
	return &streamOutput{func(c huma.Context) {
		defer func() { _ = b.Close() }() // it was only read
		r, w := humago.Unwrap(c)
		h := w.Header()
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": u.Name}))
		h.Set("Content-Security-Policy", sandboxed)
		h.Set("ETag", `"`+u.Blob+`"`)
		h.Set("Cache-Control", "private, no-cache")
		told := &problemWriter{ResponseWriter: &patientWriter{ResponseWriter: w, control: http.NewResponseController(w), stall: s.opts.Limits.Stall}, s: s, r: r}
		http.ServeContent(told, r, "", time.Time{}, b)
		told.refuse("")
	}}, nil
}

// patientWriter lets an answer last as long as its bytes are taken.
type patientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
	until   time.Time
}

func (p *patientWriter) Write(b []byte) (int, error) {
	if now := time.Now(); p.until.Sub(now) < p.stall/2 {
		p.until = now.Add(p.stall)
		_ = p.control.SetWriteDeadline(p.until)
	}
	return p.ResponseWriter.Write(b)
}
