package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rca-engine/rca/internal/fetch"
)

type uploadURLInput struct {
	Raw
	Where
	Body struct {
		URL  string `json:"url" minLength:"1" maxLength:"4000" doc:"Its host must be in the list that the administrator made."`
		Name string `json:"name,omitempty" maxLength:"300" doc:"Of the upload; else what the other side calls it."`
	}
}

// uploadURL keeps what stands at a URL, as it comes. The answer waits for the last byte.
func (s *Server) uploadURL(ctx context.Context, in *uploadURLInput) (*uploadOutput, error) {
	if !s.opts.Fetch.Enabled() {
		return nil, newProblem(http.StatusForbidden, "url_off", "uploads from URLs are off; the administrator can allow hosts in uploads.url_hosts")
	}
	if err := s.room(ctx, 1, 0); err != nil {
		return nil, err
	}
	_, w := humago.Unwrap(in.context)
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // that of the body, which has come; when it passed, the request would end
	content, err := s.opts.Fetch.Open(ctx, in.Body.URL)
	if err != nil {
		s.metrics.uploads.WithLabelValues("url", "refused").Inc()
		return nil, urlProblem(err)
	}
	defer func() { _ = content.Close() }() // it was only read
	name := in.Body.Name
	if name == "" {
		name = content.Name
	}
	st := requestOf(ctx)
	u, err := s.keep(ctx, "url", st.workspace, st.who.User, name, content.Size, content)
	if err != nil {
		return nil, urlProblem(err)
	}
	st.note(u.ID, map[string]any{"host": content.Host})
	return &uploadOutput{viewUpload(u)}, nil
}

// urlProblem tells what may not be opened from what the other side did wrong. Neither is a fault of ours.
func urlProblem(err error) error {
	var e *fetch.Error
	if !errors.As(err, &e) {
		return err
	}
	p := newProblem(http.StatusUnprocessableEntity, "url_failed", "the URL yields no upload: "+e.Reason)
	if e.Refused {
		p = newProblem(http.StatusUnprocessableEntity, "url_refused", "the URL is not opened: "+e.Reason)
	}
	p.Errors = []FieldError{{"body.url", e.Reason}}
	return p
}
