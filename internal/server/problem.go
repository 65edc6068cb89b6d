package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/index"
	"github.com/rca-engine/rca/internal/store"
)

// Problem is every answer that is no success, as RFC 9457 has it.
type Problem struct {
	Type      string       `json:"type" doc:"Always about:blank; the code tells problems apart."`
	Title     string       `json:"title" doc:"The status in words."`
	Status    int          `json:"status"`
	Code      string       `json:"code" doc:"What went wrong, for programs. It does not change."`
	Detail    string       `json:"detail,omitempty" doc:"What went wrong, for people."`
	RequestID string       `json:"request_id,omitempty" doc:"By which the request is found in the log."`
	Errors    []FieldError `json:"errors,omitempty" nullable:"false" doc:"What is wrong with which part of the request."`

	retry time.Duration // for Retry-After
}

// FieldError says what is wrong with a part of a request. It never repeats what was there, which may be a secret.
type FieldError struct {
	Location string `json:"location" doc:"As body.options.year or query.limit."`
	Message  string `json:"message"`
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

func fieldProblem(location, message string) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "invalid", "the request is not valid")
	p.Errors = []FieldError{{location, message}}
	return p
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is for huma, which takes the status from it.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is for huma, which would else say application/json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders is for huma, which adds them to the answer.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retry > 0 {
		h.Set("Retry-After", seconds(p.retry))
	}
	return h
}

// seconds rounds up: who comes back a little early is refused again.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// huma makes its own problems through these two variables, which are global; ours are the only ones in the program.
func init() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		p := ofHuma(status, msg, errs)
		p.RequestID = requestOf(ctx.Context()).id
		return p
	}
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError { return ofHuma(status, msg, errs) }
}

// ofHuma turns what huma found wrong with a request into a problem.
func ofHuma(status int, msg string, errs []error) *Problem {
	code := map[int]string{http.StatusBadRequest: "malformed", http.StatusRequestEntityTooLarge: "too_large", http.StatusUnsupportedMediaType: "media_type",
		http.StatusUnprocessableEntity: "invalid", http.StatusRequestTimeout: "timeout", http.StatusNotAcceptable: "not_acceptable"}[status]
	p := newProblem(status, code, msg)
	if status >= 500 || code == "" {
		p.Code, p.Detail = "internal", "something is wrong on our side"
	}
	for _, err := range errs {
		var d huma.ErrorDetailer
		if errors.As(err, &d) && d.ErrorDetail().Location != "" {
			e := d.ErrorDetail()
			p.Errors = append(p.Errors, FieldError{e.Location, unquoted(e.Message)})
		} else if status == http.StatusBadRequest || status == http.StatusUnprocessableEntity {
			// What the decoder says may repeat a piece of the body.
			p.Errors = append(p.Errors, FieldError{"body", "not what the schema says"})
		}
	}
	return p
}

// unquoted leaves out of a parser's message what it was parsing.
func unquoted(message string) string {
	if i := strings.Index(message, ": parsing "); i >= 0 {
		return message[:i]
	}
	return message
}

// faults is where errors of the packages below get a status, a code and words, the first that matches.
var faults = []struct {
	is     error
	status int
	code   string
	detail string
}{
	{store.ErrAway, http.StatusServiceUnavailable, "database_away", "the database cannot be reached just now; ask again"},
	{auth.ErrCredentials, http.StatusUnauthorized, "credentials", "wrong or expired credentials"},
	{auth.ErrDenied, http.StatusForbidden, "denied", "you may not do this"},
	{store.ErrNotFound, http.StatusNotFound, "not_found", "there is no such thing, or it is not yours to see"},
	{index.ErrNotFound, http.StatusNotFound, "not_found", "the records have no such position"},
	{blob.ErrNotFound, http.StatusNotFound, "not_found", "its bytes are gone"},
	{incident.ErrTextGone, http.StatusConflict, "text_gone", "the upload that held the text was deleted"},
	{io.ErrUnexpectedEOF, http.StatusBadRequest, "torn", "the bytes ended too early"},
	{store.ErrCursor, http.StatusBadRequest, "cursor", "the cursor is not of this list"},
	{index.ErrQuery, http.StatusBadRequest, "query", "no records can answer this query, or the cursor is of another one"},
	{store.ErrConflict, http.StatusConflict, "conflict", "it exists already, or the last of its kind must stay"},
	{store.ErrStale, http.StatusConflict, "stale", "it was changed meanwhile, or its state does not allow this"},
	{store.ErrReference, http.StatusConflict, "in_use", "it is still in use, or refers to what is not there"},
	{store.ErrInvalid, http.StatusUnprocessableEntity, "invalid", "a value is out of bounds"},
	{incident.ErrTooLarge, http.StatusRequestEntityTooLarge, "too_large", "the upload is larger than allowed"},
	{store.ErrFull, http.StatusInsufficientStorage, "no_space", "there is no space left"},
	{blob.ErrNoSpace, http.StatusInsufficientStorage, "no_space", "there is no space left"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "timeout", "it took too long"},
}

// problem turns any error into what the client is told. Only what is not foreseen is logged, for only that is ours to mend.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	st := requestOf(ctx)
	p := s.told(err)
	if p == nil && ctx.Err() != nil { // the client has gone, or the server stops: nobody reads this
		p = newProblem(http.StatusServiceUnavailable, "cancelled", "the request ended early")
	}
	if p == nil {
		s.log.ErrorContext(ctx, "request failed", "request_id", st.id, "route", st.route, "error", err)
		p = newProblem(http.StatusInternalServerError, "internal", "something is wrong on our side")
	}
	told := *p
	told.RequestID = st.id
	return &told
}

func (s *Server) told(err error) *Problem {
	var p *Problem
	var locked *auth.LockedError
	var spec *incident.SpecError
	var quota *incident.QuotaError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &locked):
		p = newProblem(http.StatusTooManyRequests, "locked", "too many wrong passwords")
		p.retry = max(locked.Until.Sub(s.opts.Now()), time.Second)
		return p
	case errors.As(err, &spec):
		return specProblem(spec)
	case errors.As(err, &quota):
		return newProblem(http.StatusInsufficientStorage, "quota", "your uploads would take more than you may store")
	case errors.As(err, &tooLarge):
		return newProblem(http.StatusRequestEntityTooLarge, "too_large", "the request is larger than allowed")
	case errors.Is(err, auth.ErrPassword):
		return newProblem(http.StatusUnprocessableEntity, "password", err.Error())
	}
	for _, f := range faults {
		if errors.Is(err, f.is) {
			return newProblem(f.status, f.code, f.detail)
		}
	}
	return nil
}

// refuse writes a problem where huma does not.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, p *Problem) {
	told := *p
	told.RequestID = requestOf(r.Context()).id
	for k, v := range told.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(told) // the client may have gone
	}
}
