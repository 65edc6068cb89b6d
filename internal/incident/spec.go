package incident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/traces"
)

// Spec is what a job is opened with.
type Spec struct {
	Workspace, User string
	Type            store.JobType
	Title           string   // default the names of the logs
	Logs, Baseline  []string // ids of uploads
	From, To        time.Time
	Run             RunOptions
	Provider, Model string
	Priority        int64 // 1 to 4; default 2
	MaxAttempts     int64 // 1 to 10; default 3
	TimeLimit       time.Duration
	IdempotencyKey  string
	RerunOf         string
}

// RunOptions are what the engine may be told about the logs; kept with the job as JSON.
type RunOptions struct {
	FormatHint   string            `json:"format_hint,omitempty"`
	TimeZone     string            `json:"time_zone,omitempty"`
	Year         int               `json:"year,omitempty"`
	Components   map[string]string `json:"components,omitempty"` // by pattern of the source's name
	Noise        []string          `json:"noise,omitempty"`
	WithoutRules []string          `json:"without_rules,omitempty"`
}

// SpecError says which field of a Spec is wrong, and why.
type SpecError struct{ Field, Why string }

func (e *SpecError) Error() string { return e.Field + ": " + e.Why }

// Bounds of a Spec.
const (
	maxInputs  = 1000
	maxTitle   = 500
	maxKey     = 200
	maxOptions = 64 << 10 // of Run as JSON, in bytes
	maxLimit   = 24 * time.Hour
)

// Open checks the spec and writes the job's rows in the caller's transaction. With the idempotency key of an earlier job of the
// same user that one is returned, and created is false; if that was another wish, the error is store.ErrConflict.
func (d *Desk) Open(ctx context.Context, tx *store.Tx, s Spec) (job store.Job, created bool, err error) {
	if err := s.check(); err != nil {
		return job, false, err
	}
	var inputs []store.JobInput
	var names []string
	seen := map[string]string{}
	until := d.o.Now().Add(d.o.KeepJobs)
	for _, side := range []struct {
		field string
		role  store.InputRole
		ids   []string
	}{{"logs", store.InputLogs, s.Logs}, {"baseline", store.InputBaseline, s.Baseline}} {
		for i, id := range side.ids {
			field := fmt.Sprintf("%s[%d]", side.field, i)
			if before := seen[id]; before != "" {
				return job, false, &SpecError{field, "the same upload as " + before}
			}
			seen[id] = field
			u, err := tx.Upload(ctx, s.Workspace, id)
			switch {
			case errors.Is(err, store.ErrNotFound):
				return job, false, &SpecError{field, "there is no such upload in the workspace"}
			case err != nil:
				return job, false, err
			case u.State != store.UploadReady:
				return job, false, &SpecError{field, fmt.Sprintf("the upload is %s, not ready", u.State)}
			}
			inputs = append(inputs, store.JobInput{Upload: id, Role: side.role, Name: u.Name, Size: u.Size})
			if side.role == store.InputLogs {
				names = append(names, u.Name)
			}
			// The texts of the records are read from the uploads, so they stay as long as the job does.
			if err := tx.ExtendUpload(ctx, id, until); err != nil {
				return job, false, err
			}
		}
	}
	options, err := json.Marshal(s.Run)
	if err != nil {
		return job, false, fmt.Errorf("open job: %w", err)
	}
	if len(options) > maxOptions {
		return job, false, &SpecError{"run", fmt.Sprintf("has %d bytes, more than %d", len(options), maxOptions)}
	}
	if s.Title == "" {
		s.Title = titleOf(names)
	}
	if s.Priority == 0 {
		s.Priority = 2
	}
	return tx.CreateJob(ctx, store.Job{Workspace: s.Workspace, User: s.User, Type: s.Type, Priority: s.Priority, Title: s.Title, Provider: s.Provider,
		Model: s.Model, Options: string(options), From: s.From, To: s.To, IdempotencyKey: s.IdempotencyKey, RerunOf: s.RerunOf,
		MaxAttempts: s.MaxAttempts, TimeLimit: s.TimeLimit, Traceparent: traces.Parent(ctx)}, inputs)
}

// check looks at what needs no database.
func (s *Spec) check() error {
	bad := func(field, format string, a ...any) error { return &SpecError{field, fmt.Sprintf(format, a...)} }
	switch s.Type {
	case store.RCAAnalysis, store.LogAnalysis:
	case store.EmbeddingGeneration:
		return bad("type", "no embedder is configured on this server")
	default:
		return bad("type", "%q is none of %s, %s, %s", s.Type, store.RCAAnalysis, store.LogAnalysis, store.EmbeddingGeneration)
	}
	switch {
	case len(s.Logs) == 0:
		return bad("logs", "name at least one upload")
	case len(s.Logs)+len(s.Baseline) > maxInputs:
		return bad("logs", "%d uploads with the baseline's, at most %d: pack them into an archive", len(s.Logs)+len(s.Baseline), maxInputs)
	case len(s.Title) > maxTitle || !utf8.ValidString(s.Title):
		return bad("title", "must be text of at most %d bytes", maxTitle)
	case len(s.IdempotencyKey) > maxKey:
		return bad("idempotency_key", "is longer than %d bytes", maxKey)
	case s.Priority < 0 || s.Priority > 4:
		return bad("priority", "%d is not in 1 (first) to 4", s.Priority)
	case s.MaxAttempts < 0 || s.MaxAttempts > 10:
		return bad("max_attempts", "%d is not in 1 to 10", s.MaxAttempts)
	case s.TimeLimit < 0 || s.TimeLimit > maxLimit:
		return bad("time_limit", "%s is not in 0 to %s", s.TimeLimit, maxLimit)
	case !s.From.IsZero() && !s.To.IsZero() && !s.From.Before(s.To):
		return bad("from", "lies not before to")
	}
	return s.Run.check()
}

func (r *RunOptions) check() error {
	bad := func(field, format string, a ...any) error {
		return &SpecError{"run." + field, fmt.Sprintf(format, a...)}
	}
	if known := new(analyze.Options).Formats(); r.FormatHint != "" && !slices.Contains(known, r.FormatHint) {
		return bad("format_hint", "%q is no log format; the formats are %s", r.FormatHint, strings.Join(known, ", "))
	}
	if _, err := r.location(); err != nil {
		return bad("time_zone", "%q is no time zone; write a name such as Europe/Berlin or UTC", r.TimeZone)
	}
	if r.Year != 0 && (r.Year < 1970 || r.Year > 2200) {
		return bad("year", "%d is not in 1970 to 2200", r.Year)
	}
	for pattern := range r.Components {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			return bad("components", "%q is no pattern of file names", pattern)
		}
	}
	return nil
}

// location is the zone of stamps without one, nil if none was named. "Local" would be that of the server.
func (r *RunOptions) location() (*time.Location, error) {
	switch r.TimeZone {
	case "":
		return nil, nil
	case "Local":
		return nil, errors.New("the server's zone says nothing about the logs")
	}
	return time.LoadLocation(r.TimeZone)
}

func titleOf(names []string) string {
	title := strings.Join(names[:min(3, len(names))], ", ")
	if more := len(names) - 3; more > 0 {
		title += fmt.Sprintf(" and %d more", more)
	}
	if len(title) > maxTitle {
		title = strings.ToValidUTF8(title[:maxTitle-3], "") + "…"
	}
	return title
}
