// Package incident tells the story of a case: logs are taken in, a job is opened on them, they are investigated, and what was found
// is kept and looked at again.
package incident

import (
	"context"
	"io"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/index"
	"github.com/rca-engine/rca/internal/store"
)

// Desk is where uploads come in and jobs are opened, worked on and read.
type Desk struct{}

// Options say within which bounds a desk works. The zero value works.
type Options struct {
	Folder      string        // for what lies there only while an attempt runs; default a folder of the system's temporary one
	Executable  string        // the binary that analyses as a child; default this one
	Memory      int64         // that one attempt may take, in bytes; default 2 GiB
	TimeLimit   time.Duration // of one attempt where the job says none; default 1 hour
	MaxUpload   int64         // bytes of one upload; default 20 GiB
	UserQuota   int64         // bytes that a user's uploads may take in all; default 100 GiB
	KeepUploads time.Duration // an upload without a job is deleted after; default 7 days
	Version     string
	Now         func() time.Time
}

// New makes a desk.
func New(s *store.Store, b blob.Store, o Options) (*Desk, error) { panic("skeleton") }

// Spec is what a job is opened with.
type Spec struct {
	Workspace, User string
	Type            store.JobType
	Title           string
	Logs, Baseline  []string // ids of uploads
	From, To        time.Time
	Run             RunOptions
	Provider, Model string
	Priority        int64 // 1 to 4; default 2
	MaxAttempts     int64 // default 3
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

// Open checks the spec and writes the job's rows in the caller's transaction. With the idempotency key of an earlier job of the
// same user that one is returned, and created is false.
func (d *Desk) Open(ctx context.Context, tx *store.Tx, s Spec) (job store.Job, created bool, err error) {
	panic("skeleton")
}

// TakeUpload keeps the bytes of r as an upload, in bounded memory. size is what was announced, -1 if nothing was.
// Errors: ErrTooLarge, ErrQuota (errors.As *QuotaError), blob.ErrNoSpace.
func (d *Desk) TakeUpload(ctx context.Context, workspace, user, name string, size int64, r io.Reader) (store.Upload, error) {
	panic("skeleton")
}

// Room tells how many bytes of one more upload are allowed to a user now.
func (d *Desk) Room(ctx context.Context, user string) (max, left int64, err error) { panic("skeleton") }

// Report reads a job's report. store.ErrNotFound while there is none.
func (d *Desk) Report(ctx context.Context, job string) (*rca.Report, error) { panic("skeleton") }

// Records opens the records of a finished job. store.ErrNotFound while there are none.
func (d *Desk) Records(ctx context.Context, job string) (*Records, error) { panic("skeleton") }

// Records are a job's records with their texts.
type Records struct{}

// Record is one of them as the viewer shows it.
type Record struct {
	index.Hit
	Text string // the raw lines, up to 64 KiB
}

// Page answers a query; Query.Text is filled in.
func (r *Records) Page(ctx context.Context, q index.Query) ([]Record, index.Page, error) {
	panic("skeleton")
}

// Histogram counts.
func (r *Records) Histogram(ctx context.Context, q index.Query, buckets int) (index.Histogram, error) {
	panic("skeleton")
}

// Context gives what stands around a position.
func (r *Records) Context(ctx context.Context, p rca.Position, before, after int) ([]Record, int, error) {
	panic("skeleton")
}

// Close gives back what is open.
func (r *Records) Close() error { panic("skeleton") }
